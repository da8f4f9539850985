/*
 * The graph itself, on a backend of its own that knows two operators: gradients add up where a
 * value is used twice, buffers that live at the same time do not overlap, static values are
 * computed once.
 */
#include "../test.h"

#include <stdlib.h>

#include "autograd/graph_internal.h"
#include "autograd/ops.h"

static int n_squares;

static size_t count(const um_tensor *t)
{
    return (size_t)um_shape_count(&t->shape);
}

static umcl_status square_forward(um_call *c)
{
    n_squares++;
    for (size_t i = 0; i < count(&c->out); i++)
        um_f32(&c->out)[i] = um_f32(&c->in[0])[i] * um_f32(&c->in[0])[i];
    return UMCL_OK;
}

static umcl_status square_backward(um_call *c)
{
    for (size_t i = 0; i < count(&c->out); i++)
        um_f32(&c->din[0])[i] = 2 * um_f32(&c->in[0])[i] * um_f32(&c->dout)[i];
    return UMCL_OK;
}

static umcl_status mul_forward(um_call *c)
{
    for (size_t i = 0; i < count(&c->out); i++)
        um_f32(&c->out)[i] = um_f32(&c->in[0])[i] * um_f32(&c->in[1])[i];
    return UMCL_OK;
}

static umcl_status mul_backward(um_call *c)
{
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; c->din[k].data && i < count(&c->out); i++)
            um_f32(&c->din[k])[i] = um_f32(&c->in[1 - k])[i] * um_f32(&c->dout)[i];
    return UMCL_OK;
}

static const um_kernel square = {.forward = square_forward, .backward = square_backward};
static const um_kernel multiply = {.forward = mul_forward, .backward = mul_backward};
static const um_kernel *const kernels[UM_OP_COUNT] = {
    [UM_OP_UNARY] = &square,
    [UM_OP_BINARY] = &multiply,
};

static um_backend backend(void)
{
    um_backend b = *um_backend_cpu();

    b.kernels = kernels;
    return b;
}

/* y = x^2 * x * w: dy/dx = 3 x^2 w, dy/dw = x^3; w's gradient adds up over passes. */
static void gradients_add_up(void **state)
{
    um_backend b = backend();
    um_params *set;
    um_param *w;
    um_graph *g;
    float out[2], grad[2];

    (void)state;
    assert_ok(um_params_new(&set, &b));
    assert_ok(um_params_add(set, &w, "w", UM_SHAPE(2), false));
    assert_ok(um_param_set(set, w, (float[]){5, 7}));
    assert_ok(um_graph_new(&g, &b, UM_TRAIN));
    um_node *x = um_input(g, "x", UM_F32, UM_SHAPE(2));
    um_want_grad(g, x);
    um_node *cube = um_mul(g, um_unary_op(g, UM_SQUARE, x), x);
    um_node *y = um_mul(g, cube, um_use(g, w));
    um_output(g, y);
    assert_ok(um_graph_compile(g));
    for (int pass = 1; pass <= 2; pass++) {
        assert_ok(um_write(g, x, (float[]){2, -3}));
        assert_ok(um_graph_forward(g));
        assert_ok(um_read(g, y, out));
        assert_true(out[0] == 40 && out[1] == -189);
        assert_ok(um_write_grad(g, y, (float[]){1, 10}));
        assert_ok(um_graph_backward(g));
        assert_ok(um_read_grad(g, x, grad));
        assert_true(grad[0] == 60 && grad[1] == 1890);
        assert_ok(um_param_get_grad(set, w, grad));
        assert_true(grad[0] == (float)(8 * pass) && grad[1] == (float)(-270 * pass));
    }
    um_graph_free(g);
    um_params_free(set);
}

static void static_values_are_computed_once(void **state)
{
    um_backend b = backend();
    um_params *set;
    um_param *w;
    um_graph *g;
    float out;

    (void)state;
    assert_ok(um_params_new(&set, &b));
    assert_ok(um_params_add(set, &w, "w", UM_SHAPE(1), false));
    assert_ok(um_param_set(set, w, (float[]){3}));
    assert_ok(um_graph_new(&g, &b, UM_INFER));
    um_node *x = um_input(g, "x", UM_F32, UM_SHAPE(1));
    um_node *y = um_mul(g, x, um_unary_op(g, UM_SQUARE, um_use(g, w)));
    um_output(g, y);
    assert_ok(um_graph_compile(g));
    assert_ok(um_write(g, x, (float[]){2}));
    n_squares = 0;
    for (int i = 0; i < 3; i++) assert_ok(um_graph_forward(g));
    assert_int_equal(n_squares, 1);
    assert_ok(um_param_set(set, w, (float[]){4}));
    assert_ok(um_graph_forward(g));
    assert_ok(um_read(g, y, &out));
    assert_int_equal(n_squares, 2);
    assert_true(out == 32);
    um_graph_free(g);
    um_params_free(set);
}

static void check_apart(const um_span *a, const um_span *b)
{
    bool same_time = a->first <= b->last && b->first <= a->last;
    bool same_place = a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes;

    assert_false(a->bytes && b->bytes && same_time && same_place);
}

static void live_buffers_do_not_overlap(void **state)
{
    um_backend b = backend();
    um_graph *g;
    um_node *x[12];
    const um_span *spans[64];
    size_t n = 0, sum = 0;

    (void)state;
    assert_ok(um_graph_new(&g, &b, UM_TRAIN));
    x[0] = um_input(g, "x", UM_F32, UM_SHAPE(100));
    um_want_grad(g, x[0]);
    for (int i = 1; i < 12; i++)
        x[i] = i % 3 ? um_unary_op(g, UM_SQUARE, x[i - 1]) : um_mul(g, x[i - 1], x[i / 2]);
    um_output(g, x[11]);
    assert_ok(um_graph_compile(g));
    for (int i = 0; i < 12; i++) {
        spans[n++] = &x[i]->value_span;
        spans[n++] = &x[i]->grad_span;
        spans[n++] = &x[i]->add_span;
    }
    for (size_t i = 0; i < n; i++) {
        sum += spans[i]->bytes;
        assert_true(spans[i]->offset + spans[i]->bytes <= um_graph_memory(g));
        for (size_t k = 0; k < i; k++) check_apart(spans[i], spans[k]);
    }
    assert_true(um_graph_memory(g) < sum); /* something was reused */
    um_graph_free(g);
}

static void first_fault_is_kept(void **state)
{
    um_backend b = backend();
    um_graph *g;

    (void)state;
    assert_ok(um_graph_new(&g, &b, UM_INFER));
    um_graph_scope(g, "stem0");
    um_node *a = um_input(g, "a", UM_F32, UM_SHAPE(2, 3));
    um_node *bad = um_add(g, a, um_input(g, "b", UM_F32, UM_SHAPE(4)));
    assert_null(um_relu(g, bad));
    assert_null(um_add(g, a, um_input(g, "c", UM_F32, UM_SHAPE(0))));
    assert_fails(UMCL_ERR_SHAPE, "stem0: binary: expected shapes", um_graph_compile(g));
    assert_fails(UMCL_ERR_SHAPE, "[2, 3] and [4]", um_graph_status(g));
    um_graph_free(g);
}

static void missing_kernel_is_named(void **state)
{
    um_backend b = backend();
    um_graph *g;

    (void)state;
    assert_ok(um_graph_new(&g, &b, UM_INFER));
    um_output(g, um_softmax(g, um_input(g, "a", UM_F32, UM_SHAPE(2, 3))));
    assert_fails(UMCL_ERR_UNSUPPORTED, "softmax", um_graph_compile(g));
    um_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_add_up),
        cmocka_unit_test(static_values_are_computed_once),
        cmocka_unit_test(live_buffers_do_not_overlap),
        cmocka_unit_test(first_fault_is_kept),
        cmocka_unit_test(missing_kernel_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
