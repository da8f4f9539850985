/* y [rows, O] = x [rows, I] w^T + b, with w [O, I] as PyTorch stores it. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/gemm.h"
#include "base/parallel.h"

typedef struct bias_args {
    float *y;
    const float *b;
    size_t n;
} bias_args;

static void bias_range(void *ctx, size_t begin, size_t end)
{
    const bias_args *a = ctx;

    for (size_t r = begin; r < end; r++) {
        float *restrict y = a->y + r * a->n;
        const float *restrict b = a->b;

        for (size_t i = 0; i < a->n; i++) y[i] += b[i];
    }
}

static umcl_status linear_forward(um_call *c)
{
    int64_t rows = um_shape_rows(&c->in[0].shape), n_in = um_shape_last(&c->in[0].shape);
    int64_t n_out = c->in[1].shape.dim[0];

    UM_TRY(um_cpu_gemm(false, true, rows, n_out, n_in, 1, um_f32(&c->in[0]), n_in,
                       um_f32(&c->in[1]), n_in, 0, um_f32(&c->out), n_out));
    if (c->n_in > 2) {
        bias_args a = {um_f32(&c->out), um_f32(&c->in[2]), (size_t)n_out};

        um_parallel_for((size_t)rows, 1 + (1 << 15) / (size_t)n_out, bias_range, &a);
    }
    return UMCL_OK;
}

static umcl_status linear_backward(um_call *c)
{
    int64_t rows = um_shape_rows(&c->in[0].shape), n_in = um_shape_last(&c->in[0].shape);
    int64_t n_out = c->in[1].shape.dim[0];
    const float *dy = um_f32(&c->dout);

    if (c->din[0].data)
        UM_TRY(um_cpu_gemm(false, false, rows, n_in, n_out, 1, dy, n_out, um_f32(&c->in[1]), n_in,
                           0, um_f32(&c->din[0]), n_in));
    if (c->din[1].data)
        UM_TRY(um_cpu_gemm(true, false, n_out, n_in, rows, 1, dy, n_out, um_f32(&c->in[0]), n_in, 0,
                           um_f32(&c->din[1]), n_in));
    if (c->n_in > 2 && c->din[2].data) um_cpu_column_sum(um_f32(&c->din[2]), dy, rows, n_out);
    return UMCL_OK;
}

const um_kernel um_cpu_linear = {NULL, linear_forward, linear_backward, NULL};
