/* Operators that treat each element alone, and arithmetic of tensors that stretch. */
#include <math.h>
#include <stdlib.h>

#include "support_reference.h"

static um_node *build_unary(um_graph *g, um_node *const *in, const void *arg)
{
    return um_unary_op(g, *(const um_unary *)arg, in[0]);
}

static double unary(um_unary kind, double x)
{
    switch (kind) {
    case UM_RELU: return x > 0 ? x : 0;
    case UM_ELU: return x > 0 ? x : expm1(x);
    case UM_QUICK_GELU: return x / (1 + exp(-1.702 * x));
    case UM_SIGMOID: return 1 / (1 + exp(-x));
    case UM_TANH: return tanh(x);
    case UM_EXP: return exp(x);
    case UM_LOG: return log(x);
    case UM_SQRT: return sqrt(x);
    case UM_SQUARE: return x * x;
    case UM_ABS: return fabs(x);
    case UM_SIN: return sin(x);
    case UM_COS: return cos(x);
    }
    return NAN;
}

static void reference_unary(double *out, double *const *in, const um_shape *shape, const void *arg)
{
    for (int64_t i = 0; i < um_shape_count(&shape[0]); i++)
        out[i] = unary(*(const um_unary *)arg, in[0][i]);
}

static void test_unary(void **state)
{
    static const struct {
        um_unary kind;
        const char *name;
        double range;
        bool positive;
    } kinds[] = {
        {UM_RELU, "relu", 2, false},       {UM_ELU, "elu", 6, false},
        {UM_QUICK_GELU, "gelu", 5, false}, {UM_SIGMOID, "sigmoid", 9, false},
        {UM_TANH, "tanh", 4, false},       {UM_EXP, "exp", 3, false},
        {UM_LOG, "log", 4, true},          {UM_SQRT, "sqrt", 4, true},
        {UM_SQUARE, "square", 3, false},   {UM_ABS, "abs", 3, false},
        {UM_SIN, "sin", 7, false},         {UM_COS, "cos", 7, false},
    };
    um_rng rng = um_rng_new(1, "unary shapes");

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        reference_case c = {.name = kinds[i].name,
                            .n_in = 1,
                            .in = {UM_SCALAR},
                            .build = build_unary,
                            .reference = reference_unary,
                            .arg = &kinds[i].kind,
                            .tol = 1e-6,
                            .grad_tol = 1e-5,
                            .positive = kinds[i].positive};
        check_reference(&c);
        c.range = kinds[i].range;
        for (int k = 0; k < 3; k++) {
            c.in[0] = UM_SHAPE(draw(&rng, 1, 4), draw(&rng, 1, 70));
            check_reference(&c);
        }
    }
}

static void run_unary(um_unary kind, const float *x, float *y, float *dx, int64_t n)
{
    um_graph *g;
    um_node *in, *out;
    float *ones = calloc((size_t)n, sizeof *ones);

    assert_non_null(ones);
    for (int64_t i = 0; i < n; i++) ones[i] = 1;
    assert_ok(um_graph_new(&g, um_backend_cpu(), UM_TRAIN));
    in = um_input(g, "x", UM_F32, UM_SHAPE(n));
    um_want_grad(g, in);
    out = um_unary_op(g, kind, in);
    um_output(g, out);
    assert_ok(um_graph_compile(g));
    assert_ok(um_write(g, in, x));
    assert_ok(um_graph_forward(g));
    assert_ok(um_read(g, out, y));
    assert_ok(um_write_grad(g, out, ones));
    assert_ok(um_graph_backward(g));
    assert_ok(um_read_grad(g, in, dx));
    um_graph_free(g);
    free(ones);
}

/* Each value on its own scale, from the smallest arguments to the largest: nothing cancels near
 * zero, overflows, or becomes a NaN of its own. An exponential magnifies its argument's rounding
 * by the argument. */
static void unary_far(void)
{
    static const um_unary kinds[] = {UM_ELU, UM_QUICK_GELU, UM_SIGMOID, UM_TANH, UM_EXP};
    enum { N = 4000 };
    static float x[N], y[N], dx[N];
    um_rng rng = um_rng_new(2, "far");

    for (int i = 0; i < N; i++)
        x[i] = (float)((i % 2 ? -1 : 1) * exp(um_rng_range(&rng, log(1e-30), log(80.0))));
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        run_unary(kinds[k], x, y, dx, N);
        for (int i = 0; i < N; i++) {
            double want = unary(kinds[k], x[i]), tol = 1e-6 + 2e-7 * fabs(x[i]);

            if (!(fabs(y[i] - want) <= tol * fmax(fabs(want), 1e-30)))
                fail_msg("unary %d of %.9g: expected %.9g, found %.9g", (int)kinds[k], x[i], want,
                         y[i]);
            assert_true(isfinite(dx[i]));
        }
    }
}

static void unary_not_finite(void)
{
    const float x[] = {INFINITY, -INFINITY, NAN, 1000, -1000};
    float y[5], dx[5];

    run_unary(UM_ELU, x, y, dx, 5);
    assert_true(y[0] == INFINITY && y[1] == -1 && isnan(y[2]) && y[3] == 1000 && y[4] == -1);
    assert_true(dx[0] == 1 && dx[1] == 0 && dx[3] == 1 && dx[4] == 0);
    run_unary(UM_SIGMOID, x, y, dx, 5);
    assert_true(y[0] == 1 && y[1] < 1e-37F && isnan(y[2]) && y[3] == 1 && y[4] < 1e-37F);
    run_unary(UM_TANH, x, y, dx, 5);
    assert_true(y[0] == 1 && y[1] == -1 && isnan(y[2]) && y[3] == 1 && y[4] == -1);
    run_unary(UM_RELU, x, y, dx, 5);
    assert_true(y[0] == INFINITY && y[1] == 0 && y[3] == 1000 && y[4] == 0);
    run_unary(UM_EXP, x, y, dx, 5);
    assert_true(y[0] == INFINITY && y[1] == 0 && isnan(y[2]) && y[3] == INFINITY && y[4] == 0);
}

static void test_unary_levels(void **state)
{
    static const char *const levels[] = {"portable", "avx2", "avx512"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        setenv("UMCL_CPU", levels[i], 1);
        unary_far();
        unary_not_finite();
    }
    unsetenv("UMCL_CPU");
}

static um_node *build_affine(um_graph *g, um_node *const *in, const void *arg)
{
    const float *a = arg;

    return um_affine(g, in[0], a[0], a[1]);
}

static void reference_affine(double *out, double *const *in, const um_shape *shape, const void *arg)
{
    const float *a = arg;

    for (int64_t i = 0; i < um_shape_count(&shape[0]); i++) out[i] = a[0] * in[0][i] + a[1];
}

static void test_affine(void **state)
{
    static const float args[][2] = {{2.5f, -1}, {-1, 0}, {0, 3}};
    um_rng rng = um_rng_new(3, "affine shapes");

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        reference_case c = {.name = "affine",
                            .n_in = 1,
                            .build = build_affine,
                            .reference = reference_affine,
                            .arg = args[i],
                            .tol = 1e-6,
                            .grad_tol = 1e-6};

        c.in[0] = UM_SHAPE(draw(&rng, 1, 5), draw(&rng, 1, 40));
        check_reference(&c);
    }
}

static um_node *build_prelu(um_graph *g, um_node *const *in, const void *arg)
{
    (void)arg;
    return um_prelu(g, in[0], in[1]);
}

static void reference_prelu(double *out, double *const *in, const um_shape *shape, const void *arg)
{
    int64_t n = um_shape_last(&shape[0]);

    (void)arg;
    for (int64_t i = 0; i < um_shape_count(&shape[0]); i++)
        out[i] = in[0][i] > 0 ? in[0][i] : in[0][i] * in[1][i % n];
}

static void test_prelu(void **state)
{
    um_rng rng = um_rng_new(4, "prelu shapes");

    (void)state;
    for (int i = 0; i < 4; i++) {
        int64_t n = i ? draw(&rng, 1, 40) : 1;
        reference_case c = {.name = "prelu",
                            .n_in = 2,
                            .build = build_prelu,
                            .reference = reference_prelu,
                            .tol = 1e-6,
                            .grad_tol = 1e-5};

        c.in[0] = UM_SHAPE(draw(&rng, 1, 3), draw(&rng, 1, 6), n);
        c.in[1] = UM_SHAPE(n);
        check_reference(&c);
    }
}

static um_node *build_binary(um_graph *g, um_node *const *in, const void *arg)
{
    return um_binary_op(g, *(const um_binary *)arg, in[0], in[1]);
}

/* Offset in `s`, aligned at the last dimension, of element `i` of the larger shape `out`. */
static int64_t stretched(const um_shape *s, const um_shape *out, int64_t i)
{
    int64_t at = 0, step = 1;

    for (int d = out->rank - 1; d >= 0; d--) {
        int own = d - (out->rank - s->rank);

        if (own >= 0) {
            if (s->dim[own] > 1) at += i % out->dim[d] * step;
            step *= s->dim[own];
        }
        i /= out->dim[d];
    }
    return at;
}

static um_shape joined(const um_shape *a, const um_shape *b)
{
    um_shape out = a->rank >= b->rank ? *a : *b;
    const um_shape *less = a->rank >= b->rank ? b : a;

    for (int i = 1; i <= less->rank; i++)
        if (less->dim[less->rank - i] > 1) out.dim[out.rank - i] = less->dim[less->rank - i];
    return out;
}

static void reference_binary(double *out, double *const *in, const um_shape *shape, const void *arg)
{
    um_shape s = joined(&shape[0], &shape[1]);

    for (int64_t i = 0; i < um_shape_count(&s); i++) {
        double a = in[0][stretched(&shape[0], &s, i)], b = in[1][stretched(&shape[1], &s, i)];

        switch (*(const um_binary *)arg) {
        case UM_ADD: out[i] = a + b; break;
        case UM_SUB: out[i] = a - b; break;
        case UM_MUL: out[i] = a * b; break;
        case UM_DIV: out[i] = a / b; break;
        }
    }
}

static void check_binary(um_shape a, um_shape b)
{
    static const um_binary kinds[] = {UM_ADD, UM_SUB, UM_MUL, UM_DIV};
    static const char *const names[] = {"add", "sub", "mul", "div"};

    for (int k = 0; k < 4; k++) {
        reference_case c = {.name = names[k],
                            .n_in = 2,
                            .in = {a, b},
                            .build = build_binary,
                            .reference = reference_binary,
                            .arg = &kinds[k],
                            .tol = 1e-6,
                            .grad_tol = 1e-5,
                            .positive = kinds[k] == UM_DIV ? 2 : 0};
        check_reference(&c);
    }
}

static void test_binary(void **state)
{
    (void)state;
    check_binary(UM_SCALAR, UM_SCALAR);
    check_binary(UM_SHAPE(3, 40), UM_SHAPE(3, 40));
    check_binary(UM_SHAPE(2, 3, 19), UM_SCALAR);
    check_binary(UM_SCALAR, UM_SHAPE(33));
    check_binary(UM_SHAPE(2, 3, 19), UM_SHAPE(19)); /* per channel */
    check_binary(UM_SHAPE(19), UM_SHAPE(2, 3, 19));
    check_binary(UM_SHAPE(2, 3, 19), UM_SHAPE(2, 3, 1));            /* per row */
    check_binary(UM_SHAPE(2, 1, 5), UM_SHAPE(2, 3, 5));             /* in the middle */
    check_binary(UM_SHAPE(4, 1), UM_SHAPE(1, 7));                   /* outer */
    check_binary(UM_SHAPE(6, 2, 3, 3, 3), UM_SHAPE(6, 1, 1, 1, 1)); /* a folded norm */
    check_binary(UM_SHAPE(1, 1), UM_SHAPE(5));
}

/* Two shapes cut from one, each dimension kept, made 1 or, in front, dropped. */
static void test_binary_random(void **state)
{
    um_rng rng = um_rng_new(5, "binary shapes");

    (void)state;
    for (int i = 0; i < 12; i++) {
        um_shape s = {.rank = (int)draw(&rng, 1, 4)}, cut[2];

        for (int d = 0; d < s.rank; d++) s.dim[d] = draw(&rng, 1, 5);
        for (int k = 0; k < 2; k++) {
            int drop = um_rng_below(&rng, 2) ? (int)draw(&rng, 0, s.rank) : 0;

            cut[k].rank = s.rank - drop;
            for (int d = 0; d < cut[k].rank; d++)
                cut[k].dim[d] = um_rng_below(&rng, 3) ? s.dim[drop + d] : 1;
        }
        check_binary(cut[0], cut[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unary),  cmocka_unit_test(test_unary_levels),
        cmocka_unit_test(test_affine), cmocka_unit_test(test_prelu),
        cmocka_unit_test(test_binary), cmocka_unit_test(test_binary_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
