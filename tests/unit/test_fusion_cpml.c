/* CPML's head on the graph: values, gradients, what it makes of the prompt. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "model/fusion_cpml.h"
#include "nn/init.h"
#include "support_slope.h"

enum { B = 2, PULSE = 320, FACE = 128, TEXT = 512, N_IN = 3 };

static const int64_t widths[N_IN] = {PULSE, FACE, TEXT};
static const char *const names[N_IN] = {"pulse", "landmarks", "prompt"};

typedef struct head {
    um_params *set;
    um_graph *g;
    um_node *in[N_IN];
    um_cpml_out out;
    float cotangent[B * (TEXT + 2)];
} head;

static void open_head(head *h, um_mode mode)
{
    um_nn nn = {.prefix = ""};

    memset(h, 0, sizeof *h);
    assert_ok(um_params_new(&h->set, um_backend_cpu()));
    assert_ok(um_graph_new(&h->g, um_backend_cpu(), mode));
    nn.g = h->g;
    nn.set = h->set;
    for (int i = 0; i < N_IN; i++) {
        h->in[i] = um_input(h->g, names[i], UM_F32, UM_SHAPE(B, widths[i]));
        if (mode == UM_TRAIN) um_want_grad(h->g, h->in[i]);
    }
    um_cpml(&h->out, &nn, h->in[0], h->in[1], h->in[2], 0);
    um_output(h->g, h->out.unified);
    um_output(h->g, h->out.logits);
    um_output(h->g, h->out.prob);
    assert_ok(um_graph_compile(h->g));
    assert_ok(um_init_formula(h->set, "test", "cpml."));
    for (int i = 0; i < N_IN; i++)
        fill_random(um_data(h->in[i]), (size_t)(B * widths[i]), names[i]);
    fill_random(h->cotangent, B * (TEXT + 2), "cotangent");
}

static void close_head(head *h)
{
    um_graph_free(h->g);
    um_params_free(h->set);
}

/* y [out] = W x + b of a layer. */
static void layer(const head *h, const char *name, const double *x, int in, double *y, int out)
{
    char text[64];
    const float *w, *b;

    snprintf(text, sizeof text, "%s.weight", name);
    w = um_f32(&um_params_find(h->set, text)->value);
    snprintf(text, sizeof text, "%s.bias", name);
    b = um_f32(&um_params_find(h->set, text)->value);
    for (int k = 0; k < out; k++) {
        y[k] = b[k];
        for (int j = 0; j < in; j++) y[k] += (double)w[k * in + j] * x[j];
    }
}

static void row(double *out, const um_node *node, int n)
{
    for (int i = 0; i < n; i++) out[i] = ((const float *)um_data(node))[(B - 1) * n + i];
}

static double product(const double *a, const double *b, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* The formulas of the header written out, for the last row. */
static void test_values(void **state)
{
    static head h;
    double z[PULSE], e[FACE], v[2][2], key[2][FACE], query[FACE], attended[2], joint[2 * FACE];
    double both[2 * TEXT], logits[2], a;
    const float *have;

    (void)state;
    open_head(&h, UM_INFER);
    assert_ok(um_graph_forward(h.g));
    row(z, h.in[0], PULSE);
    row(e, h.in[1], FACE);
    row(both + TEXT, h.in[2], TEXT);
    layer(&h, "query", e, FACE, query, FACE);
    for (int i = 0; i < 2; i++) {
        layer(&h, "value", z + i * PULSE / 2, PULSE / 2, v[i], 2);
        layer(&h, "key", v[i], 2, key[i], FACE);
    }
    a = 1 / (1 + exp(product(query, key[1], FACE) - product(query, key[0], FACE)));
    for (int k = 0; k < 2; k++) attended[k] = a * v[0][k] + (1 - a) * v[1][k];
    for (int i = 0; i < 2 * FACE; i++) joint[i] = e[i / 2] * attended[i % 2];
    layer(&h, "unify", joint, 2 * FACE, both, TEXT);
    layer(&h, "classifier", both, 2 * TEXT, logits, 2);
    have = (const float *)um_data(h.out.unified) + (B - 1) * TEXT;
    for (int i = 0; i < TEXT; i++) assert_true(fabs(have[i] - both[i]) < 1e-5);
    have = (const float *)um_data(h.out.logits) + (B - 1) * 2;
    for (int c = 0; c < 2; c++) assert_true(fabs(have[c] - logits[c]) < 1e-5);
    have = (const float *)um_data(h.out.prob) + (B - 1) * 2;
    assert_true(fabs(have[1] - 1 / (1 + exp(logits[0] - logits[1]))) < 1e-5);
    close_head(&h);
}

/* Unified features and logits along the cotangent. */
static double value(void *ctx)
{
    head *h = ctx;
    const float *f, *l;
    double sum = 0;

    assert_ok(um_graph_forward(h->g));
    f = um_data(h->out.unified);
    l = um_data(h->out.logits);
    for (int i = 0; i < B * TEXT; i++) sum += (double)f[i] * h->cotangent[i];
    for (int i = 0; i < B * 2; i++) sum += (double)l[i] * h->cotangent[B * TEXT + i];
    return sum;
}

static void test_slopes(void **state)
{
    static head h;

    (void)state;
    open_head(&h, UM_TRAIN);
    assert_int_equal(um_params_size(h.set), (2 * 160 + 2) + (128 * 2 + 128) + (128 * 128 + 128) +
                                                (512 * 256 + 512) + (2 * 1024 + 2));
    value(&h);
    assert_ok(um_write_grad(h.g, h.out.unified, h.cotangent));
    assert_ok(um_write_grad(h.g, h.out.logits, h.cotangent + B * TEXT));
    assert_ok(um_graph_backward(h.g));
    for (int i = 0; i < N_IN; i++) {
        size_t n = (size_t)(B * widths[i]);
        float *grad = malloc(n * sizeof *grad);
        assert_ok(um_read_grad(h.g, h.in[i], grad));
        check_slope(names[i], value, &h, um_data(h.in[i]), grad, n, 1e-2);
        free(grad);
    }
    close_head(&h);
}

/* CPML's weakness: another prompt alone moves the verdict. */
static void test_prompt_moves_the_verdict(void **state)
{
    static head h;
    float before[B * 2], after[B * 2];

    (void)state;
    open_head(&h, UM_INFER);
    assert_ok(um_graph_forward(h.g));
    assert_ok(um_read(h.g, h.out.prob, before));
    fill_random(um_data(h.in[2]), B * TEXT, "another prompt");
    assert_ok(um_graph_forward(h.g));
    assert_ok(um_read(h.g, h.out.prob, after));
    for (int i = 0; i < B * 2; i++) assert_true(fabsf(before[i] - after[i]) > 1e-3f);
    close_head(&h);
}

static void test_shapes(void **state)
{
    um_graph *g;
    um_nn nn = {.prefix = ""};
    um_cpml_out out;
    um_node *in[N_IN];

    (void)state;
    for (int wrong = 0; wrong < N_IN; wrong++) {
        assert_ok(um_graph_new(&g, um_backend_cpu(), UM_INFER));
        for (int i = 0; i < N_IN; i++)
            in[i] = um_input(g, names[i], UM_F32, UM_SHAPE(B, widths[i] + (i == wrong)));
        nn.g = g;
        um_cpml(&out, &nn, in[0], in[1], in[2], 0);
        assert_fails(UMCL_ERR_SHAPE, "cpml: expected pulse [B, 320]", um_graph_compile(g));
        um_graph_free(g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_slopes),
        cmocka_unit_test(test_prompt_moves_the_verdict),
        cmocka_unit_test(test_shapes),
    };

    um_threads_set(1); /* nets this small lose more at barriers than they win */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
