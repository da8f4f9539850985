#include "train_detector.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/parallel.h"
#include "cli.h"
#include "data/face_pictures.h"
#include "train/detector_fit.h"

#define MAX_SETS 8
#define FOLD 10 /* one person in ten is held out */

static const char help[] =
    "usage: umcl train-face detector --faces CSV=FOLDER [OPTIONS] -o MODEL\n"
    "\n"
    "Trains a face detector in MTCNN's form: P-, R- and O-Net, each on what the ones before it "
    "take\n"
    "for faces. Learns from labelled pictures (see umcl train-face landmarks), from frames of "
    "videos\n"
    "that another detector has labelled, and from rendered scenes.\n"
    "\n"
    "  --faces CSV=FOLDER   labelled pictures; may be given several times\n"
    "  --teacher MODEL      a detector that labels: umcl import mtcnn ...\n"
    "  --clips LIST         videos to train on, a path a line (needs a teacher)\n"
    "  --check-clips LIST   videos to measure on\n"
    "  --rate N             frames a second taken from videos (default 1)\n"
    "  --rendered N         rendered scenes (default 600, of which one in ten is held out)\n"
    "  --steps P,R,O        optimiser steps (default 4000,3000,2500)\n"
    "  --mine N             scenes searched for hard windows (default 2000)\n"
    "  --threshold P,R,O    scores that pass, stored with the weights (default 0.6,0.7,0.8)\n"
    "  --measure MODEL      train nothing: measure this detector on what is held out\n"
    "  --seed N             default 1\n"
    "  --threads N          default: one per core\n"
    "  -o MODEL             safetensors file to write\n"
    "\n"
    "example:\n"
    "  umcl train-face detector --faces faces/points.csv=faces/pictures -o detector.safetensors\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 usage.\n";

typedef struct arguments {
    const char *sets[MAX_SETS];
    int n_sets, rendered;
    double rate;
    const char *teacher, *clips, *check_clips, *measure;
    um_detector_fit_options fit;
} arguments;

static umcl_status load_pictures(um_scenes *scenes, const char *set, um_mtcnn *teacher)
{
    um_face_pictures pictures = {0};
    const char *equals = strchr(set, '=');
    char *csv = strndup(set, (size_t)(equals - set));
    umcl_status st;

    if (!csv) return um_fail(UMCL_ERR_NOMEM, "out of memory");
    UM_CHECK(um_face_pictures_read(&pictures, csv, equals + 1, FOLD));
    for (size_t i = 0; i < pictures.count && st == UMCL_OK; i++) {
        const um_face_picture *item = &pictures.items[i];
        um_image rgb = {0};

        cli_progress("%s: picture %zu of %zu", csv, i, pictures.count);
        st = um_image_read(&rgb, item->path);
        if (st == UMCL_OK)
            st = um_scenes_add_picture(scenes, &rgb, &item->landmarks, item->held_out, teacher);
        um_image_clear(&rgb);
    }
done:
    free(csv);
    um_face_pictures_clear(&pictures);
    return st;
}

static umcl_status load_clips(um_scenes *scenes, const char *list, double rate, bool held_out,
                              um_mtcnn *teacher)
{
    char *text, *rest, *line;
    size_t n;
    umcl_status st = UMCL_OK;

    UM_TRY(um_file_read(&text, &n, list, 1 << 24));
    rest = text;
    while (st == UMCL_OK && (line = strsep(&rest, "\n")))
        if (*line) {
            cli_progress("%s", line);
            st = um_scenes_add_video(scenes, line, rate, held_out, teacher);
        }
    free(text);
    return st;
}

static umcl_status load(um_scenes *scenes, const arguments *a)
{
    um_mtcnn *teacher = NULL;
    umcl_status st = UMCL_OK;

    if (a->teacher) UM_CHECK(um_mtcnn_open(&teacher, a->teacher));
    for (int i = 0; i < a->n_sets; i++) UM_CHECK(load_pictures(scenes, a->sets[i], teacher));
    cli_progress(NULL);
    fprintf(stderr, "%zu scenes with labelled pictures\n", scenes->n);
    if (a->clips) UM_CHECK(load_clips(scenes, a->clips, a->rate, false, teacher));
    if (a->check_clips) UM_CHECK(load_clips(scenes, a->check_clips, a->rate, true, teacher));
    cli_progress(NULL);
    fprintf(stderr, "%zu with videos\n", scenes->n);
    for (int i = 0; i < a->rendered; i++) {
        cli_progress("rendered scenes: %d of %d", i, a->rendered);
        UM_CHECK(um_scenes_add_rendered(scenes, (uint64_t)i, i % 10 == 9));
    }
    cli_progress(NULL);
    fprintf(stderr, "%zu with rendered people\n", scenes->n);
done:
    um_mtcnn_free(teacher);
    return st;
}

static bool show(void *user, const um_detector_fit_report *r)
{
    (void)user;
    fprintf(stderr, "%s step %d/%d  hard windows %zu  loss: face %.4f  box %.4f  points %.4f\n",
            um_mtcnn_prefix(r->stage), r->step, r->steps, r->n_hard, r->loss_face, r->loss_box,
            r->loss_points);
    return true;
}

static umcl_status measure(const char *path, const um_scenes *scenes)
{
    um_mtcnn *m = NULL;
    um_mtcnn_options o;
    umcl_status st;

    UM_CHECK(um_mtcnn_open(&m, path));
    o = um_mtcnn_defaults(m);
    o.min_face = 20;
    printf("%s, on scenes held out:\n", path);
    for (int i = 0; i < 7; i++) {
        static const float last[7] = {0, 0.5f, 0.7f, 0.8f, 0.9f, 0.95f, 0.98f};
        um_detector_score s;

        if (last[i] > 0) o.threshold[2] = last[i];
        UM_CHECK(um_detector_measure(&s, m, &o, scenes));
        printf(
            "  thresholds %.2f %.2f %.2f: recall %.4f (%zu of %zu faces), %zu false faces in %zu "
            "scenes, IoU %.3f, points off by %.4f face widths\n",
            (double)o.threshold[0], (double)o.threshold[1], (double)o.threshold[2],
            s.faces ? (double)s.found / (double)s.faces : 0, s.found, s.faces, s.false_faces,
            s.scenes, s.mean_iou, s.point_error);
    }
done:
    um_mtcnn_free(m);
    return st;
}

/* "P,R,O": one number for each network. */
static bool three(double out[3], const char *text, double lo, double hi)
{
    for (int i = 0; i < 3; i++) {
        char *end;

        out[i] = strtod(text, &end);
        if (end == text || *end != (i < 2 ? ',' : '\0') || !(out[i] >= lo && out[i] <= hi))
            return false;
        text = end + 1;
    }
    return true;
}

static int parse(int argc, char **argv, arguments *a)
{
    static const struct option options[] = {
        {"faces", required_argument, NULL, 'f'}, {"teacher", required_argument, NULL, 't'},
        {"clips", required_argument, NULL, 'c'}, {"check-clips", required_argument, NULL, 'k'},
        {"rate", required_argument, NULL, 'a'},  {"rendered", required_argument, NULL, 'r'},
        {"steps", required_argument, NULL, 'n'}, {"threshold", required_argument, NULL, 'p'},
        {"mine", required_argument, NULL, 'i'},  {"measure", required_argument, NULL, 'm'},
        {"seed", required_argument, NULL, 's'},  {"threads", required_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0},
    };
    double v[3] = {0};
    int threads = 0, c;
    bool good = true;

    while (good && (c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) switch (c) {
        case 'f':
            if (a->n_sets == MAX_SETS || !strchr(optarg, '='))
                return cli_usage("train-face", "--faces: expected CSV=FOLDER, found '%s'", optarg);
            a->sets[a->n_sets++] = optarg;
            break;
        case 't': a->teacher = optarg; break;
        case 'c': a->clips = optarg; break;
        case 'k': a->check_clips = optarg; break;
        case 'a': good = cli_real(&a->rate, optarg, 0.01, 60); break;
        case 'r': good = cli_int(&a->rendered, optarg, 0, INT_MAX); break;
        case 'n':
            good = three(v, optarg, 1, INT_MAX);
            for (int i = 0; i < 3; i++) a->fit.steps[i] = (int)v[i];
            break;
        case 'p':
            good = three(v, optarg, 0, 1);
            for (int i = 0; i < 3; i++) a->fit.threshold[i] = (float)v[i];
            break;
        case 'i': good = cli_int(&a->fit.mined_scenes, optarg, 0, INT_MAX); break;
        case 'm': a->measure = optarg; break;
        case 's': good = cli_u64(&a->fit.seed, optarg); break;
        case 'j': good = cli_int(&threads, optarg, 1, 1024); break;
        case 'o': a->fit.out = optarg; break;
        case 'h': fputs(help, stdout); return -1;
        default: return cli_bad_option("train-face");
        }
    if (!good)
        return cli_usage("train-face", "'%s' is not what that option takes, or out of range",
                         optarg);
    if (threads) um_threads_set(threads);
    if (optind < argc) return cli_usage("train-face", "unexpected argument '%s'", argv[optind]);
    if (!a->fit.out && !a->measure) return cli_usage("train-face", "expected -o MODEL");
    if ((a->clips || a->check_clips) && !a->teacher)
        return cli_usage("train-face", "videos need a --teacher");
    return EXIT_DONE;
}

int train_detector(int argc, char **argv, const char *made_by)
{
    arguments a = {.rendered = 600, .rate = 1, .fit = UM_DETECTOR_FIT_OPTIONS_INIT};
    um_scenes scenes = {0};
    int code = parse(argc, argv, &a);
    umcl_status st;

    if (code != EXIT_DONE) return code < 0 ? EXIT_DONE : code;
    a.fit.made_by = made_by;
    if (!a.measure) UM_CHECK(um_file_can_write(a.fit.out));
    UM_CHECK(load(&scenes, &a));
    if (!a.measure) UM_CHECK(um_detector_fit(&scenes, &a.fit, show, NULL));
    st = measure(a.measure ? a.measure : a.fit.out, &scenes);
done:
    um_scenes_clear(&scenes);
    return st == UMCL_OK ? EXIT_DONE : cli_fail("train-face");
}
