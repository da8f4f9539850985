/* Operators over windows of feature maps [B, T, H, W, C]: convolution, its folds, pooling. */
#include <math.h>
#include <stdlib.h>

#include "support_reference.h"

/* Offset of x[b, t, h, w, 0]; -1 outside. */
static int64_t at_map(const um_shape *s, int64_t b, const int64_t p[3])
{
    int64_t i = b;

    for (int d = 0; d < 3; d++) {
        if (p[d] < 0 || p[d] >= s->dim[1 + d]) return -1;
        i = i * s->dim[1 + d] + p[d];
    }
    return i * s->dim[4];
}

/* Position `i` in a box of three sizes. */
static void unravel3(int64_t p[3], const int64_t size[3], int64_t i)
{
    for (int d = 2; d >= 0; d--) {
        p[d] = i % size[d];
        i /= size[d];
    }
}

static int64_t box(const int64_t size[3])
{
    return size[0] * size[1] * size[2];
}

static um_shape conv_out(const um_shape *x, const um_shape *w, const um_conv_attr *a)
{
    um_shape y = *x;

    for (int d = 0; d < 3; d++)
        y.dim[1 + d] = (x->dim[1 + d] + 2 * a->pad[d] - w->dim[2 + d]) / a->stride[d] + 1;
    y.dim[4] = w->dim[0];
    return y;
}

/* One number of a convolution: output channel `o` of the window that starts at `start`. */
static double conv_at(double *const *in, const um_shape *shape, int64_t b, const int64_t start[3],
                      int64_t o, int groups)
{
    const um_shape *w = &shape[1];
    int64_t width = w->dim[1], taps = box(&w->dim[2]);
    int64_t first = o / (w->dim[0] / groups) * width;
    double sum = 0;

    for (int64_t tap = 0; tap < taps; tap++) {
        int64_t p[3], from;

        unravel3(p, &w->dim[2], tap);
        for (int d = 0; d < 3; d++) p[d] += start[d];
        from = at_map(&shape[0], b, p);
        for (int64_t c = 0; from >= 0 && c < width; c++)
            sum += in[0][from + first + c] * in[1][(o * width + c) * taps + tap];
    }
    return sum;
}

/* bias: the third input is there */
typedef struct conv_arg {
    um_conv_attr attr;
    bool bias;
} conv_arg;

static um_node *build_conv(um_graph *g, um_node *const *in, const void *arg)
{
    const conv_arg *a = arg;

    return um_conv(g, in[0], in[1], a->bias ? in[2] : NULL, &a->attr);
}

static void reference_conv(double *out, double *const *in, const um_shape *shape, const void *arg)
{
    const conv_arg *a = arg;
    um_shape y = conv_out(&shape[0], &shape[1], &a->attr);

    for (int64_t i = 0; i < um_shape_count(&y); i++) {
        int64_t o = i % y.dim[4], place = i / y.dim[4], start[3];
        double v;

        unravel3(start, &y.dim[1], place % box(&y.dim[1]));
        for (int d = 0; d < 3; d++) start[d] = start[d] * a->attr.stride[d] - a->attr.pad[d];
        v = conv_at(in, shape, place / box(&y.dim[1]), start, o, a->attr.groups);
        if (a->bias) v += in[2][o];
        out[i] = a->attr.relu && v < 0 ? 0 : v;
    }
}

static reference_case conv_case(um_shape x, um_shape w, const conv_arg *arg)
{
    return (reference_case){.name = arg->attr.relu ? "conv+relu" : "conv",
                            .n_in = 2 + arg->bias,
                            .in = {x, w, UM_SHAPE(w.dim[0])},
                            .build = build_conv,
                            .reference = reference_conv,
                            .arg = arg,
                            .tol = 2e-6,
                            .grad_tol = 1e-5,
                            .infer = arg->attr.relu};
}

static void check_conv(um_shape x, um_shape w, conv_arg arg)
{
    reference_case c = conv_case(x, w, &arg);

    check_reference(&c);
    if (arg.attr.relu) return;
    c.infer = true;
    check_reference(&c);
    c.infer = false;
    c.fixed = 1; /* the first layer: its input's gradient is not wanted */
    check_reference(&c);
    c.fixed = 2; /* frozen weights */
    check_reference(&c);
}

static void test_conv(void **state)
{
    (void)state;
    /* A picture, a sequence, a clip; strides, padding; 1x1x1. */
    check_conv(UM_SHAPE(2, 1, 7, 6, 3), UM_SHAPE(4, 3, 1, 3, 3),
               (conv_arg){{{1, 1, 1}, {0, 1, 1}, 1, false}, true});
    check_conv(UM_SHAPE(1, 1, 9, 9, 3), UM_SHAPE(5, 3, 1, 3, 3),
               (conv_arg){{{1, 2, 2}, {0, 0, 0}, 1, true}, true});
    check_conv(UM_SHAPE(2, 9, 1, 1, 4), UM_SHAPE(3, 4, 3, 1, 1),
               (conv_arg){{{1, 1, 1}, {1, 0, 0}, 1, false}, true});
    check_conv(UM_SHAPE(1, 6, 2, 3, 4), UM_SHAPE(3, 4, 3, 1, 1),
               (conv_arg){{{2, 1, 1}, {1, 0, 0}, 1, false}, false});
    check_conv(UM_SHAPE(1, 4, 5, 4, 2), UM_SHAPE(3, 2, 3, 3, 3),
               (conv_arg){{{1, 1, 1}, {1, 1, 1}, 1, true}, false});
    check_conv(UM_SHAPE(1, 4, 8, 4, 2), UM_SHAPE(3, 2, 4, 4, 4),
               (conv_arg){{{4, 4, 4}, {0, 0, 0}, 1, false}, true});
    check_conv(UM_SHAPE(2, 2, 3, 2, 17), UM_SHAPE(5, 17, 1, 1, 1),
               (conv_arg){{{1, 1, 1}, {0, 0, 0}, 1, false}, false});
    check_conv(UM_SHAPE(1, 1, 1, 1, 1), UM_SHAPE(1, 1, 1, 1, 1),
               (conv_arg){{{1, 1, 1}, {0, 0, 0}, 1, false}, true});
}

static void test_conv_groups(void **state)
{
    (void)state;
    check_conv(UM_SHAPE(1, 3, 4, 3, 4), UM_SHAPE(4, 1, 3, 3, 3),
               (conv_arg){{{1, 1, 1}, {1, 1, 1}, 4, false}, false});
    check_conv(UM_SHAPE(2, 3, 2, 3, 20), UM_SHAPE(20, 1, 3, 3, 3),
               (conv_arg){{{1, 1, 1}, {1, 1, 1}, 20, false}, true});
    check_conv(UM_SHAPE(1, 4, 4, 4, 16), UM_SHAPE(16, 1, 3, 3, 3),
               (conv_arg){{{1, 1, 1}, {1, 1, 1}, 16, true}, true});
    check_conv(UM_SHAPE(2, 1, 6, 5, 8), UM_SHAPE(8, 1, 1, 3, 3),
               (conv_arg){{{1, 2, 2}, {0, 1, 1}, 8, false}, true});
    check_conv(UM_SHAPE(1, 1, 6, 5, 8), UM_SHAPE(8, 1, 1, 5, 5),
               (conv_arg){{{1, 1, 1}, {0, 2, 2}, 8, true}, true});
}

static void test_conv_random(void **state)
{
    um_rng rng = um_rng_new(1, "conv shapes");

    (void)state;
    for (int i = 0; i < 12; i++) {
        int64_t width = draw(&rng, 1, 5);
        conv_arg arg = {{.groups = 1}, um_rng_below(&rng, 2)};
        um_shape x = UM_SHAPE(draw(&rng, 1, 2), 1, 1, 1, width), w = x;

        if (um_rng_below(&rng, 3) == 0) arg.attr.groups = (int)width;
        w.dim[0] = arg.attr.groups > 1 ? width : draw(&rng, 1, 6);
        w.dim[1] = width / arg.attr.groups;
        for (int d = 0; d < 3; d++) {
            w.dim[2 + d] = draw(&rng, 1, 3);
            arg.attr.pad[d] = (int)draw(&rng, 0, w.dim[2 + d] - 1);
            arg.attr.stride[d] = (int)draw(&rng, 1, 2);
            x.dim[1 + d] = draw(&rng, w.dim[2 + d], 4);
        }
        const reference_case c = conv_case(x, w, &arg);
        check_reference(&c);
    }
}

/* Weights that are neither parameters nor inputs are laid out for oneDNN too. */
static void test_conv_constant(void **state)
{
    const um_conv_attr attr = {{1, 1, 1}, {0, 0, 0}, 1, false};
    float w[16 * 8], x[8], y[16], want[16] = {0};
    um_graph *g;
    um_node *in, *out;

    (void)state;
    for (int i = 0; i < 16 * 8; i++) w[i] = (float)(i % 7);
    for (int i = 0; i < 8; i++) x[i] = (float)(i + 1);
    for (int i = 0; i < 16 * 8; i++) want[i / 8] += w[i] * x[i % 8];
    assert_ok(um_graph_new(&g, um_backend_cpu(), UM_INFER));
    in = um_input(g, "x", UM_F32, UM_SHAPE(1, 1, 1, 1, 8));
    out = um_conv(g, in, um_constant(g, UM_SHAPE(16, 8, 1, 1, 1), w), NULL, &attr);
    um_output(g, out);
    assert_ok(um_graph_compile(g));
    assert_ok(um_write(g, in, x));
    assert_ok(um_graph_forward(g));
    assert_ok(um_read(g, out, y));
    assert_memory_equal(y, want, sizeof y);
    um_graph_free(g);
}

static um_node *build_fold(um_graph *g, um_node *const *in, const void *arg)
{
    return um_cdc_fold(g, in[0], *(const float *)arg);
}

static void reference_fold(double *out, double *const *in, const um_shape *shape, const void *arg)
{
    for (int64_t i = 0; i < um_shape_count(&shape[0]); i++) out[i] = in[0][i];
    for (int64_t i = 0; i < um_shape_count(&shape[0]); i++) {
        int64_t tap = i % 27;

        if (tap / 9 != 1) out[i - tap + 13] -= (double)*(const float *)arg * in[0][i];
    }
}

static void test_fold(void **state)
{
    static const float theta[] = {0.7f, 0};
    reference_case c = {.name = "cdc_fold",
                        .n_in = 1,
                        .in = {UM_SHAPE(3, 2, 3, 3, 3)},
                        .build = build_fold,
                        .reference = reference_fold,
                        .tol = 1e-6,
                        .grad_tol = 1e-6};

    (void)state;
    for (int i = 0; i < 2; i++) {
        c.arg = &theta[i];
        check_reference(&c);
    }
}

static um_node *build_difference(um_graph *g, um_node *const *in, const void *arg)
{
    const um_conv_attr same = {{1, 1, 1}, {1, 1, 1}, 1, false};

    return um_conv(g, in[0], um_cdc_fold(g, in[1], *(const float *)arg), NULL, &same);
}

/* As the paper has it: conv(x, w) - theta * conv(x, sum of w over time taps 0 and 2), 1x1x1. */
static void reference_difference(double *out, double *const *in, const um_shape *shape,
                                 const void *arg)
{
    const um_shape *w = &shape[1];
    const conv_arg same = {{{1, 1, 1}, {1, 1, 1}, 1, false}, false};
    int64_t width = w->dim[1], n = w->dim[0];

    reference_conv(out, in, shape, &same);
    for (int64_t r = 0; r < um_shape_rows(&shape[0]); r++)
        for (int64_t o = 0; o < n; o++)
            for (int64_t i = 0; i < width * 27; i++)
                if (i % 27 / 9 != 1)
                    out[r * n + o] -= (double)*(const float *)arg * in[1][o * width * 27 + i] *
                                      in[0][r * width + i / 27];
}

static void test_difference_conv(void **state)
{
    static const float theta = 0.7f;
    reference_case c = {.name = "cdc",
                        .n_in = 2,
                        .in = {UM_SHAPE(1, 4, 3, 4, 2), UM_SHAPE(3, 2, 3, 3, 3)},
                        .build = build_difference,
                        .reference = reference_difference,
                        .arg = &theta,
                        .tol = 2e-6,
                        .grad_tol = 1e-5};

    (void)state;
    check_reference(&c);
}

static um_node *build_stem(um_graph *g, um_node *const *in, const void *arg)
{
    (void)arg;
    return um_stem(g, in[0], in[1], in[2]);
}

static void reference_stem(double *out, double *const *in, const um_shape *shape, const void *arg)
{
    const um_shape *x = &shape[0];
    um_shape y = *x;

    (void)arg;
    y.dim[2] /= 2;
    y.dim[3] /= 2;
    y.dim[4] = shape[1].dim[0];
    for (int64_t i = 0; i < um_shape_count(&y); i++) {
        int64_t o = i % y.dim[4], place = i / y.dim[4], p[3], start[3];

        unravel3(p, &y.dim[1], place % box(&y.dim[1]));
        out[i] = 0; /* ReLU before the maximum */
        for (int64_t k = 0; k < 4; k++) {
            start[0] = p[0] - shape[1].dim[2] / 2;
            start[1] = 2 * p[1] + k / 2 - shape[1].dim[3] / 2;
            start[2] = 2 * p[2] + k % 2 - shape[1].dim[4] / 2;
            out[i] =
                fmax(out[i], in[2][o] + conv_at(in, shape, place / box(&y.dim[1]), start, o, 1));
        }
    }
}

static void test_stem(void **state)
{
    static const um_shape cases[][2] = {
        {{5, {2, 3, 8, 6, 3}}, {5, {24, 3, 1, 5, 5}}},
        {{5, {1, 1, 16, 36, 3}}, {5, {24, 3, 1, 5, 5}}},
        {{5, {1, 2, 2, 2, 3}}, {5, {24, 3, 1, 5, 5}}},
        {{5, {1, 1, 4, 70, 3}}, {5, {16, 3, 1, 3, 3}}},
        {{5, {1, 3, 6, 4, 2}}, {5, {5, 2, 3, 3, 3}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reference_case c = {.name = "stem",
                            .n_in = 3,
                            .in = {cases[i][0], cases[i][1], UM_SHAPE(cases[i][1].dim[0])},
                            .build = build_stem,
                            .reference = reference_stem,
                            .tol = 2e-6,
                            .infer = true};

        check_reference(&c);
    }
}

static um_node *build_maxpool(um_graph *g, um_node *const *in, const void *arg)
{
    return um_maxpool(g, in[0], arg);
}

/* PyTorch's size: with `ceil` a last window may hang over, if it starts inside the input or the
 * padding before it. */
static int64_t pooled(int64_t size, int k, int stride, int pad, bool ceil)
{
    int64_t n = 0;

    for (int64_t start = -pad; start < size + pad; start += stride) {
        if (ceil ? start >= size : start + k > size + pad) break;
        n++;
        if (ceil && start + k >= size + pad) break;
    }
    return n;
}

static void reference_maxpool(double *out, double *const *in, const um_shape *shape,
                              const void *arg)
{
    const um_pool_attr *a = arg;
    um_shape y = shape[0];
    const int64_t k[3] = {a->kernel[0], a->kernel[1], a->kernel[2]};

    for (int d = 0; d < 3; d++)
        y.dim[1 + d] = pooled(shape[0].dim[1 + d], a->kernel[d], a->stride[d], a->pad[d], a->ceil);
    for (int64_t i = 0; i < um_shape_count(&y); i++) {
        int64_t place = i / y.dim[4], start[3];

        out[i] = -INFINITY;
        unravel3(start, &y.dim[1], place % box(&y.dim[1]));
        for (int64_t tap = 0; tap < box(k); tap++) {
            int64_t p[3], from;

            unravel3(p, k, tap);
            for (int d = 0; d < 3; d++) p[d] += start[d] * a->stride[d] - a->pad[d];
            from = at_map(&shape[0], place / box(&y.dim[1]), p);
            if (from >= 0) out[i] = fmax(out[i], in[0][from + i % y.dim[4]]);
        }
    }
}

static void check_maxpool(um_shape x, um_pool_attr attr)
{
    reference_case c = {.name = "maxpool",
                        .n_in = 1,
                        .in = {x},
                        .build = build_maxpool,
                        .reference = reference_maxpool,
                        .arg = &attr,
                        .tol = 0,
                        .grad_tol = 1e-6};

    check_reference(&c);
    c.infer = true;
    check_reference(&c);
}

static void test_maxpool(void **state)
{
    um_rng rng = um_rng_new(4, "maxpool shapes");

    (void)state;
    check_maxpool(UM_SHAPE(2, 3, 4, 6, 5), (um_pool_attr){{1, 2, 2}, {1, 2, 2}, {0, 0, 0}, false});
    check_maxpool(UM_SHAPE(1, 1, 10, 11, 3), (um_pool_attr){{1, 3, 3}, {1, 2, 2}, {0, 0, 0}, true});
    check_maxpool(UM_SHAPE(1, 1, 4, 4, 3), (um_pool_attr){{1, 2, 2}, {1, 2, 2}, {0, 0, 0}, true});
    check_maxpool(UM_SHAPE(1, 1, 5, 5, 18), (um_pool_attr){{1, 3, 3}, {1, 1, 1}, {0, 1, 1}, false});
    for (int i = 0; i < 16; i++) {
        um_pool_attr a = {.ceil = um_rng_below(&rng, 2)};
        um_shape x = UM_SHAPE(draw(&rng, 1, 2), 1, 1, 1, draw(&rng, 1, 4));

        for (int d = 0; d < 3; d++) {
            a.kernel[d] = (int)draw(&rng, 1, 3);
            a.stride[d] = (int)draw(&rng, 1, a.kernel[d]);
            a.pad[d] = (int)draw(&rng, 0, a.kernel[d] / 2);
            x.dim[1 + d] = draw(&rng, a.kernel[d], 6);
        }
        check_maxpool(x, a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conv),        cmocka_unit_test(test_conv_groups),
        cmocka_unit_test(test_conv_random), cmocka_unit_test(test_conv_constant),
        cmocka_unit_test(test_fold),        cmocka_unit_test(test_difference_conv),
        cmocka_unit_test(test_stem),        cmocka_unit_test(test_maxpool),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
