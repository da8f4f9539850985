#include "../test.h"

#include <math.h>

#include "base/rng.h"
#include "face/geometry.h"
#include "face/nms.h"

static void mirror_is_an_involution(void **state)
{
    (void)state;
    for (int i = 0; i < UM_N_LANDMARKS; i++)
        assert_int_equal(um_landmark_mirror[um_landmark_mirror[i]], i);
    assert_int_equal(um_landmark_mirror[36], 45); /* outer corners of the eyes */
    assert_int_equal(um_landmark_mirror[48], 54); /* corners of the mouth */
    assert_int_equal(um_landmark_mirror[30], 30); /* tip of the nose */
}

static void similarity_is_found_and_inverted(void **state)
{
    um_rng rng = um_rng_new(1, "similarity");

    (void)state;
    for (int round = 0; round < 20; round++) {
        float from[7][2], to[7][2], back[7][2];
        um_similarity s = {(float)um_rng_range(&rng, -2, 2), (float)um_rng_range(&rng, 0.1, 2),
                           (float)um_rng_range(&rng, -50, 50), (float)um_rng_range(&rng, -50, 50)};
        um_similarity found;

        for (int i = 0; i < 7; i++)
            for (int k = 0; k < 2; k++) from[i][k] = (float)um_rng_range(&rng, 0, 100);
        um_similarity_apply(s, to, (const float(*)[2])from, 7);
        found = um_similarity_fit((const float(*)[2])from, (const float(*)[2])to, 7);
        assert_float_equal(found.a, s.a, 1e-4);
        assert_float_equal(found.b, s.b, 1e-4);
        assert_float_equal(found.tx, s.tx, 2e-2);
        um_similarity_apply(um_similarity_inverse(found), back, (const float(*)[2])to, 7);
        for (int i = 0; i < 7; i++)
            for (int k = 0; k < 2; k++) assert_float_equal(back[i][k], from[i][k], 2e-2);
    }
}

static void iou_of_known_boxes(void **state)
{
    um_box a = {0, 0, 10, 10}, b = {5, 0, 15, 10}, far_off = {20, 20, 30, 30}, none = {5, 5, 5, 5};

    (void)state;
    assert_float_equal(um_box_iou(a, a), 1, 0);
    assert_float_equal(um_box_iou(a, b), 50.0f / 150, 1e-6);
    assert_float_equal(um_box_iou(a, far_off), 0, 0);
    assert_float_equal(um_box_iou(none, none), 0, 0);
    assert_float_equal(um_box_width(um_box_square((um_box){0, 0, 10, 20}, 1.5f)), 30, 1e-5);
}

static void nms_keeps_the_best(void **state)
{
    /* The second overlaps the first by 1/3 of their union; the last lies inside the first. */
    const um_box box[4] = {{0, 0, 10, 10}, {5, 0, 15, 10}, {100, 0, 110, 10}, {1, 1, 4, 4}};
    const float score[4] = {0.8f, 0.9f, 0.5f, 0.7f};
    size_t keep[4], n;

    (void)state;
    assert_ok(um_nms(keep, &n, box, score, 4, 0.3f, UM_NMS_UNION));
    assert_int_equal(n, 3);
    assert_int_equal(keep[0], 1);
    assert_int_equal(keep[1], 3);
    assert_int_equal(keep[2], 2);
    assert_ok(um_nms(keep, &n, box, score, 4, 0.5f, UM_NMS_UNION));
    assert_int_equal(n, 4);
    assert_ok(um_nms(keep, &n, box, score, 4, 0.7f, UM_NMS_MIN));
    assert_int_equal(n, 3);
    assert_int_equal(keep[1], 0);
    assert_ok(um_nms(keep, &n, NULL, NULL, 0, 0.5f, UM_NMS_UNION));
    assert_int_equal(n, 0);
}

static void five_points_and_bounds(void **state)
{
    um_landmarks lm = {0};
    float five[5][2];
    um_box b;

    (void)state;
    assert_false(um_landmarks_plausible(&lm));
    for (int i = 0; i < UM_N_LANDMARKS; i++) {
        lm.p[i][0] = (float)i;
        lm.p[i][1] = 2 * (float)i;
    }
    um_landmarks_five(five, &lm);
    assert_float_equal(five[0][0], 38.5, 1e-4);
    assert_float_equal(five[1][1], 89, 1e-4);
    assert_float_equal(five[2][0], 30, 0);
    assert_float_equal(five[4][0], 54, 0);
    b = um_landmarks_bounds(&lm);
    assert_float_equal(b.y1, 134, 0);
    assert_true(um_landmarks_plausible(&lm));
    lm.p[3][1] = NAN;
    assert_false(um_landmarks_plausible(&lm));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mirror_is_an_involution),
        cmocka_unit_test(similarity_is_found_and_inverted),
        cmocka_unit_test(iou_of_known_boxes),
        cmocka_unit_test(nms_keeps_the_best),
        cmocka_unit_test(five_points_and_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
