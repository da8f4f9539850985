/* Measures of scores against values worked out by hand. */
#include "../test.h"

#include <math.h>

#include "base/rng.h"
#include "eval/curves.h"
#include "eval/metrics.h"
#include "eval/roc_band.h"

static void computes_by_hand(void **state)
{
    /* Ascending: real .1, fake .35, real .4, fake .8. Of 4 pairs 3 are in order. */
    um_scored s[] = {{.8, true, 0}, {.1, false, 1}, {.35, true, 2}, {.4, false, 3}};
    um_metrics m;

    (void)state;
    assert_ok(um_metrics_compute(&m, s, 4, 0.5));
    assert_int_equal(m.n, 4);
    assert_int_equal(m.n_fake, 2);
    assert_true(fabs(m.auc - 0.75) < 1e-12);
    assert_true(fabs(m.accuracy - 0.75) < 1e-12); /* the fake at .35 is missed */
    assert_true(fabs(m.balanced - 0.75) < 1e-12);
    assert_true(fabs(m.eer - 0.5) < 1e-12);
    assert_true(fabs(m.ap - (1 + 2.0 / 3) / 2) < 1e-12);
    /* Bins of .1: |.1 - 0| + |.35 - 1| + |.4 - 0| + |.8 - 1|, over 4. */
    assert_true(fabs(m.ece - (.1 + .65 + .4 + .2) / 4) < 1e-9);
    assert_ok(um_metrics_compute(&m, s, 4, 0.38));
    assert_true(m.accuracy == 0.5 && m.accuracy_half == 0.75);
    for (int k = 0; k < UM_N_MEASURES; k++)
        assert_true(isfinite(um_metrics_get(&m, (um_measure)k)));
    assert_true(um_metrics_get(&m, UM_ACCURACY_HALF) == 0.75);
}

static void counts_ties_half(void **state)
{
    um_scored s[] = {{.5, true, 0}, {.5, false, 1}, {.5, true, 2}, {.5, false, 3}};
    um_metrics m;

    (void)state;
    assert_ok(um_metrics_compute(&m, s, 4, 0.5));
    assert_true(fabs(m.auc - 0.5) < 1e-12);
    assert_true(fabs(m.ap - 0.5) < 1e-12);
    assert_true(fabs(m.accuracy - 0.5) < 1e-12); /* at the threshold is fake */
}

static void separates_fully(void **state)
{
    um_scored s[] = {{.9, true, 0}, {.8, true, 1}, {.2, false, 2}, {.1, false, 3}};
    um_metrics m;

    (void)state;
    assert_ok(um_metrics_compute(&m, s, 4, 0.5));
    assert_true(m.auc == 1 && m.ap == 1 && m.eer == 0 && m.accuracy == 1);
    for (int i = 0; i < 4; i++) s[i].fake = !s[i].fake;
    assert_ok(um_metrics_compute(&m, s, 4, 0.5));
    assert_true(m.auc == 0 && m.accuracy == 0);
}

static void leaves_one_class_undefined(void **state)
{
    um_scored s[] = {{.9, true, 0}, {.4, true, 1}};
    um_interval ci[UM_N_MEASURES];
    um_metrics m;

    (void)state;
    assert_ok(um_metrics_compute(&m, s, 2, 0.5));
    assert_true(isnan(m.auc) && isnan(m.eer) && isnan(m.ap) && isnan(m.balanced));
    assert_true(m.accuracy == 0.5);
    assert_ok(um_metrics_bootstrap(ci, s, 2, 0.5, 100, 1));
    assert_true(isnan(ci[0].low) && isnan(ci[UM_ECE].high));
    assert_ok(um_metrics_compute(&m, s, 0, 0.5));
    assert_true(isnan(m.accuracy));
    s[0].score = NAN;
    assert_fails(UMCL_ERR_INVALID, "not a number", um_metrics_compute(&m, s, 2, 0.5));
}

static void bootstraps_the_same_again(void **state)
{
    um_scored s[40];
    um_interval a[UM_N_MEASURES], b[UM_N_MEASURES], c[UM_N_MEASURES];
    um_metrics m;

    (void)state;
    for (size_t i = 0; i < 40; i++)
        s[i] = (um_scored){(double)(i * 7 % 40) / 40 + (i % 2 ? .2 : 0), i % 2, i / 4};
    assert_ok(um_metrics_bootstrap(a, s, 40, 0.5, 300, 5));
    assert_ok(um_metrics_bootstrap(b, s, 40, 0.5, 300, 5));
    assert_ok(um_metrics_bootstrap(c, s, 40, 0.5, 300, 6));
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, c, sizeof a);
    assert_ok(um_metrics_compute(&m, s, 40, 0.5));
    assert_true(a[0].low <= m.auc && m.auc <= a[0].high && a[0].low < a[0].high);
}

static void curve_holds_every_score(void **state)
{
    um_scored s[] = {{.05, false, 0}, {.09, true, 1}, {.1, true, 2}, {1, true, 3}};
    um_curve_bin bins[UM_CURVE_BINS];

    (void)state;
    um_calibration_curve(bins, s, 4);
    assert_int_equal(bins[0].n, 2);
    assert_true(fabs(bins[0].score - 0.07) < 1e-12 && bins[0].fakes == 0.5);
    assert_true(bins[1].n == 1 && bins[1].fakes == 1);
    assert_true(bins[5].n == 0 && isnan(bins[5].score) && isnan(bins[5].fakes));
    assert_true(bins[9].n == 1 && bins[9].score == 1);
}

static double area_of(const double *x, const double *y, size_t n)
{
    double area = 0;

    for (size_t i = 1; i < n; i++) area += (x[i] - x[i - 1]) * (y[i] + y[i - 1]) / 2;
    return area;
}

static void roc_holds_the_auc(void **state)
{
    um_scored s[] = {{.8, true, 0},  {.1, false, 1}, {.35, true, 2},
                     {.4, false, 3}, {.4, true, 4},  {.4, false, 5}};
    double x[7], y[7];
    um_metrics m;
    size_t n;

    (void)state;
    n = um_roc_curve(x, y, s, 6);
    assert_int_equal(n, 5); /* the three of .4 are one step */
    assert_true(x[0] == 0 && y[0] == 0 && x[4] == 1 && y[4] == 1);
    assert_ok(um_metrics_compute(&m, s, 6, 0.5));
    assert_true(fabs(area_of(x, y, n) - m.auc) < 1e-12);
    for (int i = 0; i < 6; i++) s[i].fake = true;
    assert_int_equal(um_roc_curve(x, y, s, 6), 0);
}

/* 40 people of a real and a fake video each, fakes 0.8 deviations higher. */
static void roc_has_a_band(void **state)
{
    um_rng rng = um_rng_new(3, "test");
    um_scored s[80];
    um_roc roc, again;
    um_metrics m;

    (void)state;
    for (size_t i = 0; i < 80; i++)
        s[i] = (um_scored){um_rng_normal(&rng) + 0.8 * (double)(i % 2), i % 2, i / 2};
    assert_ok(um_metrics_compute(&m, s, 80, 0.5));
    assert_ok(um_roc_measure(&roc, s, 80, 500, 1));
    assert_ok(um_roc_measure(&again, s, 80, 500, 1));
    assert_true(roc.n > 101 && roc.n <= 182 && again.n == roc.n);
    assert_memory_equal(roc.low, again.low, roc.n * sizeof *roc.low);
    assert_true(fabs(area_of(roc.x, roc.y, roc.n) - m.auc) < 1e-12);
    assert_true(area_of(roc.x, roc.low, roc.n) < m.auc - 0.05);
    assert_true(area_of(roc.x, roc.high, roc.n) > m.auc + 0.05);
    for (size_t i = 0; i < roc.n; i++) {
        assert_true(roc.low[i] <= roc.high[i] && roc.low[i] >= 0 && roc.high[i] <= 1);
        assert_true(roc.y[i] <= roc.high[i] && (!i || roc.x[i] >= roc.x[i - 1]));
        assert_true(!i || (roc.y[i] >= roc.y[i - 1] && roc.low[i] >= roc.low[i - 1]));
    }
    um_roc_clear(&roc);
    um_roc_clear(&again);
}

static void roc_of_few(void **state)
{
    um_scored s[] = {{.1, false, 0}, {.2, false, 0}, {.8, true, 1}, {.9, true, 1}};
    um_roc roc;

    (void)state;
    assert_ok(um_roc_measure(&roc, s, 4, 200, 1)); /* half of the draws have both */
    for (size_t i = 1; i < roc.n; i++) assert_true(roc.low[i] == 1 && roc.high[i] == 1);
    um_roc_clear(&roc);
    assert_ok(um_roc_measure(&roc, s, 4, 19, 1));
    assert_true(roc.n > 0 && !roc.low && !roc.high);
    um_roc_clear(&roc);
    assert_ok(um_roc_measure(&roc, s, 2, 200, 1));
    assert_true(roc.n == 0 && !roc.x);
}

/* 0.1 of 50: by Wilson's formula 0.0435 to 0.2136. */
static void shares_have_intervals(void **state)
{
    um_interval ci = um_share_interval(0.1, 50);

    (void)state;
    assert_true(fabs(ci.low - 0.04348) < 1e-4 && fabs(ci.high - 0.21361) < 1e-4);
    ci = um_share_interval(0, 4);
    assert_true(ci.low == 0 && ci.high > 0.48 && ci.high < 0.5);
    assert_true(isnan(um_share_interval(NAN, 0).low));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computes_by_hand),
        cmocka_unit_test(counts_ties_half),
        cmocka_unit_test(separates_fully),
        cmocka_unit_test(leaves_one_class_undefined),
        cmocka_unit_test(bootstraps_the_same_again),
        cmocka_unit_test(curve_holds_every_score),
        cmocka_unit_test(roc_has_a_band),
        cmocka_unit_test(roc_of_few),
        cmocka_unit_test(roc_holds_the_auc),
        cmocka_unit_test(shares_have_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
