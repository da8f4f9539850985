/* Cosine, negative Pearson correlation and |cosine|: hand-computed cases, edges, gradients. */
#include "../test.h"

#include <math.h>

#include "model/loss_pearson.h"
#include "support_slope.h"

#define N 40

static void assert_near(double have, double want)
{
    if (!(fabs(have - want) <= 1e-9)) fail_msg("expected %.12g, found %.12g", want, have);
}

static void test_by_hand(void **state)
{
    const float x[3] = {1, 2, 3}, y[3] = {2, 4, 6}, z[3] = {5, 3, 1}, w[3] = {1, 2, 4};
    const float e[2] = {1, 0}, f[2] = {-1, 1}, g[2] = {0, 2};

    (void)state;
    assert_near(um_loss_npc(x, y, 3, 0, NULL, NULL), 0);
    assert_near(um_loss_npc(x, z, 3, 0, NULL, NULL), 2);
    /* deviations (-1, 0, 1), (-4, -1, 5)/3: r = 3 / sqrt(2 * 14/3) */
    assert_near(um_loss_npc(x, w, 3, 0, NULL, NULL), 1 - 3 / sqrt(28.0 / 3));
    assert_near(um_cosine(e, f, 2), -sqrt(0.5));
    assert_near(um_loss_mpc(e, f, 2, 0, NULL, NULL), sqrt(0.5));
    assert_near(um_loss_mpc(e, g, 2, 0, NULL, NULL), 0);
}

/* d cos/d e at e = (1, 0), f = (-1, 1): f/|f| - cos e = (0, 1/sqrt 2); |cos| turns it around. */
static void test_gradient_is_added(void **state)
{
    const float e[2] = {1, 0}, f[2] = {-1, 1};
    float de[2] = {10, 20};

    (void)state;
    um_cosine_grad(e, f, 2, 2, de, NULL);
    assert_near(de[0], 10);
    assert_true(fabs((double)de[1] - 20 - sqrt(2)) < 1e-5);
    um_loss_mpc(e, f, 2, 2, de, NULL);
    assert_true(fabs((double)de[1] - 20) < 1e-5);
}

/* No correlation, no direction: no loss, no gradient. */
static void test_constant(void **state)
{
    float x[N], flat[N], zero[N] = {0}, dx[N] = {0}, dy[N] = {0};
    float noisy[N]; /* one rounding error away from constant */

    (void)state;
    fill_random(x, N, "x");
    for (int i = 0; i < N; i++) flat[i] = noisy[i] = 0.1f;
    noisy[7] = nextafterf(0.1f, 1);
    assert_true(um_loss_npc(x, flat, N, 1, dx, dy) == 0);
    assert_true(um_loss_npc(flat, x, N, 1, dx, dy) == 0);
    assert_true(um_loss_npc(noisy, x, N, 1, dx, dy) == 0);
    assert_true(um_loss_npc(flat, flat, N, 1, dx, dy) == 0);
    assert_true(um_loss_npc(zero, x, N, 1, dx, dy) == 0);
    assert_true(um_loss_mpc(zero, x, N, 1, dx, dy) == 0);
    assert_true(um_loss_mpc(zero, zero, N, 1, dx, dy) == 0);
    assert_memory_equal(dx, zero, sizeof zero);
    assert_memory_equal(dy, zero, sizeof zero);
    assert_true(um_loss_mpc(flat, x, N, 0, NULL, NULL) > 0); /* constant, but a direction */
}

static void test_invariance(void **state)
{
    float x[N], y[N], moved[N];

    (void)state;
    fill_random(x, N, "x");
    fill_random(y, N, "y");
    for (int i = 0; i < N; i++) moved[i] = 16 * x[i] + 1024;
    double here = um_loss_npc(x, y, N, 0, NULL, NULL);
    assert_true(fabs(um_loss_npc(moved, y, N, 0, NULL, NULL) - here) < 1e-4);
    for (int i = 0; i < N; i++) moved[i] = -1e-20f * x[i];
    assert_true(fabs(um_loss_npc(moved, y, N, 0, NULL, NULL)) == 0); /* nothing but rounding */
    for (int i = 0; i < N; i++) moved[i] = -1e30f * x[i];
    assert_true(fabs(um_loss_npc(moved, y, N, 0, NULL, NULL) - (2 - here)) < 1e-6);
}

/* A broken input must show: training stops on a loss that is not a number. */
static void test_not_a_number(void **state)
{
    float x[N], y[N];

    (void)state;
    fill_random(x, N, "x");
    fill_random(y, N, "y");
    x[3] = NAN;
    assert_true(isnan(um_loss_npc(x, y, N, 0, NULL, NULL)));
    assert_true(isnan(um_loss_mpc(x, y, N, 0, NULL, NULL)));
}

typedef struct pair {
    double (*loss)(const float *x, const float *y, size_t n, double weight, float *dx, float *dy);
    float x[N], y[N];
} pair;

static double value(void *ctx)
{
    pair *p = ctx;

    return p->loss(p->x, p->y, N, 0, NULL, NULL);
}

static void test_slopes(void **state)
{
    pair p;

    (void)state;
    fill_random(p.x, N, "x");
    fill_random(p.y, N, "y");
    for (int sign = -1; sign <= 1; sign += 2) { /* both sides of |cosine| */
        for (int i = 0; i < N; i++) p.y[i] = 0.5f * p.y[i] + (float)sign * p.x[i] + 0.2f;
        for (int k = 0; k < 2; k++) {
            float dx[N] = {0}, dy[N] = {0};
            p.loss = k ? um_loss_mpc : um_loss_npc;
            p.loss(p.x, p.y, N, 1, dx, dy);
            check_slope(k ? "mpc x" : "npc x", value, &p, p.x, dx, N, 1e-3);
            check_slope(k ? "mpc y" : "npc y", value, &p, p.y, dy, N, 1e-3);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),      cmocka_unit_test(test_gradient_is_added),
        cmocka_unit_test(test_constant),     cmocka_unit_test(test_invariance),
        cmocka_unit_test(test_not_a_number), cmocka_unit_test(test_slopes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
