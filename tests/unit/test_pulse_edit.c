/* Pulse editing on a region whose pulse is known: what the spectrum of its mean says. */
#include "../test.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "data/pulse_edit.h"

enum { N = 200, SIDE = 32, AREA = SIDE * SIDE }; /* at 30 Hz 200 frames are 6 2/3 seconds */

#define BEAT_HZ 1.2
#define BEAT 0.8 /* grey levels of green */

/* A textured picture whose green beats everywhere, and a soft disc as mask. */
static um_face_clip beating(float ratio)
{
    um_face_clip clip;

    assert_ok(um_face_clip_new(&clip, N, SIDE, true));
    for (size_t i = 0; i < N; i++) {
        um_image crop = um_face_clip_crop(&clip, i), mask = um_face_clip_mask(&clip, i);
        double beat = BEAT * cos(2 * acos(-1) * BEAT_HZ * (double)i / 30);
        for (size_t p = 0; p < AREA; p++) {
            double texture = 120 + 30 * um_rng_uniform_at(1, p), dither = um_rng_uniform_at(2, p);
            double r = hypot((double)(p % SIDE) - 15.5, (double)(p / SIDE) - 15.5);
            crop.data[3 * p] = (uint8_t)texture;
            crop.data[3 * p + 1] = (uint8_t)(texture - 20 + beat + dither);
            crop.data[3 * p + 2] = (uint8_t)(texture - 40);
            mask.data[p] = (uint8_t)lrint(255 * (double)ratio * fmin(fmax(1.2 - r / 12, 0), 1));
        }
    }
    return clip;
}

/* Mean green under the mask. */
static void course(double out[N], const um_face_clip *clip)
{
    for (size_t i = 0; i < N; i++) {
        um_image crop = um_face_clip_crop(clip, i), mask = um_face_clip_mask(clip, i);
        double sum = 0, weight = 0;
        for (size_t p = 0; p < AREA; p++) {
            sum += mask.data[p] * crop.data[3 * p + 1];
            weight += mask.data[p];
        }
        out[i] = sum / weight;
    }
}

/* Amplitude and phase of a rate over whole turns: N is 8 turns of 1.2 Hz and 10 of 1.5. */
static double complex swing(const double x[N], double hz)
{
    double complex sum = 0;

    for (int i = 0; i < N; i++) sum += x[i] * cexp(-2 * I * acos(-1) * hz * i / 30) * 2 / N;
    return sum;
}

static double mean_of(const double x[N])
{
    double sum = 0;

    for (int i = 0; i < N; i++) sum += x[i] / N;
    return sum;
}

/* Applies the edit and checks what must hold for any; the course before and after. */
static void edit_and_measure(double before[N], double after[N], const um_pulse_edit *edit,
                             float ratio)
{
    um_face_clip clip = beating(ratio), was = beating(ratio);

    course(before, &clip);
    assert_true(fabs(cabs(swing(before, BEAT_HZ)) - BEAT) < 0.05 * BEAT);
    assert_ok(um_pulse_edit_apply(edit, &clip, 7));
    course(after, &clip);
    assert_true(fabs(mean_of(after) - mean_of(before)) < 0.05);
    for (size_t p = 0; p < (size_t)N * AREA; p++)
        if (!clip.mask[p]) assert_memory_equal(clip.rgb + 3 * p, was.rgb + 3 * p, 3);
    um_face_clip_clear(&clip);
    um_face_clip_clear(&was);
}

static void test_a_removed_pulse_is_gone(void **state)
{
    const um_pulse_edit edit = {.kind = UM_PULSE_REMOVED},
                        half = {.kind = UM_PULSE_REMOVED, .left = 0.5F};
    double before[N], after[N];

    (void)state;
    edit_and_measure(before, after, &edit, 1);
    assert_true(cabs(swing(after, BEAT_HZ)) < 0.08 * BEAT);
    edit_and_measure(before, after, &edit, 0.25F); /* half blended: the mean follows all the same */
    assert_true(cabs(swing(after, BEAT_HZ)) < 0.12 * BEAT);
    edit_and_measure(before, after, &half, 1);
    assert_true(fabs(cabs(swing(after, BEAT_HZ)) - 0.5 * BEAT) < 0.08 * BEAT);
}

static void test_a_delayed_pulse_comes_later(void **state)
{
    const um_pulse_edit edit = {.kind = UM_PULSE_DELAYED, .delay = 6};
    double before[N], after[N], turn;

    (void)state;
    edit_and_measure(before, after, &edit, 1);
    turn = carg(swing(after, BEAT_HZ) / swing(before, BEAT_HZ));
    assert_true(fabs(cabs(swing(after, BEAT_HZ)) - BEAT) < 0.12 * BEAT);
    assert_true(fabs(turn + 2 * acos(-1) * BEAT_HZ * 6 / 30) < 0.15);
}

static void test_a_replaced_pulse_has_the_other_rate(void **state)
{
    const um_pulse_edit edit = {.kind = UM_PULSE_REPLACED, .bpm = 90, .level = 0.8F};
    double before[N], after[N], level;

    (void)state;
    edit_and_measure(before, after, &edit, 1);
    level = 0.8 * mean_of(before) / 140;
    assert_true(cabs(swing(after, BEAT_HZ)) < 0.08 * BEAT);
    assert_true(fabs(cabs(swing(after, 1.5)) - level) < 0.1 * level);
}

static void test_kept_pulses_and_empty_masks_change_nothing(void **state)
{
    const um_pulse_edit kept = {.kind = UM_PULSE_KEPT}, removed = {.kind = UM_PULSE_REMOVED};
    um_face_clip clip = beating(1), was = beating(1);

    (void)state;
    assert_ok(um_pulse_edit_apply(&kept, &clip, 7));
    assert_memory_equal(clip.rgb, was.rgb, (size_t)3 * N * AREA);
    memset(clip.mask, 0, (size_t)N * AREA);
    assert_ok(um_pulse_edit_apply(&removed, &clip, 7));
    assert_memory_equal(clip.rgb, was.rgb, (size_t)3 * N * AREA);
    um_face_clip_clear(&clip);
    um_face_clip_clear(&was);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_removed_pulse_is_gone),
        cmocka_unit_test(test_a_delayed_pulse_comes_later),
        cmocka_unit_test(test_a_replaced_pulse_has_the_other_rate),
        cmocka_unit_test(test_kept_pulses_and_empty_masks_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
