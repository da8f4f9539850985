#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "cli.h"
#include "eval/score_pairs.h"

#define DRAWS 2000

static const char help[] =
    "usage: umcl compare SCORES_A SCORES_B [--labels CSV] [OPTIONS]\n"
    "\n"
    "Tests whether two detectors differ, from their scores of the same videos: the difference of\n"
    "their AUCs with a 95 % interval and a p value, by DeLong's test for correlated AUCs, and by "
    "a\n"
    "bootstrap that draws people and takes both detectors' scores of them. Where a person is in\n"
    "several videos, believe the bootstrap: DeLong's test takes videos for independent.\n"
    "\n"
    "  SCORES_A, SCORES_B what umcl eval --scores wrote, or a CSV of any other program with the\n"
    "                     columns video (or name, or path) and score: larger means fake, on any\n"
    "                     scale. Videos that are not in both, or without a score, are counted\n"
    "  --labels CSV       name (or path), label and, where known, person and split; default: what\n"
    "                     the files say themselves in columns label and person\n"
    "  --split NAME       videos of this split of --labels alone\n"
    "  --any-confidence   also use labels whose confidence is not 'high'\n"
    "  --model-a NAME     rows of this model alone, where SCORES_A holds several; --model-b NAME,\n"
    "  --quality-a NAME   --quality-b NAME likewise. The same file may be given twice\n"
    "  --draws N          of the bootstrap (default 2000)\n"
    "  --seed N           of the bootstrap (default 1)\n"
    "  --json             schema umcl.compare/1\n"
    "\n"
    "example: umcl compare ours.csv theirs.csv --labels labels.csv\n"
    "         umcl compare s.csv s.csv --model-a lrnet --quality-a c23 --quality-b c40\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 usage.\n";

typedef struct settings {
    const char *file[2], *labels, *split;
    um_score_choice choice[2];
    bool sure, json;
    int draws;
    uint64_t seed;
} settings;

typedef struct result {
    um_score_pairs pairs;
    um_delong delong;
    um_paired_bootstrap bootstrap;
} result;

static json_t *number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *from_side(const settings *set, int side)
{
    return json_pack("{s:s, s:o, s:o}", "file", set->file[side], "model",
                     text_or_null(set->choice[side].model), "quality",
                     text_or_null(set->choice[side].quality));
}

static json_t *from_estimate(const um_auc_estimate *e)
{
    return json_pack("{s:f, s:f, s:f, s:f}", "value", e->value, "error", e->error, "low",
                     e->interval.low, "high", e->interval.high);
}

static umcl_status print_json(const settings *set, const result *r)
{
    const um_score_pairs *p = &r->pairs;
    const um_auc_estimate *d = &r->delong.difference;
    json_t *doc = json_pack(
        "{s:s, s:o, s:o, s:{s:I, s:I, s:o}, s:{s:I, s:I, s:I, s:I, s:I, s:I}, s:o, s:o, s:{s:f, "
        "s:f, s:f, s:f, s:o, s:o}, s:{s:o, s:o, s:o, s:I, s:I}}",
        "schema", "umcl.compare/1", "a", from_side(set, 0), "b", from_side(set, 1), "videos", "n",
        (json_int_t)p->n, "fake", (json_int_t)p->n_fake, "people",
        p->has_people ? json_integer((json_int_t)p->n_people) : json_null(), "left_out", "only_a",
        (json_int_t)p->only[0], "only_b", (json_int_t)p->only[1], "unlabelled_a",
        (json_int_t)p->unlabelled[0], "unlabelled_b", (json_int_t)p->unlabelled[1], "unscored",
        (json_int_t)p->unscored, "not_asked", (json_int_t)p->not_asked, "auc_a",
        from_estimate(&r->delong.a), "auc_b", from_estimate(&r->delong.b), "delong", "difference",
        d->value, "error", d->error, "low", d->interval.low, "high", d->interval.high, "z",
        number(r->delong.z), "p", number(r->delong.p), "bootstrap", "low",
        number(r->bootstrap.difference.low), "high", number(r->bootstrap.difference.high), "p",
        number(r->bootstrap.p), "draws", (json_int_t)r->bootstrap.draws, "seed",
        (json_int_t)set->seed);

    if (!doc) return um_fail(UMCL_ERR_NOMEM, "JSON: out of memory, or a name that is not UTF-8");
    json_dumpf(doc, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(doc);
    return UMCL_OK;
}

static void print_side(const settings *set, int side, const um_auc_estimate *e)
{
    const um_score_choice *c = &set->choice[side];

    printf("%c            %.3f (%.3f-%.3f)  %s%s%s%s%s\n", 'A' + side, e->value, e->interval.low,
           e->interval.high, set->file[side], c->model ? ", " : "", c->model ? c->model : "",
           c->quality ? ", " : "", c->quality ? c->quality : "");
}

static void print_left_out(const um_score_pairs *p)
{
    const struct {
        size_t n;
        const char *text;
    } lines[] = {
        {p->only[0], "in A alone"},
        {p->only[1], "in B alone"},
        {p->unlabelled[0], "of A without a label"},
        {p->unlabelled[1], "of B without a label"},
        {p->unscored, "without a score"},
        {p->not_asked, "of another split, or of low confidence"},
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (lines[i].n) printf("left out     %zu %s\n", lines[i].n, lines[i].text);
}

/* "p = 0.031" or "p < 0.001" */
static void print_p(double p)
{
    if (isnan(p))
        printf("p: none, there is no spread to measure it by");
    else if (p < 0.001)
        printf("p < 0.001");
    else
        printf("p = %.3f", p);
}

static void print_text(const settings *set, const result *r)
{
    const um_auc_estimate *d = &r->delong.difference;
    const um_paired_bootstrap *b = &r->bootstrap;

    printf("videos       %zu, %zu fake", r->pairs.n, r->pairs.n_fake);
    if (r->pairs.has_people)
        printf(", %zu people\n", r->pairs.n_people);
    else
        printf("; nothing says whose: every one stands for a person\n");
    print_left_out(&r->pairs);
    printf("AUC          (95 %%, DeLong)\n");
    print_side(set, 0, &r->delong.a);
    print_side(set, 1, &r->delong.b);
    printf("A minus B    %+.3f\n", d->value);
    printf("  DeLong     %+.3f to %+.3f, z = %.2f, ", d->interval.low, d->interval.high,
           r->delong.z);
    print_p(r->delong.p);
    if (isnan(b->p)) {
        printf("\n  bootstrap  none: fewer than 20 of %d draws of people have both classes\n",
               set->draws);
        return;
    }
    printf("\n  bootstrap  %+.3f to %+.3f, ", b->difference.low, b->difference.high);
    print_p(b->p);
    printf(" (%zu draws of people)\n", b->draws);
}

static umcl_status read_all(um_score_file file[2], um_labels *labels, const settings *set)
{
    for (int i = 0; i < 2; i++) UM_TRY(um_score_file_read(&file[i], set->file[i], set->choice[i]));
    return set->labels ? um_labels_read(labels, set->labels) : UMCL_OK;
}

static int run(const settings *set)
{
    um_score_file file[2] = {{.videos = UM_NAMES_INIT}, {.videos = UM_NAMES_INIT}};
    um_labels labels = {0};
    result r = {0};
    umcl_status st;

    UM_CHECK(read_all(file, &labels, set));
    UM_CHECK(um_score_pairs_join(
        &r.pairs, &file[0], &file[1],
        &(um_score_truth){set->labels ? &labels : NULL, set->split, set->sure}));
    UM_CHECK(um_delong_test(&r.delong, r.pairs.items, r.pairs.n));
    UM_CHECK(
        um_bootstrap_difference(&r.bootstrap, r.pairs.items, r.pairs.n, set->draws, set->seed));
    if (set->json)
        st = print_json(set, &r);
    else
        print_text(set, &r);
done:
    um_score_pairs_clear(&r.pairs);
    um_score_file_clear(&file[0]);
    um_score_file_clear(&file[1]);
    um_labels_clear(&labels);
    return st == UMCL_OK ? EXIT_DONE : cli_fail("compare");
}

static const struct option options[] = {
    {"labels", required_argument, NULL, 'l'},
    {"split", required_argument, NULL, 's'},
    {"any-confidence", no_argument, NULL, 'a'},
    {"model-a", required_argument, NULL, 'm'},
    {"model-b", required_argument, NULL, 'M'},
    {"quality-a", required_argument, NULL, 'q'},
    {"quality-b", required_argument, NULL, 'Q'},
    {"draws", required_argument, NULL, 'd'},
    {"seed", required_argument, NULL, 'S'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int parse(int argc, char **argv, settings *set)
{
    int c;

    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) switch (c) {
        case 'l': set->labels = optarg; break;
        case 's': set->split = optarg; break;
        case 'a': set->sure = false; break;
        case 'm': set->choice[0].model = optarg; break;
        case 'M': set->choice[1].model = optarg; break;
        case 'q': set->choice[0].quality = optarg; break;
        case 'Q': set->choice[1].quality = optarg; break;
        case 'd':
            if (!cli_int(&set->draws, optarg, 100, 1000000))
                return cli_usage("compare", "--draws: expected 100 to 1000000, found '%s'", optarg);
            break;
        case 'S':
            if (!cli_u64(&set->seed, optarg))
                return cli_usage("compare", "--seed: '%s' is not a whole number", optarg);
            break;
        case 'j': set->json = true; break;
        case 'h': fputs(help, stdout); return -1;
        default: return cli_bad_option("compare");
        }
    if (argc - optind != 2)
        return cli_usage("compare", "expected two files of scores, found %d", argc - optind);
    if (set->split && !set->labels)
        return cli_usage("compare", "--split: expected --labels, where splits stand");
    set->file[0] = argv[optind];
    set->file[1] = argv[optind + 1];
    return 0;
}

int cmd_compare(int argc, char **argv)
{
    settings set = {.sure = true, .draws = DRAWS, .seed = 1};
    int code = parse(argc, argv, &set);

    if (code == 0) code = run(&set);
    return code < 0 ? EXIT_DONE : code;
}
