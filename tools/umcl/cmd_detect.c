#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <umcl/umcl.h>

#include "cli.h"
#include "detect_print.h"
#include "file_list.h"

static const char help[] =
    "usage: umcl detect [OPTIONS] FILE|FOLDER...\n"
    "\n"
    "Judges whether the faces in videos are real or fake. Every face is followed through the "
    "video\n"
    "and scored on windows of five seconds (two where a model reads landmarks alone); a face that\n"
    "stays for three is extended by reflection, with a warning. The most suspicious track speaks\n"
    "for the video. Where there is nothing to judge (no_face, too_short, low_quality, unreadable)\n"
    "there is no score.\n"
    "A folder stands for the videos below it, '-' for a video on standard input.\n"
    "\n"
    "  --json             one JSON document, schema umcl.detect/1 (docs/formats.md)\n"
    "  --jsonl            one JSON object a line, as soon as a video is done\n"
    "  --csv              one row a video\n"
    "  --list FILE        also the paths in FILE, one a line ('-': standard input)\n"
    "  -m, --model FILE   another detector (umcl train, umcl import lrnet)\n"
    "  --face-model FILE  another face detector (umcl import mtcnn)\n"
    "  --points-model FILE  another landmark network\n"
    "  --start S          begin S seconds into each video\n"
    "  --duration S       look at S seconds (default: all)\n"
    "  --stride N         frames from window to window, 1..160 (default: half a window)\n"
    "  --threads N        default: one per core\n"
    "  --fail-on-fake     exit code 4 where a video is judged fake\n"
    "  -q, --quiet        no progress on standard error\n"
    "  -h, --help         this text\n"
    "\n"
    "examples:\n"
    "  umcl detect clip.mp4\n"
    "  umcl detect --jsonl uploads/ > verdicts.jsonl\n"
    "\n"
    "Exit codes: 0 every video has a verdict, 1 a video is unreadable or a folder has none,\n"
    "2 usage, 3 a video has no decision, 4 a video is judged fake (--fail-on-fake).\n"
    "The first that applies of 1, 4, 3, 0.\n";

typedef struct settings {
    umcl_detector_options detector;
    umcl_score_options score;
    const detect_format *format;
    file_list files;
    bool quiet, fail_on_fake;
} settings;

typedef struct tally {
    size_t unreadable, undecided, fake;
} tally;

typedef struct bar {
    const char *path;
    size_t index, count;
} bar;

static int show_progress(void *user, double share, double seconds)
{
    const bar *b = user;
    const int width = 24;
    int full = share >= 0 ? (int)(share * width) : 0;

    fprintf(stderr, "\r[%.*s%*s] ", full, "========================", width - full, "");
    if (b->count > 1) fprintf(stderr, "%zu/%zu ", b->index + 1, b->count);
    fprintf(stderr, "%.1f s  %s\033[K", seconds, b->path);
    return 0;
}

static umcl_status judge(settings *set, umcl_detector *det, const umcl_model_info *model,
                         size_t index, tally *t)
{
    const char *path = set->files.paths[index];
    bar b = {path, index, set->files.count};
    umcl_report report;
    umcl_status st;

    set->score.user = &b;
    if (set->score.progress) set->score.progress(&b, 0, 0);
    st = umcl_detector_score(&report, det, path, &set->score);
    if (set->score.progress) fputs("\r\033[K", stderr);
    if (st != UMCL_OK) return st;
    set->format->video(model, path, &report);
    t->unreadable += report.outcome == UMCL_OUTCOME_UNREADABLE;
    t->fake += report.verdict == UMCL_VERDICT_FAKE;
    t->undecided += report.verdict == UMCL_VERDICT_NONE;
    umcl_report_clear(&report);
    return UMCL_OK;
}

static int exit_code(const settings *set, const tally *t)
{
    if (t->unreadable) {
        fprintf(stderr, "umcl detect: %zu of %zu files could not be read\n", t->unreadable,
                set->files.count);
        return EXIT_SOME_FAILED;
    }
    if (set->files.empty) return EXIT_SOME_FAILED;
    if (set->fail_on_fake && t->fake) return EXIT_FAKE;
    return t->undecided ? EXIT_NO_DECISION : EXIT_DONE;
}

static int run(settings *set)
{
    umcl_detector *det;
    umcl_model_info model;
    tally t = {0};
    umcl_status st;

    if (!set->quiet && isatty(STDERR_FILENO)) set->score.progress = show_progress;
    if (umcl_detector_new(&det, &set->detector) != UMCL_OK) return cli_fail("detect");
    model = umcl_detector_model(det);
    set->format->begin(&model);
    for (size_t i = 0; i < set->files.count; i++) {
        st = judge(set, det, &model, i, &t);
        if (st != UMCL_OK) {
            umcl_detector_free(det);
            return cli_fail("detect");
        }
    }
    set->format->end();
    umcl_detector_free(det);
    return exit_code(set, &t);
}

/* Options whose value is a number. */
static bool read_number(settings *set, int c)
{
    switch (c) {
    case 's': return cli_real(&set->score.start, optarg, 0, 1e9);
    case 'd': return cli_real(&set->score.duration, optarg, 0, 1e9);
    case 'n': return cli_int(&set->score.stride, optarg, 1, 160);
    default: return cli_int(&set->detector.threads, optarg, 0, 1024);
    }
}

static int parse(int argc, char **argv, settings *set)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        {"jsonl", no_argument, NULL, 'l'},
        {"csv", no_argument, NULL, 'c'},
        {"list", required_argument, NULL, 'L'},
        {"model", required_argument, NULL, 'm'},
        {"face-model", required_argument, NULL, 'f'},
        {"points-model", required_argument, NULL, 'p'},
        {"start", required_argument, NULL, 's'},
        {"duration", required_argument, NULL, 'd'},
        {"stride", required_argument, NULL, 'n'},
        {"threads", required_argument, NULL, 't'},
        {"fail-on-fake", no_argument, NULL, 'F'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c, which = 0, code = 0;

    while (!code && (c = getopt_long(argc, argv, "m:qh", options, &which)) != -1) switch (c) {
        case 'j': set->format = &detect_json; break;
        case 'l': set->format = &detect_jsonl; break;
        case 'c': set->format = &detect_csv; break;
        case 'L':
            if (!file_list_add_from(&set->files, "detect", optarg))
                code = cli_usage("detect", "--list: cannot read '%s'", optarg);
            break;
        case 'm': set->detector.model = optarg; break;
        case 'f': set->detector.face_model = optarg; break;
        case 'p': set->detector.points_model = optarg; break;
        case 'F': set->fail_on_fake = true; break;
        case 'q': set->quiet = true; break;
        case 'h': fputs(help, stdout); return -1;
        case '?': return cli_bad_option("detect");
        default:
            if (!read_number(set, c))
                code = cli_usage("detect", "--%s: '%s' is not a number, or out of range",
                                 options[which].name, optarg);
        }
    for (int i = optind; !code && i < argc; i++)
        if (!file_list_add(&set->files, "detect", argv[i]))
            code = cli_usage("detect", "out of memory");
    if (!code && set->files.count + set->files.empty == 0)
        code = cli_usage("detect", "expected a video, found none");
    return code;
}

int cmd_detect(int argc, char **argv)
{
    settings set = {.detector = UMCL_DETECTOR_OPTIONS_INIT,
                    .score = UMCL_SCORE_OPTIONS_INIT,
                    .format = &detect_text};
    int code = parse(argc, argv, &set);

    if (code == 0) code = run(&set);
    file_list_clear(&set.files);
    return code < 0 ? EXIT_DONE : code;
}
