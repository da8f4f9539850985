/* The low-quality view against a plain reference. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "data/views.h"
#include "media/h264_loss.h"
#include "support_clip.h"

static um_image noise(int side, int channels, uint64_t seed)
{
    um_rng rng = um_rng_new(seed, "test");
    um_image im;

    assert_ok(um_image_new(&im, side, side, channels));
    for (size_t i = 0; i < im.stride * (size_t)side; i++) im.data[i] = (uint8_t)um_rng_u64(&rng);
    return im;
}

/* Mean of a 4 x 4 block; blocks outside repeat the border. */
static double block_mean(const um_image *im, int bx, int by, int c)
{
    int last = im->width / 4 - 1;
    double sum = 0;

    bx = bx < 0 ? 0 : bx > last ? last : bx;
    by = by < 0 ? 0 : by > last ? last : by;
    for (int y = 4 * by; y < 4 * by + 4; y++)
        for (int x = 4 * bx; x < 4 * bx + 4; x++)
            sum += im->data[(size_t)y * im->stride + (size_t)(x * im->channels + c)];
    return sum / 16;
}

static void test_coarsening_is_area_down_and_bilinear_up(void **state)
{
    um_image im = noise(48, 3, 1), was;

    (void)state;
    assert_ok(um_image_copy(&was, &im));
    assert_ok(um_view_coarsen(&im, UM_VIEW_FACTOR));
    for (int y = 0; y < 48; y++)
        for (int x = 0; x < 48; x++)
            for (int c = 0; c < 3; c++) {
                double u = (x + 0.5) / 4 - 0.5, v = (y + 0.5) / 4 - 0.5, fx, fy, want;
                int bx = (int)floor(u), by = (int)floor(v);
                fx = u - bx;
                fy = v - by;
                want = (1 - fy) * ((1 - fx) * block_mean(&was, bx, by, c) +
                                   fx * block_mean(&was, bx + 1, by, c)) +
                       fy * ((1 - fx) * block_mean(&was, bx, by + 1, c) +
                             fx * block_mean(&was, bx + 1, by + 1, c));
                assert_true(fabs(want - im.data[(size_t)y * im.stride + (size_t)(3 * x + c)]) < 2);
            }
    um_image_clear(&im);
    um_image_clear(&was);
}

static void test_factors_at_their_limits(void **state)
{
    um_image im = noise(30, 1, 2), was;

    (void)state;
    assert_ok(um_image_copy(&was, &im));
    assert_ok(um_view_coarsen(&im, 1));
    assert_memory_equal(im.data, was.data, 900);
    assert_ok(um_view_coarsen(&im, 1000)); /* one pixel: its mean everywhere */
    for (int i = 1; i < 900; i++) assert_int_equal(im.data[i], im.data[0]);
    assert_in_range(im.data[0], 117, 138);
    assert_ok(um_view_coarsen(&was, 4)); /* 7.5 pixels */
    assert_fails(UMCL_ERR_INVALID, "factor", um_view_coarsen(&im, 0.5F));
    assert_fails(UMCL_ERR_INVALID, "factor", um_view_coarsen(&im, (float)NAN));
    um_image_clear(&im);
    um_image_clear(&was);
}

static void test_shaking_is_normal_noise_by_seed(void **state)
{
    enum { N = 20000 };
    static float a[N], b[N];
    um_rng one = um_rng_new(3, "shake"), same = one, other = um_rng_new(4, "shake");
    double sum = 0, squares = 0, fourth = 0, deviation;

    (void)state;
    um_view_shake(a, N, UM_VIEW_SIGMA, &one);
    um_view_shake(b, N, UM_VIEW_SIGMA, &same);
    assert_memory_equal(a, b, sizeof a);
    for (int i = 0; i < N; i++) {
        sum += (double)a[i] / N;
        squares += (double)a[i] * (double)a[i] / N;
        fourth += pow((double)a[i], 4) / N;
    }
    deviation = sqrt(squares);
    assert_true(fabs(sum) < 3e-4);
    assert_true(fabs(deviation - 0.01) < 2e-4);
    assert_true(fabs(fourth / (squares * squares) - 3) < 0.2);
    memset(b, 0, sizeof b);
    um_view_shake(b, N, UM_VIEW_SIGMA, &other);
    assert_memory_not_equal(a, b, sizeof a);
    memcpy(b, a, sizeof a);
    um_view_shake(b, N, 0, &other);
    assert_memory_equal(a, b, sizeof a);
}

/* Each of the two qualities turns up, and is what the file would hold. */
static void test_codec_view_is_light_or_heavy_compression(void **state)
{
    enum { N = 8, SIDE = 128, DRAWS = 12 };
    um_face_clip clip = clip_of_face(N, SIDE, false), view = clip_like(&clip, false), want[2];
    const int crf[2] = {UM_VIEW_CODEC_LIGHT, UM_VIEW_CODEC_HEAVY};
    um_rng rng = um_rng_new(1, "codec view");
    int seen[2] = {0};

    (void)state;
    for (int k = 0; k < 2; k++) {
        um_image pictures[N];

        want[k] = clip_like(&clip, false);
        um_face_clip_copy(&want[k], &clip);
        for (size_t i = 0; i < N; i++) pictures[i] = um_face_clip_crop(&want[k], i);
        assert_ok(um_h264_loss(pictures, N, crf[k]));
    }
    assert_false(clip_equal(&want[0], &want[1]));
    for (int i = 0; i < DRAWS; i++) {
        um_face_clip_copy(&view, &clip);
        assert_ok(um_view_codec(&view, &rng));
        for (int k = 0; k < 2; k++) seen[k] += clip_equal(&view, &want[k]);
    }
    assert_int_equal(seen[0] + seen[1], DRAWS);
    assert_true(seen[0] > 0 && seen[1] > 0);
    for (int k = 0; k < 2; k++) um_face_clip_clear(&want[k]);
    um_face_clip_clear(&clip);
    um_face_clip_clear(&view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coarsening_is_area_down_and_bilinear_up),
        cmocka_unit_test(test_factors_at_their_limits),
        cmocka_unit_test(test_codec_view_is_light_or_heavy_compression),
        cmocka_unit_test(test_shaking_is_normal_noise_by_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
