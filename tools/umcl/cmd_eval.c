#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/parallel.h"
#include "cli.h"
#include "eval.h"
#include "eval_features.h"
#include "eval_plot.h"

static const char help[] =
    "usage: umcl eval [MODEL ...] --cache [QUALITY=]CACHE ... --labels CSV [OPTIONS]\n"
    "       umcl eval [MODEL ...] --qualities hq,c23,c40 --labels CSV [OPTIONS]\n"
    "\n"
    "Measures detectors on videos with known labels: AUC, accuracy at the model's threshold and "
    "at\n"
    "0.5, equal error rate, average precision, balanced accuracy and calibration error, per video\n"
    "and per window, with 95 % bootstrap intervals over people; and the AUC for every "
    "manipulation\n"
    "(its fakes against all reals), data set and compression that the labels tell apart. Several\n"
    "qualities give the cross-compression table: models by qualities, and in brackets the drop\n"
    "against the first. A video's score is that of its longest track; a video without a score is\n"
    "counted and named in --scores, and is in no figure.\n"
    "\n"
    "  MODEL              default: the detector that ships\n"
    "  --cache CACHE      tracks of umcl extract; with QUALITY= for each of several compressions\n"
    "  --qualities LIST   makes them on the fly from the videos: hq (or raw), as they are; cNN,\n"
    "                     re-encoded by x264 at the constant rate factor NN\n"
    "  --videos DIR       where those lie, by the labels' names (default: the labels' paths)\n"
    "  --labels CSV       name (or path), label, and where known person, split, confidence,\n"
    "                     dataset, manipulation (or method) and compression\n"
    "  --split NAME       rows of this split (default val; 'all': every row)\n"
    "  --any-confidence   also use labels whose confidence is not 'high'\n"
    "  --dataset TEXT     rows whose dataset contains TEXT; --not-dataset TEXT: does not contain\n"
    "  --policy NAME      how models that read prompts are given them: neutral, marginal (the "
    "mean\n"
    "                     over both classes' prompts) or oracle, which reads the label: no\n"
    "                     detection figure (default: as the model was trained to, never oracle)\n"
    "  --prompts SET      other prompts for a class: simple, description, unrelated, opposite\n"
    "  --frame-share X    of the crops that are seen, 0..1: the others, at random, show the one\n"
    "                     before (1)\n"
    "  --landmark-noise X deviation of normal noise on the landmarks, in normalised coordinates,\n"
    "                     0..1 (0)\n"
    "  --encodings FILE   keep what the encoders of joint models make of the windows; a later run\n"
    "                     with the same encoders, whatever its head and prompts, takes it from\n"
    "                     there (several models in one run share it anyway)\n"
    "  --scores FILE      every video's score, or why it has none, as CSV\n"
    "  --features FILE    what one joint model makes of every video, before its modalities are "
    "joined\n"
    "                     and after, as safetensors: for umcl tsne and other programs\n"
    "  --plots DIR        figures of every model, as SVG and PNG: MODEL-roc (with 95 % bands),\n"
    "                     MODEL-reliability (what became of videos by their P(fake), with "
    "counts),\n"
    "                     for several qualities MODEL-auc, and MODEL-groups (the AUC by\n"
    "                     manipulation, data set and compression, where the labels tell them "
    "apart)\n"
    "  --threads N        default: one per core\n"
    "  --json             schema umcl.eval/2\n"
    "\n"
    "example: umcl eval a.safetensors b.safetensors --cache hq=cache --cache c40=cache40 \\\n"
    "             --labels labels.csv\n"
    "\n"
    "Exit codes: 0 done, 1 failed or a video could not be read, 2 usage.\n";

static int run(const eval_settings *set)
{
    bool failed = true;
    eval_table t;
    umcl_status st;

    UM_CHECK(eval_open(&t, set));
    if (set->scores) UM_CHECK(um_file_can_write(set->scores));
    if (set->plots) UM_CHECK(eval_plots_prepare(&t));
    if (set->features) UM_CHECK(eval_features_prepare(&t));
    UM_CHECK(eval_run(&t));
    if (set->scores) UM_CHECK(eval_write_scores(&t));
    if (set->plots) UM_CHECK(eval_plots_write(&t));
    if (set->features) UM_CHECK(eval_features_write(&t));
    if (set->json)
        UM_CHECK(eval_print_json(&t));
    else
        eval_print_text(&t);
    if (!set->json && eval_is_damaged(set))
        printf("with damage: %g of the crops seen, landmark noise %g\n", 1 - set->damage.lost,
               set->damage.landmark_noise);
    failed = t.n_failed > 0;
done:
    eval_close(&t);
    if (st != UMCL_OK) return cli_fail("eval");
    return failed ? EXIT_SOME_FAILED : EXIT_DONE;
}

static eval_quality *add_quality(eval_settings *set, const char *name, size_t n)
{
    eval_quality *q = &set->qualities[set->n_qualities];

    if (set->n_qualities == EVAL_MAX_QUALITIES || n >= sizeof q->name) return NULL;
    *q = (eval_quality){.crf = -1};
    memcpy(q->name, name, n);
    for (size_t i = 0; i < set->n_qualities; i++)
        if (!strcmp(set->qualities[i].name, q->name)) return NULL;
    set->n_qualities++;
    return q;
}

/* [QUALITY=]CACHE. A folder whose own name has a '=' is told by a slash before that. */
static int add_cache(eval_settings *set, const char *text)
{
    const char *equals = strchr(text, '='), *slash = strchr(text, '/');
    bool named = equals && (!slash || slash > equals);
    eval_quality *q = add_quality(set, text, named ? (size_t)(equals - text) : 0);

    if (!q)
        return cli_usage(
            "eval",
            "--cache: expected at most %d, each with a short QUALITY= of its own where "
            "there are several, found '%s'",
            EVAL_MAX_QUALITIES, text);
    q->cache = named ? equals + 1 : text;
    return 0;
}

static int add_qualities(eval_settings *set, const char *list)
{
    for (const char *at = list;; at++) {
        size_t n = strcspn(at, ",");
        eval_quality *q = add_quality(set, at, n);
        bool as_is = q && (!strcmp(q->name, "hq") || !strcmp(q->name, "raw"));

        if (!q || (!as_is && (q->name[0] != 'c' || !cli_int(&q->crf, q->name + 1, 0, 51))))
            return cli_usage("eval",
                             "--qualities: expected hq, raw or c0 to c51, each once, found '%.*s'",
                             (int)n, at);
        at += n;
        if (!*at) return 0;
    }
}

/* What options mean together. */
static int check(const eval_settings *set, bool on_the_fly)
{
    if (!set->labels || !set->n_qualities)
        return cli_usage("eval", "expected --labels, and --cache or --qualities");
    for (size_t i = 0; i < set->n_qualities; i++)
        if (on_the_fly == (set->qualities[i].cache != NULL))
            return cli_usage("eval", "expected either --cache or --qualities, found both");
    if (set->features && set->n_models > 1)
        return cli_usage("eval", "--features: expected one model, found %zu", set->n_models);
    if (set->videos && !on_the_fly)
        return cli_usage("eval", "--videos: expected --qualities, found --cache");
    return 0;
}

static const struct option options[] = {
    {"cache", required_argument, NULL, 'c'},
    {"qualities", required_argument, NULL, 'q'},
    {"videos", required_argument, NULL, 'v'},
    {"labels", required_argument, NULL, 'l'},
    {"split", required_argument, NULL, 's'},
    {"any-confidence", no_argument, NULL, 'a'},
    {"dataset", required_argument, NULL, 'd'},
    {"not-dataset", required_argument, NULL, 'n'},
    {"prompts", required_argument, NULL, 'r'},
    {"frame-share", required_argument, NULL, 'f'},
    {"landmark-noise", required_argument, NULL, 'L'},
    {"policy", required_argument, NULL, 'p'},
    {"encodings", required_argument, NULL, 'e'},
    {"scores", required_argument, NULL, 'o'},
    {"features", required_argument, NULL, 'F'},
    {"plots", required_argument, NULL, 'P'},
    {"threads", required_argument, NULL, 't'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int parse(int argc, char **argv, eval_settings *set)
{
    bool on_the_fly = false;
    double share;
    int c, code = 0, threads = 0;

    while (code == 0 && (c = getopt_long(argc, argv, "h", options, NULL)) != -1) switch (c) {
        case 'c': code = add_cache(set, optarg); break;
        case 'q':
            code = add_qualities(set, optarg);
            on_the_fly = true;
            break;
        case 'v': set->videos = optarg; break;
        case 'l': set->labels = optarg; break;
        case 's': set->split = strcmp(optarg, "all") ? optarg : NULL; break;
        case 'a': set->sure = false; break;
        case 'd': set->dataset = optarg; break;
        case 'n': set->not_dataset = optarg; break;
        case 'p':
            if (um_prompt_policy_parse(&set->policy, optarg) != UMCL_OK)
                return cli_usage("eval", "%s", umcl_last_error());
            set->has_policy = true;
            break;
        case 'r':
            if (um_prompt_set_parse(&set->prompts, optarg) != UMCL_OK)
                return cli_usage("eval", "%s", umcl_last_error());
            set->has_prompts = true;
            break;
        case 'f':
        case 'L':
            if (!cli_real(&share, optarg, 0, 1))
                return cli_usage("eval", "'%s' is not a number, or out of range", optarg);
            if (c == 'f')
                set->damage.lost = 1 - share;
            else
                set->damage.landmark_noise = share;
            break;
        case 'e': set->encodings = optarg; break;
        case 'o': set->scores = optarg; break;
        case 'F': set->features = optarg; break;
        case 'P': set->plots = optarg; break;
        case 't':
            if (!cli_int(&threads, optarg, 1, 1024))
                return cli_usage("eval", "'%s' is not a number, or out of range", optarg);
            um_threads_set(threads);
            break;
        case 'j': set->json = true; break;
        case 'h': fputs(help, stdout); return -1;
        default: return cli_bad_option("eval");
        }
    for (; code == 0 && optind < argc; optind++) {
        if (set->n_models == EVAL_MAX_MODELS)
            return cli_usage("eval", "expected at most %d models", EVAL_MAX_MODELS);
        set->models[set->n_models++] = argv[optind];
    }
    if (set->n_models == 0) set->n_models = 1; /* NULL: the one that ships */
    return code ? code : check(set, on_the_fly);
}

int cmd_eval(int argc, char **argv)
{
    eval_settings set = {.split = "val", .sure = true, .damage = UM_TRACK_DAMAGE_NONE};
    int code = parse(argc, argv, &set);

    if (code == 0) code = run(&set);
    return code < 0 ? EXIT_DONE : code;
}
