#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/parallel.h"
#include "cli.h"
#include "tsne_view.h"

static const char help[] =
    "usage: umcl tsne FEATURES ... [--plots DIR] [OPTIONS]\n"
    "\n"
    "Draws what joint models make of videos (umcl eval --features) in the plane by t-SNE, so that\n"
    "neighbours stay neighbours, and measures how far the classes lie apart: among the features\n"
    "themselves, not in the picture, where distances between clusters mean nothing. Printed are\n"
    "for label, quality, group (manipulation) and modality the silhouette (-1 to 1), the share of\n"
    "the variance that lies between the classes, how often a point's nearest neighbour is of its\n"
    "class, and the Davies-Bouldin index (less is better); and how far apart one video's "
    "qualities\n"
    "lie, as a share of the distance between different videos.\n"
    "\n"
    "  FEATURES           files of umcl eval --features, each a column of the picture, to 8;\n"
    "                     several of one model, joined by commas, are one column\n"
    "  --of LIST          what to look at, by comma, each a row of the picture: fused (default),\n"
    "                     pulse, landmarks, text, texture, or modalities: all of them in one\n"
    "  --colour KEY       what colours tell: label (default), quality, group or modality\n"
    "  --mark KEY         what markers tell (default: quality, where there are several and "
    "colours\n"
    "                     tell the label; else the same as colours)\n"
    "  --name TEXT        a column's title in place of the model's name; once for every file\n"
    "  --title TEXT       of the picture\n"
    "  --cosine           compare directions: every feature scaled to length 1\n"
    "  --perplexity P     about how many neighbours count (30, or a third of the points)\n"
    "  --steps N          of the descent, 1 to 100000 (1000)\n"
    "  --angle A          0: every pair of points, exact; to 0.7: Barnes and Hut's tree, faster\n"
    "                     (0.5 from 2000 points on)\n"
    "  --seed N           of where points start (1)\n"
    "  --plots DIR        the picture, as tsne.svg and tsne.png\n"
    "  --points FILE      the places of all points, as CSV\n"
    "  --threads N        default: one per core\n"
    "  --json             schema umcl.tsne/1\n"
    "\n"
    "example: umcl eval --cache hq=cache --cache c40=cache40 --labels labels.csv --features f.st\n"
    "         umcl tsne f.st --of fused,pulse,landmarks --plots figures\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 usage.\n";

static int run(const tsne_settings *set)
{
    tsne_board b;
    umcl_status st;

    UM_CHECK(tsne_open(&b, set));
    if (set->points) UM_CHECK(um_file_can_write(set->points));
    if (set->plots) UM_CHECK(tsne_plots_prepare(set));
    UM_CHECK(tsne_run(&b));
    if (set->points) UM_CHECK(tsne_write_points(&b));
    if (set->plots) UM_CHECK(tsne_plots_write(&b));
    if (set->json)
        UM_CHECK(tsne_print_json(&b));
    else
        tsne_print_text(&b);
done:
    tsne_close(&b);
    return st == UMCL_OK ? EXIT_DONE : cli_fail("tsne");
}

static int add_of(tsne_settings *set, const char *list)
{
    set->n_of = 0;
    for (const char *at = list;; at++) {
        size_t n = strcspn(at, ",");
        int of = 0;

        while (of <= TSNE_MODALITIES &&
               (strlen(tsne_of_name(of)) != n || strncmp(tsne_of_name(of), at, n) != 0))
            of++;
        for (size_t i = 0; i < set->n_of; i++)
            if (set->of[i] == of) of = TSNE_MAX_OF; /* twice */
        if (of > TSNE_MODALITIES)
            return cli_usage("tsne",
                             "--of: expected fused, pulse, landmarks, text, texture or modalities, "
                             "each once, found '%.*s'",
                             (int)n, at);
        set->of[set->n_of++] = of;
        at += n;
        if (!*at) return 0;
    }
}

static int set_key(tsne_key *out, const char *option, const char *text)
{
    for (int k = 0; k < TSNE_N_KEYS; k++)
        if (!strcmp(text, tsne_key_name((tsne_key)k))) {
            *out = (tsne_key)k;
            return 0;
        }
    return cli_usage("tsne", "%s: expected label, quality, group or modality, found '%s'", option,
                     text);
}

static int check(const tsne_settings *set)
{
    if (!set->n_files) return cli_usage("tsne", "expected files of umcl eval --features");
    if (set->n_names && set->n_names != set->n_files)
        return cli_usage("tsne", "--name: expected one for each of %zu files, found %zu",
                         set->n_files, set->n_names);
    return 0;
}

static const struct option options[] = {
    {"of", required_argument, NULL, 'f'},
    {"colour", required_argument, NULL, 'c'},
    {"color", required_argument, NULL, 'c'},
    {"mark", required_argument, NULL, 'm'},
    {"name", required_argument, NULL, 'n'},
    {"title", required_argument, NULL, 'T'},
    {"cosine", no_argument, NULL, 'C'},
    {"perplexity", required_argument, NULL, 'p'},
    {"steps", required_argument, NULL, 'S'},
    {"angle", required_argument, NULL, 'a'},
    {"seed", required_argument, NULL, 's'},
    {"plots", required_argument, NULL, 'P'},
    {"points", required_argument, NULL, 'o'},
    {"threads", required_argument, NULL, 't'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* Options with a number. */
static bool set_number(tsne_settings *set, int option, const char *text)
{
    int threads;

    switch (option) {
    case 'p': return cli_real(&set->options.perplexity, text, 1, 10000);
    case 'S': return cli_int(&set->options.steps, text, 1, 100000);
    case 'a': set->has_angle = true; return cli_real(&set->options.angle, text, 0, 0.7);
    case 's': return cli_u64(&set->options.seed, text);
    default:
        if (!cli_int(&threads, text, 1, 1024)) return false;
        um_threads_set(threads);
        return true;
    }
}

static int parse(int argc, char **argv, tsne_settings *set)
{
    int c, code = 0;

    while (code == 0 && (c = getopt_long(argc, argv, "h", options, NULL)) != -1) switch (c) {
        case 'f': code = add_of(set, optarg); break;
        case 'c': code = set_key(&set->colour, "--colour", optarg); break;
        case 'm':
            code = set_key(&set->mark, "--mark", optarg);
            set->has_mark = true;
            break;
        case 'n':
            if (set->n_names == TSNE_MAX_FILES)
                return cli_usage("tsne", "--name: expected at most %d", TSNE_MAX_FILES);
            set->names[set->n_names++] = optarg;
            break;
        case 'T': set->title = optarg; break;
        case 'C': set->cosine = true; break;
        case 'P': set->plots = optarg; break;
        case 'o': set->points = optarg; break;
        case 'j': set->json = true; break;
        case 'h': fputs(help, stdout); return -1;
        case '?': return cli_bad_option("tsne");
        default:
            if (!set_number(set, c, optarg))
                return cli_usage("tsne", "'%s' is not a number, or out of range", optarg);
        }
    for (; code == 0 && optind < argc; optind++) {
        if (set->n_files == TSNE_MAX_FILES)
            return cli_usage("tsne", "expected at most %d files", TSNE_MAX_FILES);
        set->files[set->n_files++] = argv[optind];
    }
    return code ? code : check(set);
}

int cmd_tsne(int argc, char **argv)
{
    tsne_settings set = {.of = {UM_FUSED}, .n_of = 1, .options = UM_TSNE_INIT};
    int code;

    set.options.perplexity = 0;
    code = parse(argc, argv, &set);
    if (code == 0) code = run(&set);
    return code < 0 ? EXIT_DONE : code;
}
