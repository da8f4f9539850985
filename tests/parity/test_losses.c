/* Losses and gradients against the reference numbers: every quantity of the file. */
#include <stdlib.h>

#include "model/loss_asa.h"
#include "model/loss_cqsl.h"
#include "nn/init.h"
#include "support_parity.h"

#define FILE_PATH REFERENCE("losses.safetensors")
#define LOSS_TOL 1e-5
enum { B = 4, K = 320, HALF = B / 2 * K, M = 3 };

static size_t n_checked;

static void check(const parity *p, const char *name, const float *have, size_t n, double tol)
{
    parity_compare(p, name, have, n, 0, tol);
    n_checked++;
}

/* z: two real samples, then two fake ones. */
static void check_cqsl(const parity *p, const char *name,
                       double (*loss)(const um_cqsl_batch *b, double weight))
{
    static const bool fake[B] = {false, false, true, true};
    static const char *const classes[] = {"real", "fake"}, *const views[] = {"hq", "lq"};
    float x[UM_N_VIEWS][B * K], grad[UM_N_VIEWS][B * K] = {{0}}, have;
    um_cqsl_batch b = {
        .batch = B, .width = K, .fake = fake, .z = {{x[0], x[1]}, {grad[0], grad[1]}}};
    char text[64];

    for (int v = 0; v < UM_N_VIEWS; v++)
        for (int c = 0; c < 2; c++) {
            snprintf(text, sizeof text, "z_%s_%s", classes[c], views[v]);
            um_init_input(x[v] + c * HALF, "a", text, 0, HALF);
        }
    have = (float)loss(&b, 1);
    check(p, name, &have, 1, LOSS_TOL);
    for (int v = 0; v < UM_N_VIEWS; v++)
        for (int c = 0; c < 2; c++) {
            snprintf(text, sizeof text, "%s.grad.%s_%s", name, classes[c], views[v]);
            check(p, text, grad[v] + c * HALF, HALF, GRAD_TOL);
        }
}

/* The reference has one projection a modality: both views are given it, and their gradients add. */
static void check_asa(const parity *p)
{
    static float x[M][B * K], grad[M][B * K];
    um_views view[M];
    um_asa_batch b = {B, K, M, view, UM_AFFINITY_COSINE};
    float affinity[B * B * M * M], have;
    double loss;
    char text[64];

    for (int i = 0; i < M; i++) {
        snprintf(text, sizeof text, "asa_%d", i);
        um_init_input(x[i], "a", text, 0, B * K);
        view[i] = (um_views){{x[i], x[i]}, {grad[i], grad[i]}};
    }
    assert_ok(um_loss_asa(&loss, affinity, &b, 1));
    have = (float)loss;
    check(p, "affinity_loss", &have, 1, LOSS_TOL);
    check(p, "affinity", affinity, B * B * M * M, LOSS_TOL);
    for (int i = 0; i < M; i++) {
        snprintf(text, sizeof text, "affinity.grad.%d", i);
        check(p, text, grad[i], B * K, GRAD_TOL);
    }
}

static void test_reference(void **state)
{
    parity p = {0};

    (void)state;
    need_shared(FILE_PATH);
    assert_ok(um_st_read(&p.file, FILE_PATH));
    check_cqsl(&p, "pull", um_cqsl_pull);
    check_cqsl(&p, "push", um_cqsl_push);
    check_asa(&p);
    assert_int_equal(n_checked, um_st_count(p.file));
    parity_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reference)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
