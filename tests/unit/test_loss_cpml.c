/* CPML's consistency with prompts: hand-computed cases, gradients. */
#include "../test.h"

#include <math.h>

#include "model/loss_cpml.h"
#include "support_slope.h"

#define B 3
#define D 16

static const bool fake[B] = {true, false, true};

typedef struct batch {
    float x[UM_N_VIEWS][B * D], grad[UM_N_VIEWS][B * D], own[B * D], other[B * D];
    um_cpml_batch cpml;
} batch;

static void make(batch *b)
{
    memset(b, 0, sizeof *b);
    b->cpml = (um_cpml_batch){B, D, fake, {{0}, {0}}, b->own, b->other};
    fill_random(b->own, B * D, "own");
    fill_random(b->other, B * D, "other");
    for (int v = 0; v < UM_N_VIEWS; v++) {
        fill_random(b->x[v], B * D, v ? "lq" : "hq");
        b->cpml.unified.x[v] = b->x[v];
        b->cpml.unified.grad[v] = b->grad[v];
    }
}

static um_cpml_loss losses(const batch *b, double weight)
{
    um_cpml_loss l;

    um_loss_cpml(&l, &b->cpml, weight);
    return l;
}

static void test_by_hand(void **state)
{
    static const float hq[6] = {1, 0, 0, 1, 1, 1}, lq[6] = {1, 1, 0, 1, 1, -1};
    static const float own[6] = {1, 0, 0, 1, 1, 0}, other[6] = {0, 1, 1, 0, 0, 1};
    const um_cpml_batch b = {B, 2, fake, {{hq, lq}, {0}}, own, other};
    double half = sqrt(0.5);
    um_cpml_loss l;

    (void)state;
    um_loss_cpml(&l, &b, 0);
    /* samples 0 and 2 are averaged, the real sample 1 is added */
    assert_true(fabs(l.own - ((0 + 1 - half) + 2 * (1 - half)) / 2) < 1e-12);
    assert_true(fabs(l.other - ((0 + half) + (half - half)) / 2) < 1e-12);
    assert_true(fabs(l.views - (1 - half) * (1 - half) / 2) < 1e-12);
    assert_true(fabs(l.total - l.own - l.other - l.views) < 1e-12);
}

static double value(void *ctx)
{
    const batch *b = ctx;

    return losses(b, 0).total;
}

static void test_slopes(void **state)
{
    static batch b;

    (void)state;
    make(&b);
    losses(&b, 1);
    for (int v = 0; v < UM_N_VIEWS; v++)
        check_slope("unified", value, &b, b.x[v], b.grad[v], B * D, 1e-3);
}

static void test_zero_feature(void **state)
{
    static batch b;

    (void)state;
    make(&b);
    memset(b.x, 0, sizeof b.x);
    assert_true(losses(&b, 1).total == 2 * UM_N_VIEWS); /* no direction: 1 - 0 of both classes */
    for (int v = 0; v < UM_N_VIEWS; v++)
        for (int i = 0; i < B * D; i++) assert_true(b.grad[v][i] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_slopes),
        cmocka_unit_test(test_zero_feature),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
