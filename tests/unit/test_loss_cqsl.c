/* Pulse features across views and classes: pull, push, heart rates. */
#include "../test.h"

#include <math.h>

#include "model/heart_rate.h"
#include "model/loss_cqsl.h"
#include "model/loss_pearson.h"
#include "support_slope.h"

#define B 5
#define T 160
#define K 200

static const bool mixed[B] = {false, true, true, false, true}, one_class[B] = {false};

typedef struct batch {
    float x[UM_N_VIEWS][B * K], grad[UM_N_VIEWS][B * K];
    um_cqsl_batch cqsl;
    int part; /* which loss part_of gives: pull, push, heart rate, total */
} batch;

/* Pulses of different rates in both views, on top of random numbers. */
static void make(batch *b, size_t n, const bool *fake)
{
    memset(b, 0, sizeof *b);
    b->cqsl = (um_cqsl_batch){.batch = n, .width = K, .n_frames = T, .fps = 30, .fake = fake};
    for (int v = 0; v < UM_N_VIEWS; v++) {
        fill_random(b->x[v], n * K, v ? "lq" : "hq");
        for (size_t i = 0; i < n * K; i++)
            b->x[v][i] = 0.5f * b->x[v][i] + sinf(0.2f * (float)(i % K) * (1 + 0.1f * (float)v));
        b->cqsl.z.x[v] = b->x[v];
        b->cqsl.z.grad[v] = b->grad[v];
    }
}

static um_cqsl_loss losses(const batch *b, double weight)
{
    um_cqsl_loss l;

    assert_ok(um_loss_cqsl(&l, &b->cqsl, weight));
    return l;
}

/* Two real and one fake sample whose features are axes: what is alike follows from the places. */
static void test_by_hand(void **state)
{
    static const bool fake[3] = {false, false, true};
    static const float hq[12] = {1, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0};
    static const float lq[12] = {1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1};
    um_cqsl_batch b = {.batch = 3, .width = 4, .fake = fake, .z = {{hq, lq}, {0}}};
    double half = sqrt(0.5);

    (void)state;
    /* r: 1 for the same axis, -1/3 for two axes, -1 for opposite halves */
    assert_true(fabs(um_cqsl_pull(&b, 0) - ((0 + 4.0 / 3) / 2 + 2)) < 1e-12);
    /* fake HQ meets both axes at 45 degrees, fake LQ none of them */
    assert_true(fabs(um_cqsl_push(&b, 0) - (2 * half + 2 * half) / 2) < 1e-12);
}

/* Waveforms of 60 and 75 bpm in the views of the real samples, of equal rates in the fake one. */
static void test_rates_by_hand(void **state)
{
    static const bool fake[3] = {false, true, false};
    static float x[UM_N_VIEWS][3 * K];
    um_cqsl_batch b = {3, K, T, 30, fake, {{x[UM_HQ], x[UM_LQ]}, {0}}};
    double loss;

    (void)state;
    for (int v = 0; v < UM_N_VIEWS; v++)
        for (int i = 0; i < 3 * K; i++) {
            double bpm = v == UM_HQ || i / K == 1 ? 75 : 60;
            x[v][i] = (float)sin(2 * M_PI * bpm / 60 * (i % K) / 30);
        }
    assert_ok(um_cqsl_heart_rate(&loss, &b, 0));
    assert_true(fabs(loss - 0.25) < 0.01); /* 15 bpm */
}

static double part_of(const batch *b, double weight)
{
    double rate;

    if (b->part == 0) return um_cqsl_pull(&b->cqsl, weight);
    if (b->part == 1) return um_cqsl_push(&b->cqsl, weight);
    if (b->part == 3) return losses(b, weight).total;
    assert_ok(um_cqsl_heart_rate(&rate, &b->cqsl, weight));
    return rate;
}

static double value(void *ctx)
{
    return part_of(ctx, 0);
}

static void test_slopes(void **state)
{
    static const char *const name[] = {"pull", "push", "heart rate", "total"};
    static batch b;

    (void)state;
    for (int part = 0; part < 4; part++) {
        make(&b, B, mixed);
        b.cqsl.n_frames = 60; /* a shorter waveform: the test is quicker */
        b.part = part;
        part_of(&b, 1);
        for (int v = 0; v < UM_N_VIEWS; v++)
            check_slope(name[part], value, &b, b.x[v], b.grad[v], B * K, 1e-3);
    }
}

static void test_parts_add_up(void **state)
{
    static batch all, parts;
    um_cqsl_loss l;
    double rate;

    (void)state;
    make(&all, B, mixed);
    make(&parts, B, mixed);
    l = losses(&all, 0.25);
    assert_ok(um_cqsl_heart_rate(&rate, &parts.cqsl, 0.25));
    assert_true(l.heart_rate == rate && l.pull == um_cqsl_pull(&parts.cqsl, 0.25) &&
                l.push == um_cqsl_push(&parts.cqsl, 0.25));
    assert_true(fabs(l.total - l.pull - l.push - l.heart_rate) < 1e-12);
    assert_memory_equal(all.grad, parts.grad, sizeof all.grad);
}

/* One class has no pairs to push apart; one sample is its class's average. */
static void test_one_class(void **state)
{
    static batch b;
    um_cqsl_loss l;

    (void)state;
    make(&b, B, one_class);
    l = losses(&b, 1);
    assert_true(l.push == 0 && l.pull > 0 && l.heart_rate > 0);
    make(&b, 1, one_class);
    l = losses(&b, 1);
    assert_true(l.push == 0);
    assert_true(l.pull == um_loss_npc(b.x[UM_HQ], b.x[UM_LQ], K, 0, NULL, NULL));
    for (int v = 0; v < UM_N_VIEWS; v++) check_finite(b.grad[v], B * K);
}

/* Sample 0 is constant in both views: it neither counts nor gets a gradient, except for push,
 * where a constant vector still has a direction. */
static void test_constant_signals(void **state)
{
    static const float none[K];
    static batch b;
    double loss;

    (void)state;
    make(&b, B, mixed);
    for (int v = 0; v < UM_N_VIEWS; v++)
        for (int k = 0; k < K; k++) b.x[v][k] = 0.7f;
    assert_true(um_cqsl_pull(&b.cqsl, 1) > 0);
    assert_ok(um_cqsl_heart_rate(&loss, &b.cqsl, 1));
    for (int v = 0; v < UM_N_VIEWS; v++) assert_memory_equal(b.grad[v], none, sizeof none);
    memset(b.x, 0, sizeof b.x); /* all silent */
    um_cqsl_loss l = losses(&b, 1);
    assert_true(l.total == 0);
    for (int v = 0; v < UM_N_VIEWS; v++) check_finite(b.grad[v], B * K);
}

static void test_refusals(void **state)
{
    static batch b;
    um_cqsl_loss l;

    (void)state;
    make(&b, B, mixed);
    b.cqsl.n_frames = K + 1;
    assert_fails(UMCL_ERR_SHAPE, "201 frames in features of width 200",
                 um_loss_cqsl(&l, &b.cqsl, 1));
    b.cqsl.n_frames = 59;
    assert_fails(UMCL_ERR_INVALID, "at least 60 frames", um_loss_cqsl(&l, &b.cqsl, 1));
    b.cqsl.n_frames = T;
    b.x[UM_LQ][3] = NAN;
    assert_true(isnan(losses(&b, 0).total));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),   cmocka_unit_test(test_rates_by_hand),
        cmocka_unit_test(test_slopes),    cmocka_unit_test(test_parts_add_up),
        cmocka_unit_test(test_one_class), cmocka_unit_test(test_constant_signals),
        cmocka_unit_test(test_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
