#include "pretrain_pulse.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/parallel.h"
#include "base/str.h"
#include "cli.h"
#include "model/pulse_spectrum.h"
#include "train/pulse_fit.h"
#include "train/pulse_measure.h"

#define CHECK_CRF 23
#define CHECK_PEOPLE 64 /* rendered for measurements, none of whom is learnt from */

static const char help[] =
    "usage: umcl pretrain p [--rendered N] [--cache CACHE] [--pulse-data DIR] [OPTIONS] -o MODEL\n"
    "       umcl pretrain p --measure MODEL [OPTIONS]\n"
    "\n"
    "Trains the pulse encoder (PhysFormer) on clips of faces whose pulse is known: rendered "
    "people,\n"
    "and tracks from a cache whose own pulse is replaced. Then measures it on rendered people "
    "whom\n"
    "it has not seen.\n"
    "\n"
    "  --rendered N         people to render (default 10000; 0: none)\n"
    "  --cache CACHE        videos that umcl extract has followed, with crops\n"
    "  --cached SHARE       of the clips that come from the cache (default 0.5)\n"
    "  --pulse-data DIR     UBFC-rPPG, PURE or VIPL-HR as handed out, found by their files\n"
    "  --pulse-cache CACHE  where its followed faces are, or are put (default DIR.cache)\n"
    "  --measured SHARE     of the clips that come from it (default 0.5)\n"
    "  --strength X         of the pulse, times 0.5 to 2 grey levels (default 1)\n"
    "  --codec SHARE        of the clips that go through H.264 (default 0.6)\n"
    "  --crf A-B            its rate factors (default 18-28)\n"
    "  --frames T           of a clip, a multiple of 4 from 60 on (default 160)\n"
    "  --steps N            default 20000\n"
    "  --batch N            default 4\n"
    "  --learning-rate X    default 0.0003, falls to zero along a cosine\n"
    "  --dropout X          default 0.1\n"
    "  --init MODEL         weights to begin with\n"
    "  --save-every N       steps from one MODEL.checkpoint to the next (default 200)\n"
    "  --resume             go on from MODEL.checkpoint, with the same options\n"
    "  --check N            clips to measure on (default 64)\n"
    "  --measure MODEL      train nothing: measure these weights\n"
    "  --seed N             default 1\n"
    "  --threads N          default: one per core\n"
    "  -o, --out MODEL      safetensors file to write\n"
    "\n"
    "example: umcl pretrain p --cache cache -o physformer.safetensors\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 usage.\n";

typedef struct settings {
    const char *cache, *data, *data_cache, *measure, *out;
    int check;
    um_pulse_source source;
    um_pulse_fit_options fit;
} settings;

static bool show(void *user, const um_pulse_fit_report *r)
{
    (void)user;
    fprintf(stderr, "step %d/%d  loss %.4f  time %.4f  frequency %.4f  distribution %.4f  %zu MB\n",
            r->step, r->steps, r->loss.total, r->loss.time, r->loss.frequency, r->loss.distribution,
            r->memory >> 20);
    return true;
}

static void print_scores(const um_pulse_score s[UM_PULSE_READER_COUNT], const char *title)
{
    printf("  %s\n", title);
    for (int r = 0; r < UM_PULSE_READER_COUNT; r++) {
        printf("    %-14s", um_pulse_reader_name((um_pulse_reader)r));
        if (s[r].readings)
            printf("error %5.2f bpm,", s[r].error);
        else
            printf("                ");
        printf(" %zu readings of %zu, within 5 bpm %5.1f %%, SNR %5.1f dB, correlation %.3f\n",
               s[r].readings, s[r].clips, 100 * s[r].near, s[r].snr_db, s[r].correlation);
    }
}

/* As rendered, and what is left of it in an ordinary video file. */
static umcl_status measure(const settings *set, const char *path, um_params *params)
{
    um_pulse_source source = {.people = CHECK_PEOPLE,
                              .held_out = true,
                              .strength = set->source.strength,
                              .crf = {CHECK_CRF, CHECK_CRF}};

    printf("%s, on %d clips of %d frames of rendered people held out, 40 to 150 bpm:\n", path,
           set->check, set->fit.frames);
    for (int codec = 0; codec < 2; codec++) {
        um_pulse_score s[UM_PULSE_READER_COUNT];

        source.codec = codec;
        UM_TRY(um_pulse_measure(s, params, um_pulse_clip_draw, &source, (size_t)set->check,
                                set->fit.frames));
        print_scores(s, codec ? "after H.264 at CRF 23" : "as rendered");
    }
    return UMCL_OK;
}

static umcl_status add_data(settings *set)
{
    const um_names *missing = &set->source.data.missing;
    um_str cache = UM_STR_INIT;
    umcl_status st;

    um_str_printf(&cache, "%s.cache", set->data);
    UM_CHECK(um_str_status(&cache));
    st = um_pulse_source_add_data(&set->source, set->data,
                                  set->data_cache ? set->data_cache : cache.text);
    for (size_t i = 0; i < missing->count; i++) fprintf(stderr, "%s\n", missing->text[i]);
    if (st == UMCL_OK) fprintf(stderr, "%s: %zu recordings\n", set->data, set->source.data.count);
done:
    um_str_clear(&cache);
    return st;
}

static int run(settings *set)
{
    um_str checkpoint = UM_STR_INIT;
    um_params *params = NULL;
    umcl_status st;

    if (set->measure) {
        UM_CHECK(um_pulse_params_read(&params, set->measure));
        st = measure(set, set->measure, params);
        goto done;
    }
    um_str_printf(&checkpoint, "%s.checkpoint", set->out);
    UM_CHECK(um_str_status(&checkpoint));
    UM_CHECK(um_file_can_write(set->out));
    set->fit.checkpoint = checkpoint.text;
    if (set->cache) UM_CHECK(um_pulse_source_add_cache(&set->source, set->cache));
    if (set->data) UM_CHECK(add_data(set));
    UM_CHECK(um_pulse_fit(&params, um_pulse_clip_draw, &set->source, &set->fit, show, NULL));
    UM_CHECK(um_pulse_params_write(params, set->out, set->fit.made_by));
    remove(checkpoint.text);
    st = measure(set, set->out, params);
done:
    um_params_free(params);
    um_pulse_source_clear(&set->source);
    um_str_clear(&checkpoint);
    return st == UMCL_OK ? EXIT_DONE : cli_fail("pretrain");
}

/* "18-28", or one number. */
static bool read_crf(int crf[2], const char *text)
{
    char *end;
    long from = strtol(text, &end, 10), to = from;

    if (end == text) return false;
    if (*end == '-') {
        to = strtol(text = end + 1, &end, 10);
        if (end == text) return false;
    }
    if (*end || from < 1 || from > to || to > 51) return false;
    crf[0] = (int)from;
    crf[1] = (int)to;
    return true;
}

static int parse(int argc, char **argv, settings *set)
{
    static const struct option options[] = {
        {"rendered", required_argument, NULL, 'p'},
        {"cache", required_argument, NULL, 'c'},
        {"cached", required_argument, NULL, 'k'},
        {"pulse-data", required_argument, NULL, 'D'},
        {"pulse-cache", required_argument, NULL, 'C'},
        {"measured", required_argument, NULL, 'M'},
        {"strength", required_argument, NULL, 'x'},
        {"codec", required_argument, NULL, 'q'},
        {"crf", required_argument, NULL, 'z'},
        {"frames", required_argument, NULL, 'f'},
        {"steps", required_argument, NULL, 'n'},
        {"batch", required_argument, NULL, 'b'},
        {"learning-rate", required_argument, NULL, 'e'},
        {"dropout", required_argument, NULL, 'd'},
        {"init", required_argument, NULL, 'i'},
        {"save-every", required_argument, NULL, 'w'},
        {"resume", no_argument, NULL, 'r'},
        {"check", required_argument, NULL, 'v'},
        {"measure", required_argument, NULL, 'm'},
        {"seed", required_argument, NULL, 's'},
        {"threads", required_argument, NULL, 't'},
        {"out", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    um_pulse_fit_options *fit = &set->fit;
    bool good = true;
    int c, threads = 0;

    while (good && (c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) switch (c) {
        case 'p': good = cli_int(&set->source.people, optarg, 0, INT_MAX); break;
        case 'c': set->cache = optarg; break;
        case 'k': good = cli_real(&set->source.cached, optarg, 0, 1); break;
        case 'D': set->data = optarg; break;
        case 'C': set->data_cache = optarg; break;
        case 'M': good = cli_real(&set->source.measured, optarg, 0, 1); break;
        case 'x': good = cli_real(&set->source.strength, optarg, 0, 10); break;
        case 'q': good = cli_real(&set->source.codec, optarg, 0, 1); break;
        case 'z': good = read_crf(set->source.crf, optarg); break;
        case 'f': good = cli_int(&fit->frames, optarg, UM_PULSE_MIN_FRAMES, 3600); break;
        case 'n': good = cli_int(&fit->steps, optarg, 1, INT_MAX); break;
        case 'b': good = cli_int(&fit->batch, optarg, 1, 256); break;
        case 'e': good = cli_real(&fit->learning_rate, optarg, 0, 1); break;
        case 'd': good = cli_real(&fit->dropout, optarg, 0, 0.9); break;
        case 'i': fit->init = optarg; break;
        case 'w': good = cli_int(&fit->save_every, optarg, 1, INT_MAX); break;
        case 'r': fit->resume = true; break;
        case 'v': good = cli_int(&set->check, optarg, 1, INT_MAX); break;
        case 'm': set->measure = optarg; break;
        case 's': good = cli_u64(&fit->seed, optarg); break;
        case 't': good = cli_int(&threads, optarg, 1, 1024); break;
        case 'o': set->out = optarg; break;
        case 'h': fputs(help, stdout); return -1;
        default: return cli_bad_option("pretrain");
        }
    if (!good) return cli_usage("pretrain", "'%s' is not a number, or out of range", optarg);
    if (threads) um_threads_set(threads);
    if (optind < argc) return cli_usage("pretrain", "unexpected argument '%s'", argv[optind]);
    if (fit->frames % 4)
        return cli_usage("pretrain", "--frames: expected a multiple of 4, found %d", fit->frames);
    if (!set->out == !set->measure)
        return cli_usage("pretrain", "expected either -o MODEL or --measure MODEL");
    if (!set->measure && !set->source.people && !set->cache && !set->data)
        return cli_usage("pretrain", "expected --rendered, --cache or --pulse-data");
    return EXIT_DONE;
}

int pretrain_pulse(int argc, char **argv, const char *made_by)
{
    settings set = {.check = 64,
                    .source = {.people = 10000,
                               .cached = 0.5,
                               .measured = 0.5,
                               .strength = 1,
                               .codec = 0.6,
                               .crf = {18, 28}},
                    .fit = UM_PULSE_FIT_OPTIONS_INIT};
    int code = parse(argc, argv, &set);

    set.fit.made_by = made_by;
    if (code == EXIT_DONE) code = run(&set);
    return code < 0 ? EXIT_DONE : code;
}
