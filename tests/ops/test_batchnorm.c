/* Batch norm: by the batch's statistics, by running ones, frozen; with and without ReLU. */
#include <math.h>

#include "support_reference.h"

static um_node *build_batchnorm(um_graph *g, um_node *const *in, const void *arg)
{
    return um_batchnorm(g, in[0], in[1], in[2], in[3], in[4], arg);
}

/* Mean and biased variance of channel `c`. */
static void statistics(const double *x, int64_t rows, int64_t n, int64_t c, double out[2])
{
    out[0] = out[1] = 0;
    for (int64_t r = 0; r < rows; r++) out[0] += x[r * n + c] / (double)rows;
    for (int64_t r = 0; r < rows; r++)
        out[1] += (x[r * n + c] - out[0]) * (x[r * n + c] - out[0]) / (double)rows;
}

static void reference_batchnorm(double *out, double *const *in, const um_shape *shape,
                                const void *arg)
{
    const um_norm_attr *a = arg;
    int64_t n = um_shape_last(&shape[0]), rows = um_shape_rows(&shape[0]);

    for (int64_t c = 0; c < n; c++) {
        double s[2] = {in[3][c], in[4][c]};

        if (!a->use_running) statistics(in[0], rows, n, c, s);
        for (int64_t r = 0; r < rows; r++) {
            double v =
                (in[0][r * n + c] - s[0]) / sqrt(s[1] + (double)a->eps) * in[1][c] + in[2][c];

            out[r * n + c] = a->relu && v < 0 ? 0 : v;
        }
    }
}

static void test_batchnorm(void **state)
{
    um_rng rng = um_rng_new(2, "batchnorm shapes");

    (void)state;
    for (int i = 0; i < 12; i++) {
        um_norm_attr attr = {1e-5f, 0.1f, i & 1, i >> 1 & 1};
        int64_t n = draw(&rng, 1, 20);
        reference_case c = {.name = "batchnorm",
                            .n_in = 5,
                            .build = build_batchnorm,
                            .reference = reference_batchnorm,
                            .arg = &attr,
                            .tol = 5e-6,
                            .grad_tol = 1e-4,
                            .positive = 1 << 4,
                            .fixed = 3 << 3};

        c.in[0] = i < 4 ? UM_SHAPE(draw(&rng, 4, 9), n)
                        : UM_SHAPE(2, draw(&rng, 2, 3), draw(&rng, 1, 4), draw(&rng, 1, 4), n);
        c.in[1] = c.in[2] = c.in[3] = c.in[4] = UM_SHAPE(n);
        check_reference(&c);
        c.fixed |= 6; /* frozen gain and bias */
        check_reference(&c);
        if (!attr.use_running) continue;
        c.infer = true;
        check_reference(&c);
    }
}

/* Running statistics move towards the batch's, the variance towards the unbiased one; a large mean
 * costs no digits. */
static void test_batchnorm_running(void **state)
{
    enum { ROWS = 700, N = 2 };
    const um_norm_attr attr = {1e-5f, 0.1f, false, false};
    um_graph *g;
    um_node *in[5], *out;
    um_rng rng = um_rng_new(3, "running");
    double x[ROWS * N], s[2];
    float *host, mean[N], var[N];

    (void)state;
    assert_ok(um_graph_new(&g, um_backend_cpu(), UM_TRAIN));
    in[0] = um_input(g, "x", UM_F32, UM_SHAPE(ROWS, N));
    for (int i = 1; i < 5; i++) in[i] = um_input(g, "p", UM_F32, UM_SHAPE(N));
    out = um_batchnorm(g, in[0], in[1], in[2], in[3], in[4], &attr);
    um_output(g, out);
    um_output(g, in[3]);
    um_output(g, in[4]);
    assert_ok(um_graph_compile(g));
    host = um_data(in[0]);
    for (int i = 0; i < ROWS * N; i++)
        x[i] = host[i] = (float)(um_rng_normal(&rng) + (i % N ? 1000 : 0));
    assert_ok(um_write(g, in[1], (float[]){1, 1}));
    assert_ok(um_write(g, in[2], (float[]){0, 0}));
    assert_ok(um_write(g, in[3], (float[]){5, -5}));
    assert_ok(um_write(g, in[4], (float[]){2, 3}));
    assert_ok(um_graph_forward(g));
    assert_ok(um_read(g, in[3], mean));
    assert_ok(um_read(g, in[4], var));
    for (int c = 0; c < N; c++) {
        double want_mean, want_var;

        statistics(x, ROWS, N, c, s);
        want_mean = 0.9 * (c ? -5 : 5) + 0.1 * s[0];
        want_var = 0.9 * (c ? 3 : 2) + 0.1 * s[1] * ROWS / (ROWS - 1);
        assert_true(fabs(mean[c] - want_mean) <= 1e-6 * fabs(want_mean));
        assert_true(fabs(var[c] - want_var) <= 1e-5 * want_var);
    }
    um_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batchnorm),
        cmocka_unit_test(test_batchnorm_running),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
