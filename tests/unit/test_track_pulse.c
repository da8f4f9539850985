/* When a face has a heart rate: windows that were read, and agree. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "detect/track_pulse.h"
#include "face/crop.h"
#include "face/skin.h"

/* The rate of a track whose windows were read as `bpm`, 0: not read. */
static um_heart_rate rate_of(const double *bpm, size_t n)
{
    um_track_pulse t;
    um_face_pulse out;

    assert_ok(um_track_pulse_start(&t, 1));
    t.windows = calloc(n + 1, sizeof *t.windows);
    t.n_windows = n;
    for (size_t i = 0; i < n; i++)
        t.windows[i].rate = (um_heart_rate){bpm[i] > 0, bpm[i], bpm[i] > 0 ? 6 : -2};
    assert_ok(um_track_pulse_read(&out, &t));
    um_track_pulse_clear(&t);
    assert_null(t.windows);
    assert_true(!out.skin.reading && isnan(out.skin.snr_db)); /* it was shown no frames */
    assert_true(out.joint.reading == out.network.reading && out.joint.bpm == out.network.bpm);
    return out.network;
}

static void windows_must_agree(void **state)
{
    um_heart_rate r;

    (void)state;
    r = rate_of((double[]){70, 72, 74}, 3);
    assert_true(r.reading && r.bpm == 72 && r.snr_db == 6);
    r = rate_of((double[]){70, 0, 74, 0}, 4); /* half of them, around the median of two */
    assert_true(r.reading && r.bpm == 72 && r.snr_db == 6);
    r = rate_of((double[]){70, 0, 0}, 3);
    assert_true(!r.reading && r.bpm == 0 && fabs(r.snr_db - 2.0 / 3) < 1e-9);
    r = rate_of((double[]){45, 55, 65, 75, 90}, 5); /* all read, none agrees */
    assert_false(r.reading);
    r = rate_of((double[]){45, 71, 72, 73, 0}, 5);
    assert_true(r.reading && r.bpm == 71.5);
    r = rate_of(NULL, 0);
    assert_true(!r.reading && isnan(r.snr_db));
}

static void two_readings_join(void **state)
{
    const um_heart_rate none = {false, 0, -2}, unseen = {.snr_db = NAN};
    const um_heart_rate slow = {true, 60, 4}, near = {true, 64, 1}, fast = {true, 90, 2};
    um_heart_rate r;

    (void)state;
    r = um_pulse_join(&slow, &near);
    assert_true(r.reading && r.bpm == 60 && r.snr_db == 4);
    r = um_pulse_join(&slow, &none);
    assert_true(r.reading && r.bpm == 60);
    r = um_pulse_join(&none, &fast);
    assert_true(r.reading && r.bpm == 90 && r.snr_db == 2);
    r = um_pulse_join(&slow, &fast);
    assert_true(!r.reading && r.bpm == 0 && r.snr_db == 4);
    r = um_pulse_join(&none, &unseen);
    assert_true(!r.reading && r.snr_db == -2);
    r = um_pulse_join(&unseen, &none);
    assert_true(!r.reading && r.snr_db == -2);
}

/* Grey frames but for the face, whose green swings with `bpm` by `swing` grey levels. */
static um_heart_rate skin_of(double bpm, double swing, size_t n)
{
    um_track_frame f = {.crop_box = {40, 20, 140, 120}};
    um_rng rng = um_rng_new(7, "skin");
    um_skin_trace t = {0};
    um_heart_rate out;
    um_image crop;

    assert_ok(um_image_new(&crop, UM_CROP_SIDE, UM_CROP_SIDE, 3));
    f.crop = &crop;
    for (int i = 0; i < UM_N_LANDMARKS; i++) { /* a circle of radius 25 about the crop's middle */
        f.calibrated.p[i][0] = 90 + 25 * cosf(2 * (float)M_PI * (float)i / UM_N_LANDMARKS);
        f.calibrated.p[i][1] = 70 + 25 * sinf(2 * (float)M_PI * (float)i / UM_N_LANDMARKS);
    }
    for (size_t i = 0; i < n; i++) {
        double beat = swing * sin(2 * M_PI * bpm / 60 * (double)i / 30);

        for (int y = 0; y < UM_CROP_SIDE; y++)
            for (int x = 0; x < UM_CROP_SIDE; x++) {
                uint8_t *p = crop.data + (size_t)y * crop.stride + 3 * (size_t)x;
                bool skin = hypot(x - 63.5, y - 63.5) < 36; /* wider than the points */
                double noise = um_rng_normal(&rng);

                p[0] = (uint8_t)(skin ? 180 + noise : 40);
                p[1] = (uint8_t)(skin ? 120 - beat + noise : 40);
                p[2] = (uint8_t)(skin ? 100 + noise : 40);
            }
        assert_ok(um_skin_trace_add(&t, &f));
    }
    assert_ok(um_skin_trace_read(&out, &t));
    um_skin_trace_clear(&t);
    um_image_clear(&crop);
    return out;
}

static void skin_shows_a_weak_pulse(void **state)
{
    um_heart_rate r;

    (void)state;
    r = skin_of(66, 0.3, 310);
    assert_true(r.reading && fabs(r.bpm - 66) < 1);
    r = skin_of(110, 0.3, 310);
    assert_true(r.reading && fabs(r.bpm - 110) < 1);
    r = skin_of(66, 0, 310);
    assert_true(!r.reading && r.snr_db < 0);
    r = skin_of(66, 1, UM_SKIN_LEAST - 1);
    assert_true(!r.reading && isnan(r.snr_db));
}

static void no_colour_where_no_face_is(void **state)
{
    um_track_frame f = {.crop_box = {10, 10, 10, 10}};
    um_image crop, mask;
    float rgb[3];

    (void)state;
    assert_ok(um_image_new(&crop, UM_CROP_SIDE, UM_CROP_SIDE, 3));
    assert_ok(um_image_new(&mask, UM_CROP_SIDE, UM_CROP_SIDE, 1));
    f.crop = &crop;
    assert_false(um_skin_colour(rgb, &mask, &f)); /* an empty square */
    f.crop_box.x1 = f.crop_box.y1 = 138;
    assert_false(um_skin_colour(rgb, &mask, &f)); /* all landmarks in one place */
    f.calibrated.p[3][1] = NAN;
    assert_false(um_skin_colour(rgb, &mask, &f));
    um_image_clear(&crop);
    um_image_clear(&mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_must_agree),
        cmocka_unit_test(two_readings_join),
        cmocka_unit_test(skin_shows_a_weak_pulse),
        cmocka_unit_test(no_colour_where_no_face_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
