#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "data/leak_check.h"
#include "dataset_print.h"

static const char help[] =
    "usage: umcl dataset list ROOT [OPTIONS]    what is there: videos, labels, people, splits\n"
    "       umcl dataset check ROOT [OPTIONS]   what two splits share, and what is missing\n"
    "\n"
    "Reads public data sets as their owners hand them out; ROOT is the folder, or a list. The\n"
    "layout is recognised:\n"
    "\n";

static const char help_options[] =
    "\n"
    "Splits are the data set's own where it has some. Else, and with --apart, they are divided by\n"
    "a hash of the people's names, so that nobody is in two splits; where everybody is swapped\n"
    "with everybody (DFD, Celeb-DF), fakes between people of two splits are in none.\n"
    "\n"
    "  --layout NAME      do not guess the layout\n"
    "  --splits DIR       FF++: the folder with train.json, val.json and test.json (else they are\n"
    "                     looked for in ROOT and in ROOT/splits)\n"
    "  --apart            divide by people even where the data set has its own splits\n"
    "  --compression C    only raw, c23 or c40\n"
    "  --dataset NAME     only this one of a root that holds several, as FF++ or DFD\n"
    "  --method NAME      only this manipulation (or several, by comma), and the real videos\n"
    "  --split NAME       only train, val, test or none\n"
    "  --csv              list: one row a video, as umcl extract, train and eval read it\n"
    "  --json             list: schema umcl.dataset/1; check: umcl.dataset_check/1\n"
    "  --whole-files      check: compare whole files of the same size, not their first MiB\n"
    "  --names            check: every name that a finding speaks of\n"
    "  -h, --help         this text\n"
    "\n"
    "example: umcl dataset check FaceForensics++ --compression c23\n"
    "         umcl dataset list FaceForensics++ --compression c23 --csv > c23.csv\n"
    "         umcl extract --labels c23.csv -o cache\n"
    "\n"
    "Exit codes: 0 done, and nothing is shared or missing (there may be warnings); 1 something is\n"
    "shared or missing, or ROOT could not be read; 2 usage.\n";

typedef struct settings {
    um_dataset_options read;
    um_leak_options leak;
    const char *root, *dataset, *method;
    um_split split;
    bool check, one_split, csv, json, names;
} settings;

static void print_help(void)
{
    const um_dataset_layout *layout;

    fputs(help, stdout);
    for (size_t i = 0; (layout = um_dataset_layout_at(i)); i++)
        printf("  %-15s %s\n", layout->name, layout->text);
    fputs(help_options, stdout);
}

/* Whether a list by comma has the name. */
static bool lists(const char *list, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = list;; at++) {
        size_t k = strcspn(at, ",");

        if (k == n && !strncmp(at, name, n)) return true;
        at += k;
        if (!*at) return false;
    }
}

static void filter(um_dataset *d, const settings *set)
{
    size_t kept = 0;

    for (size_t i = 0; i < d->count; i++) {
        const um_item *item = &d->items[i];

        if (set->dataset && strcmp(item->dataset, set->dataset) != 0) continue;
        if (set->method && item->fake && !lists(set->method, item->method)) continue;
        if (set->one_split && item->split != set->split) continue;
        d->items[kept++] = *item;
    }
    d->count = kept;
}

static umcl_status list(const settings *set, const um_dataset *d)
{
    size_t n = d->remarks.count;

    if (n)
        fprintf(stderr, "umcl dataset: %zu remark%s; see: umcl dataset check\n", n,
                n > 1 ? "s" : "");
    return set->csv    ? dataset_print_csv(d)
           : set->json ? dataset_print_json(d)
                       : dataset_print_table(d);
}

static bool shares_people(const um_findings *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->items[i].kind == UM_FINDING_PERSON) return true;
    return false;
}

static umcl_status check(const settings *set, um_dataset *d, size_t *errors)
{
    um_findings findings;
    umcl_status st;

    UM_TRY(um_leak_check(&findings, d, &set->leak));
    st = um_class_check(&findings, d);
    if (st != UMCL_OK) {
        um_findings_clear(&findings);
        return st;
    }
    *errors = um_findings_errors(&findings);
    if (set->json) {
        st = findings_print_json(&findings, d);
    } else {
        findings_print_text(&findings, set->names);
        if (shares_people(&findings) && !set->read.apart)
            puts("(--apart divides by people instead)");
        printf("%zu videos (%s): %zu error%s, %zu warning%s\n", d->count, d->layout, *errors,
               *errors == 1 ? "" : "s", findings.count - *errors,
               findings.count - *errors == 1 ? "" : "s");
        st = UMCL_OK;
    }
    um_findings_clear(&findings);
    return st;
}

static int run(const settings *set)
{
    size_t errors = 0;
    um_dataset d;
    umcl_status st;

    if (um_dataset_read(&d, set->root, &set->read) != UMCL_OK) return cli_fail("dataset");
    filter(&d, set);
    if (!d.count) {
        um_dataset_clear(&d);
        um_fail(UMCL_ERR_NOT_FOUND, "%s: expected videos of that --split or --method, found none",
                set->root);
        return cli_fail("dataset");
    }
    st = set->check ? check(set, &d, &errors) : list(set, &d);
    um_dataset_clear(&d);
    if (st != UMCL_OK) return cli_fail("dataset");
    return errors ? EXIT_SOME_FAILED : EXIT_DONE;
}

/* The action and the root are what remains behind the options. */
static int finish(int argc, char **argv, settings *set)
{
    const char *action = optind < argc ? argv[optind++] : "nothing";

    set->check = !strcmp(action, "check");
    if (!set->check && strcmp(action, "list") != 0)
        return cli_usage("dataset", "expected list or check, found '%s'", action);
    if (optind != argc - 1) return cli_usage("dataset", "expected one folder or file");
    set->root = argv[optind];
    if (set->read.apart && set->read.splits)
        return cli_usage("dataset", "expected --apart or --splits, not both");
    if (set->check && set->csv) return cli_usage("dataset", "--csv: only for list");
    if (set->csv && set->json) return cli_usage("dataset", "expected --csv or --json, not both");
    if (!set->check && (set->leak.whole_files || set->names))
        return cli_usage("dataset", "--whole-files and --names: only for check");
    return 0;
}

static int parse(int argc, char **argv, settings *set)
{
    static const struct option options[] = {
        {"layout", required_argument, NULL, 'l'},
        {"splits", required_argument, NULL, 's'},
        {"apart", no_argument, NULL, 'a'},
        {"compression", required_argument, NULL, 'c'},
        {"method", required_argument, NULL, 'm'},
        {"split", required_argument, NULL, 'p'},
        {"csv", no_argument, NULL, 'v'},
        {"json", no_argument, NULL, 'j'},
        {"whole-files", no_argument, NULL, 'w'},
        {"names", no_argument, NULL, 'n'},
        {"dataset", required_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c;

    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) switch (c) {
        case 'l': set->read.layout = optarg; break;
        case 's': set->read.splits = optarg; break;
        case 'a': set->read.apart = true; break;
        case 'c':
            set->read.one_compression = true;
            if (!um_compression_parse(&set->read.compression, optarg))
                return cli_usage("dataset", "--compression: expected raw, c23 or c40, found '%s'",
                                 optarg);
            break;
        case 'd': set->dataset = optarg; break;
        case 'm': set->method = optarg; break;
        case 'p':
            set->one_split = true;
            if (!um_split_parse(&set->split, optarg))
                return cli_usage("dataset",
                                 "--split: expected train, val, test or none, found "
                                 "'%s'",
                                 optarg);
            break;
        case 'v': set->csv = true; break;
        case 'j': set->json = true; break;
        case 'w': set->leak.whole_files = true; break;
        case 'n': set->names = true; break;
        case 'h': print_help(); return -1;
        default: return cli_usage("dataset", "unknown option, or one without its value");
        }
    return finish(argc, argv, set);
}

int cmd_dataset(int argc, char **argv)
{
    settings set = {0};
    int code = parse(argc, argv, &set);

    if (code == 0) code = run(&set);
    return code < 0 ? EXIT_DONE : code;
}
