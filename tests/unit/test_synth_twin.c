/* Broken twins differ from their person in what their name says, and in nothing else. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "data/synth.h"
#include "media/polygon.h"

enum { FRAMES = 90, WIDTH = 208, HEIGHT = 176 };
#define FPS 15.0
#define BPM 80.0

typedef double trace[FRAMES];

/* A still face without noise: only the pulse moves. */
static um_synth_options still(um_synth_twin twin)
{
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;

    o.width = WIDTH;
    o.height = HEIGHT;
    o.fps = FPS;
    o.motion = o.talk = o.blink_rate = o.light_drift = o.noise = o.pulse_variation = 0;
    o.pulse_bpm = BPM;
    o.pulse_strength = 4;
    o.twin = twin;
    return o;
}

static um_synth_options moving(um_synth_twin twin)
{
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;

    o.width = WIDTH;
    o.height = HEIGHT;
    o.twin = twin;
    return o;
}

static double green(const um_image *im, double x, double y, int radius)
{
    double sum = 0, n = 0;

    for (int v = (int)y - radius; v <= (int)y + radius; v++)
        for (int u = (int)x - radius; u <= (int)x + radius; u++, n++)
            sum += im->data[(size_t)v * im->stride + (size_t)(3 * u + 1)];
    return sum / n;
}

/* Blood volume as the skin shows it, on the left cheek and on the forehead. */
static void read_skin(const um_synth_options *o, trace cheek, trace forehead, um_synth **synth)
{
    um_image im;
    float xy[2 * UM_SYNTH_POINTS];
    um_box box;

    assert_ok(um_synth_new(synth, o));
    assert_ok(um_image_new(&im, o->width, o->height, 3));
    for (int i = 0; i < FRAMES; i++) {
        assert_ok(um_synth_frame(*synth, i, &im));
        assert_true(um_synth_landmarks(*synth, i, 0, xy));
        assert_true(um_synth_box(*synth, i, 0, &box));
        cheek[i] = -green(&im, (double)(xy[80] + xy[96]) / 2, (double)(xy[81] + xy[97]) / 2, 4);
        forehead[i] = -green(&im, (double)xy[54], (double)box.y0, 2);
    }
    um_image_clear(&im);
}

/* Amplitude at `bpm`, under a Hann window. */
static double amplitude(const double *x, double bpm)
{
    double mean = 0, re = 0, im = 0;

    for (int i = 0; i < FRAMES; i++) mean += x[i] / FRAMES;
    for (int i = 0; i < FRAMES; i++) {
        double v = (x[i] - mean) * (0.5 - 0.5 * cos(2 * M_PI * i / (FRAMES - 1)));

        re += v * cos(2 * M_PI * bpm / 60 * i / FPS);
        im += v * sin(2 * M_PI * bpm / 60 * i / FPS);
    }
    return hypot(re, im) * 4 / FRAMES;
}

typedef double (*beat_fn)(const um_synth *synth, int64_t i, int p);

static double correlation(const double *x, const um_synth *s, beat_fn beat)
{
    double mean = 0, dot = 0, a = 0, b = 0;

    for (int i = 0; i < FRAMES; i++) mean += x[i] / FRAMES;
    for (int i = 0; i < FRAMES; i++) {
        double y = beat(s, i, 0);

        dot += (x[i] - mean) * y;
        a += (x[i] - mean) * (x[i] - mean);
        b += y * y;
    }
    return dot / sqrt(a * b);
}

static void no_pulse_has_no_peak_where_the_person_has(void **state)
{
    um_synth_options o = still(UM_SYNTH_TWIN_NONE), broken = still(UM_SYNTH_TWIN_NO_PULSE);
    trace cheek, forehead, flat, none;
    um_synth *s, *twin;

    (void)state;
    read_skin(&o, cheek, forehead, &s);
    read_skin(&broken, flat, none, &twin);
    assert_true(amplitude(cheek, BPM) > 1 && amplitude(forehead, BPM) > 1);
    assert_true(amplitude(flat, BPM) < 0.02 && amplitude(none, BPM) < 0.02);
    assert_true(um_synth_rate(s, 0) == BPM && um_synth_rate(twin, 0) == 0);
    for (int i = 0; i < FRAMES; i++) assert_true(um_synth_pulse(twin, i, 0) == 0);
    um_synth_free(s);
    um_synth_free(twin);
}

static void desync_beats_late_inside_the_face(void **state)
{
    um_synth_options o = still(UM_SYNTH_TWIN_NONE), broken = still(UM_SYNTH_TWIN_DESYNC);
    trace cheek, forehead;
    um_synth *s;

    (void)state;
    read_skin(&o, cheek, forehead, &s);
    assert_true(correlation(cheek, s, um_synth_pulse) > 0.98);
    assert_true(correlation(cheek, s, um_synth_pulse_inside) > 0.98);
    um_synth_free(s);
    read_skin(&broken, cheek, forehead, &s);
    assert_true(correlation(cheek, s, um_synth_pulse_inside) > 0.98);
    assert_true(correlation(cheek, s, um_synth_pulse) < -0.7);
    assert_true(correlation(forehead, s, um_synth_pulse) > 0.98);
    assert_true(fabs(amplitude(cheek, BPM) / (0.86 * 4 * -cheek[0] / 140) - 1) < 0.12);
    um_synth_free(s);
}

/* Mean second difference of all points, in pixels. */
static double trembling(const um_synth *s)
{
    float at[3][2 * UM_SYNTH_POINTS];
    double sum = 0;

    for (int i = 1; i < FRAMES - 1; i++) {
        for (int k = 0; k < 3; k++) um_synth_landmarks(s, i - 1 + k, 0, at[k]);
        for (int k = 0; k < 2 * UM_SYNTH_POINTS; k++)
            sum += fabs((double)(at[0][k] - 2 * at[1][k] + at[2][k]));
    }
    return sum / ((FRAMES - 2) * 2 * UM_SYNTH_POINTS);
}

static void jitter_trembles_from_frame_to_frame(void **state)
{
    um_synth_options o = moving(UM_SYNTH_TWIN_NONE), broken = moving(UM_SYNTH_TWIN_JITTER);
    um_synth *s, *twin, *again;
    float a[2 * UM_SYNTH_POINTS], b[2 * UM_SYNTH_POINTS];

    (void)state;
    assert_ok(um_synth_new(&s, &o));
    assert_ok(um_synth_new(&twin, &broken));
    assert_ok(um_synth_new(&again, &broken));
    if (!(trembling(twin) > 5 * trembling(s) && trembling(twin) < 3))
        fail_msg("%g and %g pixels", trembling(s), trembling(twin));
    for (int i = 0; i < FRAMES; i++) { /* around the same course */
        um_synth_landmarks(s, i, 0, a);
        um_synth_landmarks(twin, i, 0, b);
        assert_true(hypot((double)(a[60] - b[60]), (double)(a[61] - b[61])) < 8);
        um_synth_landmarks(again, i, 0, a);
        assert_memory_equal(a, b, sizeof a);
    }
    um_synth_free(s);
    um_synth_free(twin);
    um_synth_free(again);
}

static um_image frame_of(const um_synth_options *o, int64_t i, float (*points)[2])
{
    um_synth *s;
    um_image im;

    assert_ok(um_synth_new(&s, o));
    assert_ok(um_image_new(&im, o->width, o->height, 3));
    assert_ok(um_synth_frame(s, i, &im));
    assert_true(um_synth_landmarks(s, i, 0, (float *)points));
    um_synth_free(s);
    return im;
}

static void patch_differs_inside_the_face_alone(void **state)
{
    um_synth_options o = moving(UM_SYNTH_TWIN_NONE), broken = moving(UM_SYNTH_TWIN_PATCH);
    float a[UM_SYNTH_POINTS][2], b[UM_SYNTH_POINTS][2], hull[UM_SYNTH_POINTS][2];
    um_image plain = frame_of(&o, 20, a), patched = frame_of(&broken, 20, b), face;
    double inside = 0, changed = 0;
    size_t corners;

    (void)state;
    assert_memory_equal(a, b, sizeof a);
    assert_ok(um_image_new(&face, WIDTH, HEIGHT, 1));
    corners = um_convex_hull(hull, (const float(*)[2])a, UM_SYNTH_POINTS);
    um_polygon_fill(&face, (const float(*)[2])hull, corners);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            const uint8_t *p = plain.data + (size_t)y * plain.stride + 3 * x;
            const uint8_t *q = patched.data + (size_t)y * patched.stride + 3 * x;
            bool differs = memcmp(p, q, 3) != 0, in = face.data[(size_t)y * face.stride + x] > 0;

            if (differs && !in) fail_msg("pixel %d, %d outside of the face differs", x, y);
            inside += in;
            changed += differs;
        }
    assert_true(changed > 0.5 * inside);
    um_image_clear(&plain);
    um_image_clear(&patched);
    um_image_clear(&face);
}

/* A face that is half outside of the picture, or small, or one of many is patched, too. */
static void patches_anywhere(void **state)
{
    um_synth_options o = moving(UM_SYNTH_TWIN_PATCH);
    um_synth *s;
    um_image im;

    (void)state;
    o.people = 3;
    o.walk = true;
    assert_ok(um_synth_new(&s, &o));
    assert_ok(um_image_new(&im, o.width, o.height, 3));
    for (int i = 0; i < 240; i += 30) assert_ok(um_synth_frame(s, i, &im));
    um_synth_free(s);
    um_image_clear(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_pulse_has_no_peak_where_the_person_has),
        cmocka_unit_test(desync_beats_late_inside_the_face),
        cmocka_unit_test(jitter_trembles_from_frame_to_frame),
        cmocka_unit_test(patch_differs_inside_the_face_alone),
        cmocka_unit_test(patches_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
