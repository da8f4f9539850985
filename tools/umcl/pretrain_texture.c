#include "pretrain_texture.h"

#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/model_meta.h"
#include "base/parallel.h"
#include "cli.h"
#include "model/judge.h"
#include "model/rule.h"
#include "model/texture.h"
#include "texture_data.h"

static const char help[] =
    "usage: umcl pretrain x [--faces CSV=FOLDER ...] [--cache CACHE ... --labels CSV] -o MODEL\n"
    "\n"
    "Trains the texture encoder on single crops of faces: real ones against pseudo-fakes that are\n"
    "made of them on the fly (self-blending), and against crops of the fakes in the caches. What\n"
    "is written is an encoder for umcl train and a detector of its own (umcl detect -m MODEL).\n"
    "\n"
    "Data\n"
    "  --faces CSV=FOLDER   labelled pictures (see umcl train-face landmarks)\n"
    "  --cache CACHE        videos that umcl extract has followed, with crops; several may be\n"
    "                       given, say of several compressions of the same videos\n"
    "  --labels CSV         their labels (see umcl train)\n"
    "  --split NAME         rows to learn from (default train)\n"
    "  --validate NAME      rows to measure on while training (default val): of all checks the\n"
    "                       one with the largest AUC is kept, calibrated on the same rows\n"
    "  --rate N             crops a second taken from videos (default 3)\n"
    "  --not-dataset TEXT   leave out training rows whose dataset contains TEXT\n"
    "  --any-confidence     also use labels whose confidence is not 'high'\n"
    "\n"
    "What is shown\n"
    "  --fakes SHARE        of the fake half taken from the caches' fakes (default 0.2)\n"
    "  --stills SHARE       of the pseudo-fakes made of pictures (default 0.5)\n"
    "  --contrast X         of pseudo-fakes with their reals, 0..2 (default 1); begins at 2\n"
    "  --strength X         of the augmentation, 0..2 (default 1)\n"
    "  --h264 SHARE         of the compressed crops by H.264, not JPEG (default 0.5)\n"
    "  --blend X            weight of the second question, which places are blended in\n"
    "                       (default 1)\n"
    "\n"
    "Training\n"
    "  --steps N            default 5000\n"
    "  --batch N            even; default 32\n"
    "  --learning-rate X    default 0.001, falls to zero along a cosine\n"
    "  --check-every N      steps from one measurement to the next (default 500)\n"
    "  --half               write the weights in half precision\n"
    "  --seed N             default 1\n"
    "  --threads N          default: one per core\n"
    "  -o, --out MODEL      safetensors file to write, at each check that is the best so far\n"
    "\n"
    "example: umcl pretrain x --cache cache --labels labels.csv -o texture.safetensors\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 usage.\n";

typedef struct settings {
    texture_sources from;
    const char *out, *made_by;
    int check_every;
    bool half;
    um_texture_fit_options fit;
} settings;

typedef struct work {
    const settings *set;
    texture_data data;
    um_calibration best; /* auc NaN: nothing measured yet */
    int best_step;
    umcl_status failed; /* of a check */
} work;

static umcl_status write_model(const settings *set, um_params *params, const um_calibration *c)
{
    um_st_writer *w = NULL;
    umcl_status st;

    UM_CHECK(um_st_writer_new(&w));
    UM_CHECK(um_params_save(params, w, ""));
    if (set->half) UM_CHECK(um_st_writer_halve(w));
    UM_CHECK(um_st_writer_meta(w, UM_META_RECIPE, UM_JUDGE_RECIPE UM_CROP_RECIPE));
    UM_CHECK(um_rule_write(&c->rule, w));
    UM_CHECK(um_model_file_write(w, set->out, UM_TEXTURE_KIND, "1", set->made_by, NULL));
done:
    um_st_writer_free(w);
    return st;
}

/* Measures, and writes what is at least as good as all before. */
static umcl_status check(work *w, int step, um_params *params)
{
    um_calibration c;

    UM_TRY(texture_data_measure(&w->data, params, &c));
    fprintf(stderr, "  held out: video AUC %.4f", c.auc);
    if (c.auc < w->best.auc) return UMCL_OK;
    w->best = c;
    w->best_step = step;
    fputs(", best", stderr);
    return write_model(w->set, params, &c);
}

static bool show(void *user, int step, int steps, double loss, double right, um_params *params)
{
    work *w = user;
    bool last = step == steps;

    fprintf(stderr, "step %d/%d  loss %.4f  right %.3f", step, steps, loss, right);
    if (w->data.n_checks && (last || step % w->set->check_every == 0))
        w->failed = check(w, step, params);
    fputc('\n', stderr);
    return w->failed == UMCL_OK;
}

static int run(const settings *set)
{
    work w = {.set = set, .best = {.rule = UM_RULE_INIT, .auc = NAN}};
    um_params *params = NULL;
    umcl_status st;

    UM_CHECK(um_file_can_write(set->out));
    UM_CHECK(texture_data_read(&w.data, &set->from));
    UM_CHECK(um_texture_fit(&params, &w.data.material, &set->fit, show, &w));
    if (!w.data.n_checks) UM_CHECK(write_model(set, params, &w.best));
    printf("%s: trained on %zu stills, %zu real and %zu fake frames", set->out,
           w.data.material.stills.n, w.data.material.real.n, w.data.material.fake.n);
    if (w.data.n_checks)
        printf("; step %d; people not trained on: video AUC %.3f, calibration %.3f x + %.3f, "
               "threshold %.2f, doubt %.2f-%.2f",
               w.best_step, w.best.auc, w.best.rule.scale, w.best.rule.shift, w.best.rule.threshold,
               w.best.rule.doubt_low, w.best.rule.doubt_high);
    putchar('\n');
done:
    um_params_free(params);
    texture_data_clear(&w.data);
    return st == UMCL_OK ? EXIT_DONE : cli_fail("pretrain");
}

static int add_set(texture_sources *from, const char *set)
{
    if (from->n_sets == TEXTURE_MAX_SETS || !strchr(set, '='))
        return cli_usage("pretrain", "--faces: expected up to %d times CSV=FOLDER, found '%s'",
                         TEXTURE_MAX_SETS, set);
    from->sets[from->n_sets++] = set;
    return EXIT_DONE;
}

static int add_cache(texture_sources *from, const char *cache)
{
    if (from->n_caches == TEXTURE_MAX_SETS)
        return cli_usage("pretrain", "--cache: expected at most %d", TEXTURE_MAX_SETS);
    from->caches[from->n_caches++] = cache;
    return EXIT_DONE;
}

/* What no single option tells. */
static int check_settings(const settings *set)
{
    const texture_sources *from = &set->from;

    if (!set->out || (!from->n_caches && !from->n_sets) || !from->n_caches != !from->labels)
        return cli_usage("pretrain", "expected -o, and --faces or --cache with --labels");
    if (set->fit.batch % 2)
        return cli_usage("pretrain", "--batch: expected an even number, found %d", set->fit.batch);
    return EXIT_DONE;
}

static const struct option options[] = {
    {"faces", required_argument, NULL, 'f'},
    {"cache", required_argument, NULL, 'c'},
    {"labels", required_argument, NULL, 'l'},
    {"split", required_argument, NULL, 'i'},
    {"validate", required_argument, NULL, 'w'},
    {"rate", required_argument, NULL, 'r'},
    {"fakes", required_argument, NULL, 'k'},
    {"stills", required_argument, NULL, 'j'},
    {"strength", required_argument, NULL, 'x'},
    {"h264", required_argument, NULL, 'g'},
    {"contrast", required_argument, NULL, 'p'},
    {"blend", required_argument, NULL, 'm'},
    {"not-dataset", required_argument, NULL, 'd'},
    {"steps", required_argument, NULL, 'n'},
    {"batch", required_argument, NULL, 'b'},
    {"learning-rate", required_argument, NULL, 'e'},
    {"any-confidence", no_argument, NULL, 'a'},
    {"check-every", required_argument, NULL, 'v'},
    {"half", no_argument, NULL, 'q'},
    {"seed", required_argument, NULL, 's'},
    {"threads", required_argument, NULL, 't'},
    {"out", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int parse(int argc, char **argv, settings *set)
{
    um_texture_fit_options *fit = &set->fit;
    texture_sources *from = &set->from;
    int c, code = EXIT_DONE, threads = 0;
    bool good = true;

    while (good && !code && (c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) switch (c) {
        case 'f': code = add_set(from, optarg); break;
        case 'c': code = add_cache(from, optarg); break;
        case 'l': from->labels = optarg; break;
        case 'i': from->split = optarg; break;
        case 'w': from->validate = optarg; break;
        case 'r': good = cli_int(&from->rate, optarg, 1, 30); break;
        case 'd': from->not_dataset = optarg; break;
        case 'a': from->sure = false; break;
        case 'k': good = cli_real(&fit->fakes, optarg, 0, 1); break;
        case 'j': good = cli_real(&fit->stills, optarg, 0, 1); break;
        case 'x': good = cli_real(&fit->strength, optarg, 0, 2); break;
        case 'g': good = cli_real(&fit->h264, optarg, 0, 1); break;
        case 'p': good = cli_real(&fit->contrast, optarg, 0, 2); break;
        case 'm': good = cli_real(&fit->blend, optarg, 0, 100); break;
        case 'n': good = cli_int(&fit->steps, optarg, 1, INT_MAX); break;
        case 'b': good = cli_int(&fit->batch, optarg, 2, 4096); break;
        case 'e': good = cli_real(&fit->learning_rate, optarg, 0, 1); break;
        case 'v': good = cli_int(&set->check_every, optarg, 1, INT_MAX); break;
        case 'q': set->half = true; break;
        case 's': good = cli_u64(&fit->seed, optarg); break;
        case 't': good = cli_int(&threads, optarg, 1, 1024); break;
        case 'o': set->out = optarg; break;
        case 'h': fputs(help, stdout); return -1;
        default: return cli_bad_option("pretrain");
        }
    if (code) return code;
    if (!good) return cli_usage("pretrain", "'%s' is not a number, or out of range", optarg);
    if (threads) um_threads_set(threads);
    if (optind < argc) return cli_usage("pretrain", "unexpected argument '%s'", argv[optind]);
    return check_settings(set);
}

int pretrain_texture(int argc, char **argv, const char *made_by)
{
    settings set = {.from = {.split = "train", .validate = "val", .rate = 3, .sure = true},
                    .made_by = made_by,
                    .check_every = 500,
                    .fit = UM_TEXTURE_FIT_OPTIONS_INIT};
    int code = parse(argc, argv, &set);

    return code == EXIT_DONE ? run(&set) : code < 0 ? EXIT_DONE : code;
}
