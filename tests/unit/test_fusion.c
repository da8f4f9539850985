/* UMCL's head on the graph: parameters, values, gradients, a short training. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "model/fusion.h"
#include "model/loss_umcl.h"
#include "nn/init.h"
#include "nn/optim.h"
#include "support_slope.h"

#define B 2
#define D UM_FUSION_WIDTH
#define ROWS (UM_N_VIEWS * B) /* HQ views, then LQ views */

static const char *const names[] = {"pulse", "landmarks", "text", "appearance"};
static const int64_t widths[] = {320, 128, 512, 64};
static const bool fake[B] = {false, true};

/* A head on m modalities, with its parameters by formula. */
typedef struct head {
    um_params *set;
    um_graph *g;
    um_nn nn;
    um_node *in[UM_FUSION_MAX];
    um_fusion_out out;
    size_t m;
} head;

static void open_head(head *h, um_mode mode, int64_t rows, size_t m)
{
    um_modality modality[4];

    memset(h, 0, sizeof *h);
    h->m = m;
    assert_ok(um_params_new(&h->set, um_backend_cpu()));
    assert_ok(um_graph_new(&h->g, um_backend_cpu(), mode));
    h->nn = (um_nn){h->g, h->set, "head.", 0};
    for (size_t i = 0; i < m; i++) {
        h->in[i] = um_input(h->g, names[i], UM_F32, UM_SHAPE(rows, widths[i]));
        if (mode == UM_TRAIN) um_want_grad(h->g, h->in[i]);
        modality[i] = (um_modality){names[i], h->in[i]};
    }
    um_fusion(&h->out, &h->nn, modality, m);
    for (size_t i = 0; i < m; i++) um_output(h->g, h->out.projected[i]);
    um_output(h->g, h->out.logits);
    um_output(h->g, h->out.prob);
    assert_ok(um_graph_compile(h->g));
    assert_ok(um_init_formula(h->set, "test", ""));
}

static void close_head(head *h)
{
    um_graph_free(h->g);
    um_params_free(h->set);
}

static void check_param(const head *h, const char *name, um_shape shape)
{
    const um_param *p = um_params_find(h->set, name);

    if (!p) fail_msg("no parameter %s", name);
    assert_true(um_shape_equal(&p->value.shape, &shape) && p->trainable);
}

static void test_parameters(void **state)
{
    head h;

    (void)state;
    for (size_t m = 1; m <= 4; m++) {
        open_head(&h, UM_INFER, 1, m);
        for (size_t i = 0; i < m; i++) {
            char name[64];
            snprintf(name, sizeof name, "head.project.%s.weight", names[i]);
            check_param(&h, name, UM_SHAPE(D, widths[i]));
            snprintf(name, sizeof name, "head.project.%s.bias", names[i]);
            check_param(&h, name, UM_SHAPE(D));
        }
        check_param(&h, "head.classifier.weight", UM_SHAPE(2, (int64_t)m * D));
        assert_int_equal(um_params_count(h.set), 2 * m + 1);
        close_head(&h);
    }
}

/* y = W x + b, one row. */
static void project(const head *h, size_t i, const float *x, double *y)
{
    char name[64];
    const float *w, *b;

    snprintf(name, sizeof name, "head.project.%s.weight", names[i]);
    w = um_f32(&um_params_find(h->set, name)->value);
    snprintf(name, sizeof name, "head.project.%s.bias", names[i]);
    b = um_f32(&um_params_find(h->set, name)->value);
    for (int k = 0; k < D; k++) {
        y[k] = b[k];
        for (int64_t j = 0; j < widths[i]; j++) y[k] += (double)w[k * widths[i] + j] * x[j];
    }
}

/* (5)-(7) written out, for the second of two rows. */
static void test_values(void **state)
{
    enum { M = 3 };
    head h;
    double u[M * D], logit[2] = {0};
    const float *w, *have;

    (void)state;
    open_head(&h, UM_INFER, 2, M);
    for (size_t i = 0; i < M; i++) {
        fill_random(um_data(h.in[i]), (size_t)(2 * widths[i]), names[i]);
        project(&h, i, (const float *)um_data(h.in[i]) + widths[i], u + i * D);
    }
    assert_ok(um_graph_forward(h.g));
    for (size_t i = 0; i < M; i++) {
        have = (const float *)um_data(h.out.projected[i]) + D;
        for (int k = 0; k < D; k++) assert_true(fabs((double)have[k] - u[i * D + k]) < 1e-5);
    }
    w = um_f32(&um_params_find(h.set, "head.classifier.weight")->value);
    for (int c = 0; c < 2; c++)
        for (int k = 0; k < M * D; k++) logit[c] += (double)w[c * M * D + k] * u[k];
    have = um_data(h.out.logits);
    assert_true(fabs((double)have[2] - logit[0]) < 1e-4 && fabs((double)have[3] - logit[1]) < 1e-4);
    have = um_data(h.out.prob);
    assert_true(fabs((double)have[3] - 1 / (1 + exp(logit[0] - logit[1]))) < 1e-5);
    close_head(&h);
}

/* The losses of a batch on a head whose rows are HQ views, then LQ views. */
typedef struct training {
    head h;
    float z_grad[ROWS * 320], u_grad[4][ROWS * D], logit_grad[ROWS * 2];
} training;

static um_umcl_loss step(training *t, bool backward)
{
    um_graph *g = t->h.g;
    um_views fused[4];
    um_cqsl_batch pulse = {.batch = B, .width = 320, .n_frames = 60, .fps = 30, .fake = fake};
    um_asa_batch asa = {B, D, t->h.m, fused, UM_AFFINITY_COSINE};
    um_umcl_batch b = {B, fake, {{0}, {0}}, &pulse, &asa, NULL, UM_UMCL_ALPHA, UM_UMCL_BETA};
    um_umcl_loss loss;

    memset(t->z_grad, 0, sizeof t->z_grad);
    memset(t->u_grad, 0, sizeof t->u_grad);
    memset(t->logit_grad, 0, sizeof t->logit_grad);
    assert_ok(um_graph_forward(g));
    for (int v = 0; v < UM_N_VIEWS; v++) {
        b.logits.x[v] = (const float *)um_data(t->h.out.logits) + v * B * 2;
        b.logits.grad[v] = t->logit_grad + v * B * 2;
        pulse.z.x[v] = (const float *)um_data(t->h.in[0]) + v * B * 320;
        pulse.z.grad[v] = t->z_grad + v * B * 320;
        for (size_t i = 0; i < t->h.m; i++) {
            fused[i].x[v] = (const float *)um_data(t->h.out.projected[i]) + v * B * D;
            fused[i].grad[v] = t->u_grad[i] + v * B * D;
        }
    }
    assert_ok(um_loss_umcl(&loss, &b));
    if (!backward) return loss;
    for (size_t i = 0; i < t->h.m; i++)
        assert_ok(um_write_grad(g, t->h.out.projected[i], t->u_grad[i]));
    assert_ok(um_write_grad(g, t->h.out.logits, t->logit_grad));
    assert_ok(um_graph_backward(g));
    return loss;
}

static void open_training(training *t, size_t m)
{
    memset(t, 0, sizeof *t);
    open_head(&t->h, UM_TRAIN, ROWS, m);
    for (size_t i = 0; i < m; i++)
        fill_random(um_data(t->h.in[i]), (size_t)(ROWS * widths[i]), names[i]);
}

static double value(void *ctx)
{
    return step(ctx, false).total;
}

/* The whole way: total loss, projections, features; the pulse also has CQSL's own gradient. */
static void test_slopes(void **state)
{
    static training t;

    (void)state;
    open_training(&t, 4);
    assert_ok(um_params_zero_grad(t.h.set));
    step(&t, true);
    for (size_t i = 0; i < 4; i++) {
        size_t n = (size_t)(ROWS * widths[i]);
        float *grad = malloc(n * sizeof *grad);
        assert_ok(um_read_grad(t.h.g, t.h.in[i], grad));
        for (size_t k = 0; i == 0 && k < n; k++) grad[k] += t.z_grad[k];
        check_slope(names[i], value, &t, um_data(t.h.in[i]), grad, n, 1e-2);
        free(grad);
    }
    close_head(&t.h);
}

/* The head alone, trained on features that it is given, lowers every part it can reach. */
static void test_training(void **state)
{
    static training t;
    um_adamw_options options = UM_ADAMW_OPTIONS_INIT;
    um_umcl_loss first, last;
    um_adamw *optim;

    (void)state;
    open_training(&t, 3);
    assert_ok(um_adamw_new(&optim, t.h.set, &options));
    for (int i = 0; i < 60; i++) {
        assert_ok(um_params_zero_grad(t.h.set));
        last = step(&t, true);
        if (i == 0) first = last;
        assert_ok(um_adamw_step(optim, 1e-3));
    }
    if (!(last.bce < 0.05 && last.aff < 0.5 * first.aff && last.total < first.total))
        fail_msg("bce %g to %g, aff %g to %g", first.bce, last.bce, first.aff, last.aff);
    assert_true(last.phy.total == first.phy.total); /* the features were held */
    um_adamw_free(optim);
    close_head(&t.h);
}

static void test_number_of_modalities(void **state)
{
    const um_modality modality = {"pulse", NULL};
    um_fusion_out out;
    head h = {0};

    (void)state;
    for (size_t m = 0; m <= 9; m += 9) {
        char sentence[64];
        assert_ok(um_graph_new(&h.g, um_backend_cpu(), UM_INFER));
        h.nn.g = h.g;
        um_fusion(&out, &h.nn, &modality, m);
        snprintf(sentence, sizeof sentence, "expected 1 to 8 modalities, found %zu", m);
        assert_fails(UMCL_ERR_INVALID, sentence, um_graph_compile(h.g));
        um_graph_free(h.g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_slopes),
        cmocka_unit_test(test_training),
        cmocka_unit_test(test_number_of_modalities),
    };

    um_threads_set(1); /* nets this small lose more at barriers than they win */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
