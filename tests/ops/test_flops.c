/* The counted operations of single operators, against what is counted by hand. */
#include "../test.h"

#include "autograd/flops.h"
#include "autograd/ops.h"

static um_graph *graph(um_mode mode)
{
    um_graph *g;

    assert_ok(um_graph_new(&g, um_backend_cpu(), mode));
    return g;
}

static void check(um_graph *g, um_flops_kind kind, double expected)
{
    um_flops f = {{0}};

    assert_ok(um_graph_status(g));
    um_graph_flops(&f, g);
    for (int k = 0; k < UM_N_FLOPS; k++)
        assert_true(f.of[k] == ((um_flops_kind)k == kind ? expected : 0));
    assert_true(um_flops_all(&f) == expected);
    um_graph_free(g);
}

/* [2, 3, 8, 8, 4] by 6 kernels of 3 x 3, stride 2, one pixel of border: 2 * 3 * 4 * 4 places. */
static void convolutions(void **state)
{
    const um_conv_attr plain = {{1, 2, 2}, {0, 1, 1}, 1, false};
    const um_conv_attr depthwise = {{1, 1, 1}, {0, 1, 1}, 4, false};
    um_graph *g = graph(UM_INFER);
    um_node *x = um_input(g, "x", UM_F32, UM_SHAPE(2, 3, 8, 8, 4));

    (void)state;
    um_conv(g, x, um_input(g, "w", UM_F32, UM_SHAPE(6, 4, 1, 3, 3)), NULL, &plain);
    check(g, UM_FLOPS_CONVOLUTION, 2.0 * (2 * 3 * 4 * 4) * 6 * (4 * 3 * 3));

    g = graph(UM_INFER);
    x = um_input(g, "x", UM_F32, UM_SHAPE(2, 3, 8, 8, 4));
    um_conv(g, x, um_input(g, "w", UM_F32, UM_SHAPE(4, 1, 1, 3, 3)), NULL, &depthwise);
    check(g, UM_FLOPS_CONVOLUTION, 2.0 * (2 * 3 * 8 * 8) * 4 * (3 * 3));

    /* A stem pools behind its convolution, of which every place is computed. */
    g = graph(UM_INFER);
    x = um_input(g, "x", UM_F32, UM_SHAPE(2, 3, 8, 8, 4));
    um_stem(g, x, um_input(g, "w", UM_F32, UM_SHAPE(6, 4, 1, 5, 5)),
            um_input(g, "b", UM_F32, UM_SHAPE(6)));
    check(g, UM_FLOPS_CONVOLUTION, 2.0 * (2 * 3 * 8 * 8) * 6 * (4 * 5 * 5));
}

static void products(void **state)
{
    um_graph *g = graph(UM_TRAIN);
    um_node *a = um_input(g, "a", UM_F32, UM_SHAPE(2, 5, 7)),
            *b = um_input(g, "b", UM_F32, UM_SHAPE(2, 5, 3));

    (void)state;
    um_matmul(g, a, b, true, false, 1); /* [7, 5] x [5, 3], twice */
    check(g, UM_FLOPS_MATMUL, 2.0 * 2 * 7 * 5 * 3);

    g = graph(UM_TRAIN);
    a = um_input(g, "a", UM_F32, UM_SHAPE(2, 5, 7));
    um_relu(g, um_linear(g, a, um_input(g, "w", UM_F32, UM_SHAPE(3, 7)), NULL));
    check(g, UM_FLOPS_LINEAR, 2.0 * 2 * 5 * 7 * 3);
}

/* Two directions of three gates, each from 6 inputs and 4 states, over 2 x 5 steps. */
static void recurrence(void **state)
{
    um_graph *g = graph(UM_INFER);
    um_node *x = um_input(g, "x", UM_F32, UM_SHAPE(2, 5, 6));

    (void)state;
    um_gru(g, x, um_input(g, "wi", UM_F32, UM_SHAPE(2, 12, 6)),
           um_input(g, "wh", UM_F32, UM_SHAPE(2, 12, 4)),
           um_input(g, "bi", UM_F32, UM_SHAPE(2, 12)), um_input(g, "bh", UM_F32, UM_SHAPE(2, 12)),
           um_input(g, "h", UM_F32, UM_SHAPE(2, 1, 4)));
    check(g, UM_FLOPS_RECURRENT, 2.0 * (2 * 5) * 2 * 3 * 4 * (6 + 4));
}

/* What depends on constants alone is computed once in an inference graph, in training each time. */
static void folded_weights(void **state)
{
    static const float numbers[12];
    um_graph *g;

    (void)state;
    for (int train = 0; train < 2; train++) {
        um_node *a, *b;

        g = graph(train ? UM_TRAIN : UM_INFER);
        a = um_constant(g, UM_SHAPE(3, 4), numbers);
        b = um_constant(g, UM_SHAPE(4, 3), numbers);
        um_matmul(g, a, b, false, false, 1);
        check(g, UM_FLOPS_MATMUL, train ? 2.0 * 3 * 4 * 3 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions),
        cmocka_unit_test(products),
        cmocka_unit_test(recurrence),
        cmocka_unit_test(folded_weights),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
