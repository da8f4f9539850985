/*
 * The face nets on a 1280 x 720 frame with one face, as `umcl detect` runs them, on one thread:
 * the detector, stage by stage, and the landmarks of one face and of several. Milliseconds are the
 * thread's own, which are the clock's where nothing else runs.
 */
#include <stdio.h>

#include "base/parallel.h"
#include "base/paths.h"
#include "clock.h"
#include "data/synth.h"
#include "face/face_nets.h"

enum { WIDTH = 1280, HEIGHT = 720, RUNS = 51, MANY = 8 };

typedef struct scene {
    um_frame *frame;
    um_image overview;
    um_face_nets *nets;
    um_mtcnn *cascade; /* the detector once more, to stop it half way */
    um_box face;
} scene;

static umcl_status open_scene(scene *s)
{
    um_face_nets_options nets = UM_FACE_NETS_VIDEO;
    um_synth_options options = UM_SYNTH_OPTIONS_INIT;
    um_synth *synth = NULL;
    um_image picture = {0};
    um_str model = UM_STR_INIT;
    umcl_status st;

    options.width = WIDTH;
    options.height = HEIGHT;
    UM_CHECK(um_synth_new(&synth, &options));
    UM_CHECK(um_image_new(&picture, WIDTH, HEIGHT, 3));
    UM_CHECK(um_synth_frame(synth, 0, &picture));
    UM_CHECK(um_frame_from_image(&s->frame, &picture, 0));
    UM_CHECK(um_image_new(&s->overview, nets.overview, nets.overview * HEIGHT / WIDTH, 3));
    UM_CHECK(um_frame_crop(s->frame, (um_box){0, 0, WIDTH, HEIGHT}, &s->overview));
    UM_CHECK(um_face_nets_open(&s->nets, &nets));
    UM_CHECK(um_find_data(&model, UM_FACE_DETECTOR_MODEL));
    st = um_mtcnn_open(&s->cascade, model.text);
done:
    um_str_clear(&model);
    um_image_clear(&picture);
    um_synth_free(synth);
    return st;
}

static void close_scene(scene *s)
{
    um_frame_unref(s->frame);
    um_image_clear(&s->overview);
    um_face_nets_free(s->nets);
    um_mtcnn_free(s->cascade);
}

/* One run; `count` is how many windows or faces it gave. */
typedef umcl_status (*part)(scene *s, size_t *count);

static umcl_status propose(scene *s, size_t *count, um_mtcnn_stage last)
{
    um_mtcnn_options o = um_mtcnn_defaults(s->cascade);
    const um_box *box;

    o.min_face = 40.0f * (float)s->overview.width / WIDTH;
    return um_mtcnn_propose(s->cascade, &box, count, &s->overview, &o, last);
}

static umcl_status first_net(scene *s, size_t *count)
{
    return propose(s, count, UM_PNET);
}

static umcl_status two_nets(scene *s, size_t *count)
{
    return propose(s, count, UM_RNET);
}

static umcl_status whole_detector(scene *s, size_t *count)
{
    um_face_models m = um_face_nets_models(s->nets);
    const um_face *faces;

    return m.detect(m.ctx, &faces, count, s->frame, NULL, 0);
}

static umcl_status landmarks(scene *s, size_t n)
{
    um_face_models m = um_face_nets_models(s->nets);
    um_landmarks found[MANY];
    float trust[MANY];
    um_box boxes[MANY];

    for (size_t i = 0; i < n; i++) boxes[i] = s->face;
    return m.landmarks(m.ctx, found, trust, s->frame, boxes, n);
}

static umcl_status one_face(scene *s, size_t *count)
{
    *count = 1;
    return landmarks(s, 1);
}

static umcl_status many_faces(scene *s, size_t *count)
{
    *count = MANY;
    return landmarks(s, MANY);
}

/* The first run builds graphs and is not counted. */
static umcl_status measure(scene *s, part run, const char *what, const char *unit, bool each)
{
    double ms[RUNS];
    size_t count;

    UM_TRY(run(s, &count));
    for (int i = 0; i < RUNS; i++) {
        double start = bench_cpu();

        UM_TRY(run(s, &count));
        ms[i] = 1e3 * (bench_cpu() - start);
    }
    printf("%-38s %6.2f ms", what, bench_median(ms, RUNS));
    if (each && count) printf("   %.2f a face", ms[RUNS / 2] / (double)count);
    printf("   (best %.2f; %zu %s)\n", ms[0], count, unit);
    return UMCL_OK;
}

static umcl_status bench(scene *s)
{
    um_face_models m;
    const um_face *faces;
    size_t n;

    UM_TRY(open_scene(s));
    m = um_face_nets_models(s->nets);
    UM_TRY(m.detect(m.ctx, &faces, &n, s->frame, NULL, 0));
    if (n == 0) return um_fail(UMCL_ERR_INTERNAL, "the detector sees no face");
    s->face = faces[0].box;
    printf("%d x %d, one face; CPU time of one thread, median of %d runs\n\n", WIDTH, HEIGHT, RUNS);
    um_threads_set(1);
    UM_TRY(measure(s, first_net, "P-Net on the pyramid", "windows go on", false));
    UM_TRY(measure(s, two_nets, "P-Net, R-Net", "windows go on", false));
    UM_TRY(measure(s, whole_detector, "detector: overview, P-, R-, O-Net", "faces", false));
    UM_TRY(measure(s, one_face, "landmarks, two passes", "face", true));
    return measure(s, many_faces, "landmarks, two passes", "faces", true);
}

int main(void)
{
    scene s = {0};
    umcl_status st = bench(&s);

    if (st != UMCL_OK) fprintf(stderr, "bench_faces: %s\n", umcl_last_error());
    close_scene(&s);
    return st == UMCL_OK ? 0 : 1;
}
