#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "data/synth.h"
#include "data/synth_mesh.h"
#include "data/synth_raster.h"

static um_synth_options small(void)
{
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;

    o.width = 256;
    o.height = 192;
    return o;
}

static um_synth *open_scene(const um_synth_options *o)
{
    um_synth *s;

    assert_ok(um_synth_new(&s, o));
    return s;
}

static um_image draw(um_synth *s, int64_t i)
{
    const um_synth_options *o = um_synth_get_options(s);
    um_image im;

    assert_ok(um_image_new(&im, o->width, o->height, 3));
    assert_ok(um_synth_frame(s, i, &im));
    return im;
}

static bool same_picture(const um_image *a, const um_image *b)
{
    for (int y = 0; y < a->height; y++)
        if (memcmp(a->data + (size_t)y * a->stride, b->data + (size_t)y * b->stride,
                   3 * (size_t)a->width) != 0)
            return false;
    return true;
}

/* Mean grey level of a square around (x, y); channel 3 is the mean of all. */
static double level(const um_image *im, double x, double y, double radius, int channel)
{
    double sum = 0;
    int n = 0;

    for (int py = (int)floor(y - radius); py <= (int)(y + radius); py++)
        for (int px = (int)floor(x - radius); px <= (int)(x + radius); px++) {
            if (px < 0 || py < 0 || px >= im->width || py >= im->height) continue;
            const uint8_t *p = im->data + (size_t)py * im->stride + 3 * (size_t)px;
            sum += channel < 3 ? p[channel] : (p[0] + p[1] + p[2]) / 3.0;
            n++;
        }
    assert_true(n > 0);
    return sum / n;
}

static void refuses_bad_options(void **state)
{
    um_synth *s;
    um_synth_options o = small();

    (void)state;
    o.width = 8;
    assert_fails(UMCL_ERR_INVALID, "width: expected 16 to 4096, got 8", um_synth_new(&s, &o));
    assert_null(s);
    o = small();
    o.people = UM_SYNTH_MAX_PEOPLE + 1;
    assert_fails(UMCL_ERR_INVALID, "people", um_synth_new(&s, &o));
    o = small();
    o.pulse_bpm = 20;
    assert_fails(UMCL_ERR_INVALID, "pulse_bpm: expected 30 to 200", um_synth_new(&s, &o));
    o.pulse_bpm = NAN;
    assert_fails(UMCL_ERR_INVALID, "pulse_bpm", um_synth_new(&s, &o));
}

static void refuses_a_picture_of_another_size(void **state)
{
    um_synth_options o = small();
    um_synth *s = open_scene(&o);
    um_image im;

    (void)state;
    assert_ok(um_image_new(&im, 64, 64, 3));
    assert_fails(UMCL_ERR_INVALID, "256 x 192 x 3, got 64 x 64 x 3", um_synth_frame(s, 0, &im));
    um_image_clear(&im);
    um_synth_free(s);
}

static void same_seed_same_pixels(void **state)
{
    um_synth_options o = small();
    um_synth *a = open_scene(&o), *b = open_scene(&o), *c;

    (void)state;
    o.seed = 2;
    c = open_scene(&o);
    um_threads_set(1);
    um_image a7 = draw(a, 7);
    um_threads_set(2);
    um_image b3 = draw(b, 3), b7 = draw(b, 7), c7 = draw(c, 7);
    um_threads_set(0);
    assert_true(same_picture(&a7, &b7));
    assert_false(same_picture(&b3, &b7));
    assert_false(same_picture(&a7, &c7));
    um_image_clear(&a7);
    um_image_clear(&b3);
    um_image_clear(&b7);
    um_image_clear(&c7);
    um_synth_free(a);
    um_synth_free(b);
    um_synth_free(c);
}

/* First frame from `i` on in which person 0 is as wanted. */
static int64_t find_frame(const um_synth *s, int64_t i, bool (*wanted)(const um_synth_state *))
{
    for (int64_t last = i + 3000; i < last; i++) {
        um_synth_state state = um_synth_get_state(s, i, 0);
        if (wanted(&state)) return i;
    }
    fail_msg("no such frame");
    return 0;
}

static bool eyes_open_frontal(const um_synth_state *s)
{
    return s->blink == 0 && fabsf(s->yaw) < 0.1f;
}

static bool eyes_shut(const um_synth_state *s)
{
    return s->blink == 1;
}

static bool mouth_open(const um_synth_state *s)
{
    return s->mouth > 0.7f;
}

/* Iris and pupil are dark and the white is light where the landmarks say that the eye is; skin
 * covers both when it is shut. */
static void eyes_are_where_landmarks_say(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        um_synth_options o = {0};
        o = UM_SYNTH_OPTIONS_INIT;
        o.seed = seed;
        um_synth *s = open_scene(&o);
        int64_t open = find_frame(s, 0, eyes_open_frontal), shut = find_frame(s, 0, eyes_shut);
        um_image a = draw(s, open), b = draw(s, shut);
        um_synth_state at = um_synth_get_state(s, open, 0);
        float xy[136], closed[136];

        assert_true(um_synth_landmarks(s, open, 0, xy));
        assert_true(um_synth_landmarks(s, shut, 0, closed));
        for (int eye = 36; eye <= 42; eye += 6) {
            double x = 0, y = 0, cx = 0, cy = 0;
            for (int k = 0; k < 6; k++) {
                x += (double)xy[2 * (eye + k)] / 6;
                y += (double)xy[2 * (eye + k) + 1] / 6;
                cx += (double)closed[2 * (eye + k)] / 6;
                cy += (double)closed[2 * (eye + k) + 1] / 6;
            }
            x += (double)(at.gaze_x * at.px_per_cm);
            double iris = level(&a, x, y, 2, 3);
            double white = 0;
            for (int corner = 0; corner <= 3; corner += 3) { /* the lighter of both sides */
                double wx = x + 0.62 * ((double)xy[2 * (eye + corner)] - x);
                double wy = y + 0.62 * ((double)xy[2 * (eye + corner) + 1] - y);
                white = fmax(white, level(&a, wx, wy, 1, 3));
            }
            assert_true(iris < 0.6 * white);
            double lid = level(&b, cx, cy - 0.45 * (double)at.px_per_cm, 1, 0);
            assert_true(lid > 1.25 * level(&a, x, y, 2, 0));
        }
        um_image_clear(&a);
        um_image_clear(&b);
        um_synth_free(s);
    }
}

/* Between the inner lips of an open mouth it is darker, and less red, than on the lower lip. */
static void mouth_is_where_landmarks_say(void **state)
{
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;
    um_synth *s = open_scene(&o);
    int64_t i = find_frame(s, 0, mouth_open);
    um_image im = draw(s, i);
    float xy[136];

    (void)state;
    assert_true(um_synth_landmarks(s, i, 0, xy));
    const float *top = xy + 2 * 62, *bottom = xy + 2 * 66, *low = xy + 2 * 57;
    double inside =
        level(&im, (double)bottom[0], 0.3 * (double)top[1] + 0.7 * (double)bottom[1], 1, 0);
    double lip = level(&im, (double)low[0], 0.5 * (double)(bottom[1] + low[1]), 1, 0);
    assert_true(inside < 0.65 * lip);
    um_image_clear(&im);
    um_synth_free(s);
}

/*
 * The exact test: the mesh drawn at a landmark's pixel is the surface point that the landmark is
 * made from. Lids and lips move over the surface, the tip of the nose and the eye's corners do not.
 */
static void landmarks_lie_on_the_drawn_surface(void **state)
{
    static const int fixed[] = {28, 29, 30, 36, 39, 42, 45, 33};
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;
    um_synth_raster raster;
    um_synth_body body;
    um_synth_look look;

    (void)state;
    um_synth *s = open_scene(&o);
    um_synth_look_draw(&look, o.seed, 0);
    assert_ok(um_synth_body_build(&body, &look, 16));
    assert_ok(um_synth_raster_init(&raster, o.width, o.height));
    for (int64_t i = 0; i < 300; i += 60) {
        um_synth_state at = um_synth_get_state(s, i, 0);
        float xy[136];
        assert_true(um_synth_landmarks(s, i, 0, xy));
        um_synth_body_pose(&body, &at);
        um_synth_raster_draw(&raster, &body);
        for (size_t k = 0; k < sizeof fixed / sizeof *fixed; k++) {
            float x = xy[2 * fixed[k]], y = xy[2 * fixed[k] + 1];
            float eye = fixed[k] == 36 || fixed[k] == 45 ? look.eye_w : -look.eye_w;
            float sign = fixed[k] < 40 ? -1.0f : 1.0f;
            bool nose = fixed[k] < 36;
            float u = nose ? 0 : sign * (look.eye_x + eye);
            float v = fixed[k] == 30   ? look.nose_y
                      : fixed[k] == 33 ? look.nose_y + 0.98f
                      : nose           ? look.nose_y * (0.02f + 0.98f * (float)(fixed[k] - 27) / 3)
                                       : um_synth_lids_at(&look, at.blink, eye > 0 ? 1 : -1).upper;
            size_t sample = (size_t)(int)(2 * y) * 2 * (size_t)o.width + (size_t)(int)(2 * x);
            uint32_t triangle = raster.sample[sample].triangle;
            assert_true(triangle >> 24 == UM_PART_HEAD);
            um_synth_vertex found = um_synth_raster_at(&body, triangle, x, y);
            assert_true(fabsf(found.attr.u - u) < 0.06f);
            assert_true(fabsf(found.attr.v - v) < (fixed[k] == 33 ? 0.25f : 0.06f));
        }
    }
    um_synth_raster_clear(&raster);
    um_synth_body_clear(&body);
    um_synth_free(s);
}

static void people_stand_apart_and_differ(void **state)
{
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;
    um_box box[4];

    (void)state;
    o.people = 4;
    um_synth *s = open_scene(&o);
    o.people = 0;
    um_synth *empty = open_scene(&o);
    um_image full = draw(s, 0), bare = draw(empty, 0);
    assert_false(same_picture(&full, &bare));
    for (int p = 0; p < 4; p++) {
        assert_true(um_synth_box(s, 0, p, box + p));
        double x = 0.5 * (double)(box[p].x0 + box[p].x1), y = 0.5 * (double)(box[p].y0 + box[p].y1);
        assert_true(box[p].x0 > 0 && box[p].y0 > 0 && box[p].x1 < 640 && box[p].y1 < 480);
        double red = level(&full, x, y, 3, 0), blue = level(&full, x, y, 3, 2);
        assert_true(red > 1.15 * blue); /* skin */
        for (int q = 0; q < p; q++) {
            assert_true(box[p].x0 > box[q].x1 || box[q].x0 > box[p].x1 || box[p].y0 > box[q].y1 ||
                        box[q].y0 > box[p].y1);
            assert_true(fabs(um_synth_rate(s, p) - um_synth_rate(s, q)) > 5);
        }
    }
    um_image_clear(&full);
    um_image_clear(&bare);
    um_synth_free(s);
    um_synth_free(empty);
}

static void a_crowd_fits(void **state)
{
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;
    float xy[136];

    (void)state;
    o.people = UM_SYNTH_MAX_PEOPLE;
    um_synth *s = open_scene(&o);
    um_image im = draw(s, 0);
    for (int p = 0; p < o.people; p++) {
        assert_true(um_synth_landmarks(s, 0, p, xy));
        assert_true(xy[60] > 0 && xy[60] < 640 && xy[61] > 0 && xy[61] < 480);
    }
    um_image_clear(&im);
    um_synth_free(s);
}

static void people_appear_and_vanish(void **state)
{
    um_synth_options o = small();
    float xy[136];
    um_box box;

    (void)state;
    o.appear = 1;
    o.vanish = 3;
    um_synth *s = open_scene(&o);
    o.people = 0;
    um_synth *empty = open_scene(&o);
    um_image a = draw(s, 0), b = draw(empty, 0);
    assert_true(same_picture(&a, &b));
    assert_false(um_synth_landmarks(s, 29, 0, xy));
    assert_true(um_synth_landmarks(s, 30, 0, xy));
    assert_true(um_synth_box(s, 89, 0, &box));
    assert_false(um_synth_box(s, 90, 0, &box));
    assert_true(box.x1 == 0);
    um_image_clear(&a);
    um_image_clear(&b);
    um_synth_free(s);
    um_synth_free(empty);
}

static void walkers_cross(void **state)
{
    um_synth_options o = small();
    bool before = false, after = false;

    (void)state;
    o.people = 2;
    o.walk = true;
    um_synth *s = open_scene(&o);
    for (int64_t i = 0; i < 300; i++) {
        float d = um_synth_get_state(s, i, 0).x - um_synth_get_state(s, i, 1).x;
        before = before || d < -40;
        after = after || (before && d > 40);
    }
    assert_true(before && after);
    um_synth_free(s);
}

static void still_heads_do_not_move(void **state)
{
    um_synth_options o = small();
    float a[136], b[136];

    (void)state;
    o.motion = o.talk = o.blink_rate = 0;
    um_synth *s = open_scene(&o);
    assert_true(um_synth_landmarks(s, 0, 0, a));
    for (int64_t i = 1; i < 200; i += 13) {
        assert_true(um_synth_landmarks(s, i, 0, b));
        assert_memory_equal(a, b, sizeof a);
    }
    um_synth_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_bad_options),
        cmocka_unit_test(refuses_a_picture_of_another_size),
        cmocka_unit_test(same_seed_same_pixels),
        cmocka_unit_test(eyes_are_where_landmarks_say),
        cmocka_unit_test(mouth_is_where_landmarks_say),
        cmocka_unit_test(landmarks_lie_on_the_drawn_surface),
        cmocka_unit_test(people_stand_apart_and_differ),
        cmocka_unit_test(a_crowd_fits),
        cmocka_unit_test(people_appear_and_vanish),
        cmocka_unit_test(walkers_cross),
        cmocka_unit_test(still_heads_do_not_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
