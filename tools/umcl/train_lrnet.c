#include "train_lrnet.h"

#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "cli.h"
#include "labelled_cache.h"
#include "model/judge.h"

#define FOLDS 4

/* Their difference is in the first lines: it is one training, and one kind of file. */
static const char train_help[] =
    "usage: umcl train --model lrnet --cache CACHE --labels CSV -o MODEL [OPTIONS]\n"
    "\n"
    "Trains a detector on cached tracks (umcl extract). LRNet reads the landmarks alone. Labels: "
    "a\n";
static const char pretrain_help[] =
    "usage: umcl pretrain l --cache CACHE --labels CSV -o MODEL [OPTIONS]\n"
    "\n"
    "Trains LRNet on cached tracks (umcl extract) by its own recipe: the landmarks' encoder that\n"
    "umcl train --landmarks MODEL begins with, and at the same time a detector that judges by "
    "itself\n"
    "(umcl train --model lrnet is the same training). Labels: a\n";
static const char help[] =
    "CSV with the columns name (or path) and label (real, fake), and where known person, split "
    "and\n"
    "confidence. Rows of the split 'train' are used; people are kept apart in everything.\n"
    "\n"
    "P(fake) is calibrated, the threshold and the band of doubt are chosen on four folds of the "
    "training people:\n"
    "each fold is scored by a network that did not see its people. The model that is written is\n"
    "then trained on all of them. Rows of the split 'val' are not looked at: that is umcl eval's.\n"
    "\n";
static const char train_first[] = "  --model lrnet        what to train\n";
static const char options_help[] =
    "  --cache CACHE        the folder that umcl extract filled\n"
    "  --labels CSV\n"
    "  -o, --out MODEL      safetensors file to write\n"
    "  --steps N            default 1500\n"
    "  --batch N            even; default 64\n"
    "  --learning-rate X    default 0.002, falls to zero along a cosine\n"
    "  --weight-decay X     default 0.01\n"
    "  --sigma X            noise of the low-quality view, in normalised coordinates (0.01)\n"
    "  --lq-share X         share of the samples that get it (0.5)\n"
    "  --any-confidence     also use labels whose confidence is not 'high'\n"
    "  --seed N             default 1\n"
    "  --threads N          default: one per core\n"
    "  -q, --quiet          no progress\n"
    "\n";
static const char train_example[] =
    "example: umcl train --model lrnet --cache cache --labels labels.csv -o lrnet.safetensors\n";
static const char pretrain_example[] =
    "example: umcl pretrain l --cache cache --labels labels.csv -o lrnet.safetensors\n"
    "         umcl train --landmarks lrnet.safetensors --cache cache --labels labels.csv -o "
    "mine.safetensors\n";

typedef struct settings {
    const char *command; /* train or pretrain */
    const char *cache, *labels, *out, *made_by;
    um_lrnet_fit_options fit;
    bool sure, quiet;
} settings;

typedef struct progress {
    const char *what;
    bool quiet;
} progress;

static bool show(void *user, int step, int steps, double loss)
{
    const progress *p = user;

    if (p->quiet) return true;
    fprintf(stderr, "%s%s: step %d/%d, loss %.4f%s", isatty(STDERR_FILENO) ? "\r" : "", p->what,
            step, steps, loss, isatty(STDERR_FILENO) ? "\033[K" : "\n");
    if (step == steps && isatty(STDERR_FILENO)) fputc('\n', stderr);
    return true;
}

static int fold_of(const um_labelled_track *t)
{
    return (int)(um_rng_at(7, t->person) % FOLDS);
}

/* Trains without the people of one fold and scores them. */
static umcl_status score_fold(const settings *set, const labelled_cache *data, int fold,
                              um_window_score **out, size_t *n_out)
{
    um_labelled_track *in = NULL, *held = NULL;
    size_t n_in = 0, n_held = 0;
    um_params *params = NULL;
    char what[32];
    progress p = {what, set->quiet};
    umcl_status st;

    snprintf(what, sizeof what, "fold %d/%d", fold + 1, FOLDS);
    UM_CHECK(um_calloc(&in, data->n_tracks, sizeof *in));
    UM_CHECK(um_calloc(&held, data->n_tracks, sizeof *held));
    for (size_t i = 0; i < data->n_tracks; i++) {
        if (fold_of(&data->tracks[i]) == fold)
            held[n_held++] = data->tracks[i];
        else
            in[n_in++] = data->tracks[i];
    }
    UM_CHECK(um_lrnet_fit(&params, in, n_in, &set->fit, show, &p));
    UM_CHECK(um_lrnet_windows(out, n_out, params, held, n_held));
done:
    um_params_free(params);
    free(in);
    free(held);
    return st;
}

static umcl_status calibrate(const settings *set, const labelled_cache *data, um_calibration *c)
{
    um_window_score *all = NULL, *some = NULL;
    size_t n = 0, more;
    umcl_status st = UMCL_OK;

    for (int fold = 0; fold < FOLDS; fold++) {
        UM_CHECK(score_fold(set, data, fold, &some, &more));
        UM_CHECK(um_realloc(&all, n + more, sizeof *all));
        memcpy(all + n, some, more * sizeof *all);
        n += more;
        free(some);
        some = NULL;
    }
    UM_CHECK(um_calibration_fit(c, UM_CALIBRATE_PLATT, all, n));
done:
    free(all);
    free(some);
    return st;
}

static umcl_status write_model(const settings *set, um_params *params, const um_calibration *c)
{
    um_st_writer *w = NULL;
    umcl_status st;

    UM_CHECK(um_st_writer_new(&w));
    UM_CHECK(um_st_writer_meta(w, UM_META_RECIPE, UM_JUDGE_RECIPE));
    UM_CHECK(um_rule_write(&c->rule, w));
    UM_CHECK(um_params_save(params, w, ""));
    UM_CHECK(um_model_file_write(w, set->out, UM_LRNET_KIND, "1", set->made_by, NULL));
done:
    um_st_writer_free(w);
    return st;
}

/* Of all, and of what each fold leaves: known before the work, not after it. */
static umcl_status check_classes(const settings *set, const labelled_cache *data)
{
    size_t n[2] = {0};

    for (size_t i = 0; i < data->n_tracks; i++) n[data->tracks[i].fake]++;
    for (int fold = 0; fold < FOLDS && n[0] && n[1]; fold++) {
        size_t in[2] = {0};

        for (size_t i = 0; i < data->n_tracks; i++)
            if (fold_of(&data->tracks[i]) != fold) in[data->tracks[i].fake]++;
        if (in[0] && in[1]) continue;
        return um_fail(UMCL_ERR_INVALID,
                       "%s: expected real and fake ones also without the people of fold %d of %d, "
                       "found %zu real and %zu fake: too few people",
                       set->labels, fold + 1, FOLDS, in[0], in[1]);
    }
    if (n[0] && n[1]) return UMCL_OK;
    return um_fail(
        UMCL_ERR_INVALID,
        "%s: expected real and fake faces for at least two seconds in the split 'train', "
        "found %zu real and %zu fake",
        set->labels, n[0], n[1]);
}

static int run(const settings *set)
{
    progress p = {"all", set->quiet};
    labelled_cache data = {0};
    um_params *params = NULL;
    um_labels labels = {0};
    um_calibration c;
    umcl_status st;

    UM_CHECK(um_file_can_write(set->out));
    UM_CHECK(um_labels_read(&labels, set->labels));
    UM_CHECK(
        labelled_cache_read(&data, set->cache, &labels, "train", set->sure, UM_WINDOW_LANDMARKS));
    fprintf(stderr, "%zu videos, %zu with a face for at least two seconds\n", data.n_videos,
            data.n_tracks);
    UM_CHECK(check_classes(set, &data));
    UM_CHECK(calibrate(set, &data, &c));
    UM_CHECK(um_lrnet_fit(&params, data.tracks, data.n_tracks, &set->fit, show, &p));
    UM_CHECK(write_model(set, params, &c));
    printf("%s: trained on %zu tracks; training people held out in folds: video AUC %.3f; "
           "calibration %.3f x + %.3f, threshold %.2f, doubt %.2f-%.2f\n",
           set->out, data.n_tracks, c.auc, c.rule.scale, c.rule.shift, c.rule.threshold,
           c.rule.doubt_low, c.rule.doubt_high);
done:
    um_params_free(params);
    labelled_cache_clear(&data);
    um_labels_clear(&labels);
    return st == UMCL_OK ? EXIT_DONE : cli_fail(set->command);
}

static void print_help(bool pretrain)
{
    printf("%s%s%s%s%s\nExit codes: 0 done, 1 failed, 2 usage.\n",
           pretrain ? pretrain_help : train_help, help, pretrain ? "" : train_first, options_help,
           pretrain ? pretrain_example : train_example);
}

static int parse(int argc, char **argv, settings *set)
{
    static const struct option options[] = {
        {"model", required_argument, NULL, 'm'},
        {"cache", required_argument, NULL, 'c'},
        {"labels", required_argument, NULL, 'l'},
        {"out", required_argument, NULL, 'o'},
        {"steps", required_argument, NULL, 'n'},
        {"batch", required_argument, NULL, 'b'},
        {"learning-rate", required_argument, NULL, 'r'},
        {"weight-decay", required_argument, NULL, 'w'},
        {"sigma", required_argument, NULL, 'g'},
        {"lq-share", required_argument, NULL, 'y'},
        {"any-confidence", no_argument, NULL, 'a'},
        {"seed", required_argument, NULL, 's'},
        {"threads", required_argument, NULL, 't'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *command = set->command;
    bool pretrain = !strcmp(command, "pretrain l"), good = true;
    int c, threads = 0;

    while (good && (c = getopt_long(argc, argv, "o:qh", options, NULL)) != -1) switch (c) {
        case 'm': /* cmd_train has looked at it */
            if (pretrain) return cli_usage(command, "--model: that is umcl train's");
            break;
        case 'c': set->cache = optarg; break;
        case 'l': set->labels = optarg; break;
        case 'o': set->out = optarg; break;
        case 'n': good = cli_int(&set->fit.steps, optarg, 1, INT_MAX); break;
        case 'b': good = cli_int(&set->fit.batch, optarg, 2, 65536); break;
        case 'r': good = cli_real(&set->fit.learning_rate, optarg, 0, 1); break;
        case 'w': good = cli_real(&set->fit.weight_decay, optarg, 0, 1); break;
        case 'g': good = cli_real(&set->fit.sigma, optarg, 0, 1); break;
        case 'y': good = cli_real(&set->fit.lq_share, optarg, 0, 1); break;
        case 'a': set->sure = false; break;
        case 's': good = cli_u64(&set->fit.seed, optarg); break;
        case 't': good = cli_int(&threads, optarg, 1, 1024); break;
        case 'q': set->quiet = true; break;
        case 'h': print_help(pretrain); return -1;
        default: return cli_bad_option(command);
        }
    if (!good) return cli_usage(command, "'%s' is not a number, or out of range", optarg);
    if (threads) um_threads_set(threads);
    if (optind < argc) return cli_usage(command, "unexpected argument '%s'", argv[optind]);
    if (!set->cache || !set->labels || !set->out)
        return cli_usage(command, "expected --cache, --labels and -o");
    if (set->fit.batch % 2)
        return cli_usage(command, "--batch: expected an even number, found %d", set->fit.batch);
    return 0;
}

int train_lrnet(int argc, char **argv, const char *command, const char *made_by)
{
    settings set = {
        .command = command, .fit = UM_LRNET_FIT_OPTIONS_INIT, .sure = true, .made_by = made_by};
    int code = parse(argc, argv, &set);

    return code ? code : run(&set);
}
