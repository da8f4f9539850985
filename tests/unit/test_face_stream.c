/* The stream with a detector and a landmark net that know where the painted faces are. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "face/crop.h"
#include "face/stream.h"

#define WIDTH 480
#define HEIGHT 270
#define MAX_FRAMES 400

typedef struct actor {
    float x0, vx, y, size;
    int from, to;               /* frames on which it is there */
    int hidden_from, hidden_to; /* ... and on which nothing finds it */
} actor;

typedef struct world {
    const actor *actors;
    size_t n_actors;
    int frame;
    um_rng rng;
    um_face faces[8];
    /* What the stream handed out */
    int n[16];               /* frames by track */
    int64_t last[16];        /* last frame by track */
    float x[16][MAX_FRAMES]; /* centre by track and frame */
    int bridged, ended, why[16];
    int64_t passed;
    double raw_error, calibrated_error;
    bool fail;
} world;

static bool visible(const world *w, const actor *a, bool to_nets)
{
    if (w->frame < a->from || w->frame >= a->to) return false;
    return !to_nets || w->frame < a->hidden_from || w->frame >= a->hidden_to;
}

static float actor_x(const world *w, const actor *a)
{
    return a->x0 + a->vx * (float)w->frame;
}

static umcl_status detect(void *ctx, const um_face **faces, size_t *n, const um_frame *frame,
                          const um_box *hints, size_t n_hints)
{
    world *w = ctx;

    (void)frame;
    (void)hints;
    (void)n_hints;
    *n = 0;
    for (size_t i = 0; i < w->n_actors; i++) {
        const actor *a = &w->actors[i];
        float x = actor_x(w, a) + (float)um_rng_normal(&w->rng);
        float y = a->y + (float)um_rng_normal(&w->rng), r = a->size / 2;

        if (!visible(w, a, true)) continue;
        w->faces[(*n)++] = (um_face){.box = {x - r, y - r, x + r, y + r}, .score = 0.99f};
    }
    *faces = w->faces;
    return w->fail ? um_fail(UMCL_ERR_INTERNAL, "the detector broke") : UMCL_OK;
}

static void landmark(um_landmarks *lm, float x, float y, float size, int i)
{
    float angle = 6.2831853f * (float)i / UM_N_LANDMARKS, r = size * (i % 2 ? 0.45f : 0.25f);

    lm->p[i][0] = x + r * cosf(angle);
    lm->p[i][1] = y + r * sinf(angle);
}

static umcl_status landmarks(void *ctx, um_landmarks *out, float *trust, const um_frame *frame,
                             const um_box *boxes, size_t n)
{
    world *w = ctx;

    (void)frame;
    for (size_t k = 0; k < n; k++) {
        float best = 1e9f;

        trust[k] = 0;
        for (size_t i = 0; i < w->n_actors; i++) {
            const actor *a = &w->actors[i];
            float x = actor_x(w, a);
            float d = hypotf(x - 0.5f * (boxes[k].x0 + boxes[k].x1),
                             a->y - 0.5f * (boxes[k].y0 + boxes[k].y1));

            if (!visible(w, a, true) || d > 0.5f * a->size || d > best) continue;
            best = d;
            trust[k] = 1;
            for (int p = 0; p < UM_N_LANDMARKS; p++) {
                landmark(&out[k], x, a->y, a->size, p);
                out[k].p[p][0] += 0.5f * (float)um_rng_normal(&w->rng);
                out[k].p[p][1] += 0.5f * (float)um_rng_normal(&w->rng);
            }
        }
    }
    return UMCL_OK;
}

static umcl_status on_frame(void *user, const um_track_frame *f)
{
    world *w = user;

    assert_in_range(f->track, 1, 15);
    assert_true(w->n[f->track] == 0 || f->frame == w->last[f->track] + 1);
    assert_true(f->frame > w->passed);
    assert_non_null(f->crop);
    assert_int_equal(f->crop->width, UM_CROP_SIDE);
    w->n[f->track]++;
    w->last[f->track] = f->frame;
    w->x[f->track][f->frame] = 0.5f * (f->box.x0 + f->box.x1);
    w->bridged += f->bridged;
    if (w->n_actors == 1) {
        const actor *a = &w->actors[0];
        um_landmarks truth;

        for (int p = 0; p < UM_N_LANDMARKS; p++) {
            landmark(&truth, a->x0 + a->vx * (float)f->frame, a->y, a->size, p);
            w->raw_error += pow(f->raw.p[p][0] - truth.p[p][0], 2);
            w->calibrated_error += pow(f->calibrated.p[p][0] - truth.p[p][0], 2);
        }
    }
    return UMCL_OK;
}

static umcl_status on_end(void *user, int track, um_track_end why)
{
    world *w = user;

    w->ended++;
    w->why[track] = (int)why;
    return UMCL_OK;
}

static umcl_status on_passed(void *user, int64_t frame)
{
    world *w = user;

    assert_true(frame > w->passed);
    w->passed = frame;
    return UMCL_OK;
}

/* Each actor is a textured disc on a textured ground; `shot` changes the ground. */
static void paint(um_image *im, const world *w, int shot)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            float v = 110 + 40 * sinf((float)x * (shot ? 0.02f : 0.05f) + (float)shot * 2) +
                      40 * cosf((float)y * (shot ? 0.09f : 0.04f));
            uint8_t *p = im->data + (size_t)y * im->stride + 3 * (size_t)x;

            for (size_t i = 0; i < w->n_actors; i++) {
                const actor *a = &w->actors[i];
                float u = (float)x - actor_x(w, a), t = (float)y - a->y;

                if (!visible(w, a, false) || hypotf(u, t) > a->size / 2) continue;
                v = 128 + 50 * sinf(0.35f * u + (float)i) + 50 * cosf(0.3f * t + 0.1f * u);
            }
            p[0] = p[1] = p[2] = (uint8_t)v;
        }
}

static um_face_stream_stats run(world *w, int frames, int cut_at)
{
    const um_face_models models = {w, detect, landmarks};
    const um_face_sink sink = {w, on_frame, on_end, on_passed};
    um_face_stream *s;
    um_image im;
    um_face_stream_stats stats;

    w->rng = um_rng_new(1, "world");
    w->passed = -1;
    assert_ok(um_image_new(&im, WIDTH, HEIGHT, 3));
    assert_ok(um_face_stream_new(&s, &models, &UM_FACE_STREAM_OPTIONS_INIT, &sink));
    for (w->frame = 0; w->frame < frames; w->frame++) {
        um_frame *frame;

        paint(&im, w, w->frame >= cut_at);
        assert_ok(um_frame_from_image(&frame, &im, w->frame / 30.0));
        assert_ok(um_face_stream_push(s, frame));
        um_frame_unref(frame);
        assert_true(w->passed >= w->frame - 25); /* bounded delay */
    }
    assert_ok(um_face_stream_finish(s));
    stats = um_face_stream_get_stats(s);
    um_face_stream_free(s);
    um_image_clear(&im);
    return stats;
}

static void one_face_from_first_to_last_frame(void **state)
{
    const actor a = {.x0 = 100, .vx = 1.3f, .y = 130, .size = 90, .to = 1000};
    world *w = calloc(1, sizeof *w);

    (void)state;
    w->actors = &a;
    w->n_actors = 1;
    run(w, 60, 1000);
    assert_int_equal(w->n[1], 60);
    assert_int_equal(w->why[1], UM_TRACK_DONE);
    for (int f = 0; f < 60; f++) assert_float_equal(w->x[1][f], 100 + 1.3f * (float)f, 3);
    print_message("landmarks in the stream: error %.3f -> %.3f px\n",
                  sqrt(w->raw_error / (60 * 68)), sqrt(w->calibrated_error / (60 * 68)));
    assert_true(w->calibrated_error < w->raw_error);
    free(w);
}

static void gaps_are_filled_or_end_the_track(void **state)
{
    actor a = {.x0 = 100, .vx = 2, .y = 130, .size = 90, .to = 1000, .hidden_from = 30};
    world *w = calloc(1, sizeof *w);

    (void)state;
    a.hidden_to = 40;
    w->actors = &a;
    w->n_actors = 1;
    run(w, 80, 1000);
    assert_int_equal(w->n[1], 80);
    assert_in_range(w->bridged, 5, 12);
    for (int f = 30; f < 40; f++) assert_float_equal(w->x[1][f], 100 + 2 * (float)f, 5);
    memset(w, 0, sizeof *w);
    a.hidden_to = 65;
    w->actors = &a;
    w->n_actors = 1;
    run(w, 100, 1000);
    assert_in_range(w->n[1], 25, 30);
    assert_int_equal(w->why[1], UM_TRACK_LOST);
    assert_int_equal(w->n[2], 35);
    free(w);
}

static void two_faces_cross(void **state)
{
    const actor actors[2] = {
        {.x0 = 80, .vx = 4, .y = 120, .size = 80, .to = 1000, .hidden_from = 36, .hidden_to = 45},
        {.x0 = 400, .vx = -4, .y = 130, .size = 84, .to = 1000},
    };
    world *w = calloc(1, sizeof *w);
    bool left_is_1;

    (void)state;
    w->actors = actors;
    w->n_actors = 2;
    run(w, 76, 1000);
    assert_int_equal(w->n[1], 76);
    assert_int_equal(w->n[2], 76);
    assert_int_equal(w->ended, 2);
    left_is_1 = w->x[1][0] < w->x[2][0];
    for (int f = 0; f < 76; f++) {
        float left = 80 + 4 * (float)f, right = 400 - 4 * (float)f;

        assert_float_equal(w->x[1][f], left_is_1 ? left : right, 12);
        assert_float_equal(w->x[2][f], left_is_1 ? right : left, 12);
    }
    free(w);
}

static void faces_enter_leave_and_cuts_end_them(void **state)
{
    const actor actors[2] = {
        {.x0 = 120, .y = 130, .size = 80, .to = 1000},
        {.x0 = 350, .y = 130, .size = 80, .from = 22, .to = 60},
    };
    world *w = calloc(1, sizeof *w);
    um_face_stream_stats stats;

    (void)state;
    w->actors = actors;
    w->n_actors = 2;
    stats = run(w, 120, 90);
    assert_int_equal(stats.cuts, 1);
    assert_int_equal(stats.tracks, 3);
    assert_int_equal(w->n[1], 90);
    assert_int_equal(w->why[1], UM_TRACK_CUT);
    assert_in_range(w->n[2], 30, 36);
    assert_int_equal(w->why[2], UM_TRACK_LOST);
    assert_int_equal(w->n[3], 30);
    free(w);
}

static void faults_are_passed_on(void **state)
{
    const actor a = {.x0 = 100, .y = 130, .size = 90, .to = 1000};
    world *w = calloc(1, sizeof *w);
    const um_face_models models = {w, detect, landmarks};
    const um_face_sink sink = {w, on_frame, NULL, NULL};
    um_face_stream_options bad = UM_FACE_STREAM_OPTIONS_INIT;
    um_face_stream *s;
    um_image im;
    um_frame *frame;

    (void)state;
    w->actors = &a;
    w->n_actors = 1;
    w->fail = true;
    bad.every = 0;
    assert_fails(UMCL_ERR_INVALID, "every", um_face_stream_new(&s, &models, &bad, &sink));
    assert_ok(um_image_new(&im, 1, 1, 3)); /* the smallest picture there is */
    assert_ok(um_frame_from_image(&frame, &im, 0));
    assert_ok(um_face_stream_new(&s, &models, &UM_FACE_STREAM_OPTIONS_INIT, &sink));
    assert_fails(UMCL_ERR_INTERNAL, "broke", um_face_stream_push(s, frame));
    um_face_stream_free(s);
    um_frame_unref(frame);
    um_image_clear(&im);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_face_from_first_to_last_frame),
        cmocka_unit_test(gaps_are_filled_or_end_the_track),
        cmocka_unit_test(two_faces_cross),
        cmocka_unit_test(faces_enter_leave_and_cuts_end_them),
        cmocka_unit_test(faults_are_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
