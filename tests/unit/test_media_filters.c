/* Blur, warp, polygons and what compression loses, against their definitions. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "media/blur.h"
#include "media/h264_loss.h"
#include "media/jpeg_loss.h"
#include "media/polygon.h"
#include "media/warp.h"
#include "support_media.h"

static um_image noise(int width, int height, int channels, uint64_t seed)
{
    um_rng rng = um_rng_new(seed, "test");
    um_image im;

    assert_ok(um_image_new(&im, width, height, channels));
    for (size_t i = 0; i < im.stride * (size_t)height; i++) im.data[i] = (uint8_t)um_rng_u64(&rng);
    return im;
}

static void fill(um_image *im, int level)
{
    memset(im->data, level, im->stride * (size_t)im->height);
}

static int at(const um_image *im, int x, int y, int c)
{
    x = x < 0 ? 0 : x >= im->width ? im->width - 1 : x;
    y = y < 0 ? 0 : y >= im->height ? im->height - 1 : y;
    return im->data[(size_t)y * im->stride + (size_t)(x * im->channels + c)];
}

static double difference(const um_image *a, const um_image *b)
{
    double sum = 0;
    size_t n = a->stride * (size_t)a->height;

    for (size_t i = 0; i < n; i++) sum += (a->data[i] - b->data[i]) * (a->data[i] - b->data[i]);
    return sqrt(sum / (double)n);
}

static void test_blur_is_its_definition(void **state)
{
    um_image im = noise(23, 17, 3, 1), was;
    const double sigma = 1.7;

    (void)state;
    assert_ok(um_image_copy(&was, &im));
    assert_ok(um_image_blur(&im, (float)sigma));
    for (int y = 0; y < im.height; y++)
        for (int i = 0; i < 3 * im.width; i++) {
            double sum = 0, total = 0;
            for (int dy = -8; dy <= 8; dy++)
                for (int dx = -8; dx <= 8; dx++) {
                    double w = exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
                    sum += w * at(&was, i / 3 + dx, y + dy, i % 3);
                    total += w;
                }
            assert_true(fabs(sum / total - at(&im, i / 3, y, i % 3)) < 1.2);
        }
    um_image_clear(&im);
    um_image_clear(&was);
}

static void test_blur_and_sharpen_at_their_limits(void **state)
{
    um_image im = noise(20, 9, 1, 2), was;

    (void)state;
    assert_ok(um_image_copy(&was, &im));
    assert_ok(um_image_blur(&im, 0));
    assert_true(difference(&im, &was) == 0);
    assert_ok(um_image_sharpen(&im, 1, 0));
    assert_true(difference(&im, &was) == 0);
    assert_ok(um_image_sharpen(&im, 1, 0.5F));
    assert_true(difference(&im, &was) > 5);
    fill(&im, 77);
    fill(&was, 77);
    assert_ok(um_image_blur(&im, UM_BLUR_MAX));
    assert_ok(um_image_sharpen(&im, 2, 1));
    assert_true(difference(&im, &was) == 0);
    assert_fails(UMCL_ERR_INVALID, "deviation", um_image_blur(&im, -1));
    assert_fails(UMCL_ERR_INVALID, "deviation", um_image_blur(&im, (float)NAN));
    assert_fails(UMCL_ERR_INVALID, "deviation", um_image_blur(&im, 33));
    um_image_clear(&im);
    um_image_clear(&was);
}

static void test_warp_takes_bilinear_pixels(void **state)
{
    um_image src = noise(50, 37, 3, 3), dst;
    const float moves[][2] = {{0, 0}, {3, -2}, {0.5F, 0}, {-0.25F, 0.75F}, {100, 100}};

    (void)state;
    assert_ok(um_image_new(&dst, 50, 37, 3));
    for (size_t k = 0; k < sizeof moves / sizeof *moves; k++) {
        float mx = moves[k][0], my = moves[k][1];
        int x0 = (int)floorf(mx), y0 = (int)floorf(my);
        double fx = (double)mx - x0, fy = (double)my - y0;
        um_warp warp;

        um_warp_identity(&warp, 50, 37);
        for (int i = 0; i < UM_WARP_NODES; i++) {
            warp.at[i][0] += mx;
            warp.at[i][1] += my;
        }
        um_image_warp(&dst, &src, &warp);
        for (int y = 0; y < 37; y++)
            for (int i = 0; i < 150; i++) {
                int x = i / 3 + x0, v = y + y0, c = i % 3;
                double top = at(&src, x, v, c) * (1 - fx) + at(&src, x + 1, v, c) * fx;
                double low = at(&src, x, v + 1, c) * (1 - fx) + at(&src, x + 1, v + 1, c) * fx;
                double off = fabs(top * (1 - fy) + low * fy - at(&dst, i / 3, y, c));
                assert_true(off < (fx + fy > 0 ? 1.1 : 0.5));
            }
    }
    um_image_clear(&src);
    um_image_clear(&dst);
}

static void test_warp_enlarges_by_its_grid(void **state)
{
    um_image src, dst = noise(64, 64, 1, 4);
    um_warp warp;

    (void)state;
    assert_ok(um_image_new(&src, 64, 64, 1));
    for (int y = 0; y < 64; y++)
        for (int x = 0; x < 64; x++) src.data[y * 64 + x] = (uint8_t)(3 * x + y / 2);
    um_warp_identity(&warp, 64, 64);
    for (int i = 0; i < UM_WARP_NODES; i++) warp.at[i][0] = 16 + warp.at[i][0] / 2;
    um_image_warp(&dst, &src, &warp);
    for (int x = 0; x < 64; x++) {
        double from = 16 + (x + 0.5) / 2 - 0.5; /* a ramp: the value names the place */
        assert_true(fabs(3 * from + 16 - at(&dst, x, 32, 0)) < 1.1);
    }
    warp.at[40][0] = (float)NAN; /* nonsense stays inside of the picture */
    warp.at[41][1] = INFINITY;
    um_image_warp(&dst, &src, &warp);
    um_image_clear(&src);
    um_image_clear(&dst);
}

static double area_of(const um_image *mask)
{
    double sum = 0;

    for (size_t i = 0; i < mask->stride * (size_t)mask->height; i++) sum += mask->data[i];
    return sum / 255;
}

static double shoelace(const float (*p)[2], size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        const float *a = p[i], *b = p[(i + 1) % n];
        sum += 0.5 * ((double)a[0] * (double)b[1] - (double)b[0] * (double)a[1]);
    }
    return fabs(sum);
}

static void test_polygons_cover_their_area(void **state)
{
    const float square[4][2] = {{3.5F, 2}, {8, 2}, {8, 6.5F}, {3.5F, 6.5F}};
    const float star[5][2] = {{20, 2}, {26, 28}, {4, 10}, {36, 10}, {14, 28}};
    const float huge[3][2] = {{-1e30F, -1e30F}, {1e30F, -1e30F}, {0, 1e30F}};
    um_image mask = noise(40, 30, 1, 5);

    (void)state;
    um_polygon_fill(&mask, square, 4);
    assert_int_equal(at(&mask, 5, 4, 0), 255);
    assert_int_equal(at(&mask, 8, 4, 0), 0);
    assert_in_range(at(&mask, 3, 4, 0), 122, 128);
    assert_in_range(at(&mask, 5, 6, 0), 100, 160);
    assert_true(fabs(area_of(&mask) - 4.5 * 4.5) < 1);
    um_polygon_fill(&mask, star, 5);
    assert_int_equal(at(&mask, 20, 8, 0), 255);
    assert_int_equal(at(&mask, 20, 15, 0), 0); /* even-odd: its middle is empty */
    um_polygon_fill(&mask, huge, 3);
    um_polygon_fill(&mask, square, 0);
    assert_true(area_of(&mask) == 0);
    um_image_clear(&mask);
}

static void test_hulls_hold_their_points(void **state)
{
    um_rng rng = um_rng_new(6, "test");
    um_image mask;

    (void)state;
    assert_ok(um_image_new(&mask, 64, 64, 1));
    for (int round = 0; round < 40; round++) {
        size_t n = 3 + um_rng_below(&rng, 80), corners;
        float p[UM_POLYGON_MAX][2], hull[UM_POLYGON_MAX][2];

        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 2; k++) p[i][k] = 4 + (float)um_rng_below(&rng, 57);
        corners = um_convex_hull(hull, (const float(*)[2])p, n);
        assert_in_range(corners, 1, n);
        for (size_t i = 0; i < corners && corners > 2; i++) {
            const float *a = hull[i], *b = hull[(i + 1) % corners];
            for (size_t j = 0; j < n; j++)
                assert_true((b[0] - a[0]) * (p[j][1] - a[1]) - (b[1] - a[1]) * (p[j][0] - a[0]) >=
                            0);
        }
        um_polygon_fill(&mask, (const float(*)[2])hull, corners);
        assert_true(fabs(area_of(&mask) - shoelace((const float(*)[2])hull, corners)) < 12);
    }
    assert_int_equal(um_convex_hull(NULL, NULL, 0), 0);
    um_image_clear(&mask);
}

/* One block of grey 128 + coefficient * cosine (0, 1) of the transform. */
static void draw_cosine(um_image *im, double coefficient)
{
    for (int y = 0; y < im->height; y++)
        for (int x = 0; x < im->width; x++) {
            double v = 128 + coefficient * sqrt(2) / 8 * cos(acos(-1) * (2 * (x % 8) + 1) / 16);
            for (int c = 0; c < 3; c++)
                im->data[(size_t)y * im->stride + (size_t)(3 * x + c)] = (uint8_t)lrint(v);
        }
}

static void test_jpeg_rounds_coefficients(void **state)
{
    um_image im, want;

    (void)state;
    assert_ok(um_image_new(&im, 16, 16, 3));
    assert_ok(um_image_new(&want, 16, 16, 3));
    draw_cosine(&im, 4); /* the step is 11 at quality 50: rounds to nothing */
    assert_ok(um_image_jpeg_loss(&im, 50));
    fill(&want, 128);
    assert_true(difference(&im, &want) == 0);
    draw_cosine(&im, 91); /* 8.27 steps */
    draw_cosine(&want, 88);
    assert_ok(um_image_jpeg_loss(&im, 50));
    assert_true(difference(&im, &want) < 0.6);
    um_image_clear(&im);
    um_image_clear(&want);
}

static void test_jpeg_loses_more_at_lower_quality(void **state)
{
    um_image photo = media_bars(50, 33), im, again;
    double before = 0;

    (void)state;
    assert_ok(um_image_blur(&photo, 2));
    for (int quality = 100; quality > 0; quality -= 33) {
        double loss;
        assert_ok(um_image_copy(&im, &photo));
        assert_ok(um_image_jpeg_loss(&im, quality));
        loss = difference(&im, &photo);
        assert_true(loss > before);
        assert_true(quality < 100 || loss < 6); /* chroma at half the size */
        before = loss;
        assert_ok(um_image_copy(&again, &im));
        assert_ok(um_image_jpeg_loss(&again, quality));
        assert_true(difference(&im, &again) < 0.5 * loss);
        um_image_clear(&im);
        um_image_clear(&again);
    }
    assert_fails(UMCL_ERR_INVALID, "quality", um_image_jpeg_loss(&photo, 0));
    assert_fails(UMCL_ERR_INVALID, "quality", um_image_jpeg_loss(&photo, 101));
    um_image_clear(&photo);
}

enum { PICTURES = 12 };

/* A grey texture whose brightness grows from picture to picture. */
static void draw_series(um_image series[PICTURES])
{
    for (int i = 0; i < PICTURES; i++) {
        assert_ok(um_image_new(&series[i], 48, 32, 3));
        for (size_t k = 0; k < 48 * 32 * 3; k++)
            series[i].data[k] = (uint8_t)(40 + 10 * i + (int)(um_rng_at(9, k / 3) % 32));
    }
}

static double mean_of(const um_image *im)
{
    double sum = 0;

    for (int i = 0; i < 48 * 32 * 3; i++) sum += im->data[i] / (48.0 * 32 * 3);
    return sum;
}

static void clear_series(um_image series[PICTURES])
{
    for (int i = 0; i < PICTURES; i++) um_image_clear(&series[i]);
}

static void test_h264_keeps_order_and_loses_by_crf(void **state)
{
    um_image was[PICTURES], fine[PICTURES], coarse[PICTURES];

    (void)state;
    draw_series(was);
    draw_series(fine);
    draw_series(coarse);
    assert_ok(um_h264_loss(fine, PICTURES, 12));
    assert_ok(um_h264_loss(coarse, PICTURES, 45));
    for (int i = 0; i < PICTURES; i++) {
        assert_true(fabs(mean_of(&fine[i]) - mean_of(&was[i])) < 2);
        assert_true(difference(&coarse[i], &was[i]) > 1.5 * difference(&fine[i], &was[i]));
    }
    clear_series(coarse);
    draw_series(coarse);
    assert_ok(um_h264_loss(coarse, PICTURES, 12));
    for (int i = 0; i < PICTURES; i++) assert_true(difference(&coarse[i], &fine[i]) == 0);
    assert_ok(um_h264_loss(was, 1, 20));
    assert_ok(um_h264_loss(was, 0, 20));
    clear_series(was);
    clear_series(fine);
    clear_series(coarse);
}

static void test_h264_refuses_what_it_cannot_code(void **state)
{
    um_image two[2] = {media_bars(48, 32), media_bars(46, 32)}, odd = media_bars(33, 32);

    (void)state;
    assert_fails(UMCL_ERR_INVALID, "one even size", um_h264_loss(two, 2, 20));
    assert_fails(UMCL_ERR_INVALID, "one even size", um_h264_loss(&odd, 1, 20));
    assert_fails(UMCL_ERR_INVALID, "CRF", um_h264_loss(two, 1, 52));
    um_image_clear(&two[0]);
    um_image_clear(&two[1]);
    um_image_clear(&odd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blur_is_its_definition),
        cmocka_unit_test(test_blur_and_sharpen_at_their_limits),
        cmocka_unit_test(test_warp_takes_bilinear_pixels),
        cmocka_unit_test(test_warp_enlarges_by_its_grid),
        cmocka_unit_test(test_polygons_cover_their_area),
        cmocka_unit_test(test_hulls_hold_their_points),
        cmocka_unit_test(test_jpeg_rounds_coefficients),
        cmocka_unit_test(test_jpeg_loses_more_at_lower_quality),
        cmocka_unit_test(test_h264_keeps_order_and_loses_by_crf),
        cmocka_unit_test(test_h264_refuses_what_it_cannot_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
