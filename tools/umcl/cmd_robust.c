#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/parallel.h"
#include "cli.h"
#include "robust.h"

static const char help[] =
    "usage: umcl robust [MODEL ...] --labels CSV [--videos DIR] [OPTIONS]\n"
    "\n"
    "Measures how well detectors still tell real from fake when videos were changed on their way.\n"
    "Every change is tried at five strengths; faces are followed anew in the changed video, and\n"
    "every model judges it. Told are the AUC, with a 95 % bootstrap interval over people, and "
    "what\n"
    "is left of it: the relative AUC, (AUC - 0.5) / (AUC of the videos as they are - 0.5). Its "
    "mean\n"
    "over all changes is the figure of merit: 1, nothing is lost; 0, only chance is left. A "
    "change\n"
    "that leaves no score to one of the classes counts as 0; videos without a score are in no "
    "AUC.\n"
    "\n"
    "  h264_crf h264_rate hevc vp9 av1  encoders, by rate factor or bits a pixel\n"
    "  jpeg                             every frame by itself\n"
    "  resize blur noise gamma          made smaller and large again, ...\n"
    "  frame_drop frame_rate            frames lost; fewer a second\n"
    "  crop occlusion                   borders cut off; small grey squares\n"
    "  platform                         scaled and H.264, twice, as sites do it to uploads\n"
    "\n"
    "  MODEL              default: the detector that ships\n"
    "  --labels CSV       as umcl eval reads them\n"
    "  --videos DIR       where those lie, by the labels' names (default: the labels' paths)\n"
    "  --split NAME       rows of this split (default val; 'all': every row)\n"
    "  --any-confidence   also use labels whose confidence is not 'high'\n"
    "  --only NAME,...    these perturbations alone\n"
    "  --levels N,...     these strengths alone, 1 (weakest) to 5\n"
    "  --out DIR          keeps every score as soon as it is made, and goes on from there when "
    "run\n"
    "                     again; at the end DIR/robust.json and DIR/robust.csv. Of videos that\n"
    "                     changed, nothing is noticed: take another DIR\n"
    "  --plots DIR        figures of AUC over strength, as SVG and PNG: one for every "
    "perturbation,\n"
    "                     curves with all of them, robust with what is left of the AUC\n"
    "  --seed N           of noise, lost frames and squares (default 1)\n"
    "  --threads N        default: one per core\n"
    "  --csv, --json      instead of tables; JSON is of the schema umcl.robust/1\n"
    "\n"
    "A whole run follows every video's faces 76 times and encodes it 35 times: hours for a few "
    "dozen\n"
    "clips. How long it will take is said after the first round.\n"
    "\n"
    "example: umcl robust mine.safetensors --labels labels.csv --videos clips --out robust \\\n"
    "             --only h264_crf,blur,frame_rate --levels 1,3,5\n"
    "\n"
    "Exit codes: 0 done, 1 failed or a video could not be read, 2 usage.\n";

static umcl_status show(const robust_table *t)
{
    if (t->set->out) UM_TRY(robust_write_files(t));
    if (t->set->plots) UM_TRY(robust_write_plots(t));
    if (t->set->eval.json) return robust_write_json(t, stdout);
    if (t->set->csv)
        robust_write_csv(t, stdout);
    else
        robust_print_text(t);
    return UMCL_OK;
}

static int run(const robust_settings *set)
{
    robust_table t;
    bool failed = true;
    umcl_status st;

    UM_CHECK(robust_open(&t, set));
    if (set->out) UM_CHECK(um_mkdirs(set->out));
    if (set->plots) UM_CHECK(um_mkdirs(set->plots));
    UM_CHECK(robust_run(&t));
    UM_CHECK(show(&t));
    failed = t.n_failed > 0;
done:
    robust_close(&t);
    if (st != UMCL_OK) return cli_fail("robust");
    return failed ? EXIT_SOME_FAILED : EXIT_DONE;
}

static int choose_kinds(robust_settings *set, const char *list)
{
    memset(set->kinds, 0, sizeof set->kinds);
    for (const char *at = list;; at++) {
        size_t n = strcspn(at, ",");
        um_perturb_kind kind;

        if (!um_perturb_find(&kind, at, n))
            return cli_usage("robust",
                             "--only: expected names of perturbations (--help lists them), found "
                             "'%.*s'",
                             (int)n, at);
        set->kinds[kind] = true;
        at += n;
        if (!*at) return 0;
    }
}

static int choose_levels(robust_settings *set, const char *list)
{
    memset(set->levels, 0, sizeof set->levels);
    for (const char *at = list;; at += 2) {
        if (*at < '1' || *at >= '1' + UM_PERTURB_LEVELS || (at[1] && at[1] != ','))
            return cli_usage("robust", "--levels: expected numbers of 1 to %d, found '%s'",
                             UM_PERTURB_LEVELS, list);
        set->levels[*at - '1'] = true;
        if (!at[1]) return 0;
    }
}

static const struct option options[] = {
    {"labels", required_argument, NULL, 'l'}, {"videos", required_argument, NULL, 'v'},
    {"split", required_argument, NULL, 's'},  {"any-confidence", no_argument, NULL, 'a'},
    {"only", required_argument, NULL, 'O'},   {"levels", required_argument, NULL, 'L'},
    {"out", required_argument, NULL, 'o'},    {"plots", required_argument, NULL, 'P'},
    {"seed", required_argument, NULL, 'S'},   {"threads", required_argument, NULL, 't'},
    {"csv", no_argument, NULL, 'c'},          {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
};

static int parse_one(int c, robust_settings *set)
{
    eval_settings *eval = &set->eval;
    int threads;

    switch (c) {
    case 'l': eval->labels = optarg; return 0;
    case 'v': eval->videos = optarg; return 0;
    case 's': eval->split = strcmp(optarg, "all") ? optarg : NULL; return 0;
    case 'a': eval->sure = false; return 0;
    case 'O': return choose_kinds(set, optarg);
    case 'L': return choose_levels(set, optarg);
    case 'o': set->out = optarg; return 0;
    case 'P': set->plots = optarg; return 0;
    case 'S':
        if (!cli_u64(&set->seed, optarg) || set->seed > INT64_MAX)
            return cli_usage("robust", "--seed: expected a whole number, found '%s'", optarg);
        return 0;
    case 't':
        if (!cli_int(&threads, optarg, 1, 1024))
            return cli_usage("robust", "'%s' is not a number, or out of range", optarg);
        um_threads_set(threads);
        return 0;
    case 'c': set->csv = true; return 0;
    case 'j': eval->json = true; return 0;
    case 'h': fputs(help, stdout); return -1;
    default: return cli_bad_option("robust");
    }
}

static int parse(int argc, char **argv, robust_settings *set)
{
    eval_settings *eval = &set->eval;
    int c, code = 0;

    memset(set->kinds, 1, sizeof set->kinds);
    memset(set->levels, 1, sizeof set->levels);
    while (code == 0 && (c = getopt_long(argc, argv, "h", options, NULL)) != -1)
        code = parse_one(c, set);
    for (; code == 0 && optind < argc; optind++) {
        if (eval->n_models == EVAL_MAX_MODELS)
            return cli_usage("robust", "expected at most %d models", EVAL_MAX_MODELS);
        eval->models[eval->n_models++] = argv[optind];
    }
    if (eval->n_models == 0) eval->n_models = 1; /* NULL: the one that ships */
    if (code) return code;
    if (!eval->labels) return cli_usage("robust", "expected --labels");
    if (set->csv && eval->json) return cli_usage("robust", "expected --csv or --json, found both");
    return 0;
}

int cmd_robust(int argc, char **argv)
{
    robust_settings set = {.eval = {.split = "val", .sure = true}, .seed = 1};
    int code = parse(argc, argv, &set);

    if (code == 0) code = run(&set);
    return code < 0 ? EXIT_DONE : code;
}
