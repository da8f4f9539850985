/* Resampling against its definition, grey, drawing. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support_media.h"

static um_image noise(int width, int height, int channels, um_rng *rng)
{
    um_image im;

    assert_ok(um_image_new(&im, width, height, channels));
    for (size_t i = 0; i < im.stride * (size_t)height; i++) im.data[i] = (uint8_t)um_rng_u64(rng);
    return im;
}

/** Overlap of pixel [j, j + 1) with [lo, hi), everything over the border given to its pixel. */
static double overlap(int j, int n, double lo, double hi)
{
    double a = j == 0 ? -INFINITY : j, b = j == n - 1 ? INFINITY : j + 1;

    return fmax(0, fmin(b, hi) - fmax(a, lo)) / (hi - lo);
}

/** One output pixel by the definition: a box of max(1, scale) around its centre. */
static double expected(const um_image *src, um_box box, const um_image *dst, int x, int y, int c)
{
    double sx = (double)(box.x1 - box.x0) / dst->width,
           sy = (double)(box.y1 - box.y0) / dst->height;
    double wx = fmax(1, sx), wy = fmax(1, sy), sum = 0;
    double cx = (double)box.x0 + (x + 0.5) * sx, cy = (double)box.y0 + (y + 0.5) * sy;

    for (int j = 0; j < src->height; j++)
        for (int i = 0; i < src->width; i++)
            sum += overlap(i, src->width, cx - wx / 2, cx + wx / 2) *
                   overlap(j, src->height, cy - wy / 2, cy + wy / 2) *
                   src->data[(size_t)j * src->stride + (size_t)(i * src->channels + c)];
    return sum;
}

static void test_resample_is_its_definition(void **state)
{
    um_rng rng = um_rng_new(1, "test");

    (void)state;
    for (int round = 0; round < 60; round++) {
        int channels = round % 2 ? 3 : 1;
        um_image src = noise(1 + (int)um_rng_below(&rng, 40), 1 + (int)um_rng_below(&rng, 40),
                             channels, &rng),
                 dst, crop;
        float x = (float)um_rng_range(&rng, -30, 40), y = (float)um_rng_range(&rng, -30, 40);
        um_box box = {x, y, x + (float)um_rng_range(&rng, 0.1, 60),
                      y + (float)um_rng_range(&rng, 0.1, 60)};
        um_frame *frame;
        int w = 1 + (int)um_rng_below(&rng, 30), h = 1 + (int)um_rng_below(&rng, 30);
        assert_ok(um_image_new(&dst, w, h, channels));
        assert_ok(um_image_new(&crop, w, h, channels));
        assert_ok(um_image_resample(&dst, &src, box));
        for (int i = 0; i < w * h * channels; i++) {
            double e = expected(&src, box, &dst, i / channels % w, i / channels / w, i % channels);
            double d = fabs(e - dst.data[i]);
            if (d > 1.2) fail_msg("round %d, pixel %d: off by %g", round, i, d);
        }
        /* A frame made of the picture gives the same pixels. */
        assert_ok(um_frame_from_image(&frame, &src, 2.5));
        assert_true(um_frame_time(frame) == 2.5);
        assert_ok(um_frame_crop(frame, box, &crop));
        assert_memory_equal(crop.data, dst.data, (size_t)(w * h * channels));
        um_frame_unref(frame);
        um_image_clear(&src);
        um_image_clear(&dst);
        um_image_clear(&crop);
    }
}

static void test_copy_and_grey(void **state)
{
    um_rng rng = um_rng_new(2, "test");
    um_image im = noise(33, 7, 3, &rng), copy, grey, again;

    (void)state;
    assert_ok(um_image_copy(&copy, &im));
    assert_memory_equal(copy.data, im.data, 33 * 7 * 3);
    assert_ok(um_image_resample(&copy, &im, WHOLE(&im)));
    assert_memory_equal(copy.data, im.data, 33 * 7 * 3);
    assert_ok(um_image_grey(&grey, &im));
    for (int i = 0; i < 33 * 7; i++) {
        const uint8_t *p = im.data + (size_t)(3 * i);
        assert_true(fabs(0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2] - grey.data[i]) < 0.51);
    }
    assert_ok(um_image_grey(&again, &grey));
    assert_memory_equal(again.data, grey.data, 33 * 7);
    um_image_clear(&im);
    um_image_clear(&copy);
    um_image_clear(&grey);
    um_image_clear(&again);
}

static void test_bad_boxes(void **state)
{
    um_image im = media_bars(16, 16), out, none;
    um_frame *frame;
    const um_box boxes[] = {{0, 0, 0, 5}, {0, 5, 5, 0}, {NAN, 0, 5, 5}, {0, 0, INFINITY, 5}};

    (void)state;
    assert_ok(um_image_new(&out, 8, 8, 3));
    assert_ok(um_frame_from_image(&frame, &im, 0));
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        assert_fails(UMCL_ERR_INVALID, "box with an area", um_frame_crop(frame, boxes[i], &out));
        assert_fails(UMCL_ERR_INVALID, "box with an area", um_image_resample(&out, &im, boxes[i]));
    }
    /* Far outside, or far too large: the border's colour, or the mean. */
    assert_ok(um_frame_crop(frame, (um_box){1e6F, 1e6F, 2e6F, 2e6F}, &out));
    assert_memory_equal(out.data, im.data + 15 * im.stride + 45, 3);
    assert_ok(um_frame_crop(frame, (um_box){-1e30F, -1e30F, 1e30F, 1e30F}, &out));
    assert_fails(UMCL_ERR_INVALID, "sides", um_image_new(&none, 0, 5, 3));
    um_image_clear(&im);
    um_image_clear(&out);
    um_frame_unref(frame);
}

static int painted(const um_image *im)
{
    int n = 0;

    for (size_t i = 0; i < im->stride * (size_t)im->height; i += (size_t)im->channels)
        n += im->data[i] > 127;
    return n;
}

static void test_drawing(void **state)
{
    um_image im;

    (void)state;
    assert_ok(um_image_new(&im, 100, 80, 3));
    um_draw_line(&im, 10, 20, 90, 20, 0xFF0000);
    assert_in_range(painted(&im), 160, 170); /* two pixels wide */
    assert_int_equal(im.data[19 * im.stride + 150], 255);
    assert_int_equal(im.data[20 * im.stride + 150], 255);
    memset(im.data, 0, im.stride * 80);
    um_draw_box(&im, (um_box){10, 10, 30, 40}, 2, 0xFFFFFF);
    assert_int_equal(painted(&im), 20 * 30 - 16 * 26);
    memset(im.data, 0, im.stride * 80);
    um_draw_disc(&im, 50, 40, 10, 0xFFFFFF);
    assert_in_range(painted(&im), 300, 330);
    memset(im.data, 0, im.stride * 80);
    um_draw_text(&im, 5, 5, 2, 0xFFFFFF, "8");
    assert_int_equal(painted(&im), 4 * 17);
    um_image_clear(&im);
}

static void test_drawing_is_clipped(void **state)
{
    um_rng rng = um_rng_new(3, "test");
    um_image im;

    (void)state;
    assert_ok(um_image_new(&im, 13, 9, 1));
    for (int i = 0; i < 3000; i++) {
        float v[4];
        for (int k = 0; k < 4; k++) {
            v[k] = (float)um_rng_range(&rng, -40, 40);
            if (um_rng_below(&rng, 20) == 0) v[k] *= 1e5F;
            if (um_rng_below(&rng, 50) == 0) v[k] = (float)NAN;
        }
        um_draw_line(&im, v[0], v[1], v[2], v[3], 0xFFFFFF);
        um_draw_box(&im, (um_box){v[0], v[1], v[2], v[3]}, 1 + (int)um_rng_below(&rng, 9), 0);
        um_draw_disc(&im, v[0], v[1], v[2], 0xFFFFFF);
        um_draw_text(&im, (int)um_rng_below(&rng, 60) - 30, (int)um_rng_below(&rng, 60) - 30,
                     1 + (int)um_rng_below(&rng, 5), 0x808080, "A\x80z\xFF~");
    }
    um_image_clear(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resample_is_its_definition),
        cmocka_unit_test(test_copy_and_grey),
        cmocka_unit_test(test_bad_boxes),
        cmocka_unit_test(test_drawing),
        cmocka_unit_test(test_drawing_is_clipped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
