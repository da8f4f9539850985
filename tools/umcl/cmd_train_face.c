#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/str.h"
#include "cli.h"
#include "data/face_pictures.h"
#include "data/synth.h"
#include "train/landmark_fit.h"
#include "train_detector.h"

#define MAX_SETS 8
#define FOLD 10 /* one person in ten is held out */

static const char help[] =
    "usage: umcl train-face landmarks --faces CSV=FOLDER [--faces ...] -o MODEL [OPTIONS]\n"
    "       umcl train-face detector ... (see umcl train-face detector --help)\n"
    "\n"
    "Trains the network that finds 68 landmarks in a picture of one face, from pictures with\n"
    "labelled points (CSV: file, x0, y0 ... x67, y67 in pixels, one header row) and from faces "
    "that\n"
    "umcl renders. One person in ten (by a hash of the file name before its last '_') is held out\n"
    "and measured after each epoch: mean error over the distance of the outer eye corners.\n"
    "\n"
    "  --faces CSV=FOLDER   labelled pictures; may be given several times\n"
    "  --rendered N         add N rendered faces (default 400)\n"
    "  --epochs N           default 60\n"
    "  --batch N            default 32\n"
    "  --learning-rate X    at the start, then a cosine to zero (default 0.002)\n"
    "  --drop SHARE         share of the faces dropped half-way, those fitted worst: label errors\n"
    "                       (default 0.03)\n"
    "  --seed N             default 1\n"
    "  --threads N          default: one per core\n"
    "  --init MODEL         start from these weights\n"
    "  -o MODEL             safetensors file to write\n"
    "\n"
    "example:\n"
    "  umcl train-face landmarks --faces faces/points.csv=faces/pictures -o landmarks.safetensors\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 usage.\n";

typedef struct patches {
    um_face_patch *items;
    size_t count, cap;
} patches;

typedef struct arguments {
    const char *sets[MAX_SETS];
    int n_sets, rendered;
    um_landmark_fit_options fit;
} arguments;

static umcl_status add_patch(patches *p, const um_image *picture, const um_landmarks *lm)
{
    if (p->count == p->cap) {
        size_t cap = p->cap ? 2 * p->cap : 512;
        UM_TRY(um_realloc(&p->items, cap, sizeof *p->items));
        p->cap = cap;
    }
    UM_TRY(um_face_patch_cut(&p->items[p->count], picture, lm));
    p->count++;
    return UMCL_OK;
}

static umcl_status load_set(const char *set, patches *train, patches *held_out)
{
    um_face_pictures pictures = {0};
    const char *equals = strchr(set, '=');
    char *csv = NULL;
    umcl_status st = UMCL_OK;

    csv = strndup(set, (size_t)(equals - set));
    if (!csv) return um_fail(UMCL_ERR_NOMEM, "out of memory");
    UM_CHECK(um_face_pictures_read(&pictures, csv, equals + 1, FOLD));
    for (size_t i = 0; i < pictures.count && st == UMCL_OK; i++) {
        const um_face_picture *item = &pictures.items[i];
        um_image picture = {0};
        cli_progress("%s: picture %zu of %zu", csv, i, pictures.count);
        st = um_image_read(&picture, item->path);
        if (st == UMCL_OK)
            st = add_patch(item->held_out ? held_out : train, &picture, &item->landmarks);
        um_image_clear(&picture);
    }
done:
    free(csv);
    um_face_pictures_clear(&pictures);
    return st;
}

/* One rendered face per identity, at a random moment of its clip. */
static umcl_status render_face(uint64_t seed, patches *train)
{
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;
    um_rng rng = um_rng_new(seed, "rendered face");
    int64_t at = (int64_t)um_rng_below(&rng, 600);
    um_synth *synth = NULL;
    um_image picture = {0};
    um_landmarks lm;
    umcl_status st;

    o.width = 320;
    o.height = 240;
    o.seed = um_rng_u64(&rng);
    o.motion = um_rng_range(&rng, 0.3, 1.3);
    o.light_drift = 3;
    UM_CHECK(um_synth_new(&synth, &o));
    UM_CHECK(um_image_new(&picture, o.width, o.height, 3));
    UM_CHECK(um_synth_frame(synth, at, &picture));
    if (um_synth_landmarks(synth, at, 0, (float *)lm.p)) UM_CHECK(add_patch(train, &picture, &lm));
done:
    um_image_clear(&picture);
    um_synth_free(synth);
    return st;
}

static bool show(void *user, const um_landmark_fit_report *r)
{
    (void)user;
    fprintf(stderr,
            "epoch %d/%d  faces %zu  loss %.4f  held out: NME %.4f (median %.4f), failures %.3f\n",
            r->epoch + 1, r->epochs, r->n_train, r->loss, r->nme, r->nme_median, r->failures);
    *(um_landmark_fit_report *)user = *r;
    return true;
}

static int train_landmarks(arguments *a)
{
    patches train = {0}, held_out = {0};
    um_landmark_fit_report last = {0};
    umcl_status st;

    UM_CHECK(um_file_can_write(a->fit.out));
    for (int i = 0; i < a->n_sets; i++) UM_CHECK(load_set(a->sets[i], &train, &held_out));
    for (int i = 0; i < a->rendered; i++) {
        cli_progress("rendered faces: %d of %d", i, a->rendered);
        UM_CHECK(render_face((uint64_t)i, &train));
    }
    cli_progress(NULL);
    fprintf(stderr, "%zu faces to train on (%d rendered), %zu held out\n", train.count, a->rendered,
            held_out.count);
    UM_CHECK(um_landmark_fit(train.items, train.count, held_out.items, held_out.count, &a->fit,
                             show, &last));
    printf("%s: NME %.4f (median %.4f), failures above 0.08: %.3f, on %zu faces of people not "
           "trained on\n",
           a->fit.out, last.nme, last.nme_median, last.failures, held_out.count);
done:
    free(train.items);
    free(held_out.items);
    return st == UMCL_OK ? EXIT_DONE : cli_fail("train-face");
}

static int parse(int argc, char **argv, arguments *a)
{
    static const struct option options[] = {
        {"faces", required_argument, NULL, 'f'},
        {"rendered", required_argument, NULL, 'r'},
        {"epochs", required_argument, NULL, 'e'},
        {"batch", required_argument, NULL, 'b'},
        {"drop", required_argument, NULL, 'd'},
        {"learning-rate", required_argument, NULL, 'l'},
        {"seed", required_argument, NULL, 's'},
        {"threads", required_argument, NULL, 't'},
        {"init", required_argument, NULL, 'i'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c, threads = 0;
    bool good = true;

    while (good && (c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) switch (c) {
        case 'f':
            if (a->n_sets == MAX_SETS || !strchr(optarg, '='))
                return cli_usage("train-face", "--faces: expected CSV=FOLDER, found '%s'", optarg);
            a->sets[a->n_sets++] = optarg;
            break;
        case 'r': good = cli_int(&a->rendered, optarg, 0, INT_MAX); break;
        case 'e': good = cli_int(&a->fit.epochs, optarg, 1, INT_MAX); break;
        case 'b': good = cli_int(&a->fit.batch, optarg, 1, 4096); break;
        case 'd': good = cli_real(&a->fit.drop, optarg, 0, 1); break;
        case 'l': good = cli_real(&a->fit.learning_rate, optarg, 0, 1); break;
        case 's': good = cli_u64(&a->fit.seed, optarg); break;
        case 't': good = cli_int(&threads, optarg, 1, 1024); break;
        case 'i': a->fit.init = optarg; break;
        case 'o': a->fit.out = optarg; break;
        case 'h': fputs(help, stdout); return -1;
        default: return cli_bad_option("train-face");
        }
    if (!good) return cli_usage("train-face", "'%s' is not a number, or out of range", optarg);
    if (optind < argc) return cli_usage("train-face", "unexpected argument '%s'", argv[optind]);
    if (!a->fit.out || !a->n_sets) return cli_usage("train-face", "expected --faces and -o");
    if (threads) um_threads_set(threads);
    return EXIT_DONE;
}

int cmd_train_face(int argc, char **argv)
{
    arguments a = {.rendered = 400, .fit = UM_LANDMARK_FIT_OPTIONS_INIT};
    const char *what = argc > 1 ? argv[1] : "";
    char *line = cli_command_line(argc, argv);
    int code;

    if (argc > 1) argv[1] = argv[0]; /* the name in getopt's messages */
    a.fit.made_by = line;
    if (!strcmp(what, "--help") || !strcmp(what, "-h")) {
        fputs(help, stdout);
        code = EXIT_DONE;
    } else if (!strcmp(what, "detector")) {
        code = train_detector(argc - 1, argv + 1, line);
    } else if (strcmp(what, "landmarks")) {
        code = cli_usage("train-face", "expected what to train: landmarks or detector");
    } else if ((code = parse(argc - 1, argv + 1, &a)) == EXIT_DONE) {
        code = train_landmarks(&a);
    }
    free(line);
    return code < 0 ? EXIT_DONE : code;
}
