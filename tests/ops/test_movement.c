/* Operators that move elements or sum them. */
#include "support_reference.h"

/* Coordinates of element `i`, and the way back. */
static void unravel(int64_t at[UM_MAX_RANK], const um_shape *s, int64_t i)
{
    for (int d = s->rank - 1; d >= 0; d--) {
        at[d] = i % s->dim[d];
        i /= s->dim[d];
    }
}

static int64_t ravel(const int64_t at[UM_MAX_RANK], const um_shape *s)
{
    int64_t i = 0;

    for (int d = 0; d < s->rank; d++) i = i * s->dim[d] + at[d];
    return i;
}

static um_shape random_shape(um_rng *rng, int lo_rank, int hi_rank)
{
    um_shape s = {.rank = (int)draw(rng, lo_rank, hi_rank)};

    for (int d = 0; d < s.rank; d++) s.dim[d] = draw(rng, 1, 5);
    return s;
}

static reference_case movement(const char *name, const um_attr *attr)
{
    return (reference_case){.name = name, .n_in = 1, .arg = attr, .tol = 0, .grad_tol = 1e-7};
}

static um_node *build_reduce(um_graph *g, um_node *const *in, const void *arg)
{
    const um_attr *a = arg;

    return um_reduce(g, a->reduce.kind, in[0], a->reduce.axes, a->reduce.keep);
}

static void reference_reduce(double *out, double *const *in, const um_shape *shape, const void *arg)
{
    const um_attr *a = arg;
    um_shape kept = shape[0];
    int64_t at[UM_MAX_RANK];
    double share = 1;

    for (int d = 0; d < kept.rank; d++)
        if (a->reduce.axes >> d & 1) kept.dim[d] = 1;
    for (int64_t i = 0; i < um_shape_count(&kept); i++) out[i] = 0;
    if (a->reduce.kind == UM_MEAN)
        share = (double)um_shape_count(&kept) / (double)um_shape_count(&shape[0]);
    for (int64_t i = 0; i < um_shape_count(&shape[0]); i++) {
        unravel(at, &shape[0], i);
        for (int d = 0; d < kept.rank; d++)
            if (a->reduce.axes >> d & 1) at[d] = 0;
        out[ravel(at, &kept)] += share * in[0][i];
    }
}

static void test_reduce(void **state)
{
    um_rng rng = um_rng_new(1, "reduce shapes");

    (void)state;
    for (int i = 0; i < 40; i++) {
        um_attr attr = {.reduce.kind = i % 2 ? UM_MEAN : UM_SUM, .reduce.keep = i / 2 % 2};
        reference_case c = movement("reduce", &attr);

        c.in[0] = random_shape(&rng, 1, 5);
        attr.reduce.axes = 1u + (unsigned)um_rng_below(&rng, (1u << c.in[0].rank) - 1);
        c.build = build_reduce;
        c.reference = reference_reduce;
        c.tol = c.grad_tol = 1e-6;
        check_reference(&c);
    }
}

/* A sum of many equal terms is exact to the last bit that a float has. */
static void test_reduce_long(void **state)
{
    enum { N = 1 << 20 };
    um_graph *g;
    um_node *in, *mean;
    float *x, y;

    (void)state;
    assert_ok(um_graph_new(&g, um_backend_cpu(), UM_INFER));
    in = um_input(g, "x", UM_F32, UM_SHAPE(N));
    mean = um_reduce(g, UM_MEAN, in, 1, false);
    um_output(g, mean);
    assert_ok(um_graph_compile(g));
    x = um_data(in);
    for (int i = 0; i < N; i++) x[i] = 0.1f;
    assert_ok(um_graph_forward(g));
    assert_ok(um_read(g, mean, &y));
    assert_true(y == 0.1f);
    um_graph_free(g);
}

static um_node *build_reshape(um_graph *g, um_node *const *in, const void *arg)
{
    return um_reshape(g, in[0], ((const um_attr *)arg)->reshape);
}

static void reference_copy(double *out, double *const *in, const um_shape *shape, const void *arg)
{
    (void)arg;
    memcpy(out, in[0], (size_t)um_shape_count(&shape[0]) * sizeof *out);
}

static void test_reshape(void **state)
{
    static const um_shape to[] = {
        {1, {-1}}, {3, {5, -1, 2}}, {2, {24, 5}}, {6, {1, 2, 3, 4, 5, 1}}, {3, {1, -1, 1}}};
    um_attr attr = {0};
    reference_case c = movement("reshape", &attr);

    (void)state;
    c.in[0] = UM_SHAPE(2, 3, 4, 5);
    c.build = build_reshape;
    c.reference = reference_copy;
    for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
        attr.reshape = to[i];
        check_reference(&c);
    }
    c.in[0] = UM_SHAPE(1);
    attr.reshape = UM_SCALAR;
    check_reference(&c);
}

static um_node *build_transpose(um_graph *g, um_node *const *in, const void *arg)
{
    return um_transpose(g, in[0], ((const um_attr *)arg)->transpose.perm);
}

static void reference_transpose(double *out, double *const *in, const um_shape *shape,
                                const void *arg)
{
    const int *perm = ((const um_attr *)arg)->transpose.perm;
    um_shape to = shape[0];
    int64_t at[UM_MAX_RANK], from[UM_MAX_RANK] = {0};

    for (int d = 0; d < to.rank; d++) to.dim[d] = shape[0].dim[perm[d]];
    for (int64_t i = 0; i < um_shape_count(&to); i++) {
        unravel(at, &to, i);
        for (int d = 0; d < to.rank; d++) from[perm[d]] = at[d];
        out[i] = in[0][ravel(from, &shape[0])];
    }
}

static void test_transpose(void **state)
{
    um_rng rng = um_rng_new(2, "transpose shapes");

    (void)state;
    for (int i = 0; i < 30; i++) {
        um_attr attr = {0};
        reference_case c = movement("transpose", &attr);
        size_t perm[UM_MAX_RANK] = {0, 1, 2, 3, 4, 5};

        c.in[0] = random_shape(&rng, 1, 6);
        um_rng_shuffle(&rng, perm, (size_t)c.in[0].rank);
        for (int d = 0; d < c.in[0].rank; d++) attr.transpose.perm[d] = (int)perm[d];
        c.build = build_transpose;
        c.reference = reference_transpose;
        check_reference(&c);
    }
}

static um_node *build_slice(um_graph *g, um_node *const *in, const void *arg)
{
    const um_attr *a = arg;

    return um_slice(g, in[0], a->slice.axis, a->slice.start, a->slice.length);
}

static void reference_slice(double *out, double *const *in, const um_shape *shape, const void *arg)
{
    const um_attr *a = arg;
    um_shape to = shape[0];
    int64_t at[UM_MAX_RANK];

    to.dim[a->slice.axis] = a->slice.length;
    for (int64_t i = 0; i < um_shape_count(&to); i++) {
        unravel(at, &to, i);
        at[a->slice.axis] += a->slice.start;
        out[i] = in[0][ravel(at, &shape[0])];
    }
}

static void test_slice(void **state)
{
    um_rng rng = um_rng_new(3, "slice shapes");

    (void)state;
    for (int i = 0; i < 20; i++) {
        um_attr attr = {0};
        reference_case c = movement("slice", &attr);
        int64_t size;

        c.in[0] = random_shape(&rng, 1, 5);
        attr.slice.axis = (int)um_rng_below(&rng, (size_t)c.in[0].rank);
        size = c.in[0].dim[attr.slice.axis];
        attr.slice.start = draw(&rng, 0, size - 1);
        attr.slice.length = draw(&rng, 1, size - attr.slice.start);
        c.build = build_slice;
        c.reference = reference_slice;
        check_reference(&c);
    }
}

typedef struct concat_arg {
    um_attr attr;
    int n; /* inputs */
} concat_arg;

static um_node *build_concat(um_graph *g, um_node *const *in, const void *arg)
{
    const concat_arg *a = arg;

    return um_concat(g, a->attr.concat.axis, a->n, in);
}

static void reference_concat(double *out, double *const *in, const um_shape *shape, const void *arg)
{
    const concat_arg *a = arg;
    int axis = a->attr.concat.axis;
    um_shape to = shape[0];
    int64_t at[UM_MAX_RANK], shift = 0;

    for (int k = 1; k < a->n; k++) to.dim[axis] += shape[k].dim[axis];
    for (int k = 0; k < a->n; shift += shape[k++].dim[axis])
        for (int64_t i = 0; i < um_shape_count(&shape[k]); i++) {
            unravel(at, &shape[k], i);
            at[axis] += shift;
            out[ravel(at, &to)] = in[k][i];
        }
}

static void test_concat(void **state)
{
    um_rng rng = um_rng_new(4, "concat shapes");

    (void)state;
    for (int i = 0; i < 20; i++) {
        concat_arg arg = {.n = (int)draw(&rng, 1, i % 4 ? 4 : UM_MAX_INPUTS)};
        um_shape s = random_shape(&rng, 1, 4);
        reference_case c = movement("concat", NULL);

        c.arg = &arg;
        c.n_in = arg.n;
        c.fixed = i % 3 ? 0 : 1; /* nobody wants the first one's gradient */
        arg.attr.concat.axis = (int)um_rng_below(&rng, (size_t)s.rank);
        for (int k = 0; k < arg.n; k++) {
            s.dim[arg.attr.concat.axis] = draw(&rng, 1, 4);
            c.in[k] = s;
        }
        if (arg.n == 1) c.fixed = 0;
        c.build = build_concat;
        c.reference = reference_concat;
        check_reference(&c);
    }
}

static um_node *build_upsample(um_graph *g, um_node *const *in, const void *arg)
{
    const um_attr *a = arg;

    return um_upsample(g, in[0], a->upsample.axis, a->upsample.factor);
}

static void reference_upsample(double *out, double *const *in, const um_shape *shape,
                               const void *arg)
{
    const um_attr *a = arg;
    um_shape to = shape[0];
    int64_t at[UM_MAX_RANK];

    to.dim[a->upsample.axis] *= a->upsample.factor;
    for (int64_t i = 0; i < um_shape_count(&to); i++) {
        unravel(at, &to, i);
        at[a->upsample.axis] /= a->upsample.factor;
        out[i] = in[0][ravel(at, &shape[0])];
    }
}

static void test_upsample(void **state)
{
    um_rng rng = um_rng_new(5, "upsample shapes");

    (void)state;
    for (int i = 0; i < 12; i++) {
        um_attr attr = {0};
        reference_case c = movement("upsample", &attr);

        c.in[0] = random_shape(&rng, 1, 5);
        attr.upsample.axis = (int)um_rng_below(&rng, (size_t)c.in[0].rank);
        attr.upsample.factor = (int)draw(&rng, 1, 3);
        c.build = build_upsample;
        c.reference = reference_upsample;
        c.grad_tol = 1e-6;
        check_reference(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reduce),   cmocka_unit_test(test_reduce_long),
        cmocka_unit_test(test_reshape),  cmocka_unit_test(test_transpose),
        cmocka_unit_test(test_slice),    cmocka_unit_test(test_concat),
        cmocka_unit_test(test_upsample),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
