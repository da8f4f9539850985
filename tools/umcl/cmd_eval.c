#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/paths.h"
#include "cli.h"
#include "detect/cached_track.h"
#include "detect/detector.h"
#include "eval/metrics.h"
#include "labelled_cache.h"

#define DRAWS 2000

static const char help[] =
    "usage: umcl eval [MODEL] --cache CACHE --labels CSV [OPTIONS]\n"
    "\n"
    "Measures a detector on cached tracks (umcl extract) with known labels: AUC, accuracy, equal\n"
    "error rate, average precision and calibration error, per window and per video, with 95 %\n"
    "bootstrap intervals over people. Labels: as for umcl train. A video's score is that of its\n"
    "longest track.\n"
    "\n"
    "  MODEL              default: the detector that ships\n"
    "  --cache CACHE      the folder that umcl extract filled\n"
    "  --labels CSV\n"
    "  --split NAME       rows of this split (default val; 'all': every row)\n"
    "  --any-confidence   also use labels whose confidence is not 'high'\n"
    "  --dataset TEXT     rows whose dataset contains TEXT; --not-dataset TEXT: does not contain\n"
    "  --scores FILE      write name, label, data set and score of every video as CSV\n"
    "  --json             schema umcl.eval/1\n"
    "\n"
    "example: umcl eval --cache cache --labels labels.csv --split val\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 usage.\n";

typedef struct settings {
    const char *model, *cache, *labels, *split, *scores, *dataset, *not_dataset;
    bool sure, json;
} settings;

typedef struct measured {
    um_metrics m;
    um_interval ci[4]; /* auc, accuracy, eer, ap */
} measured;

static umcl_status measure(measured *out, um_scored *items, size_t n, double threshold)
{
    UM_TRY(um_metrics_compute(&out->m, items, n, threshold));
    return um_metrics_bootstrap(out->ci, items, n, threshold, DRAWS, 1);
}

/* Scores of one track's windows; `*at` moves on. */
static umcl_status score_track(um_judge *judge, const char *cache, const char *name,
                               const um_labelled_track *t, um_scored *windows, size_t *at,
                               um_scored *video)
{
    um_track_windows own;

    UM_TRY(um_cached_track_score(&own, judge, cache, name, t->track));
    for (size_t w = 0; w < own.n_windows; w++)
        windows[(*at)++] = (um_scored){own.windows[w].score, t->fake, t->person};
    *video = (um_scored){um_windows_score(own.windows, own.n_windows), t->fake, t->person};
    um_track_windows_clear(&own);
    return UMCL_OK;
}

static void print_line(const char *what, const char *name, double value, um_interval ci)
{
    printf("  %-8s %-10s ", what, name);
    if (isnan(value))
        printf("none: it takes real and fake ones");
    else
        printf("%.3f", value);
    if (!isnan(ci.low)) printf("  (95 %% %.3f-%.3f)", ci.low, ci.high);
    printf("\n");
}

static void print_text(const char *what, const measured *r)
{
    printf("%s: %zu, %zu of them fake\n", what, r->m.n, r->m.n_fake);
    print_line("", "AUC", r->m.auc, r->ci[0]);
    print_line("", "accuracy", r->m.accuracy, r->ci[1]);
    print_line("", "EER", r->m.eer, r->ci[2]);
    print_line("", "AP", r->m.ap, r->ci[3]);
    print_line("", "balanced", r->m.balanced, (um_interval){NAN, NAN});
    print_line("", "ECE", r->m.ece, (um_interval){NAN, NAN});
}

static json_t *number(double v)
{
    return isnan(v) ? json_null() : json_real(v);
}

static json_t *with_interval(double v, um_interval ci)
{
    return json_pack("{s:o, s:o, s:o}", "value", number(v), "low", number(ci.low), "high",
                     number(ci.high));
}

static json_t *to_json(const measured *r)
{
    return json_pack("{s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "n", (int)r->m.n, "fake",
                     (int)r->m.n_fake, "auc", with_interval(r->m.auc, r->ci[0]), "accuracy",
                     with_interval(r->m.accuracy, r->ci[1]), "eer",
                     with_interval(r->m.eer, r->ci[2]), "ap", with_interval(r->m.ap, r->ci[3]),
                     "balanced", number(r->m.balanced), "ece", number(r->m.ece));
}

static void print_json(const measured *windows, const measured *videos, size_t unscored,
                       const settings *set)
{
    json_t *doc = json_pack("{s:s, s:s, s:i, s:o, s:o}", "schema", "umcl.eval/1", "split",
                            set->split ? set->split : "all", "unscored", (int)unscored, "windows",
                            to_json(windows), "videos", to_json(videos));

    json_dumpf(doc, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(doc);
}

static umcl_status write_scores(const settings *set, const labelled_cache *data,
                                const um_scored *videos)
{
    FILE *f = fopen(set->scores, "w");

    if (!f) return um_fail(UMCL_ERR_IO, "%s: cannot be written", set->scores);
    fputs("name,label,dataset,score\n", f);
    for (size_t i = 0; i < data->n_tracks; i++) {
        const um_label *l = data->labels[data->tracks[i].video];
        fprintf(f, "%s,%s,\"%s\",%.6f\n", l->name, l->fake ? "fake" : "real", l->dataset,
                videos[i].score);
    }
    return fclose(f) == 0 ? UMCL_OK : um_fail(UMCL_ERR_IO, "%s: cannot be written", set->scores);
}

static umcl_status evaluate(const settings *set, um_judge *judge, const labelled_cache *data)
{
    double threshold = um_judge_get_info(judge)->rule.threshold;
    um_scored *windows = NULL, *videos = NULL;
    size_t n = 0, total = 0, unscored = data->n_videos - data->n_tracks;
    measured by_window, by_video;
    umcl_status st;

    if (data->n_tracks == 0)
        return um_fail(UMCL_ERR_NOT_FOUND,
                       "%s: expected videos of the split '%s' with a face for two seconds, found "
                       "none among %zu",
                       set->cache, set->split ? set->split : "all", data->n_videos);
    for (size_t i = 0; i < data->n_tracks; i++) total += data->tracks[i].track->n_frames;
    UM_CHECK(um_calloc(&windows, total, sizeof *windows));
    UM_CHECK(um_calloc(&videos, data->n_tracks, sizeof *videos));
    for (size_t i = 0; i < data->n_tracks; i++)
        UM_CHECK(score_track(judge, set->cache, data->labels[data->tracks[i].video]->name,
                             &data->tracks[i], windows, &n, &videos[i]));
    if (set->scores) UM_CHECK(write_scores(set, data, videos));
    UM_CHECK(measure(&by_window, windows, n, threshold));
    UM_CHECK(measure(&by_video, videos, data->n_tracks, threshold));
    if (set->json) {
        print_json(&by_window, &by_video, unscored, set);
    } else {
        print_text("windows", &by_window);
        print_text("videos", &by_video);
        if (unscored) printf("%zu videos have no face for two seconds and no score\n", unscored);
    }
done:
    free(windows);
    free(videos);
    return st;
}

/* Rows of other data sets are given a split of their own, which is never asked for. */
static void filter(um_labels *labels, const settings *set)
{
    size_t kept = 0;

    for (size_t i = 0; i < labels->count; i++) {
        um_label l = labels->items[i];
        bool take = (!set->dataset || strstr(l.dataset, set->dataset)) &&
                    (!set->not_dataset || !strstr(l.dataset, set->not_dataset));
        if (!take) continue;
        labels->items[i] = labels->items[kept];
        labels->items[kept++] = l;
    }
    um_labels_truncate(labels, kept);
}

static int run(const settings *set)
{
    um_str shipped = UM_STR_INIT;
    labelled_cache data = {0};
    um_labels labels = {0};
    um_judge *judge = NULL;
    umcl_status st;

    if (!set->model) UM_CHECK(um_find_data(&shipped, UM_DETECTOR_MODEL));
    UM_CHECK(um_judge_open(&judge, set->model ? set->model : shipped.text));
    UM_CHECK(um_labels_read(&labels, set->labels));
    filter(&labels, set);
    UM_CHECK(labelled_cache_read(&data, set->cache, &labels, set->split, set->sure,
                                 um_judge_get_info(judge)->least));
    UM_CHECK(evaluate(set, judge, &data));
done:
    um_judge_free(judge);
    um_str_clear(&shipped);
    labelled_cache_clear(&data);
    um_labels_clear(&labels);
    return st == UMCL_OK ? EXIT_DONE : cli_fail("eval");
}

static int parse(int argc, char **argv, settings *set)
{
    static const struct option options[] = {
        {"cache", required_argument, NULL, 'c'},   {"labels", required_argument, NULL, 'l'},
        {"split", required_argument, NULL, 's'},   {"any-confidence", no_argument, NULL, 'a'},
        {"dataset", required_argument, NULL, 'd'}, {"not-dataset", required_argument, NULL, 'n'},
        {"scores", required_argument, NULL, 'o'},  {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };
    int c;

    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) switch (c) {
        case 'c': set->cache = optarg; break;
        case 'l': set->labels = optarg; break;
        case 's': set->split = strcmp(optarg, "all") ? optarg : NULL; break;
        case 'a': set->sure = false; break;
        case 'd': set->dataset = optarg; break;
        case 'n': set->not_dataset = optarg; break;
        case 'o': set->scores = optarg; break;
        case 'j': set->json = true; break;
        case 'h': fputs(help, stdout); return -1;
        default: return cli_bad_option("eval");
        }
    if (optind < argc) set->model = argv[optind++];
    if (optind < argc || !set->cache || !set->labels)
        return cli_usage("eval", "expected at most one model, --cache and --labels");
    return 0;
}

int cmd_eval(int argc, char **argv)
{
    settings set = {.split = "val", .sure = true};
    int code = parse(argc, argv, &set);

    if (code == 0) code = run(&set);
    return code < 0 ? EXIT_DONE : code;
}
