#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "reproduce_experiments.h"

static const char help[] =
    "usage: umcl reproduce EXPERIMENT --data ROOT ... [OPTIONS]\n"
    "       umcl reproduce EXPERIMENT --mini [OPTIONS]\n"
    "\n"
    "Repeats an experiment of the paper: lists the data sets, follows the faces, trains, "
    "measures,\n"
    "and writes OUT/EXPERIMENT.txt, .csv, .json and .html with the paper's figures beside those\n"
    "measured here. Every step is a command of this program; what it made is kept in OUT, so that\n"
    "an interrupted run goes on where it was, and experiments share trainings. Systems that are\n"
    "not in this program stand as \"published, not run\".\n"
    "\n"
    "EXPERIMENT:\n";

static const char help_options[] =
    "\n"
    "  --data ROOT        FaceForensics++ (with DFD), Celeb-DF or DFDC as their owners hand them\n"
    "                     out, or a folder of these; may be given several times\n"
    "  --mini[=tiny]      without data: the same on rendered people and broken twins of them, in\n"
    "                     minutes; tiny: the least that passes through everything. Its figures\n"
    "                     say nothing about deepfakes\n"
    "  --plan             print what would be run, how long it may take and how much room; run\n"
    "                     nothing\n"
    "  --out DIR          where everything goes (default: reproduction)\n"
    "  --preset NAME      of the joint model's training: paper (default) or umcl\n"
    "  --seeds N          trainings of every model, by the seeds 1 to N (1); figures are means\n"
    "                     and the seeds' deviation, bounds the widest of their 95 % intervals\n"
    "  --only ROWS        run these rows alone, by comma: umcl, cpml, lrnet, meso4, xception;\n"
    "                     table10: A, B, C, D; table11: codec, synthetic;\n"
    "                     fig8: umcl, no-asa, no-cqsl, neither\n"
    "  --train TEXT       options for every training of the joint model, as \"--epochs 5\"\n"
    "  --extra NAME=CSV   another program's scores (columns video, score) as a row; may be given\n"
    "                     several times\n"
    "  --keep-going       videos that cannot be read do not end the run\n"
    "  --threads N        of every step\n"
    "  -q, --quiet        no progress on standard error\n"
    "  -h, --help         this text\n"
    "\n"
    "example: umcl reproduce table10 --mini=tiny --only A --out small\n"
    "         umcl reproduce table3 --data FaceForensics++ --plan\n"
    "\n"
    "Exit codes: 0 done, 1 a step failed (its command and log are named), 2 usage.\n";

static void print_help(void)
{
    const rp_experiment *e;

    fputs(help, stdout);
    for (size_t i = 0; (e = rp_experiment_at(i)); i++) printf("  %-18s %s\n", e->name, e->text);
    fputs(help_options, stdout);
}

static umcl_status finish(rp_table *t, const rp_experiment *e)
{
    UM_TRY(rp_table_assemble(t));
    for (size_t i = 0; i < t->p->set->n_extra; i++) UM_TRY(rp_extra(t, t->p->set->extra[i]));
    UM_TRY(rp_table_write(t));
    return e->draw ? e->draw(t) : UMCL_OK;
}

static bool has_means(const rp_table *t)
{
    for (int r = 0; r < t->n_rows; r++)
        for (int c = 0; c < t->n_columns; c++)
            if (t->rows[r]->cell[c].n_means) return true;
    return false;
}

static umcl_status run(const rp_settings *set, const rp_experiment *e)
{
    rp_protocol p;
    rp_table t;
    size_t ran = 0;
    umcl_status st;

    UM_CHECK(rp_protocol_open(&p, set));
    e->build(&t, &p);
    if (set->n_roots == 0)
        rp_note(&t, "Measured on generated material: rendered people and broken twins of them "
                    "stand for the data sets. These figures say nothing about deepfakes.");
    if (set->n_roots == 0 && has_means(&t))
        rp_note(&t, "Avg is over the manipulations that were measured.");
    for (size_t i = 0; i < p.n_missing; i++)
        rp_note(&t, rp_text(&p, "Not given, left out: %s.", p.missing[i]));
    UM_CHECK(rp_protocol_finish(&p));
    if (set->plan) {
        UM_CHECK(rp_print_plan(&p));
        goto done;
    }
    UM_CHECK(rp_run(&p, &ran));
    UM_CHECK(finish(&t, e));
    if (!set->quiet) fprintf(stderr, "%zu steps, %zu of them run now\n", p.count, ran);
done:
    rp_protocol_close(&p);
    return st;
}

static int check(const rp_settings *set)
{
    if (set->n_roots && set->mini)
        return cli_usage("reproduce", "expected --data or --mini, not both");
    if (!set->n_roots && !set->mini)
        return cli_usage("reproduce", "expected --data ROOT, or --mini without data");
    if (strcmp(set->preset, "paper") != 0 && strcmp(set->preset, "umcl") != 0)
        return cli_usage("reproduce", "--preset: expected paper or umcl, found '%s'", set->preset);
    return 0;
}

static int add_text(const char **list, size_t *n, size_t most, const char *text, const char *option)
{
    if (*n == most) return cli_usage("reproduce", "%s: expected at most %zu", option, most);
    list[(*n)++] = text;
    return 0;
}

static int parse(int argc, char **argv, rp_settings *set, const rp_experiment **experiment)
{
    static const struct option options[] = {
        {"data", required_argument, NULL, 'd'},    {"mini", optional_argument, NULL, 'm'},
        {"plan", no_argument, NULL, 'p'},          {"out", required_argument, NULL, 'o'},
        {"preset", required_argument, NULL, 'P'},  {"seeds", required_argument, NULL, 's'},
        {"only", required_argument, NULL, 'O'},    {"train", required_argument, NULL, 'T'},
        {"extra", required_argument, NULL, 'e'},   {"keep-going", no_argument, NULL, 'k'},
        {"threads", required_argument, NULL, 't'}, {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };
    bool good = true;
    int c, code = 0;

    while (good && code == 0 && (c = getopt_long(argc, argv, "o:qh", options, NULL)) != -1)
        switch (c) {
        case 'd': code = add_text(set->roots, &set->n_roots, RP_MAX_ROOTS, optarg, "--data"); break;
        case 'm':
            if (optarg && strcmp(optarg, "tiny") != 0)
                return cli_usage("reproduce", "--mini: expected nothing or =tiny, found '%s'",
                                 optarg);
            set->mini = optarg ? RP_MINI_TINY : RP_MINI_SMALL;
            break;
        case 'p': set->plan = true; break;
        case 'o': set->out = optarg; break;
        case 'P': set->preset = optarg ? optarg : ""; break;
        case 's': good = cli_int(&set->seeds, optarg, 1, RP_MAX_SEEDS); break;
        case 'O': set->only = optarg; break;
        case 'T': set->train = optarg; break;
        case 'e':
            code = add_text(set->extra, &set->n_extra, RP_MAX_EXTRA, optarg, "--extra");
            break;
        case 'k': set->keep_going = true; break;
        case 't': good = cli_int(&set->threads, optarg, 1, 1024); break;
        case 'q': set->quiet = true; break;
        case 'h': print_help(); return -1;
        default: return cli_bad_option("reproduce");
        }
    if (!good) return cli_usage("reproduce", "'%s' is not a number, or out of range", optarg);
    if (code) return code;
    if (optind != argc - 1) return cli_usage("reproduce", "expected one experiment");
    for (size_t i = 0; (*experiment = rp_experiment_at(i)); i++)
        if (!strcmp((*experiment)->name, argv[optind])) return check(set);
    return cli_usage("reproduce", "unknown experiment '%s'", argv[optind]);
}

int cmd_reproduce(int argc, char **argv)
{
    rp_settings set = {.out = "reproduction", .preset = "paper", .seeds = 1};
    const rp_experiment *experiment = NULL;
    int code = parse(argc, argv, &set, &experiment);

    if (code < 0) return EXIT_DONE;
    if (code || !experiment) return code;
    return run(&set, experiment) == UMCL_OK ? EXIT_DONE : cli_fail("reproduce");
}
