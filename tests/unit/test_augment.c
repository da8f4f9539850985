/* Augmentation: by seed, alike for equal clips, landmarks and masks go with the pixels. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "data/augment.h"
#include "support_clip.h"

static um_augment nothing(void)
{
    um_rng rng = um_rng_new(1, "none");
    um_augment_options o = {.strength = 1};

    return um_augment_draw(&o, &rng);
}

static void copy_and_apply(um_face_clip *to, const um_face_clip *from, const um_augment *a)
{
    um_face_clip_copy(to, from);
    assert_ok(um_augment_apply(a, to));
}

static void test_nothing_asked_nothing_done(void **state)
{
    um_face_clip clip = clip_of_face(2, 64, false), out = clip_like(&clip, false);
    um_augment_options o = UM_AUGMENT_OPTIONS_INIT;
    um_augment a = nothing();
    um_rng rng = um_rng_new(1, "test");

    (void)state;
    copy_and_apply(&out, &clip, &a);
    assert_true(clip_equal(&out, &clip));
    o.strength = 0;
    o.mirror = 0;
    for (int i = 0; i < 50; i++) {
        a = um_augment_draw(&o, &rng);
        copy_and_apply(&out, &clip, &a);
        assert_true(clip_equal(&out, &clip));
    }
    um_face_clip_clear(&clip);
    um_face_clip_clear(&out);
}

static void test_two_mirrors_are_none(void **state)
{
    um_face_clip clip = clip_of_face(2, 65, false), out = clip_like(&clip, true);
    um_augment a = nothing();

    (void)state;
    a.mirror = true;
    copy_and_apply(&out, &clip, &a);
    assert_false(clip_equal(&out, &clip));
    for (int y = 0; y < 65; y++)
        for (int x = 0; x < 65; x++)
            assert_memory_equal(out.rgb + 3 * (y * 65 + x), clip.rgb + 3 * (y * 65 + 64 - x), 3);
    assert_true(out.landmarks[0].p[36][0] < out.landmarks[0].p[45][0]); /* left remains left */
    assert_true(out.landmarks[0].p[36][0] == 65 - clip.landmarks[0].p[45][0]);
    um_face_clip_mirror(&out);
    assert_memory_equal(out.rgb, clip.rgb, (size_t)2 * 65 * 65 * 3);
    for (size_t i = 0; i < 2; i++)
        for (int k = 0; k < UM_N_LANDMARKS; k++)
            assert_true(fabsf(out.landmarks[i].p[k][0] - clip.landmarks[i].p[k][0]) < 1e-4F);
    um_face_clip_clear(&clip);
    um_face_clip_clear(&out);
}

static void test_draws_repeat_by_seed_and_serve_both_halves(void **state)
{
    um_face_clip clip = clip_of_face(3, 64, false), a = clip_like(&clip, false),
                 b = clip_like(&clip, false);
    um_augment_options o = UM_AUGMENT_OPTIONS_INIT;
    int different = 0;

    (void)state;
    o.h264 = 0.5F;
    for (uint64_t seed = 0; seed < 40; seed++) {
        um_rng first = um_rng_new(seed, "test"), again = first,
               other = um_rng_new(seed + 100, "test");
        um_augment one = um_augment_draw(&o, &first), same = um_augment_draw(&o, &again),
                   else_one = um_augment_draw(&o, &other);

        copy_and_apply(&a, &clip, &one);
        copy_and_apply(&b, &clip, &same);
        assert_true(clip_equal(&a, &b));
        copy_and_apply(&b, &clip, &else_one);
        different += !clip_equal(&a, &b);
    }
    assert_true(different >= 38);
    um_face_clip_clear(&clip);
    um_face_clip_clear(&a);
    um_face_clip_clear(&b);
}

/* Centre of what is bright in a channel-interleaved picture. */
static void centre_of(float out[2], const uint8_t *pixels, int side, int channels)
{
    double sum = 0, x = 0, y = 0;

    for (int i = 0; i < side * side; i++) {
        double v = pixels[i * channels];
        sum += v;
        x += v * (i % side + 0.5);
        y += v * (i / side + 0.5);
    }
    out[0] = (float)(x / sum);
    out[1] = (float)(y / sum);
}

static void test_landmarks_and_mask_go_with_the_pixels(void **state)
{
    um_augment_options o = {.strength = 1.5F, .mirror = 0.5F, .place = 1};
    um_rng rng = um_rng_new(5, "test");
    um_face_clip clip;
    float moved = 0;

    (void)state;
    assert_ok(um_face_clip_new(&clip, 2, 96, true));
    for (int round = 0; round < 20; round++) {
        um_augment a = um_augment_draw(&o, &rng);
        for (size_t i = 0; i < 2; i++) {
            um_image crop = um_face_clip_crop(&clip, i), mask = um_face_clip_mask(&clip, i);
            memset(crop.data, 0, (size_t)96 * 96 * 3);
            memset(mask.data, 0, (size_t)96 * 96);
            um_draw_disc(&crop, 60, 40, 5, 0xFFFFFF);
            um_draw_disc(&mask, 60, 40, 5, 0xFFFFFF);
            clip.landmarks[i].p[30][0] = 60; /* its own twin in the mirror */
            clip.landmarks[i].p[30][1] = 40;
        }
        assert_ok(um_augment_apply(&a, &clip));
        for (size_t i = 0; i < 2; i++) {
            const float *at = clip.landmarks[i].p[30];
            float seen[2], masked[2];
            centre_of(seen, um_face_clip_crop(&clip, i).data, 96, 3);
            centre_of(masked, um_face_clip_mask(&clip, i).data, 96, 1);
            for (int k = 0; k < 2; k++) {
                assert_true(fabsf(seen[k] - at[k]) < 0.15F);
                assert_true(fabsf(masked[k] - at[k]) < 0.15F);
            }
            moved = fmaxf(moved, hypotf(at[0] - 60, at[1] - 40));
        }
    }
    assert_true(moved > 3);
    um_face_clip_clear(&clip);
}

static double mean_of(const um_face_clip *clip, size_t frame)
{
    size_t n = 3 * (size_t)clip->side * (size_t)clip->side;
    double sum = 0;

    for (size_t i = 0; i < n; i++) sum += clip->rgb[frame * n + i];
    return sum / (double)n;
}

static void test_noise_has_the_drawn_deviation_and_is_new_in_each_frame(void **state)
{
    um_face_clip clip;
    um_augment a = nothing();
    double squares = 0, product = 0;
    const size_t n = (size_t)64 * 64 * 3;

    (void)state;
    assert_ok(um_face_clip_new(&clip, 2, 64, false));
    memset(clip.rgb, 128, 2 * n);
    a.noise = 4;
    assert_ok(um_augment_apply(&a, &clip));
    for (size_t i = 0; i < n; i++) {
        double first = clip.rgb[i] - 128, second = clip.rgb[n + i] - 128;
        squares += first * first / (double)n;
        product += first * second / (double)n;
    }
    assert_true(fabs(sqrt(squares) - 4) < 0.15);
    assert_true(fabs(product) < 0.6);
    assert_true(fabs(mean_of(&clip, 0) - 128) < 0.15);
    um_face_clip_clear(&clip);
}

static void test_light_drifts_slower_than_hearts(void **state)
{
    enum { N = 300 };
    um_augment_options o = {.strength = 1, .tone = 1};
    um_rng rng = um_rng_new(7, "test");
    um_face_clip clip;
    double lowest = INFINITY, highest = 0, jump = 0;

    (void)state;
    assert_ok(um_face_clip_new(&clip, N, 32, false));
    for (size_t i = 0; i < (size_t)N * 32 * 32 * 3; i++) /* a texture: no rounding in step */
        clip.rgb[i] = (uint8_t)(100 + um_rng_at(1, i % (32 * 32 * 3)) % 32);
    um_augment a = um_augment_draw(&o, &rng);
    a.light.amplitude = 0.03F;
    a.light.hz = 0.2F; /* the fastest that is drawn */
    assert_ok(um_augment_apply(&a, &clip));
    for (size_t i = 0; i < N; i++) {
        double mean = mean_of(&clip, i);
        lowest = fmin(lowest, mean);
        highest = fmax(highest, mean);
        if (i) jump = fmax(jump, fabs(mean - mean_of(&clip, i - 1)));
    }
    assert_true(highest - lowest > 0.04 * lowest);
    assert_true(jump < 0.0022 * highest); /* 0.03 * 2 pi * 0.2 / 30, and rounding */
    for (int i = 0; i < 200; i++) {
        a = um_augment_draw(&o, &rng);
        assert_true(a.light.hz <= 0.2F && a.light.amplitude <= 0.03F);
    }
    um_face_clip_clear(&clip);
}

static void test_compression_leaves_traces(void **state)
{
    um_face_clip clip = clip_of_face(4, 64, false), out = clip_like(&clip, false),
                 odd = clip_of_face(1, 33, true);
    um_augment a = nothing();

    (void)state;
    a.quality = 40;
    copy_and_apply(&out, &clip, &a);
    assert_false(clip_equal(&out, &clip));
    assert_true(fabs(mean_of(&out, 3) - mean_of(&clip, 3)) < 2);
    a.quality = 0;
    a.crf = 32;
    copy_and_apply(&out, &clip, &a);
    assert_false(clip_equal(&out, &clip));
    for (size_t i = 0; i < 4; i++) assert_true(fabs(mean_of(&out, i) - mean_of(&clip, i)) < 2);
    assert_fails(UMCL_ERR_INVALID, "even size", um_augment_apply(&a, &odd));
    um_face_clip_clear(&clip);
    um_face_clip_clear(&out);
    um_face_clip_clear(&odd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_asked_nothing_done),
        cmocka_unit_test(test_two_mirrors_are_none),
        cmocka_unit_test(test_draws_repeat_by_seed_and_serve_both_halves),
        cmocka_unit_test(test_landmarks_and_mask_go_with_the_pixels),
        cmocka_unit_test(test_noise_has_the_drawn_deviation_and_is_new_in_each_frame),
        cmocka_unit_test(test_light_drifts_slower_than_hearts),
        cmocka_unit_test(test_compression_leaves_traces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
