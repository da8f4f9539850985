#include "train_crops.h"

#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "cli.h"
#include "data/track_crops.h"
#include "labelled_cache.h"
#include "model/judge.h"
#include "model/model_file.h"
#include "model/xception.h"
#include "train/crop_fit.h"

#define MAX_CACHES 8
#define EVERY (UM_WINDOW / UM_CROP_FRAMES) /* frames from one crop to the next */

static const char help[] =
    "usage: umcl train --model meso4|xception --cache CACHE --labels CSV -o MODEL [OPTIONS]\n"
    "\n"
    "Trains a network on single crops of a face: yardsticks for what pixels alone give.\n"
    "  meso4      Meso-4, 28 thousand parameters\n"
    "  xception   Xception, 20.8 million: the image baseline of the paper's tables. On a CPU a\n"
    "             batch of 16 takes seconds; give it --pretrained weights where you have them.\n"
    "Labels: as for umcl train.\n"
    "\n"
    "  --model NAME         what to train\n"
    "  --cache CACHE        a folder that umcl extract filled; several may be given, say of\n"
    "                       several compressions of the same videos\n"
    "  --labels CSV\n"
    "  --split NAME         rows to learn from (train)\n"
    "  --validate NAME      rows to choose the epoch and calibrate by (val); other people\n"
    "  -o, --out MODEL      safetensors file to write\n"
    "  --pretrained FILE    xception: begin with these weights (umcl import xception, or an "
    "earlier\n"
    "                       result); its last layer begins fresh\n"
    "  --side N             xception: pixels to a side that it reads, 32..512; crops are kept at "
    "128\n"
    "                       (the default), larger ones are made of those (the authors': 299, five\n"
    "                       times the work)\n"
    "  --epochs N           default 20\n"
    "  --steps N            batches to an epoch (100)\n"
    "  --batch N            even; default 32, xception 16\n"
    "  --learning-rate X    default 0.001, xception 0.0002; falls to zero along a cosine\n"
    "  --weight-decay X     default 0.01\n"
    "  --strength X         of the augmentation, 0..2 (0.5)\n"
    "  --any-confidence     also use labels whose confidence is not 'high'\n"
    "  --half               write the result in half precision\n"
    "  --seed N             default 1\n"
    "  --threads N          default: one per core\n"
    "  -q, --quiet          no progress\n"
    "\n"
    "example: umcl train --model meso4 --cache cache --labels labels.csv -o meso4.safetensors\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 usage.\n";

typedef struct settings {
    const char *caches[MAX_CACHES], *labels, *split, *validate, *out, *pretrained, *made_by;
    size_t n_caches;
    um_crop_fit_options fit;
    bool sure, quiet, half; /* half: the result in half precision */
} settings;

/* A track to validate on: its crops stay in memory. */
typedef struct held {
    um_face_clip clip;
    bool fake;
    size_t person;
} held;

typedef struct work {
    const settings *set;
    um_labels labels;
    um_texture_faces face[2]; /* real, fake */
    held *held;
    size_t n_held, n_tracks;
} work;

static umcl_status add_learned(work *w, um_face_clip *clip, bool fake)
{
    size_t bytes = (size_t)clip->side * (size_t)clip->side * 3;

    for (size_t i = 0; i < clip->n; i++) {
        um_face_clip one;

        UM_TRY(um_face_clip_new(&one, 1, clip->side, false));
        memcpy(one.rgb, clip->rgb + i * bytes, bytes);
        one.landmarks[0] = clip->landmarks[i];
        UM_TRY(um_texture_faces_add(&w->face[fake], &one, w->n_tracks));
    }
    w->n_tracks++;
    return UMCL_OK;
}

static umcl_status add_held(work *w, um_face_clip *clip, const um_labelled_track *t)
{
    UM_TRY(um_realloc(&w->held, w->n_held + 1, sizeof *w->held));
    w->held[w->n_held++] = (held){*clip, t->fake, t->person};
    *clip = (um_face_clip){0};
    return UMCL_OK;
}

/* The tracks of one cache and split. */
static umcl_status load_split(work *w, const char *cache, const char *split, bool learn)
{
    labelled_cache data;
    umcl_status st;

    UM_TRY(labelled_cache_read(&data, cache, &w->labels, split, w->set->sure, UM_WINDOW_LEAST));
    for (size_t i = 0; i < data.n_tracks; i++) {
        const um_labelled_track *t = &data.tracks[i];
        um_face_clip clip;

        UM_CHECK(um_track_crops(&clip, cache, data.labels[t->video]->name, t->track, EVERY));
        st = learn ? add_learned(w, &clip, t->fake) : add_held(w, &clip, t);
        um_face_clip_clear(&clip);
        if (st != UMCL_OK) goto done;
    }
    st = UMCL_OK;
done:
    labelled_cache_clear(&data);
    return st;
}

static umcl_status load(work *w)
{
    const settings *set = w->set;

    UM_TRY(um_labels_read(&w->labels, set->labels));
    UM_TRY(um_labels_apart(&w->labels, set->labels, set->split, set->validate));
    for (size_t i = 0; i < set->n_caches; i++) {
        UM_TRY(load_split(w, set->caches[i], set->split, true));
        UM_TRY(load_split(w, set->caches[i], set->validate, false));
    }
    fprintf(stderr, "%zu real crops, %zu fake ones, of %zu tracks; %zu tracks to validate on\n",
            w->face[0].n, w->face[1].n, w->n_tracks, w->n_held);
    return UMCL_OK;
}

static void clear(work *w)
{
    for (int i = 0; i < 2; i++) um_texture_faces_clear(&w->face[i]);
    for (size_t i = 0; i < w->n_held; i++) um_face_clip_clear(&w->held[i].clip);
    free(w->held);
    um_labels_clear(&w->labels);
}

/* Mean log-odds of every track, and what they are good for. */
static umcl_status measure(const work *w, um_params *params, um_calibration *c)
{
    um_crop_runner *runner = NULL;
    um_window_score *scores = NULL;
    double *each = NULL;
    umcl_status st;

    UM_CHECK(um_crop_runner_new(&runner, params, w->set->fit.net, w->set->fit.side));
    UM_CHECK(um_calloc(&scores, w->n_held, sizeof *scores));
    for (size_t i = 0; i < w->n_held; i++) {
        const held *h = &w->held[i];

        scores[i] = (um_window_score){0, h->fake, i, h->person};
        UM_CHECK(um_realloc(&each, h->clip.n, sizeof *each));
        UM_CHECK(um_crop_run(runner, h->clip.rgb, h->clip.n, each));
        for (size_t k = 0; k < h->clip.n; k++) scores[i].logit += each[k] / (double)h->clip.n;
    }
    st = um_calibration_fit(c, UM_CALIBRATE_PLATT, scores, w->n_held);
done:
    um_crop_runner_free(runner);
    free(scores);
    free(each);
    return st;
}

static umcl_status show(void *user, const um_crop_epoch *e, double *value)
{
    const work *w = user;
    um_calibration c;

    UM_TRY(measure(w, e->params, &c));
    *value = c.auc;
    if (!w->set->quiet)
        fprintf(stderr, "epoch %d/%d: loss %.4f, right %.3f, validation AUC %.4f\n", e->epoch,
                e->epochs, e->loss, e->right, c.auc);
    return UMCL_OK;
}

static umcl_status write_model(const settings *set, um_params *params, const um_rule *rule)
{
    um_st_writer *w = NULL;
    char side[16];
    umcl_status st;

    UM_CHECK(um_st_writer_new(&w));
    UM_CHECK(um_st_writer_meta(w, UM_META_RECIPE, UM_JUDGE_RECIPE UM_CROP_RECIPE));
    UM_CHECK(um_rule_write(rule, w));
    if (set->fit.side != UM_CROP_SIDE) {
        snprintf(side, sizeof side, "%d", set->fit.side);
        UM_CHECK(um_st_writer_meta(w, UM_META_SIDE, side));
    }
    UM_CHECK(um_params_save(params, w, ""));
    if (set->half) UM_CHECK(um_st_writer_halve(w));
    UM_CHECK(um_model_file_write(w, set->out, set->fit.net->kind, "1", set->made_by, NULL));
done:
    um_st_writer_free(w);
    return st;
}

static int run(const settings *set)
{
    work w = {.set = set};
    um_crop_fit_options fit = set->fit;
    um_st_file *pretrained = NULL;
    um_params *params = NULL;
    um_calibration c;
    umcl_status st;

    UM_CHECK(um_file_can_write(set->out));
    if (set->pretrained)
        UM_CHECK(um_weights_open(&pretrained, set->pretrained, set->fit.net->kind));
    fit.pretrained = pretrained;
    UM_CHECK(load(&w));
    UM_CHECK(um_crop_fit(&params, &w.face[0], &w.face[1], &fit, show, &w));
    if (set->half) UM_CHECK(um_params_halve(params));
    UM_CHECK(measure(&w, params, &c));
    UM_CHECK(write_model(set, params, &c.rule));
    printf("%s: %lld parameters, trained on %zu real and %zu fake crops; validation: %zu tracks, "
           "video AUC %.3f, calibration %.3f x + %.3f, threshold %.2f, doubt %.2f-%.2f\n",
           set->out, (long long)um_params_size(params), w.face[0].n, w.face[1].n, w.n_held, c.auc,
           c.rule.scale, c.rule.shift, c.rule.threshold, c.rule.doubt_low, c.rule.doubt_high);
done:
    um_st_free(pretrained);
    um_params_free(params);
    clear(&w);
    return st == UMCL_OK ? EXIT_DONE : cli_fail("train");
}

static int parse(int argc, char **argv, settings *set)
{
    static const struct option options[] = {
        {"model", required_argument, NULL, 'm'},
        {"cache", required_argument, NULL, 'c'},
        {"labels", required_argument, NULL, 'l'},
        {"split", required_argument, NULL, 'p'},
        {"validate", required_argument, NULL, 'v'},
        {"out", required_argument, NULL, 'o'},
        {"pretrained", required_argument, NULL, 'i'},
        {"side", required_argument, NULL, 'd'},
        {"half", no_argument, NULL, 'f'},
        {"epochs", required_argument, NULL, 'e'},
        {"steps", required_argument, NULL, 'n'},
        {"batch", required_argument, NULL, 'b'},
        {"learning-rate", required_argument, NULL, 'r'},
        {"weight-decay", required_argument, NULL, 'w'},
        {"strength", required_argument, NULL, 'x'},
        {"any-confidence", no_argument, NULL, 'a'},
        {"seed", required_argument, NULL, 's'},
        {"threads", required_argument, NULL, 't'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c, threads = 0;
    bool good = true;

    while (good && (c = getopt_long(argc, argv, "o:qh", options, NULL)) != -1) switch (c) {
        case 'm': break; /* cmd_train has looked at it */
        case 'c':
            if (set->n_caches == MAX_CACHES)
                return cli_usage("train", "--cache: expected at most %d", MAX_CACHES);
            set->caches[set->n_caches++] = optarg;
            break;
        case 'l': set->labels = optarg; break;
        case 'p': set->split = optarg; break;
        case 'v': set->validate = optarg; break;
        case 'o': set->out = optarg; break;
        case 'i': set->pretrained = optarg; break;
        case 'd': good = cli_int(&set->fit.side, optarg, 1, INT_MAX); break;
        case 'f': set->half = true; break;
        case 'e': good = cli_int(&set->fit.epochs, optarg, 1, INT_MAX); break;
        case 'n': good = cli_int(&set->fit.steps, optarg, 1, INT_MAX); break;
        case 'b': good = cli_int(&set->fit.batch, optarg, 2, 4096); break;
        case 'r': good = cli_real(&set->fit.learning_rate, optarg, 0, 1); break;
        case 'w': good = cli_real(&set->fit.weight_decay, optarg, 0, 1); break;
        case 'x': good = cli_real(&set->fit.strength, optarg, 0, 2); break;
        case 'a': set->sure = false; break;
        case 's': good = cli_u64(&set->fit.seed, optarg); break;
        case 't': good = cli_int(&threads, optarg, 1, 1024); break;
        case 'q': set->quiet = true; break;
        case 'h': fputs(help, stdout); return -1;
        default: return cli_bad_option("train");
        }
    if (!good) return cli_usage("train", "'%s' is not a number, or out of range", optarg);
    if (threads) um_threads_set(threads);
    if (optind < argc) return cli_usage("train", "unexpected argument '%s'", argv[optind]);
    if (!set->n_caches || !set->labels || !set->out)
        return cli_usage("train", "expected --cache, --labels and -o");
    if (set->fit.batch % 2)
        return cli_usage("train", "--batch: expected an even number, found %d", set->fit.batch);
    if (um_crop_net_check(set->fit.net, set->fit.side) != UMCL_OK)
        return cli_usage("train", "--side: %s", umcl_last_error());
    if (set->pretrained && !set->fit.net->head)
        return cli_usage("train", "--pretrained: expected none for %s", set->fit.net->kind);
    return 0;
}

int train_crops(int argc, char **argv, const char *made_by, const um_crop_net *net)
{
    settings set = {.split = "train",
                    .validate = "val",
                    .fit = UM_CROP_FIT_OPTIONS_INIT,
                    .sure = true,
                    .made_by = made_by};
    int code;

    set.fit.net = net;
    if (!strcmp(net->kind, UM_XCEPTION_KIND)) {
        set.fit.batch = 16;
        set.fit.learning_rate = 2e-4;
    }
    code = parse(argc, argv, &set);
    return code ? code : run(&set);
}
