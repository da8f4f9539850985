/*
 * Perturbations: nothing at strength 0, more at every strength, the same every time, and sizes that
 * are what they should be, also of odd pictures.
 */
#include "../test.h"

#include <math.h>
#include <string.h>

#include "data/perturb_picture.h"
#include "support_media.h"

#define KEY 7

/* Soft stripes with detail in both directions. */
static um_image picture(int width, int height)
{
    um_image im;

    assert_ok(um_image_new(&im, width, height, 3));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < 3; c++) {
                double v = 128 + 60 * sin(x * (0.3 + 0.1 * c)) + 50 * sin(y * 0.7 + x * 0.05);

                im.data[(size_t)y * im.stride + (size_t)(3 * x + c)] = (uint8_t)v;
            }
    return im;
}

static double psnr(const um_image *a, const um_image *b)
{
    double sum = 0;

    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    for (int y = 0; y < a->height; y++)
        for (int i = 0; i < 3 * a->width; i++) {
            double d = a->data[(size_t)y * a->stride + (size_t)i] -
                       b->data[(size_t)y * b->stride + (size_t)i];
            sum += d * d;
        }
    return sum == 0 ? INFINITY : 10 * log10(255.0 * 255 * 3 * a->width * a->height / sum);
}

static bool keeps_size(um_perturb_kind kind)
{
    return kind != UM_PERTURB_CROP;
}

static bool changes_pictures(um_perturb_kind kind)
{
    return !um_perturb_encodes(kind) && kind != UM_PERTURB_FRAME_DROP &&
           kind != UM_PERTURB_FRAME_RATE;
}

static void stronger_is_farther(void **state)
{
    um_image im = picture(97, 73), changed;

    (void)state;
    for (int k = 0; k < UM_N_PERTURBS; k++) {
        double before = INFINITY;

        if (!changes_pictures((um_perturb_kind)k) || !keeps_size((um_perturb_kind)k)) continue;
        for (int level = 1; level <= UM_PERTURB_LEVELS; level++) {
            um_perturb p = um_perturb_at((um_perturb_kind)k, level);
            double now;

            assert_ok(um_image_copy(&changed, &im));
            assert_ok(um_perturb_picture(&changed, &p, KEY, 3));
            now = psnr(&im, &changed);
            if (!(now < before && now > 5))
                fail_msg("%s %d: %g dB after %g", um_perturb_name(p.kind), level, now, before);
            before = now;
            um_image_clear(&changed);
        }
    }
    um_image_clear(&im);
}

static void neutral_is_nothing(void **state)
{
    um_image im = picture(64, 48), changed;

    (void)state;
    for (int k = 0; k < UM_N_PERTURBS; k++) {
        um_perturb p = {.kind = (um_perturb_kind)k};

        if (k == UM_PERTURB_RESIZE || k == UM_PERTURB_GAMMA) p.value = 1;
        assert_ok(um_image_copy(&changed, &im));
        assert_ok(um_perturb_picture(&changed, &p, KEY, 0));
        assert_true(isinf(psnr(&im, &changed)));
        um_image_clear(&changed);
        assert_int_equal(um_perturb_frame(&p, KEY, 17), 17);
    }
    um_image_clear(&im);
}

static void same_key_same_bytes(void **state)
{
    um_image im = picture(61, 43), a, b;

    (void)state;
    for (int k = 0; k < UM_N_PERTURBS; k++) {
        um_perturb p = um_perturb_at((um_perturb_kind)k, 4);
        bool random = k == UM_PERTURB_NOISE || k == UM_PERTURB_OCCLUSION;

        assert_ok(um_image_copy(&a, &im));
        assert_ok(um_image_copy(&b, &im));
        assert_ok(um_perturb_picture(&a, &p, KEY, 5));
        assert_ok(um_perturb_picture(&b, &p, KEY, 5));
        assert_true(isinf(psnr(&a, &b)));
        um_image_clear(&b);
        assert_ok(um_image_copy(&b, &im));
        assert_ok(um_perturb_picture(&b, &p, KEY + 1, 5));
        assert_int_equal(isfinite(psnr(&a, &b)), random);
        um_image_clear(&a);
        um_image_clear(&b);
    }
    um_image_clear(&im);
    assert_true(um_perturb_key(1, "a") == um_perturb_key(1, "a"));
    assert_true(um_perturb_key(1, "a") != um_perturb_key(2, "a"));
    assert_true(um_perturb_key(1, "a") != um_perturb_key(1, "b"));
}

/* Noise is new in each frame, squares stay. */
static void only_noise_moves(void **state)
{
    um_image im = picture(60, 60), a, b;

    (void)state;
    for (int k = 0; k < UM_N_PERTURBS; k++) {
        um_perturb p = um_perturb_at((um_perturb_kind)k, 3);

        assert_ok(um_image_copy(&a, &im));
        assert_ok(um_image_copy(&b, &im));
        assert_ok(um_perturb_picture(&a, &p, KEY, 1));
        assert_ok(um_perturb_picture(&b, &p, KEY, 2));
        assert_int_equal(isfinite(psnr(&a, &b)), k == UM_PERTURB_NOISE);
        um_image_clear(&a);
        um_image_clear(&b);
    }
    um_image_clear(&im);
}

static void small_and_odd_pictures(void **state)
{
    static const int sizes[][2] = {{1, 1}, {1, 9}, {2, 3}, {7, 5}, {33, 17}, {101, 3}};

    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int k = 0; k < UM_N_PERTURBS; k++)
            for (int level = 1; level <= UM_PERTURB_LEVELS; level++) {
                um_image im = picture(sizes[s][0], sizes[s][1]);
                um_perturb p = um_perturb_at((um_perturb_kind)k, level);

                assert_ok(um_perturb_picture(&im, &p, KEY, 0));
                if (keeps_size(p.kind)) {
                    assert_int_equal(im.width, sizes[s][0]);
                    assert_int_equal(im.height, sizes[s][1]);
                }
                assert_true(im.width >= 1 && im.height >= 1);
                um_image_clear(&im);
            }
}

static void crop_takes_both_ends_alike(void **state)
{
    um_image im = picture(100, 51), part;
    um_perturb p = {.kind = UM_PERTURB_CROP, .value = 20};

    (void)state;
    assert_ok(um_image_copy(&part, &im));
    assert_ok(um_perturb_picture(&part, &p, KEY, 0));
    assert_int_equal(part.width, 80);
    assert_int_equal(part.height, 41);
    for (int y = 0; y < 41; y++)
        assert_memory_equal(part.data + (size_t)y * part.stride,
                            im.data + (size_t)(y + 5) * im.stride + 30, 240);
    um_image_clear(&part);
    um_image_clear(&im);
}

static void squares_cover_their_share(void **state)
{
    um_image im;
    size_t grey = 0;
    um_perturb p = um_perturb_at(UM_PERTURB_OCCLUSION, 5);

    (void)state;
    assert_ok(um_image_new(&im, 480, 480, 3));
    assert_ok(um_perturb_picture(&im, &p, KEY, 0));
    for (size_t i = 0; i < 480 * 480; i++) grey += im.data[3 * i] == 128;
    assert_true(fabs((double)grey / (480 * 480) - p.value / 100) < 0.05);
    um_image_clear(&im);
}

static size_t shown_of(const um_perturb *p, size_t n)
{
    size_t shown = 0;

    for (size_t i = 0; i < n; i++) {
        size_t from = um_perturb_frame(p, KEY, i);

        assert_true(from <= i);
        assert_int_equal(um_perturb_frame(p, KEY, from), from); /* a shown frame shows itself */
        shown += from == i;
    }
    return shown;
}

static void frames_are_held(void **state)
{
    um_perturb p = {.kind = UM_PERTURB_FRAME_RATE, .value = 10};

    (void)state;
    for (size_t i = 0; i < 90; i++) assert_int_equal(um_perturb_frame(&p, KEY, i), i - i % 3);
    for (int level = 1; level <= UM_PERTURB_LEVELS; level++) {
        p = um_perturb_at(UM_PERTURB_FRAME_RATE, level);
        assert_int_equal(shown_of(&p, 300), (size_t)(10 * p.value));
        p = um_perturb_at(UM_PERTURB_FRAME_DROP, level);
        assert_true(fabs((double)shown_of(&p, 2000) / 2000 - 1 + p.value / 100) < 0.05);
    }
    assert_int_equal(um_perturb_frame(&p, KEY, 0), 0);
}

static void every_kind_has_a_name(void **state)
{
    um_perturb_kind found;
    char label[32];

    (void)state;
    for (int k = 0; k < UM_N_PERTURBS; k++) {
        const char *name = um_perturb_name((um_perturb_kind)k);
        um_perturb p = um_perturb_at((um_perturb_kind)k, UM_PERTURB_LEVELS);

        assert_true(um_perturb_find(&found, name, strlen(name)));
        assert_int_equal(found, k);
        um_perturb_label(label, &p);
        assert_true(strlen(label) < 31);
        assert_true(!um_perturb_encodes((um_perturb_kind)k) ||
                    (um_perturb_lacks((um_perturb_kind)k) == NULL) ==
                        um_codec_available(um_perturb_codec((um_perturb_kind)k)));
    }
    assert_false(um_perturb_find(&found, "blu", 3));
    assert_true(um_perturb_find(&found, "blur,noise", 4));
    um_perturb_label(label, &(um_perturb){.kind = UM_PERTURB_PLATFORM, .value = 80, .crf = 29});
    assert_string_equal(label, "2 x 80 %, CRF 29");
}

static void refuses_bad_strengths(void **state)
{
    static const um_perturb bad[] = {
        {.kind = UM_PERTURB_JPEG, .value = 101},     {.kind = UM_PERTURB_RESIZE, .value = 0.5},
        {.kind = UM_PERTURB_BLUR, .value = -1},      {.kind = UM_PERTURB_NOISE, .value = NAN},
        {.kind = UM_PERTURB_GAMMA, .value = 0},      {.kind = UM_PERTURB_CROP, .value = 100},
        {.kind = UM_PERTURB_OCCLUSION, .value = 101}};
    um_image im = picture(8, 8);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(UMCL_ERR_INVALID, "expected", um_perturb_picture(&im, &bad[i], KEY, 0));
    um_image_clear(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stronger_is_farther),       cmocka_unit_test(neutral_is_nothing),
        cmocka_unit_test(same_key_same_bytes),       cmocka_unit_test(only_noise_moves),
        cmocka_unit_test(small_and_odd_pictures),    cmocka_unit_test(crop_takes_both_ends_alike),
        cmocka_unit_test(squares_cover_their_share), cmocka_unit_test(frames_are_held),
        cmocka_unit_test(every_kind_has_a_name),     cmocka_unit_test(refuses_bad_strengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
