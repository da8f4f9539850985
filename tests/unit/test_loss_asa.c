/* Alignment of modalities by affinity: hand-computed cases, any number of modalities, gradients. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "model/loss_asa.h"
#include "support_slope.h"

#define MAX_M 4
#define MAX_B 4
#define D 24

/* Projections and their gradients, all modalities one after the other. */
typedef struct batch {
    float x[UM_N_VIEWS][MAX_M * MAX_B * D], grad[UM_N_VIEWS][MAX_M * MAX_B * D];
    um_views view[MAX_M];
    um_asa_batch asa;
} batch;

static void make(batch *b, size_t n, size_t m, um_affinity sigma)
{
    memset(b, 0, sizeof *b);
    for (int v = 0; v < UM_N_VIEWS; v++) {
        fill_random(b->x[v], m * n * D, v ? "lq" : "hq");
        for (size_t i = 0; i < m * n * D; i++) b->x[v][i] += 0.3f; /* cosines on both sides of 0 */
        for (size_t i = 0; i < m; i++) {
            b->view[i].x[v] = b->x[v] + i * n * D;
            b->view[i].grad[v] = b->grad[v] + i * n * D;
        }
    }
    b->asa = (um_asa_batch){n, D, m, b->view, sigma};
}

static double loss_of(batch *b, double weight)
{
    double loss;

    assert_ok(um_loss_asa(&loss, NULL, &b->asa, weight));
    return loss;
}

static double value(void *ctx)
{
    return loss_of(ctx, 0);
}

/*
 * Two samples of two modalities: (1, 0) and (0, 1); (0, 2) and (0, 1). Products of different
 * modalities: 0 twice within the first sample, 2 twice within the second, 0 and 2 across.
 */
static void test_by_hand(void **state)
{
    static const float first[4] = {1, 0, 0, 2}, second[4] = {0, 1, 0, 1};
    static const float cosine[16] = {1, 0.5, 0.5, 1, 0.5, 0.5, 1, 1, 0.5, 1, 0.5, 1, 1, 1, 1, 1};
    const um_views view[2] = {{{first, first}, {0}}, {{second, second}, {0}}};
    double one = 1 / (1 + exp(-2)); /* sigmoid of the product 2 */
    um_asa_batch b = {2, 2, 2, view, UM_AFFINITY_COSINE};
    float a[16];
    double loss;

    (void)state;
    assert_ok(um_loss_asa(&loss, a, &b, 0));
    assert_true(fabs(loss - 0.5 * (2 * 0.25 + 0.25 + 1 + 0 + 1 + 0.25)) < 1e-12);
    for (int i = 0; i < 16; i++) assert_true(fabsf(a[i] - cosine[i]) < 1e-6f);
    b.sigma = UM_AFFINITY_RELU_COSINE;
    assert_ok(um_loss_asa(&loss, NULL, &b, 0));
    assert_true(fabs(loss - 0.5 * (2 * 1 + 0 + 1 + 0 + 1 + 0)) < 1e-12);
    b.sigma = UM_AFFINITY_SIGMOID;
    assert_ok(um_loss_asa(&loss, NULL, &b, 0));
    assert_true(fabs(loss - 0.5 * (2 * 0.25 + 2 * (1 - one) * (1 - one) + 2 * (0.25 + one * one))) <
                1e-12);
}

/* Only the mean of the views counts (9), and either view gets half of the gradient. */
static void test_views_are_averaged(void **state)
{
    static batch a, b;
    double before;

    (void)state;
    make(&a, 3, 3, UM_AFFINITY_COSINE);
    before = loss_of(&a, 1);
    assert_memory_equal(a.grad[UM_HQ], a.grad[UM_LQ], sizeof a.grad[UM_HQ]);
    make(&b, 3, 3, UM_AFFINITY_COSINE);
    for (int i = 0; i < 3 * 3 * D; i++) {
        b.x[UM_HQ][i] += 0.25f;
        b.x[UM_LQ][i] -= 0.25f;
    }
    assert_true(fabs(loss_of(&b, 0) - before) < 1e-6);
}

static void test_affinity_is_symmetric(void **state)
{
    static batch b;
    float a[MAX_B * MAX_B * MAX_M * MAX_M];
    double loss;

    (void)state;
    for (int sigma = 0; sigma < 3; sigma++) {
        make(&b, MAX_B, MAX_M, (um_affinity)sigma);
        assert_ok(um_loss_asa(&loss, a, &b.asa, 0));
        for (int p = 0; p < MAX_B * MAX_M; p++)
            for (int q = 0; q < MAX_B * MAX_M; q++) {
                int s = p / MAX_M, i = p % MAX_M, c = q / MAX_M, j = q % MAX_M;
                float pq = a[((s * MAX_B + c) * MAX_M + i) * MAX_M + j];
                float qp = a[((c * MAX_B + s) * MAX_M + j) * MAX_M + i];
                assert_true(pq >= 0 && pq <= 1 && pq == qp);
                if (p == q && sigma != UM_AFFINITY_SIGMOID) assert_true(fabsf(pq - 1) < 1e-6f);
            }
    }
}

static void test_slopes(void **state)
{
    static batch b;

    (void)state;
    for (int sigma = 0; sigma < 3; sigma++)
        for (size_t m = 2; m <= MAX_M; m++)
            for (size_t n = 1; n <= MAX_B; n += 3) {
                char name[64];
                make(&b, n, m, (um_affinity)sigma);
                loss_of(&b, 1);
                snprintf(name, sizeof name, "sigma %d, m %zu, B %zu", sigma, m, n);
                for (int v = 0; v < UM_N_VIEWS; v++)
                    check_slope(name, value, &b, b.x[v], b.grad[v], m * n * D, 1e-3);
            }
}

/* Gradients are added, times the weight. */
static void test_weight(void **state)
{
    static batch once, more;

    (void)state;
    make(&once, 2, 3, UM_AFFINITY_COSINE);
    make(&more, 2, 3, UM_AFFINITY_COSINE);
    more.grad[UM_LQ][5] = 7;
    loss_of(&once, 1);
    loss_of(&more, -3);
    assert_true(fabsf(more.grad[UM_LQ][5] - 7 + 3 * once.grad[UM_LQ][5]) < 1e-5f);
    assert_true(fabsf(more.grad[UM_HQ][9] + 3 * once.grad[UM_HQ][9]) < 1e-6f);
}

static void test_edges(void **state)
{
    static batch b;
    static const float none[MAX_M * MAX_B * D];

    (void)state;
    make(&b, 3, 1, UM_AFFINITY_COSINE); /* one modality: no pairs */
    assert_true(loss_of(&b, 1) == 0);
    assert_memory_equal(b.grad[UM_HQ], none, sizeof none);
    for (int sigma = 0; sigma < 3; sigma++) {
        make(&b, 2, 3, (um_affinity)sigma);
        for (int v = 0; v < UM_N_VIEWS; v++) memset(b.x[v], 0, 2 * D * sizeof(float));
        assert_true(isfinite(loss_of(&b, 1))); /* the first modality is zero */
        for (int v = 0; v < UM_N_VIEWS; v++) check_finite(b.grad[v], MAX_M * MAX_B * D);
        for (int i = 0; i < 2 * 3 * D; i++) b.x[UM_HQ][i] = i % 2 ? -1e4f : 1e4f;
        assert_true(isfinite(loss_of(&b, 1)));
        check_finite(b.grad[UM_HQ], MAX_M * MAX_B * D);
        b.x[UM_LQ][4] = NAN;
        assert_true(isnan(loss_of(&b, 0)));
    }
}

static void test_names(void **state)
{
    um_affinity sigma;

    (void)state;
    assert_ok(um_affinity_parse(&sigma, "sigmoid"));
    assert_int_equal(sigma, UM_AFFINITY_SIGMOID);
    assert_ok(um_affinity_parse(&sigma, "relu-cosine"));
    assert_int_equal(sigma, UM_AFFINITY_RELU_COSINE);
    assert_ok(um_affinity_parse(&sigma, "cosine"));
    assert_int_equal(sigma, UM_AFFINITY_COSINE);
    assert_fails(UMCL_ERR_INVALID, "\"softmax\"", um_affinity_parse(&sigma, "softmax"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_views_are_averaged),
        cmocka_unit_test(test_affinity_is_symmetric),
        cmocka_unit_test(test_slopes),
        cmocka_unit_test(test_weight),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
