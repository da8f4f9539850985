/* Softmax and its logarithm over the last dimension. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/rows.h"
#include "base/parallel.h"

typedef struct row_args {
    void (*fn)(float *y, const float *x, size_t n);
    void (*grad)(float *dx, const float *y, const float *dy, size_t n);
    float *to;
    const float *a, *b;
    size_t n;
} row_args;

static void forward_range(void *ctx, size_t begin, size_t end)
{
    const row_args *r = ctx;

    for (size_t i = begin; i < end; i++) r->fn(r->to + i * r->n, r->a + i * r->n, r->n);
}

static void grad_range(void *ctx, size_t begin, size_t end)
{
    const row_args *r = ctx;

    for (size_t i = begin; i < end; i++)
        r->grad(r->to + i * r->n, r->a + i * r->n, r->b + i * r->n, r->n);
}

static void each_row(const um_shape *s, um_range_fn fn, row_args *args)
{
    args->n = (size_t)um_shape_last(s);
    if (args->n == 0) return;
    um_parallel_for((size_t)um_shape_rows(s), 1 + (1 << 13) / args->n, fn, args);
}

static umcl_status softmax_forward(um_call *c)
{
    row_args args = {.to = um_f32(&c->out), .a = um_f32(&c->in[0])};

    args.fn = c->op == UM_OP_SOFTMAX ? um_cpu_rows()->softmax : um_cpu_rows()->log_softmax;
    each_row(&c->out.shape, forward_range, &args);
    return UMCL_OK;
}

static umcl_status softmax_backward(um_call *c)
{
    const um_row_fns *rows = um_cpu_rows();
    row_args args = {.to = um_f32(&c->din[0]), .a = um_f32(&c->out), .b = um_f32(&c->dout)};

    args.grad = c->op == UM_OP_SOFTMAX ? rows->softmax_grad : rows->log_softmax_grad;
    each_row(&c->out.shape, grad_range, &args);
    return UMCL_OK;
}

const um_kernel um_cpu_softmax = {NULL, softmax_forward, softmax_backward, NULL};
const um_kernel um_cpu_log_softmax = {NULL, softmax_forward, softmax_backward, NULL};
