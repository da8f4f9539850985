/*
 * Training of the landmark detector on made-up tracks: smooth motion is real, trembling is fake.
 */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "eval/metrics.h"
#include "train/lrnet_fit.h"

#define N_TRACKS 24
#define N_FRAMES 90

static um_landmarks frames[N_TRACKS][N_FRAMES];
static um_stored_track stored[N_TRACKS];
static um_labelled_track tracks[N_TRACKS];

static void make_tracks(void)
{
    for (size_t t = 0; t < N_TRACKS; t++) {
        um_rng rng = um_rng_new(t, "made-up track");
        double phase = um_rng_range(&rng, 0, 6), tremble = t % 2 ? 8 : 0.1;
        for (int f = 0; f < N_FRAMES; f++)
            for (int i = 0; i < UM_N_LANDMARKS; i++) {
                double turn = 0.1 * sin(phase + 0.1 * f), a = 0.0924 * i;
                frames[t][f].p[i][0] =
                    (float)(300 + 80 * cos(a + turn) + tremble * um_rng_normal(&rng));
                frames[t][f].p[i][1] =
                    (float)(300 + 100 * sin(a + turn) + tremble * um_rng_normal(&rng));
            }
        stored[t] = (um_stored_track){.id = 1, .n_frames = N_FRAMES, .landmarks = frames[t]};
        tracks[t] = (um_labelled_track){&stored[t], t % 2, t, t};
    }
}

static umcl_status train(um_params **out, size_t n)
{
    um_lrnet_fit_options options = UM_LRNET_FIT_OPTIONS_INIT;

    options.steps = 150;
    options.batch = 16;
    options.lq_share = 0;
    return um_lrnet_fit(out, tracks, n, &options, NULL, NULL);
}

/* Trained on the first 16, tried on the other 8. */
static void trembling_is_learned(void **state)
{
    um_window_score *scores;
    um_params *params;
    um_scored items[64];
    um_metrics m;
    double scale, shift;
    size_t n;

    (void)state;
    make_tracks();
    assert_ok(train(&params, 16));
    assert_ok(um_lrnet_windows(&scores, &n, params, tracks + 16, 8));
    assert_int_equal(n, 16); /* 90 frames: windows at 0 and 30 */
    for (size_t i = 0; i < n; i++)
        items[i] = (um_scored){scores[i].logit, scores[i].fake, scores[i].person};
    assert_ok(um_metrics_compute(&m, items, n, 0));
    assert_true(m.auc > 0.95);
    um_calibrate(&scale, &shift, scores, n);
    assert_true(scale > 0 && isfinite(shift));
    free(scores);
    um_params_free(params);
}

static void same_seed_gives_same_weights(void **state)
{
    um_params *a, *b;

    (void)state;
    make_tracks();
    assert_ok(train(&a, 16));
    assert_ok(train(&b, 16));
    for (size_t i = 0; i < um_params_count(a); i++) {
        const um_param *p = um_params_at(a, i), *q = um_params_at(b, i);
        assert_memory_equal(p->value.data, q->value.data, um_tensor_bytes(&p->value));
    }
    um_params_free(a);
    um_params_free(b);
}

static void one_class_is_refused(void **state)
{
    um_params *params;

    (void)state;
    make_tracks();
    assert_fails(UMCL_ERR_INVALID, "expected both classes, found 1 real and 0 fake",
                 train(&params, 1));
}

/* Log-odds that are twice too large are halved; a constant bias is taken away. */
static void calibration_recovers_scale_and_shift(void **state)
{
    um_window_score s[4000];
    um_rng rng = um_rng_new(3, "calibration");
    double scale, shift;

    (void)state;
    for (int i = 0; i < 4000; i++) {
        double odds = um_rng_normal(&rng) * 2;
        s[i].fake = um_rng_uniform(&rng) < 1 / (1 + exp(-odds));
        s[i].logit = 2 * odds + 1;
    }
    um_calibrate(&scale, &shift, s, 4000);
    assert_true(fabs(scale - 0.5) < 0.1);
    assert_true(fabs(shift + 0.5) < 0.15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trembling_is_learned),
        cmocka_unit_test(same_seed_gives_same_weights),
        cmocka_unit_test(one_class_is_refused),
        cmocka_unit_test(calibration_recovers_scale_and_shift),
    };

    um_threads_set(1); /* nets this small lose more at barriers than they win */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
