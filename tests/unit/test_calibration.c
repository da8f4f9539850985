/* Probabilities, thresholds and bands of doubt from scores whose truth is known. */
#include "../test.h"

#include <math.h>

#include "base/rng.h"
#include "eval/calibration.h"

enum { N = 4000 };

static um_window_score scores[N];

/* Log-odds that are `gain` times too large and off by `bias`; one class `rare` times rarer. */
static void draw_scores(double gain, double bias, int rare)
{
    um_rng rng = um_rng_new(3, "calibration");

    for (size_t i = 0; i < N;) {
        double odds = um_rng_normal(&rng) * 2;
        bool fake = um_rng_uniform(&rng) < 1 / (1 + exp(-odds));

        if (fake && um_rng_below(&rng, (size_t)rare)) continue;
        scores[i] = (um_window_score){gain * odds + bias, fake, i / 2, i / 4};
        i++;
    }
}

static void temperature_takes_sureness_back(void **state)
{
    (void)state;
    draw_scores(4, 0, 1);
    assert_true(fabs(um_calibrate_temperature(scores, N) - 0.25) < 0.05);
    draw_scores(0.5, 0, 1);
    assert_true(fabs(um_calibrate_temperature(scores, N) - 2) < 0.3);
    for (size_t i = 0; i < N; i++) scores[i].fake = !scores[i].fake;
    assert_true(um_calibrate_temperature(scores, N) == 1e-3); /* never turned around */
}

/* Counts do not matter: a prior of one fake in ten does not move the shift. */
static void platt_weighs_classes_alike(void **state)
{
    double scale, shift;

    (void)state;
    draw_scores(2, 1, 10);
    um_calibrate(&scale, &shift, scores, N);
    assert_true(fabs(scale - 0.5) < 0.1);
    assert_true(fabs(shift + 0.5) < 0.2);
}

static void threshold_is_best_and_near_the_middle(void **state)
{
    /* Balanced accuracy 1 between .6 and .7; then a real at .9 costs a third of the reals. */
    um_scored apart[] = {{.9, true, 0}, {.1, false, 1}, {.6, false, 2}, {.7, true, 3}};
    um_scored middle[] = {{.9, true, 0}, {.1, false, 1}};
    um_scored mixed[] = {{.2, true, 0}, {.1, false, 0}, {.3, false, 0}, {.3, true, 0},
                         {.4, true, 0}, {.9, false, 0}, {.2, false, 0}};
    um_scored one[] = {{.2, true, 0}, {.3, true, 0}};
    um_scored turned[] = {{.2, true, 0}, {.8, false, 0}};

    (void)state;
    assert_true(fabs(um_threshold_choose(apart, 4) - 0.65) < 1e-12);
    assert_true(um_threshold_choose(middle, 2) == 0.5);
    /* At .15: 1/4 + 1; at .25: 2/4 + 2/3; at .35: 3/4 + 1/3. */
    assert_true(fabs(um_threshold_choose(mixed, 7) - 0.15) < 1e-12);
    assert_true(um_threshold_choose(one, 2) == 0.5);
    assert_true(um_threshold_choose(one, 0) == 0.5);
    assert_true(um_threshold_choose(turned, 2) == 0.1 || um_threshold_choose(turned, 2) == 0.9);
}

static void band_holds_the_nearest_fifth(void **state)
{
    um_scored s[10];
    um_interval band;

    (void)state;
    for (size_t i = 0; i < 10; i++) s[i].score = 0.05 + 0.1 * (double)i;
    assert_ok(um_doubt_band(&band, 0.44, s, 10));
    assert_true(fabs(band.low - 0.33) < 1e-9 && fabs(band.high - 0.55) < 1e-9); /* .45 .35 .55 */
    for (size_t i = 0; i < 10; i++) s[i].score = i % 2;
    assert_ok(um_doubt_band(&band, 0.5, s, 10));
    assert_true(band.low == 0.25 && band.high == 0.75);
    assert_ok(um_doubt_band(&band, 0.1, s, 10));
    assert_true(band.low >= 0 && band.high <= 0.35 + 1e-9);
    assert_ok(um_doubt_band(&band, 0.3, s, 0));
    assert_true(band.low == 0.3 && band.high == 0.3);
}

/* Windows are joined to videos; the rule that is found separates as the scores allow. */
static void fit_gives_a_whole_rule(void **state)
{
    um_calibration platt, temperature;
    um_window_score two[] = {
        {-3, false, 7, 0}, {5, true, 9, 1}, {1, false, 7, 0}, {-1, true, 9, 1}};

    (void)state;
    assert_ok(um_calibration_fit(&platt, UM_CALIBRATE_PLATT, two, 4));
    assert_true(platt.auc == 1); /* as videos: log-odds -1 and 2 */
    assert_true(platt.rule.threshold == 0.5);
    assert_true(platt.rule.doubt_low < 0.5 && 0.5 < platt.rule.doubt_high);
    draw_scores(2, 1, 1);
    for (size_t i = 0; i < N; i++) scores[i].video = i;
    assert_ok(um_calibration_fit(&platt, UM_CALIBRATE_PLATT, scores, N));
    assert_ok(um_calibration_fit(&temperature, UM_CALIBRATE_TEMPERATURE, scores, N));
    assert_true(fabs(platt.rule.threshold - 0.5) < 0.12);
    assert_true(temperature.rule.shift == 0 && temperature.rule.threshold > platt.rule.threshold);
    assert_true(fabs(platt.auc - temperature.auc) < 1e-9);
}

static void refuses_what_cannot_be_fitted(void **state)
{
    um_window_score s[] = {{1, true, 0, 0}, {2, true, 1, 1}};
    um_calibration c;

    (void)state;
    assert_fails(UMCL_ERR_INVALID, "found 0 real and 2 fake ones",
                 um_calibration_fit(&c, UM_CALIBRATE_PLATT, s, 2));
    assert_fails(UMCL_ERR_INVALID, "both classes",
                 um_calibration_fit(&c, UM_CALIBRATE_PLATT, s, 0));
    s[1] = (um_window_score){NAN, false, 1, 1};
    assert_fails(UMCL_ERR_INVALID, "score 1 is not a number",
                 um_calibration_fit(&c, UM_CALIBRATE_PLATT, s, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(temperature_takes_sureness_back),
        cmocka_unit_test(platt_weighs_classes_alike),
        cmocka_unit_test(threshold_is_best_and_near_the_middle),
        cmocka_unit_test(band_holds_the_nearest_fifth),
        cmocka_unit_test(fit_gives_a_whole_rule),
        cmocka_unit_test(refuses_what_cannot_be_fitted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
