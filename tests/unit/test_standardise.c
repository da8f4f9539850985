/*
 * The encoders' scale: after it every value has mean 0 and variance 1, and encoders that are going
 * to be trained get that of frozen ones.
 */
#include "../test.h"

#include <math.h>

#include "base/parallel.h"
#include "model/encoder.h"
#include "model/head.h"
#include "support_tracks.h"
#include "train/standardise.h"

#define CACHE "standardise.cache"

enum { L = 1 << UM_LANDMARKS, N = 8, WIDTH = 128 };

static made_tracks made;
static um_take_plan plan;

static int prepare(void **state)
{
    um_take_options o = UM_TAKE_OPTIONS_INIT;

    (void)state;
    um_threads_set(1);
    o.pseudo = 0;
    o.strength = 0;
    tracks_make(&made, 4, 100, CACHE);
    assert_ok(um_take_plan_new(&plan, made.tracks, made.n, &o));
    return 0;
}

static int finish(void **state)
{
    (void)state;
    um_take_plan_clear(&plan);
    tracks_clear(&made);
    return 0;
}

/* Parameters of the landmarks' encoder and of a head. */
static um_params *network(void)
{
    um_params *params;
    um_encoder *e;
    um_head *h;

    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_encoder_new(&e, params, UM_LANDMARKS, 1, UM_WINDOW, UM_INFER, 3));
    assert_ok(um_head_new(&h, params, UM_FUSION_UMCL, L, 1, UM_INFER, 0, 3));
    um_encoder_free(e);
    um_head_free(h);
    return params;
}

static void numbers(um_params *params, float mean[WIDTH], float scale[WIDTH])
{
    assert_ok(um_param_get(params, um_params_find(params, "standard.landmarks.mean"), mean));
    assert_ok(um_param_get(params, um_params_find(params, "standard.landmarks.scale"), scale));
}

static void values_get_mean_0_and_variance_1(void **state)
{
    um_take_store_options o = {.n = N, .frozen = L, .recipe = ""};
    float mean[WIDTH], scale[WIDTH];
    um_params *params = network();
    um_take_store s;
    int whole = 0;

    (void)state;
    for (int k = 0; k < UM_N_MODALITIES; k++) o.weights[k] = "";
    assert_ok(um_take_store_make(&s, &plan, params, &o, NULL, NULL));
    assert_ok(um_standardise(params, &s, L));
    numbers(params, mean, scale);
    for (int c = 0; c < WIDTH; c++) {
        double sum = 0, square = 0;

        for (int v = 0; v < UM_N_VIEWS; v++)
            for (size_t i = 0; i < N; i++) {
                double x = um_take_store_body(&s, UM_LANDMARKS, v, i)[c];

                x = (x - mean[c]) * scale[c];
                sum += x / (UM_N_VIEWS * N);
                square += x * x / (UM_N_VIEWS * N);
            }
        assert_true(fabs(sum) < 1e-3);
        assert_true(square < 1.001); /* less where a value hardly varies */
        whole += square > 0.999;
    }
    assert_true(whole > WIDTH / 2);
    um_take_store_clear(&s);
    um_params_free(params);
}

static void trained_encoders_are_seen_as_they_begin(void **state)
{
    um_take_store_options o = {.n = N, .frozen = L, .recipe = ""};
    float mean[WIDTH], scale[WIDTH], mean_too[WIDTH], scale_too[WIDTH];
    um_params *params = network(), *too = network();
    um_take_store s;

    (void)state;
    for (int k = 0; k < UM_N_MODALITIES; k++) o.weights[k] = "";
    assert_ok(um_take_store_make(&s, &plan, params, &o, NULL, NULL));
    assert_ok(um_standardise(params, &s, L));
    assert_ok(um_standardise_trained(too, &plan, N, L));
    numbers(params, mean, scale);
    numbers(too, mean_too, scale_too);
    assert_memory_equal(mean, mean_too, sizeof mean);
    assert_memory_equal(scale, scale_too, sizeof scale);
    um_take_store_clear(&s);

    assert_ok(um_standardise_trained(too, NULL, N, 0)); /* none: nothing is looked at */
    um_params_free(params);
    um_params_free(too);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_get_mean_0_and_variance_1),
        cmocka_unit_test(trained_encoders_are_seen_as_they_begin),
    };

    return cmocka_run_group_tests(tests, prepare, finish);
}
