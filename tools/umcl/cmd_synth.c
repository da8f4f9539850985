#include <float.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/parallel.h"
#include "base/status.h"
#include "base/str.h"
#include "cli.h"
#include "data/synth.h"
#include "data/synth_truth.h"
#include "media/image.h"
#include "media/video.h"

static const char help[] =
    "usage: umcl synth -o OUT [OPTIONS]\n"
    "\n"
    "Renders people who move, blink and talk, with known landmarks and a known pulse in their\n"
    "skin, as a video (H.264; .mp4, .mkv, ...) or a picture (.png, .jpg: the first frame).\n"
    "The same options give the same pixels.\n"
    "\n"
    "  -o, --output FILE       the video or picture to write\n"
    "      --truth FILE        landmarks, boxes, pose and pulse of every frame as JSON\n"
    "      --seconds S         length (8)\n"
    "      --fps F             frames a second (30)\n"
    "      --width W           in pixels (640), even for a video\n"
    "      --height H          in pixels (480), even for a video\n"
    "      --seed N            who, where, how they move, and the noise (1)\n"
    "      --people N          0 to 256 (1)\n"
    "      --no-face           the background alone, as --people 0\n"
    "      --face-px P         width of a face in pixels (fitted to the picture)\n"
    "      --walk              people walk through the picture and cross one another\n"
    "      --appear S          people are there from this second (0)\n"
    "      --vanish S          ... to this one (to the end)\n"
    "      --motion M          0: heads are still, 1: as in talk, 2: up to 25 degrees (1)\n"
    "      --blink-rate N      blinks a minute (17)\n"
    "      --talk T            motion of the mouth, 0 to 1 (1)\n"
    "      --pulse BPM         heart rate of the first person, 9 more for each next; 0: none (72)\n"
    "      --pulse-strength S  amplitude in green, in grey levels (1)\n"
    "      --pulse-variation V swing of the rate with breathing, as a fraction (0.02)\n"
    "      --twin NAME         break one thing about everybody, all else the same: none "
    "(default),\n"
    "                          no-pulse, desync (the inside of the face beats half a beat late),\n"
    "                          jitter (head and features tremble), patch (the inside of the face\n"
    "                          is coarser and of another colour)\n"
    "      --light-drift D     how much the light changes, 0: not at all (1)\n"
    "      --noise S           camera noise, standard deviation in grey levels (1.5)\n"
    "      --crf N             x264's rate factor, 0 to 51; smaller is better (18)\n"
    "      --yuv444            keep the colours' full resolution\n"
    "      --threads N         threads that draw (one per core)\n"
    "      --json              print what was rendered as JSON\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help              this text\n"
    "\n"
    "examples: umcl synth -o talk.mp4 --seconds 10 --pulse 66 --truth talk.json\n"
    "          umcl synth -o fake.mp4 --seconds 10 --pulse 66 --twin patch\n"
    "\n"
    "Exit codes: 0 written, 1 not written, 2 usage.\n";

enum {
    OPT_TRUTH = 256,
    OPT_SECONDS,
    OPT_FPS,
    OPT_WIDTH,
    OPT_HEIGHT,
    OPT_SEED,
    OPT_PEOPLE,
    OPT_NO_FACE,
    OPT_FACE_PX,
    OPT_WALK,
    OPT_APPEAR,
    OPT_VANISH,
    OPT_MOTION,
    OPT_BLINK,
    OPT_TALK,
    OPT_PULSE,
    OPT_STRENGTH,
    OPT_VARIATION,
    OPT_TWIN,
    OPT_LIGHT,
    OPT_NOISE,
    OPT_CRF,
    OPT_YUV444,
    OPT_THREADS,
    OPT_JSON
};

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"truth", required_argument, NULL, OPT_TRUTH},
    {"seconds", required_argument, NULL, OPT_SECONDS},
    {"fps", required_argument, NULL, OPT_FPS},
    {"width", required_argument, NULL, OPT_WIDTH},
    {"height", required_argument, NULL, OPT_HEIGHT},
    {"seed", required_argument, NULL, OPT_SEED},
    {"people", required_argument, NULL, OPT_PEOPLE},
    {"no-face", no_argument, NULL, OPT_NO_FACE},
    {"face-px", required_argument, NULL, OPT_FACE_PX},
    {"walk", no_argument, NULL, OPT_WALK},
    {"appear", required_argument, NULL, OPT_APPEAR},
    {"vanish", required_argument, NULL, OPT_VANISH},
    {"motion", required_argument, NULL, OPT_MOTION},
    {"blink-rate", required_argument, NULL, OPT_BLINK},
    {"talk", required_argument, NULL, OPT_TALK},
    {"pulse", required_argument, NULL, OPT_PULSE},
    {"pulse-strength", required_argument, NULL, OPT_STRENGTH},
    {"pulse-variation", required_argument, NULL, OPT_VARIATION},
    {"twin", required_argument, NULL, OPT_TWIN},
    {"light-drift", required_argument, NULL, OPT_LIGHT},
    {"noise", required_argument, NULL, OPT_NOISE},
    {"crf", required_argument, NULL, OPT_CRF},
    {"yuv444", no_argument, NULL, OPT_YUV444},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"json", no_argument, NULL, OPT_JSON},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {0}};

typedef struct arguments {
    um_synth_options scene;
    const char *output, *truth;
    double seconds;
    int crf, threads;
    bool yuv444, json, quiet;
} arguments;

/* 0: done; else the exit code. Ranges of the scene are um_synth_new's to check. */
static int read_value(arguments *a, int c, const char *name)
{
    um_synth_options *o = &a->scene;
    double v;
    struct {
        int option;
        double *real;
        int *whole;
    } fields[] = {{OPT_SECONDS, &a->seconds, NULL},
                  {OPT_FPS, &o->fps, NULL},
                  {OPT_WIDTH, NULL, &o->width},
                  {OPT_HEIGHT, NULL, &o->height},
                  {OPT_PEOPLE, NULL, &o->people},
                  {OPT_FACE_PX, &o->face_px, NULL},
                  {OPT_APPEAR, &o->appear, NULL},
                  {OPT_VANISH, &o->vanish, NULL},
                  {OPT_MOTION, &o->motion, NULL},
                  {OPT_BLINK, &o->blink_rate, NULL},
                  {OPT_TALK, &o->talk, NULL},
                  {OPT_PULSE, &o->pulse_bpm, NULL},
                  {OPT_STRENGTH, &o->pulse_strength, NULL},
                  {OPT_VARIATION, &o->pulse_variation, NULL},
                  {OPT_LIGHT, &o->light_drift, NULL},
                  {OPT_NOISE, &o->noise, NULL},
                  {OPT_CRF, NULL, &a->crf},
                  {OPT_THREADS, NULL, &a->threads}};

    if (c == OPT_SEED)
        return cli_u64(&o->seed, optarg)
                   ? 0
                   : cli_usage("synth", "--seed: expected a whole number, got '%s'", optarg);
    if (!cli_real(&v, optarg, -DBL_MAX, DBL_MAX))
        return cli_usage("synth", "--%s: expected a number, got '%s'", name, optarg);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (fields[i].option != c) continue;
        if (fields[i].real) {
            *fields[i].real = v;
        } else if (v < -1e9 || v > 1e9 || v != (int)v) {
            return cli_usage("synth", "--%s: expected a whole number, got '%s'", name, optarg);
        } else {
            *fields[i].whole = (int)v;
        }
    }
    return 0;
}

static int read_twin(um_synth_twin *twin, const char *text)
{
    for (int t = 0; t < UM_SYNTH_TWIN_COUNT; t++)
        if (!strcmp(text, um_synth_twin_name((um_synth_twin)t))) {
            *twin = (um_synth_twin)t;
            return 0;
        }
    return cli_usage("synth",
                     "--twin: expected none, no-pulse, desync, jitter or patch, found '%s'", text);
}

static bool is_picture(const char *path)
{
    return um_str_ends(path, ".png") || um_str_ends(path, ".jpg") || um_str_ends(path, ".jpeg");
}

/* -1: go on; else the exit code. */
static int read_arguments(arguments *a, int argc, char **argv)
{
    int c, which = 0, code;

    while ((c = getopt_long(argc, argv, "o:qh", long_options, &which)) != -1) {
        switch (c) {
        case 'o': a->output = optarg; break;
        case 'q': a->quiet = true; break;
        case 'h': fputs(help, stdout); return EXIT_DONE;
        case OPT_TRUTH: a->truth = optarg; break;
        case OPT_NO_FACE: a->scene.people = 0; break;
        case OPT_WALK: a->scene.walk = true; break;
        case OPT_YUV444: a->yuv444 = true; break;
        case OPT_JSON: a->json = true; break;
        case OPT_TWIN:
            code = read_twin(&a->scene.twin, optarg);
            if (code) return code;
            break;
        case '?': return cli_bad_option("synth");
        default:
            code = read_value(a, c, long_options[which].name);
            if (code) return code;
        }
    }
    if (optind < argc) return cli_usage("synth", "unexpected argument '%s'", argv[optind]);
    if (!a->output) return cli_usage("synth", "expected -o OUT");
    if (!(a->seconds > 0 && a->seconds <= 1e5))
        return cli_usage("synth", "--seconds: expected a length in (0, 100000]");
    if (a->threads < 0 || a->threads > 1024)
        return cli_usage("synth", "--threads: expected 0 to 1024");
    return -1;
}

static void show_progress(const arguments *a, int64_t i, int64_t n)
{
    if (a->quiet || !isatty(STDERR_FILENO) || (i % 10 && i != n)) return;
    fprintf(stderr, "\rumcl synth: frame %" PRId64 " of %" PRId64 "%s", i, n, i == n ? "\n" : "");
}

static umcl_status render(const arguments *a, um_synth *synth, um_image *picture, int64_t n)
{
    umcl_status st;
    um_video_writer *video = NULL, *finished;
    um_synth_truth *truth = NULL, *closed;
    um_video_writer_options o = {.width = a->scene.width,
                                 .height = a->scene.height,
                                 .fps = a->scene.fps,
                                 .crf = a->crf,
                                 .yuv444 = a->yuv444};

    if (!is_picture(a->output)) UM_CHECK(um_video_writer_open(&video, a->output, &o));
    if (a->truth) UM_CHECK(um_synth_truth_open(&truth, a->truth, synth));
    show_progress(a, 0, n);
    for (int64_t i = 0; i < n; i++) {
        UM_CHECK(um_synth_frame(synth, i, picture));
        if (truth) UM_CHECK(um_synth_truth_add(truth, synth, i));
        if (video)
            UM_CHECK(um_video_writer_add(video, picture));
        else
            UM_CHECK(um_image_write(picture, a->output));
        show_progress(a, i + 1, n);
    }
    finished = video;
    video = NULL;
    if (finished) UM_CHECK(um_video_writer_finish(finished));
    closed = truth;
    truth = NULL;
    if (closed) UM_CHECK(um_synth_truth_finish(closed));
done:
    um_video_writer_abort(video);
    um_synth_truth_abort(truth);
    return st;
}

static void print_result(const arguments *a, const um_synth *synth, int64_t n)
{
    const um_synth_options *o = &a->scene;

    if (!a->json) {
        printf("%s: %" PRId64 " frame%s of %d x %d, %d %s", a->output, n, n == 1 ? "" : "s",
               o->width, o->height, o->people, o->people == 1 ? "person" : "people");
        if (o->people > 0 && um_synth_rate(synth, 0) > 0) printf(", pulse %g bpm", o->pulse_bpm);
        printf("\n");
        return;
    }
    printf("{\"schema\":\"umcl.synth-result/1\",\"frames\":%" PRId64
           ",\"fps\":%.10g,\"width\":%d,\"height\":%d,\"seed\":%" PRIu64 ",\"pulse_bpm\":[",
           n, o->fps, o->width, o->height, o->seed);
    for (int p = 0; p < o->people; p++) printf("%s%.10g", p ? "," : "", um_synth_rate(synth, p));
    printf("]}\n");
}

int cmd_synth(int argc, char **argv)
{
    arguments a = {.scene = UM_SYNTH_OPTIONS_INIT, .seconds = 8, .crf = 18};
    um_synth *synth = NULL;
    um_image picture = {0};
    int code = read_arguments(&a, argc, argv);

    if (code >= 0) return code;
    int64_t n = is_picture(a.output) ? 1 : (int64_t)(a.seconds * a.scene.fps + 0.5);
    um_threads_set(a.threads);
    umcl_status st = um_synth_new(&synth, &a.scene);
    if (st == UMCL_ERR_INVALID) return cli_usage("synth", "%s", umcl_last_error());
    if (st == UMCL_OK && n < 1) n = 1;
    if (st == UMCL_OK) st = um_image_new(&picture, a.scene.width, a.scene.height, 3);
    if (st == UMCL_OK) st = render(&a, synth, &picture, n);
    if (st == UMCL_OK) print_result(&a, synth, n);
    um_image_clear(&picture);
    um_synth_free(synth);
    return st == UMCL_OK ? EXIT_DONE : cli_fail("synth");
}
