#include "face/face_nets.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/paths.h"
#include "face/landmark_net.h"

#define SMALLEST_SEEN 14.0f /* pixels of the overview: below, the nets have nothing to go by */

struct um_face_nets {
    um_face_nets_options options;
    um_mtcnn *detector;
    um_landmarker *landmarks;
    um_image overview;
    um_face *faces; /* [room] */
    um_box *hints;  /* [hint_room] */
    size_t room, hint_room;
};

static umcl_status open_model(um_str *path, const char *given, const char *shipped)
{
    if (!given) return um_find_data(path, shipped);
    um_str_append(path, given);
    return um_str_status(path);
}

umcl_status um_face_nets_open(um_face_nets **out, const um_face_nets_options *o)
{
    umcl_status st;
    um_face_nets *n = NULL;
    um_str detector = UM_STR_INIT, landmarks = UM_STR_INIT;
    int threads = um_threads();

    *out = NULL;
    um_threads_set(1);
    UM_CHECK(open_model(&detector, o->detector, UM_FACE_DETECTOR_MODEL));
    UM_CHECK(open_model(&landmarks, o->landmarks, UM_FACE_LANDMARK_MODEL));
    UM_CHECK(um_calloc(&n, 1, sizeof *n));
    UM_CHECK(um_mtcnn_open(&n->detector, detector.text));
    UM_CHECK(um_landmarker_open(&n->landmarks, landmarks.text));
    UM_CHECK(um_face_nets_tune(n, o));
    *out = n;
    n = NULL;
done:
    um_threads_set(threads);
    um_str_clear(&detector);
    um_str_clear(&landmarks);
    um_face_nets_free(n);
    return st;
}

void um_face_nets_free(um_face_nets *n)
{
    if (!n) return;
    um_mtcnn_free(n->detector);
    um_landmarker_free(n->landmarks);
    um_image_clear(&n->overview);
    free(n->faces);
    free(n->hints);
    free(n);
}

umcl_status um_face_nets_tune(um_face_nets *n, const um_face_nets_options *o)
{
    if (o->overview < 64 || !(o->min_face >= 12))
        return um_fail(UMCL_ERR_INVALID,
                       "face nets: expected overview >= 64 and min_face >= 12, got %d and %g",
                       o->overview, (double)o->min_face);
    n->options = *o;
    return UMCL_OK;
}

/* The frame at the overview's size: `scale` is overview pixels a frame pixel, in x and y. */
static umcl_status take_overview(um_face_nets *n, const um_frame *frame, float scale[2])
{
    int w = um_frame_width(frame), h = um_frame_height(frame), longer = w > h ? w : h;
    double s = longer > n->options.overview ? (double)n->options.overview / longer : 1;
    int ow = (int)lrint(fmax(w * s, 1)), oh = (int)lrint(fmax(h * s, 1));

    if (n->overview.width != ow || n->overview.height != oh) {
        um_image_clear(&n->overview);
        UM_TRY(um_image_new(&n->overview, ow, oh, 3));
    }
    scale[0] = (float)ow / (float)w;
    scale[1] = (float)oh / (float)h;
    return um_frame_crop(frame, (um_box){0, 0, (float)w, (float)h}, &n->overview);
}

static um_box scaled(um_box b, float x, float y)
{
    return (um_box){b.x0 * x, b.y0 * y, b.x1 * x, b.y1 * y};
}

static umcl_status keep_faces(um_face_nets *n, const um_face *found, size_t count,
                              const float scale[2])
{
    if (count > n->room) {
        UM_TRY(um_realloc(&n->faces, count, sizeof *n->faces));
        n->room = count;
    }
    for (size_t i = 0; i < count; i++) {
        n->faces[i] = found[i];
        n->faces[i].box = scaled(found[i].box, 1 / scale[0], 1 / scale[1]);
        for (int p = 0; p < 5; p++)
            for (int k = 0; k < 2; k++) n->faces[i].points[p][k] /= scale[k];
    }
    return UMCL_OK;
}

static umcl_status detect(void *ctx, const um_face **faces, size_t *n_faces, const um_frame *frame,
                          const um_box *hints, size_t n_hints)
{
    um_face_nets *n = ctx;
    um_mtcnn_options o = um_mtcnn_defaults(n->detector);
    const um_face *found;
    float scale[2];

    UM_TRY(take_overview(n, frame, scale));
    o.min_face = fmaxf(n->options.min_face * fminf(scale[0], scale[1]), SMALLEST_SEEN);
    for (int i = 0; i < 3; i++)
        if (n->options.threshold[i] > 0) o.threshold[i] = n->options.threshold[i];
    if (n_hints > n->hint_room) {
        UM_TRY(um_realloc(&n->hints, n_hints, sizeof *n->hints));
        n->hint_room = n_hints;
    }
    for (size_t i = 0; i < n_hints; i++) n->hints[i] = scaled(hints[i], scale[0], scale[1]);
    UM_TRY(um_mtcnn_detect(n->detector, &found, n_faces, &n->overview, &o, n->hints, n_hints));
    UM_TRY(keep_faces(n, found, *n_faces, scale));
    *faces = n->faces;
    return UMCL_OK;
}

static umcl_status detect_alone(void *ctx, const um_face **faces, size_t *n_faces,
                                const um_frame *frame, const um_box *hints, size_t n_hints)
{
    int threads = um_threads();
    umcl_status st;

    um_threads_set(1);
    st = detect(ctx, faces, n_faces, frame, hints, n_hints);
    um_threads_set(threads);
    return st;
}

static umcl_status landmarks_alone(void *ctx, um_landmarks *out, float *trust,
                                   const um_frame *frame, const um_box *boxes, size_t n)
{
    um_face_nets *nets = ctx;
    int threads = um_threads();
    umcl_status st;

    um_threads_set(1);
    st = um_landmarker_locate(nets->landmarks, frame, boxes, n, out);
    um_threads_set(threads);
    /* The network has no opinion of its own; the stream checks where its points lie. */
    for (size_t i = 0; i < n; i++) trust[i] = 1;
    return st;
}

um_face_models um_face_nets_models(um_face_nets *nets)
{
    return (um_face_models){nets, detect_alone, landmarks_alone};
}
