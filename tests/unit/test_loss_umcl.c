/* The total loss: cross-entropy, its parts' weights, any number of modalities. */
#include "../test.h"

#include <math.h>

#include "model/loss_umcl.h"
#include "support_slope.h"

#define B 2
#define T 60
#define D 80
#define M 3

static const bool fake[B] = {false, true};

typedef struct batch {
    float logits[UM_N_VIEWS][B * 2], z[UM_N_VIEWS][B * D], u[M][UM_N_VIEWS][B * D];
    float d_logits[UM_N_VIEWS][B * 2], d_z[UM_N_VIEWS][B * D], d_u[M][UM_N_VIEWS][B * D];
    um_views fused[M];
    um_cqsl_batch pulse;
    um_asa_batch asa;
    um_umcl_batch umcl;
} batch;

static void make(batch *b)
{
    memset(b, 0, sizeof *b);
    b->pulse = (um_cqsl_batch){B, D, T, 30, fake, {{0}, {0}}};
    b->asa = (um_asa_batch){B, D, M, b->fused, UM_AFFINITY_COSINE};
    b->umcl = (um_umcl_batch){.batch = B,
                              .fake = fake,
                              .pulse = &b->pulse,
                              .fused = &b->asa,
                              .alpha = UM_UMCL_ALPHA,
                              .beta = UM_UMCL_BETA};
    for (int v = 0; v < UM_N_VIEWS; v++) {
        fill_random(b->logits[v], B * 2, v ? "logits lq" : "logits hq");
        fill_random(b->z[v], B * D, v ? "z lq" : "z hq");
        b->umcl.logits.x[v] = b->logits[v];
        b->umcl.logits.grad[v] = b->d_logits[v];
        b->pulse.z.x[v] = b->z[v];
        b->pulse.z.grad[v] = b->d_z[v];
        for (int i = 0; i < M; i++) {
            fill_random(b->u[i][v], B * D, (const char *[]){"a", "b", "c"}[i]);
            b->fused[i].x[v] = b->u[i][v];
            b->fused[i].grad[v] = b->d_u[i][v];
        }
    }
}

static um_umcl_loss losses(const batch *b)
{
    um_umcl_loss l;

    assert_ok(um_loss_umcl(&l, &b->umcl));
    return l;
}

/* The loss alone: gradients go to a copy. */
static double value(void *ctx)
{
    static batch scratch;
    const batch *b = ctx;

    make(&scratch);
    memcpy(scratch.logits, b->logits, sizeof b->logits);
    memcpy(scratch.z, b->z, sizeof b->z);
    memcpy(scratch.u, b->u, sizeof b->u);
    return losses(&scratch).total;
}

static void test_cross_entropy(void **state)
{
    float hq[2][2] = {{0, 0}, {2, 0}}, lq[2][2] = {{1, -1}, {0, 1000}};
    float d_hq[4] = {0}, d_lq[4] = {0};
    const um_views logits = {{hq[0], lq[0]}, {d_hq, d_lq}};
    double wrong = 1 / (1 + exp(-2));

    (void)state;
    /* real (0, 0), fake (2, 0); real (1, -1), fake (0, 1000) */
    assert_true(fabs(um_loss_bce(&logits, fake, 2, 1) -
                     (log(2) + log(1 + exp(2)) + log(1 + exp(-2)) + 0) / 4) < 1e-12);
    assert_true(fabsf(d_hq[0] + 0.125f) < 1e-6f && fabsf(d_hq[1] - 0.125f) < 1e-6f);
    assert_true(fabs((double)d_hq[2] - wrong / 4) < 1e-6);
    assert_true(fabs((double)d_hq[3] + wrong / 4) < 1e-6);
    assert_true(fabs((double)d_lq[0] + (1 - wrong) / 4) < 1e-6);
    assert_true(d_lq[2] == 0 && d_lq[3] == 0);
    lq[1][0] = 2000; /* certain and wrong: no overflow */
    assert_true(fabs(um_loss_bce(&logits, fake, 2, 0) -
                     (log(2) + log(1 + exp(2)) + log(1 + exp(-2)) + 1000) / 4) < 1e-12);
}

static void test_total(void **state)
{
    static batch b;
    um_umcl_loss l;

    (void)state;
    make(&b);
    l = losses(&b);
    assert_true(l.bce > 0 && l.phy.total > 0 && l.aff > 0);
    assert_true(l.total == l.bce + 0.25 * l.phy.total + 0.25 * l.aff);
    b.umcl.alpha = 2;
    b.umcl.beta = 0;
    assert_true(losses(&b).total == l.bce + 2 * l.phy.total);
}

static void test_slopes(void **state)
{
    static batch b;

    (void)state;
    make(&b);
    losses(&b);
    for (int v = 0; v < UM_N_VIEWS; v++) {
        check_slope("logits", value, &b, b.logits[v], b.d_logits[v], B * 2, 1e-3);
        check_slope("z", value, &b, b.z[v], b.d_z[v], B * D, 1e-3);
        for (int i = 0; i < M; i++)
            check_slope("projection", value, &b, b.u[i][v], b.d_u[i][v], B * D, 1e-3);
    }
}

/* Without a pulse, without alignment: what is left out is 0 and gets no gradient. */
static void test_parts_left_out(void **state)
{
    static batch b;
    static const float none[UM_N_VIEWS * B * D];
    um_umcl_loss l;

    (void)state;
    make(&b);
    b.umcl.pulse = NULL;
    b.umcl.fused = NULL;
    l = losses(&b);
    assert_true(l.total == l.bce && l.phy.total == 0 && l.aff == 0);
    assert_memory_equal(b.d_z, none, sizeof b.d_z);
    assert_memory_equal(b.d_u[0], none, sizeof b.d_u[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cross_entropy),
        cmocka_unit_test(test_total),
        cmocka_unit_test(test_slopes),
        cmocka_unit_test(test_parts_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
