/* Pseudo-fakes: masks on landmarks, pairs that differ where the mask says so and nowhere else. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "data/pseudo_fake.h"
#include "support_clip.h"

enum { SIDE = 128 };

static um_mask_shape plain_shape(um_mask_region region, float ratio)
{
    return (um_mask_shape){.region = region, .scale = 1, .soft = 0.02F, .ratio = ratio};
}

static int mask_at(const um_image *mask, const float point[2])
{
    return mask->data[(size_t)point[1] * mask->stride + (size_t)point[0]];
}

static int peak_of(const um_image *mask)
{
    int peak = 0;

    for (size_t i = 0; i < mask->stride * (size_t)mask->height; i++)
        peak = mask->data[i] > peak ? mask->data[i] : peak;
    return peak;
}

static void test_masks_cover_their_region(void **state)
{
    /* Landmarks that are inside and outside: bridge, nose tip, chin, lip, left eye's corner. */
    static const struct {
        um_mask_region region;
        int in[3], out[3];
    } cases[] = {
        {UM_MASK_FACE, {27, 30, 57}, {-1}},
        {UM_MASK_INNER, {27, 30, 57}, {-1}},
        {UM_MASK_LOWER, {33, 57, 66}, {27, 36, 45}},
        {UM_MASK_MOUTH, {62, 66, 51}, {27, 8, 36}},
        {UM_MASK_EYES_NOSE, {27, 28, 30}, {8, 57, 5}},
    };
    um_face_clip clip = clip_of_face(1, SIDE, true);
    const um_landmarks *lm = &clip.landmarks[0];
    um_image mask;

    (void)state;
    assert_ok(um_image_new(&mask, SIDE, SIDE, 1));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        um_mask_shape shape = plain_shape(cases[i].region, 1);
        if (shape.region == UM_MASK_MOUTH) shape.scale = 1.4F;
        assert_ok(um_pseudo_mask(&mask, lm, &shape));
        assert_int_equal(mask.data[0], 0);
        for (int k = 0; k < 3; k++) {
            assert_true(mask_at(&mask, lm->p[cases[i].in[k]]) > 200);
            if (cases[i].out[0] >= 0) assert_true(mask_at(&mask, lm->p[cases[i].out[k]]) < 20);
        }
    }
    um_image_clear(&mask);
    um_face_clip_clear(&clip);
}

static void test_masks_follow_the_landmarks(void **state)
{
    um_face_clip clip = clip_of_face(1, SIDE, true);
    um_landmarks there = clip.landmarks[0];
    um_mask_shape shape = plain_shape(UM_MASK_INNER, 1);
    um_image a, b;

    (void)state;
    shape.wave[0] = 0.05F;
    shape.phase[1] = 1;
    assert_ok(um_image_new(&a, SIDE, SIDE, 1));
    assert_ok(um_image_new(&b, SIDE, SIDE, 1));
    for (int i = 0; i < UM_N_LANDMARKS; i++) {
        there.p[i][0] += 6;
        there.p[i][1] -= 9;
    }
    assert_ok(um_pseudo_mask(&a, &clip.landmarks[0], &shape));
    assert_ok(um_pseudo_mask(&b, &there, &shape));
    for (int y = 9; y < SIDE; y++)
        for (int x = 0; x < SIDE - 6; x++)
            assert_true(abs(a.data[y * SIDE + x] - b.data[(y - 9) * SIDE + x + 6]) <= 3);
    um_image_clear(&a);
    um_image_clear(&b);
    um_face_clip_clear(&clip);
}

static void test_masks_are_bounded_by_their_ratio(void **state)
{
    um_face_clip clip = clip_of_face(1, SIDE, true);
    um_rng rng = um_rng_new(1, "test");
    um_image mask;
    bool seen[5] = {false};

    (void)state;
    assert_ok(um_image_new(&mask, SIDE, SIDE, 1));
    for (int i = 0; i < 60; i++) {
        um_mask_shape s = um_mask_shape_draw((um_mask_region)(i % UM_MASK_REGION_COUNT), 1, &rng);
        int limit = (int)lrintf(255 * s.ratio);
        assert_ok(um_pseudo_mask(&mask, &clip.landmarks[0], &s));
        assert_in_range(peak_of(&mask), limit / 2, limit);
        seen[(int)lrintf(4 * s.ratio)] = true;
    }
    for (int i = 1; i <= 4; i++) assert_true(seen[i]);
    um_image_clear(&mask);
    um_face_clip_clear(&clip);
}

static void test_pairs_differ_inside_of_the_mask_alone(void **state)
{
    um_face_clip clip = clip_of_face(2, SIDE, false), real = clip_like(&clip, false),
                 fake = clip_like(&clip, true);
    um_pseudo_options o = UM_PSEUDO_OPTIONS_INIT;
    um_rng rng = um_rng_new(2, "test");
    int untouched = 0;

    (void)state;
    for (int round = 0; round < 40; round++) {
        size_t inside = 0;
        assert_ok(um_pseudo_pair(&real, &fake, &clip, &o, NULL, &rng));
        for (size_t i = 0; i < (size_t)2 * SIDE * SIDE; i++)
            if (memcmp(real.rgb + 3 * i, fake.rgb + 3 * i, 3) != 0) {
                assert_true(fake.mask[i] > 0);
                inside++;
            }
        assert_true(inside > 50);
        untouched += clip_equal(&real, &clip);
    }
    assert_in_range(untouched, 8, 32); /* one time in two the outside is the half that changes */
    um_face_clip_clear(&clip);
    um_face_clip_clear(&real);
    um_face_clip_clear(&fake);
}

static void test_pairs_share_their_augmentation(void **state)
{
    um_face_clip clip = clip_of_face(2, SIDE, false), real = clip_like(&clip, false),
                 fake = clip_like(&clip, true);
    um_pseudo_options o = UM_PSEUDO_OPTIONS_INIT;
    um_augment_options all = UM_AUGMENT_OPTIONS_INIT;
    um_rng rng = um_rng_new(3, "test");

    (void)state;
    all.blur = all.coarse = all.compress = 0; /* these carry a difference over its edge */
    for (int round = 0; round < 20; round++) {
        assert_ok(um_pseudo_pair(&real, &fake, &clip, &o, &all, &rng));
        for (size_t i = 0; i < (size_t)2 * SIDE * SIDE; i++)
            if (!fake.mask[i])
                for (size_t c = 3 * i; c < 3 * i + 3; c++) /* a mask below 1/255 is 0 too */
                    assert_true(abs(real.rgb[c] - fake.rgb[c]) <= 1);
    }
    o.strength = 0;
    o.pulse[UM_PULSE_KEPT] = 1;
    o.pulse[UM_PULSE_REMOVED] = o.pulse[UM_PULSE_DELAYED] = o.pulse[UM_PULSE_REPLACED] = 0;
    all = UM_AUGMENT_OPTIONS_INIT;
    all.h264 = 0.5F;
    for (int round = 0; round < 20; round++) { /* without differences the halves are equal */
        assert_ok(um_pseudo_pair(&real, &fake, &clip, &o, &all, &rng));
        assert_true(clip_equal(&real, &fake));
    }
    um_face_clip_clear(&clip);
    um_face_clip_clear(&real);
    um_face_clip_clear(&fake);
}

static void test_pairs_repeat_by_seed(void **state)
{
    um_face_clip clip = clip_of_face(1, 64, true), real[2], fake[2];
    um_pseudo_options o = UM_PSEUDO_OPTIONS_INIT;
    um_augment_options all = UM_AUGMENT_OPTIONS_INIT;

    (void)state;
    for (int i = 0; i < 2; i++) {
        real[i] = clip_like(&clip, false);
        fake[i] = clip_like(&clip, true);
    }
    for (uint64_t seed = 0; seed < 20; seed++) {
        um_rng one = um_rng_new(seed, "test"), same = one, other = um_rng_new(seed + 99, "test");
        assert_ok(um_pseudo_pair(&real[0], &fake[0], &clip, &o, &all, &one));
        assert_ok(um_pseudo_pair(&real[1], &fake[1], &clip, &o, &all, &same));
        assert_true(clip_equal(&real[0], &real[1]));
        assert_true(clip_equal(&fake[0], &fake[1]));
        assert_ok(um_pseudo_pair(&real[1], &fake[1], &clip, &o, &all, &other));
        assert_false(clip_equal(&fake[0], &fake[1]));
    }
    for (int i = 0; i < 2; i++) {
        um_face_clip_clear(&real[i]);
        um_face_clip_clear(&fake[i]);
    }
    um_face_clip_clear(&clip);
}

/* A recipe with everything but flicker and pulse, blended in with `ratio`. */
static um_pseudo recipe(float ratio)
{
    um_pseudo_options o = UM_PSEUDO_OPTIONS_INIT;
    um_rng rng = um_rng_new(4, "test");
    um_pseudo p = um_pseudo_draw(&o, &rng);

    p.mask = plain_shape(UM_MASK_FACE, ratio);
    p.change.tone.matrix[0][3] += 10;
    p.change_outside = false;
    p.flicker = 0;
    p.pulse.kind = UM_PULSE_KEPT;
    return p;
}

static void test_ratio_nought_changes_nothing(void **state)
{
    um_face_clip clip = clip_of_face(1, 64, true), fake = clip_like(&clip, true);
    um_pseudo p = recipe(0);

    (void)state;
    assert_ok(um_pseudo_blend(&p, &clip, &fake));
    assert_true(clip_equal(&clip, &fake));
    p = recipe(1);
    assert_ok(um_pseudo_blend(&p, &clip, &fake));
    assert_false(clip_equal(&clip, &fake));
    um_face_clip_clear(&clip);
    um_face_clip_clear(&fake);
}

static void test_landmarks_move_with_the_inside(void **state)
{
    um_face_clip clip = clip_of_face(1, SIDE, true), fake = clip_like(&clip, true);
    const um_landmarks *was = &clip.landmarks[0], *is = &fake.landmarks[0];
    um_pseudo p = recipe(1);
    float unit = um_face_unit(was);

    (void)state;
    p.bend = (um_face_bend){.shift = {0.05F, 0}, .scale = 1};
    assert_ok(um_pseudo_blend(&p, &clip, &fake));
    assert_true(fabsf(is->p[30][0] - was->p[30][0] - 0.05F * unit) < 1e-3F);
    assert_true(fabsf(is->p[30][1] - was->p[30][1]) < 1e-3F);
    for (int i = 0; i < UM_N_LANDMARKS; i++) {
        float d = is->p[i][0] - was->p[i][0];
        assert_true(d >= -1e-3F && d <= 0.05F * unit + 1e-3F);
    }
    um_face_clip_clear(&clip);
    um_face_clip_clear(&fake);
}

/* Frames of a still clip that differ from the first. */
static int changing(const um_face_clip *clip)
{
    size_t n = 3 * (size_t)clip->side * (size_t)clip->side;
    int found = 0;

    for (size_t i = 1; i < clip->n; i++) found += memcmp(clip->rgb, clip->rgb + i * n, n) != 0;
    return found;
}

static void test_clips_are_steady_or_flicker(void **state)
{
    um_face_clip clip = clip_of_face(8, 64, true), fake = clip_like(&clip, true);
    um_pseudo p = recipe(1);

    (void)state;
    assert_ok(um_pseudo_blend(&p, &clip, &fake));
    assert_int_equal(changing(&fake), 0);
    p.flicker = 1;
    p.hold = 1;
    assert_ok(um_pseudo_blend(&p, &clip, &fake));
    assert_int_equal(changing(&fake), 7);
    assert_int_equal(changing(&clip), 0); /* the real half never flickers */
    um_face_clip_clear(&clip);
    um_face_clip_clear(&fake);
}

static void test_what_does_not_fit_is_refused(void **state)
{
    um_face_clip clip = clip_of_face(2, 64, true), no_mask = clip_like(&clip, false),
                 fake = clip_like(&clip, true), other, none;
    um_pseudo p = recipe(1);

    (void)state;
    assert_ok(um_face_clip_new(&other, 1, 64, true));
    assert_fails(UMCL_ERR_INVALID, "with a mask", um_pseudo_blend(&p, &clip, &no_mask));
    assert_fails(UMCL_ERR_INVALID, "found 1 of 64", um_pseudo_blend(&p, &clip, &other));
    clip.landmarks[1].p[3][0] = (float)NAN;
    assert_fails(UMCL_ERR_INVALID, "frame 1", um_pseudo_blend(&p, &clip, &fake));
    clip.landmarks[1] = clip.landmarks[0]; /* far away: nothing is blended, nothing breaks */
    for (int i = 0; i < UM_N_LANDMARKS; i++) clip.landmarks[1].p[i][i % 2] += 1e20F;
    assert_ok(um_pseudo_blend(&p, &clip, &fake));
    assert_fails(UMCL_ERR_INVALID, "face clip", um_face_clip_new(&none, 0, 64, true));
    um_face_clip_clear(&clip);
    um_face_clip_clear(&no_mask);
    um_face_clip_clear(&fake);
    um_face_clip_clear(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_masks_cover_their_region),
        cmocka_unit_test(test_masks_follow_the_landmarks),
        cmocka_unit_test(test_masks_are_bounded_by_their_ratio),
        cmocka_unit_test(test_pairs_differ_inside_of_the_mask_alone),
        cmocka_unit_test(test_pairs_share_their_augmentation),
        cmocka_unit_test(test_pairs_repeat_by_seed),
        cmocka_unit_test(test_ratio_nought_changes_nothing),
        cmocka_unit_test(test_landmarks_move_with_the_inside),
        cmocka_unit_test(test_clips_are_steady_or_flicker),
        cmocka_unit_test(test_what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
