/* Relative AUC and the figure of merit against values worked out by hand. */
#include "../test.h"

#include <math.h>

#include "eval/robustness.h"

#define N 8
#define DRAWS 500

static const bool fake[N] = {false, false, false, false, true, true, true, true};
static const size_t person[N] = {0, 1, 2, 3, 4, 5, 6, 7};

static void is_near(double value, double expected)
{
    if (!(fabs(value - expected) < 1e-12)) fail_msg("%.15g, expected %.15g", value, expected);
}

static void measures_by_hand(void **state)
{
    /* As they are: 14 of 16 pairs in order; then 12, a tie of all, and one upside down. */
    static const double clean[N] = {1, 2, 3, 6, 4, 5, 7, 8};
    static const double changed[3 * N] = {1, 2, 5, 6, 3, 4, 7, 8, 5, 5, 5, 5,
                                          5, 5, 5, 5, 8, 7, 6, 5, 4, 3, 2, 1};
    const um_robust_scores s = {N, 3, fake, person, clean, changed};
    um_robustness r;

    (void)state;
    assert_ok(um_robustness_measure(&r, &s, DRAWS, 1));
    is_near(r.clean.auc.value, 14.0 / 16);
    is_near(r.clean.relative.value, 1);
    is_near(r.changes[0].auc.value, 12.0 / 16);
    is_near(r.changes[0].relative.value, 4.0 / 6);
    is_near(r.changes[1].auc.value, 0.5);
    is_near(r.changes[1].relative.value, 0);
    is_near(r.changes[2].auc.value, 0);
    is_near(r.changes[2].relative.value, -8.0 / 6);
    is_near(r.merit.value, (4.0 / 6 + 0 - 8.0 / 6) / 3);
    assert_int_equal(r.changes[2].n, N);
    assert_int_equal(r.changes[2].n_fake, N / 2);
    assert_true(r.merit.interval.low < r.merit.value && r.merit.value < r.merit.interval.high);
    assert_true(r.changes[1].auc.interval.low == 0.5 && r.changes[1].auc.interval.high == 0.5);
    um_robustness_clear(&r);
}

/* What all conditions share leaves no doubt about the relation. */
static void draws_are_paired(void **state)
{
    static const double clean[N] = {1, 2, 3, 6, 4, 5, 7, 8};
    const um_robust_scores s = {N, 1, fake, person, clean, clean};
    um_robustness r, again;

    (void)state;
    assert_ok(um_robustness_measure(&r, &s, DRAWS, 1));
    is_near(r.merit.value, 1);
    is_near(r.merit.interval.low, 1);
    is_near(r.merit.interval.high, 1);
    assert_true(r.changes[0].auc.interval.low < r.changes[0].auc.interval.high);
    assert_ok(um_robustness_measure(&again, &s, DRAWS, 1));
    assert_true(r.clean.auc.interval.low == again.clean.auc.interval.low);
    um_robustness_clear(&r);
    um_robustness_clear(&again);
}

static void lost_scores(void **state)
{
    static const double clean[N] = {1, 2, 3, 6, 4, 5, 7, 8};
    static const double changed[2 * N] = {1,   2,   NAN, 6,   4,   NAN, 7,   8,
                                          NAN, NAN, NAN, NAN, NAN, NAN, NAN, 1};
    const um_robust_scores s = {N, 2, fake, person, clean, changed};
    um_robustness r;

    (void)state;
    assert_ok(um_robustness_measure(&r, &s, DRAWS, 1));
    assert_int_equal(r.changes[0].n, 6);
    assert_int_equal(r.changes[0].n_fake, 3);
    is_near(r.changes[0].auc.value, 8.0 / 9);
    assert_true(isnan(r.changes[1].auc.value) && isnan(r.changes[1].auc.interval.low));
    is_near(r.changes[1].relative.value, 0);
    is_near(r.merit.value, (8.0 / 9 - 0.5) / (14.0 / 16 - 0.5) / 2);
    is_near(r.kept, 7.0 / 16);
    um_robustness_clear(&r);
}

static void nothing_to_lose(void **state)
{
    static const double chance[N] = {1, 1, 1, 1, 1, 1, 1, 1};
    const um_robust_scores s = {N, 1, fake, person, chance, chance};
    const um_robust_scores none = {N, 0, fake, person, chance, chance};
    um_robustness r;

    (void)state;
    assert_ok(um_robustness_measure(&r, &s, DRAWS, 1));
    is_near(r.clean.auc.value, 0.5);
    assert_true(isnan(r.changes[0].relative.value) && isnan(r.merit.value));
    assert_true(isnan(r.merit.interval.low));
    um_robustness_clear(&r);
    assert_ok(um_robustness_measure(&r, &none, DRAWS, 1));
    assert_true(isnan(r.merit.value) && isnan(r.kept));
    um_robustness_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_by_hand),
        cmocka_unit_test(draws_are_paired),
        cmocka_unit_test(lost_scores),
        cmocka_unit_test(nothing_to_lose),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
