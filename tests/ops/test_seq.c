/* Operators over sequences and rows: products, norms, softmax, dropout, GRU, embedding. */
#include <math.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "support_reference.h"

typedef struct product_arg {
    bool ta, tb;
    float alpha;
} product_arg;

static um_node *build_matmul(um_graph *g, um_node *const *in, const void *arg)
{
    const product_arg *p = arg;

    return um_matmul(g, in[0], in[1], p->ta, p->tb, p->alpha);
}

static void reference_matmul(double *out, double *const *in, const um_shape *shape, const void *arg)
{
    const product_arg *p = arg;
    const int64_t *a = shape[0].dim + shape[0].rank - 2, *b = shape[1].dim + shape[1].rank - 2;
    int64_t m = p->ta ? a[1] : a[0], k = p->ta ? a[0] : a[1], n = p->tb ? b[0] : b[1];
    int64_t batch = um_shape_count(&shape[0]) / (m * k);

    for (int64_t q = 0; q < batch; q++)
        for (int64_t i = 0; i < m; i++)
            for (int64_t j = 0; j < n; j++) {
                double s = 0;

                for (int64_t l = 0; l < k; l++)
                    s += in[0][q * m * k + (p->ta ? l * m + i : i * k + l)] *
                         in[1][q * k * n + (p->tb ? j * k + l : l * n + j)];
                out[(q * m + i) * n + j] = p->alpha * s;
            }
}

static void test_matmul(void **state)
{
    static const product_arg args[] = {
        {false, false, 1}, {false, true, 0.5f}, {true, false, 2}, {true, true, -1}};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        reference_case c = {.name = "matmul",
                            .n_in = 2,
                            .build = build_matmul,
                            .reference = reference_matmul,
                            .arg = &args[i],
                            .tol = 1e-5,
                            .grad_tol = 1e-4};
        bool ta = args[i].ta, tb = args[i].tb;

        c.in[0] = ta ? UM_SHAPE(2, 3, 4, 5) : UM_SHAPE(2, 3, 5, 4);
        c.in[1] = tb ? UM_SHAPE(2, 3, 7, 4) : UM_SHAPE(2, 3, 4, 7);
        check_reference(&c);
        c.in[0] = ta ? UM_SHAPE(9, 1) : UM_SHAPE(1, 9);
        c.in[1] = tb ? UM_SHAPE(3, 9) : UM_SHAPE(9, 3);
        check_reference(&c);
        c.in[0] = ta ? UM_SHAPE(4, 17, 33) : UM_SHAPE(4, 33, 17);
        c.in[1] = tb ? UM_SHAPE(4, 2, 17) : UM_SHAPE(4, 17, 2);
        check_reference(&c);
    }
}

static um_node *build_linear(um_graph *g, um_node *const *in, const void *arg)
{
    return um_linear(g, in[0], in[1], arg ? NULL : in[2]);
}

static void reference_linear(double *out, double *const *in, const um_shape *shape, const void *arg)
{
    int64_t rows = um_shape_rows(&shape[0]), width = shape[1].dim[1], n = shape[1].dim[0];

    for (int64_t r = 0; r < rows; r++)
        for (int64_t o = 0; o < n; o++) {
            double s = arg ? 0 : in[2][o];

            for (int64_t i = 0; i < width; i++) s += in[0][r * width + i] * in[1][o * width + i];
            out[r * n + o] = s;
        }
}

static void test_linear(void **state)
{
    reference_case c = {.name = "linear",
                        .n_in = 3,
                        .in = {UM_SHAPE(2, 3, 10), UM_SHAPE(6, 10), UM_SHAPE(6)},
                        .build = build_linear,
                        .reference = reference_linear,
                        .tol = 1e-5,
                        .grad_tol = 1e-4};

    (void)state;
    check_reference(&c);
    c.in[0] = UM_SHAPE(1);
    c.in[1] = UM_SHAPE(1, 1);
    c.in[2] = UM_SHAPE(1);
    check_reference(&c);
    c.in[0] = UM_SHAPE(130, 3);
    c.in[1] = UM_SHAPE(70, 3);
    c.in[2] = UM_SHAPE(70);
    check_reference(&c);
    c.n_in = 2;
    c.arg = &c; /* no bias */
    c.in[0] = UM_SHAPE(5, 33);
    c.in[1] = UM_SHAPE(2, 33);
    check_reference(&c);
}

static um_node *build_layernorm(um_graph *g, um_node *const *in, const void *arg)
{
    return um_layernorm(g, in[0], in[1], in[2], *(const float *)arg);
}

static void reference_layernorm(double *out, double *const *in, const um_shape *shape,
                                const void *arg)
{
    int64_t rows = um_shape_rows(&shape[0]), n = um_shape_last(&shape[0]);

    for (int64_t r = 0; r < rows; r++) {
        const double *x = in[0] + r * n;
        double mean = 0, var = 0;

        for (int64_t i = 0; i < n; i++) mean += x[i] / (double)n;
        for (int64_t i = 0; i < n; i++) var += (x[i] - mean) * (x[i] - mean) / (double)n;
        for (int64_t i = 0; i < n; i++)
            out[r * n + i] = (x[i] - mean) / sqrt(var + *(const float *)arg) * in[1][i] + in[2][i];
    }
}

static void test_layernorm(void **state)
{
    static const float eps[] = {1e-6f, 1e-5f};
    reference_case c = {.name = "layernorm",
                        .n_in = 3,
                        .in = {UM_SHAPE(2, 5, 8), UM_SHAPE(8), UM_SHAPE(8)},
                        .build = build_layernorm,
                        .reference = reference_layernorm,
                        .arg = &eps[0],
                        .tol = 1e-5,
                        .grad_tol = 1e-4};

    (void)state;
    check_reference(&c);
    c.arg = &eps[1];
    c.in[0] = UM_SHAPE(19, 37);
    c.in[1] = c.in[2] = UM_SHAPE(37);
    check_reference(&c);
}

static um_node *build_softmax(um_graph *g, um_node *const *in, const void *arg)
{
    return arg ? um_log_softmax(g, in[0]) : um_softmax(g, in[0]);
}

static void reference_softmax(double *out, double *const *in, const um_shape *shape,
                              const void *arg)
{
    int64_t rows = um_shape_rows(&shape[0]), n = um_shape_last(&shape[0]);

    for (int64_t r = 0; r < rows; r++) {
        const double *x = in[0] + r * n;
        double sum = 0;

        for (int64_t i = 0; i < n; i++) sum += exp(x[i]);
        for (int64_t i = 0; i < n; i++) out[r * n + i] = arg ? x[i] - log(sum) : exp(x[i]) / sum;
    }
}

static void test_softmax(void **state)
{
    static const int64_t widths[] = {1, 2, 3, 16, 37, 64, 100};
    reference_case c = {.name = "softmax",
                        .n_in = 1,
                        .build = build_softmax,
                        .reference = reference_softmax,
                        .tol = 2e-6,
                        .grad_tol = 1e-4,
                        .range = 8};

    (void)state;
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        c.in[0] = UM_SHAPE(3, widths[i]);
        c.arg = NULL;
        if (widths[i] > 1) check_reference(&c);
        c.arg = &c; /* log */
        if (widths[i] > 1) check_reference(&c);
    }
}

/* Scores far apart: no overflow, exact zeros and ones. */
static void test_softmax_far(void **state)
{
    const float x[3] = {-1e30f, 1000, -1000};
    float y[3];
    um_graph *g;
    um_node *in, *out;

    (void)state;
    assert_ok(um_graph_new(&g, um_backend_cpu(), UM_INFER));
    in = um_input(g, "x", UM_F32, UM_SHAPE(1, 3));
    out = um_softmax(g, in);
    um_output(g, out);
    assert_ok(um_graph_compile(g));
    assert_ok(um_write(g, in, x));
    assert_ok(um_graph_forward(g));
    assert_ok(um_read(g, out, y));
    assert_true(y[0] == 0 && y[1] == 1 && y[2] == 0);
    um_graph_free(g);
}

enum { DROP_N = 6000 };

static void run_dropout(um_graph *g, um_node *in, um_node *out, float *y, float *dx)
{
    float *x = calloc(DROP_N, sizeof *x);

    assert_non_null(x);
    for (int i = 0; i < DROP_N; i++) x[i] = (float)(i + 1);
    assert_ok(um_write(g, in, x));
    assert_ok(um_graph_forward(g));
    assert_ok(um_read(g, out, y));
    for (int i = 0; i < DROP_N; i++) x[i] = 1;
    assert_ok(um_write_grad(g, out, x));
    assert_ok(um_graph_backward(g));
    assert_ok(um_read_grad(g, in, dx));
    free(x);
}

/* Groups fall together at the asked rate, survivors are scaled, backward drops the same ones, and
 * neither instruction set nor threads change which. */
static void test_dropout(void **state)
{
    static const char *const levels[] = {"portable", "avx2", "avx512"};
    static float y[DROP_N], dx[DROP_N], first[DROP_N];

    (void)state;
    for (int group = 1; group <= 2; group++) {
        int fallen = 0;

        for (int run = 0; run < 6; run++) {
            um_graph *g;
            um_node *in, *out;

            setenv("UMCL_CPU", levels[run / 2], 1);
            um_threads_set(1 + run % 2 * 2);
            assert_ok(um_graph_new(&g, um_backend_cpu(), UM_TRAIN));
            in = um_input(g, "x", UM_F32, UM_SHAPE(DROP_N / 100, 100));
            um_want_grad(g, in);
            out = um_dropout(g, in, 0.25f, group);
            um_output(g, out);
            assert_ok(um_graph_compile(g));
            um_graph_seed(g, 11);
            run_dropout(g, in, out, y, dx);
            if (run == 0) memcpy(first, y, sizeof y);
            assert_memory_equal(first, y, sizeof y);
            um_graph_free(g);
        }
        for (int i = 0; i < DROP_N; i++) {
            float scale = y[i] == 0 ? 0 : 1 / 0.75f;

            assert_true(fabsf(y[i] - (float)(i + 1) * scale) <= 1e-6f * (float)(i + 1));
            assert_true(fabsf(dx[i] - scale) <= 1e-6f);
            assert_true((y[i] == 0) == (y[i / group * group] == 0));
            fallen += y[i] == 0;
        }
        /* Five standard deviations of the share of fallen groups. */
        assert_true(fabs(fallen / (double)DROP_N - 0.25) < 5 * sqrt(0.1875 * group / DROP_N));
    }
    unsetenv("UMCL_CPU");
    um_threads_set(0);
}

/* Each step of one graph draws anew. */
static void test_dropout_steps(void **state)
{
    static float a[DROP_N], b[DROP_N], dx[DROP_N];
    um_graph *g;
    um_node *in, *out;

    (void)state;
    assert_ok(um_graph_new(&g, um_backend_cpu(), UM_TRAIN));
    in = um_input(g, "x", UM_F32, UM_SHAPE(DROP_N));
    um_want_grad(g, in);
    out = um_dropout(g, in, 0.5f, 1);
    um_output(g, out);
    assert_ok(um_graph_compile(g));
    um_graph_seed(g, 3);
    run_dropout(g, in, out, a, dx);
    run_dropout(g, in, out, b, dx);
    assert_memory_not_equal(a, b, sizeof a);
    um_graph_seed(g, 3);
    run_dropout(g, in, out, b, dx);
    assert_memory_equal(a, b, sizeof a);
    um_graph_free(g);
}

static um_node *build_gru(um_graph *g, um_node *const *in, const void *arg)
{
    (void)arg;
    return um_gru(g, in[0], in[1], in[2], in[3], in[4], in[5]);
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* sum_k w[row, k] v[k] + b[row] */
static double gate(const double *w, const double *b, const double *v, int64_t row, int64_t n)
{
    double s = b[row];

    for (int64_t k = 0; k < n; k++) s += w[row * n + k] * v[k];
    return s;
}

static void reference_gru(double *out, double *const *in, const um_shape *shape, const void *arg)
{
    int64_t B = shape[0].dim[0], T = shape[0].dim[1], I = shape[0].dim[2], H = shape[2].dim[2];
    int64_t shared = shape[5].dim[1] == 1;

    (void)arg;
    for (int64_t d = 0; d < 2; d++)
        for (int64_t b = 0; b < B; b++) {
            const double *wi = in[1] + d * 3 * H * I, *wh = in[2] + d * 3 * H * H;
            const double *bi = in[3] + d * 3 * H, *bh = in[4] + d * 3 * H;
            const double *h = in[5] + (shared ? d : d * B + b) * H;

            for (int64_t step = 0; step < T; step++) {
                int64_t t = d ? T - 1 - step : step;
                const double *x = in[0] + (b * T + t) * I;
                double *y = out + (b * T + t) * 2 * H + d * H;

                for (int64_t i = 0; i < H; i++) {
                    double r = sigmoid(gate(wi, bi, x, i, I) + gate(wh, bh, h, i, H));
                    double z = sigmoid(gate(wi, bi, x, H + i, I) + gate(wh, bh, h, H + i, H));
                    double n =
                        tanh(gate(wi, bi, x, 2 * H + i, I) + r * gate(wh, bh, h, 2 * H + i, H));

                    y[i] = (1 - z) * n + z * h[i];
                }
                h = y;
            }
        }
}

static void test_gru(void **state)
{
    /* B, T, I, H; the last are the registers' whole widths and their remainders */
    static const int64_t sizes[][4] = {{1, 1, 1, 1}, {2, 4, 3, 2}, {3, 3, 5, 6}, {1, 3, 4, 17}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int shared = 0; shared < 2; shared++) {
            const int64_t *s = sizes[i];
            reference_case c = {.name = "gru",
                                .n_in = 6,
                                .build = build_gru,
                                .reference = reference_gru,
                                .tol = 2e-6,
                                .grad_tol = 1e-4};

            c.in[0] = UM_SHAPE(s[0], s[1], s[2]);
            c.in[1] = UM_SHAPE(2, 3 * s[3], s[2]);
            c.in[2] = UM_SHAPE(2, 3 * s[3], s[3]);
            c.in[3] = c.in[4] = UM_SHAPE(2, 3 * s[3]);
            c.in[5] = UM_SHAPE(2, shared ? 1 : s[0], s[3]);
            check_reference(&c);
        }
}

static void test_embedding(void **state)
{
    const int32_t ids[6] = {3, 0, 3, 1, 3, 0}, wrong[6] = {0, 0, 4, 0, 0, 0};
    float table[12], y[18], dy[18], dt[12], want[12] = {0};
    um_graph *g;
    um_node *in, *tab, *out;

    (void)state;
    for (int i = 0; i < 12; i++) table[i] = (float)i;
    for (int i = 0; i < 18; i++) {
        dy[i] = (float)(i * i);
        want[ids[i / 3] * 3 + i % 3] += dy[i];
    }
    assert_ok(um_graph_new(&g, um_backend_cpu(), UM_TRAIN));
    in = um_input(g, "ids", UM_I32, UM_SHAPE(2, 3));
    tab = um_input(g, "table", UM_F32, UM_SHAPE(4, 3));
    um_want_grad(g, tab);
    out = um_embedding(g, in, tab);
    um_output(g, out);
    assert_ok(um_graph_compile(g));
    assert_ok(um_write(g, in, ids));
    assert_ok(um_write(g, tab, table));
    assert_ok(um_graph_forward(g));
    assert_ok(um_read(g, out, y));
    for (int i = 0; i < 18; i++) assert_true(y[i] == table[ids[i / 3] * 3 + i % 3]);
    assert_ok(um_write_grad(g, out, dy));
    assert_ok(um_graph_backward(g));
    assert_ok(um_read_grad(g, tab, dt));
    assert_memory_equal(dt, want, sizeof want);
    assert_ok(um_write(g, in, wrong));
    assert_fails(UMCL_ERR_INVALID, "expected ids below 4, found 4", um_graph_forward(g));
    um_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matmul),        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_layernorm),     cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_softmax_far),   cmocka_unit_test(test_dropout),
        cmocka_unit_test(test_dropout_steps), cmocka_unit_test(test_gru),
        cmocka_unit_test(test_embedding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
