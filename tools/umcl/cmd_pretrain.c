#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/model_meta.h"
#include "base/parallel.h"
#include "cli.h"
#include "data/face_pictures.h"
#include "data/track_crops.h"
#include "eval/metrics.h"
#include "labelled_cache.h"
#include "model/texture_runner.h"
#include "pretrain_pulse.h"
#include "train/texture_fit.h"

#define MAX_SETS 8
#define EVERYONE 1000000 /* pictures: one person in so many is held out, that is none */

static const char help[] =
    "usage: umcl pretrain x [--faces CSV=FOLDER ...] [--cache CACHE --labels CSV] -o MODEL\n"
    "       umcl pretrain p ...  (umcl pretrain p --help)\n"
    "\n"
    "Trains the texture encoder on single crops of faces: real ones against pseudo-fakes that are\n"
    "made of them on the fly (self-blending), and against crops of the fakes in the cache.\n"
    "\n"
    "  --faces CSV=FOLDER   labelled pictures (see umcl train-face landmarks)\n"
    "  --cache CACHE        videos that umcl extract has followed, with crops\n"
    "  --labels CSV         their labels (see umcl train): rows of the split 'train' are learnt\n"
    "                       from, rows of 'val' are measured on\n"
    "  --rate N             crops a second taken from videos (default 3)\n"
    "  --fakes SHARE        share of the fake half taken from the cache's fakes (default 0.3)\n"
    "  --strength X         of the augmentation, 0..2 (default 0.5)\n"
    "  --contrast X         of pseudo-fakes with their reals, 0..2 (default 1.5)\n"
    "  --not-dataset TEXT   leave out training rows whose dataset contains TEXT\n"
    "  --steps N            default 4000\n"
    "  --batch N            even; default 32\n"
    "  --learning-rate X    default 0.001, falls to zero along a cosine\n"
    "  --any-confidence     also use labels whose confidence is not 'high'\n"
    "  --check-every N      steps from one measurement to the next (default 1000)\n"
    "  --seed N             default 1\n"
    "  --threads N          default: one per core\n"
    "  -o, --out MODEL      safetensors file to write\n"
    "\n"
    "example: umcl pretrain x --cache cache --labels labels.csv -o texture.safetensors\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 usage.\n";

typedef struct settings {
    const char *sets[MAX_SETS], *cache, *labels, *out, *made_by, *not_dataset;
    int n_sets, rate, check_every;
    bool sure;
    um_texture_fit_options fit;
} settings;

typedef struct work {
    const settings *set;
    um_labels labels;
    labelled_cache train, val;
    um_texture_faces real, fake;
} work;

static umcl_status add_pictures(work *w, const char *set, size_t *source)
{
    um_face_pictures pictures = {0};
    const char *equals = strchr(set, '=');
    char *csv = strndup(set, (size_t)(equals - set));
    um_image rgb = {0};
    umcl_status st;

    if (!csv) return um_fail(UMCL_ERR_NOMEM, "out of memory");
    UM_CHECK(um_face_pictures_read(&pictures, csv, equals + 1, EVERYONE));
    for (size_t i = 0; i < pictures.count; i++) {
        um_face_clip crop;

        UM_CHECK(um_image_read(&rgb, pictures.items[i].path));
        UM_CHECK(um_picture_crop(&crop, &rgb, &pictures.items[i].landmarks));
        um_image_clear(&rgb);
        UM_CHECK(um_texture_faces_add(&w->real, &crop, (*source)++));
    }
done:
    um_image_clear(&rgb);
    free(csv);
    um_face_pictures_clear(&pictures);
    return st;
}

/* Frames of a clip as crops of their own. */
static umcl_status add_frames(um_texture_faces *set, const um_face_clip *clip, size_t source)
{
    size_t bytes = (size_t)clip->side * (size_t)clip->side * 3;

    for (size_t i = 0; i < clip->n; i++) {
        um_face_clip one;

        UM_TRY(um_face_clip_new(&one, 1, clip->side, false));
        memcpy(one.rgb, clip->rgb + i * bytes, bytes);
        one.landmarks[0] = clip->landmarks[i];
        UM_TRY(um_texture_faces_add(set, &one, source));
    }
    return UMCL_OK;
}

static umcl_status add_tracks(work *w, size_t *source)
{
    const settings *set = w->set;

    for (size_t i = 0; i < w->train.n_tracks; i++) {
        const um_labelled_track *t = &w->train.tracks[i];
        const um_label *label = w->train.labels[t->video];
        um_face_clip clip;
        umcl_status st;

        if (set->not_dataset && strstr(label->dataset, set->not_dataset)) continue;
        UM_TRY(um_track_crops(&clip, set->cache, label->name, t->track, (size_t)(30 / set->rate)));
        st = add_frames(t->fake ? &w->fake : &w->real, &clip, (*source)++);
        um_face_clip_clear(&clip);
        UM_TRY(st);
    }
    return UMCL_OK;
}

static umcl_status load(work *w)
{
    const settings *set = w->set;
    size_t source = 0;

    for (int i = 0; i < set->n_sets; i++) UM_TRY(add_pictures(w, set->sets[i], &source));
    if (set->cache) {
        UM_TRY(um_labels_read(&w->labels, set->labels));
        UM_TRY(labelled_cache_read(&w->train, set->cache, &w->labels, "train", set->sure,
                                   UM_WINDOW_LANDMARKS));
        UM_TRY(labelled_cache_read(&w->val, set->cache, &w->labels, "val", set->sure,
                                   UM_WINDOW_LANDMARKS));
        UM_TRY(add_tracks(w, &source));
    }
    fprintf(stderr, "%zu real crops, %zu fake ones\n", w->real.n, w->fake.n);
    return UMCL_OK;
}

static void clear(work *w)
{
    um_texture_faces_clear(&w->real);
    um_texture_faces_clear(&w->fake);
    labelled_cache_clear(&w->train);
    labelled_cache_clear(&w->val);
    um_labels_clear(&w->labels);
}

/* Video AUC on the people held out. NaN where there are none. */
static umcl_status measure(const work *w, um_params *params, double *auc)
{
    um_texture_runner *runner = NULL;
    um_scored *videos = NULL;
    um_face_clip clip = {0};
    um_metrics m;
    umcl_status st;

    *auc = NAN;
    UM_CHECK(um_texture_runner_new(&runner, params));
    UM_CHECK(um_calloc(&videos, w->val.n_tracks, sizeof *videos));
    for (size_t i = 0; i < w->val.n_tracks; i++) {
        const um_labelled_track *t = &w->val.tracks[i];

        UM_CHECK(um_track_crops(&clip, w->set->cache, w->val.labels[t->video]->name, t->track,
                                (size_t)(30 / w->set->rate)));
        videos[i].fake = t->fake;
        UM_CHECK(um_texture_run(runner, clip.rgb, clip.n, NULL, &videos[i].score));
        um_face_clip_clear(&clip);
    }
    if (w->val.n_tracks) {
        UM_CHECK(um_metrics_compute(&m, videos, w->val.n_tracks, 0));
        *auc = m.auc;
    }
done:
    um_face_clip_clear(&clip);
    um_texture_runner_free(runner);
    free(videos);
    return st;
}

static bool show(void *user, int step, int steps, double loss, double right, um_params *params)
{
    const work *w = user;
    double auc;

    fprintf(stderr, "step %d/%d  loss %.4f  right %.3f", step, steps, loss, right);
    if (w->val.n_tracks && (step % w->set->check_every == 0 || step == steps)) {
        if (measure(w, params, &auc) != UMCL_OK) return false;
        fprintf(stderr, "  held out: video AUC %.3f", auc);
    }
    fputc('\n', stderr);
    return true;
}

static umcl_status write_model(const settings *set, um_params *params)
{
    um_st_writer *w = NULL;
    umcl_status st;

    UM_CHECK(um_st_writer_new(&w));
    UM_CHECK(um_params_save(params, w, ""));
    UM_CHECK(um_model_file_write(w, set->out, "texture", "1", set->made_by, NULL));
done:
    um_st_writer_free(w);
    return st;
}

static int run(const settings *set)
{
    work w = {.set = set};
    um_params *params = NULL;
    double auc = NAN;
    umcl_status st;

    UM_CHECK(load(&w));
    UM_CHECK(um_texture_fit(&params, &w.real, &w.fake, &set->fit, show, &w));
    UM_CHECK(write_model(set, params));
    UM_CHECK(measure(&w, params, &auc));
    printf("%s: trained on %zu real and %zu fake crops", set->out, w.real.n, w.fake.n);
    if (!isnan(auc)) printf("; people not trained on: video AUC %.3f", auc);
    putchar('\n');
done:
    um_params_free(params);
    clear(&w);
    return st == UMCL_OK ? EXIT_DONE : cli_fail("pretrain");
}

static int parse(int argc, char **argv, settings *set)
{
    static const struct option options[] = {
        {"faces", required_argument, NULL, 'f'},
        {"cache", required_argument, NULL, 'c'},
        {"labels", required_argument, NULL, 'l'},
        {"rate", required_argument, NULL, 'r'},
        {"fakes", required_argument, NULL, 'k'},
        {"strength", required_argument, NULL, 'x'},
        {"contrast", required_argument, NULL, 'p'},
        {"not-dataset", required_argument, NULL, 'd'},
        {"steps", required_argument, NULL, 'n'},
        {"batch", required_argument, NULL, 'b'},
        {"learning-rate", required_argument, NULL, 'e'},
        {"any-confidence", no_argument, NULL, 'a'},
        {"check-every", required_argument, NULL, 'v'},
        {"seed", required_argument, NULL, 's'},
        {"threads", required_argument, NULL, 't'},
        {"out", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    bool good = true;
    int c, threads = 0;

    while (good && (c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) switch (c) {
        case 'f':
            if (set->n_sets == MAX_SETS || !strchr(optarg, '='))
                return cli_usage("pretrain", "--faces: expected CSV=FOLDER, found '%s'", optarg);
            set->sets[set->n_sets++] = optarg;
            break;
        case 'c': set->cache = optarg; break;
        case 'l': set->labels = optarg; break;
        case 'r': good = cli_int(&set->rate, optarg, 1, 30); break;
        case 'k': good = cli_real(&set->fit.fakes, optarg, 0, 1); break;
        case 'x': good = cli_real(&set->fit.strength, optarg, 0, 2); break;
        case 'p': good = cli_real(&set->fit.contrast, optarg, 0, 2); break;
        case 'd': set->not_dataset = optarg; break;
        case 'n': good = cli_int(&set->fit.steps, optarg, 1, INT_MAX); break;
        case 'b': good = cli_int(&set->fit.batch, optarg, 2, 4096); break;
        case 'e': good = cli_real(&set->fit.learning_rate, optarg, 0, 1); break;
        case 'a': set->sure = false; break;
        case 'v': good = cli_int(&set->check_every, optarg, 1, INT_MAX); break;
        case 's': good = cli_u64(&set->fit.seed, optarg); break;
        case 't': good = cli_int(&threads, optarg, 1, 1024); break;
        case 'o': set->out = optarg; break;
        case 'h': fputs(help, stdout); return -1;
        default: return cli_bad_option("pretrain");
        }
    if (!good) return cli_usage("pretrain", "'%s' is not a number, or out of range", optarg);
    if (threads) um_threads_set(threads);
    if (optind + 1 != argc || strcmp(argv[optind], "x"))
        return cli_usage("pretrain", "expected what to train: x or p");
    if (!set->out || (!set->cache && !set->n_sets) || !set->cache != !set->labels)
        return cli_usage("pretrain", "expected -o, and --faces or --cache with --labels");
    if (set->fit.batch % 2)
        return cli_usage("pretrain", "--batch: expected an even number, found %d", set->fit.batch);
    return 0;
}

int cmd_pretrain(int argc, char **argv)
{
    settings set = {
        .rate = 3, .check_every = 1000, .sure = true, .fit = UM_TEXTURE_FIT_OPTIONS_INIT};
    char *line = cli_command_line(argc, argv);
    int code;

    set.made_by = line ? line : "";
    if (argc > 1 && !strcmp(argv[1], "p")) {
        argv[1] = argv[0]; /* the name in getopt's messages */
        code = pretrain_pulse(argc - 1, argv + 1, set.made_by);
    } else if ((code = parse(argc, argv, &set)) == EXIT_DONE) {
        code = run(&set);
    }
    free(line);
    return code < 0 ? EXIT_DONE : code;
}
