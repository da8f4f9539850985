/* Sums and means over chosen dimensions. */
#include <string.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/strides.h"

/* Strides of the result as seen from the input: 0 along reduced dimensions. */
static void result_strides(int64_t stride[UM_MAX_RANK], const um_call *c)
{
    const um_shape *in = &c->in[0].shape;
    int64_t step = 1;

    for (int i = in->rank - 1; i >= 0; i--) {
        bool gone = c->attr.reduce.axes >> i & 1;
        stride[i] = gone ? 0 : step;
        if (!gone) step *= in->dim[i];
    }
}

static float mean_factor(const um_call *c)
{
    return c->attr.reduce.kind == UM_MEAN
               ? (float)um_shape_count(&c->out.shape) / (float)um_shape_count(&c->in[0].shape)
               : 1.0f;
}

static umcl_status reduce_prepare(um_call *c, um_call_needs *needs)
{
    needs->scratch_forward = (size_t)um_shape_count(&c->out.shape) * sizeof(double);
    return UMCL_OK;
}

/* Double sums: thousands of small terms, often nearly cancelling. */
static umcl_status reduce_forward(um_call *c)
{
    const um_shape *in = &c->in[0].shape;
    size_t n = (size_t)um_shape_last(in), rows = (size_t)um_shape_rows(in);
    size_t count = (size_t)um_shape_count(&c->out.shape);
    const float *x = um_f32(&c->in[0]);
    int64_t stride[UM_MAX_RANK], step;
    double *sum = c->scratch, factor = mean_factor(c);

    result_strides(stride, c);
    step = stride[in->rank - 1];
    memset(sum, 0, count * sizeof *sum);
    for (size_t r = 0; r < rows; r++) {
        double *to = sum + um_row_offset(stride, in, (int64_t)r);
        const float *restrict row = x + r * n;
        if (step) {
            for (size_t i = 0; i < n; i++) to[i] += (double)row[i];
        } else {
            double total = 0;
            for (size_t i = 0; i < n; i++) total += (double)row[i];
            *to += total;
        }
    }
    for (size_t i = 0; i < count; i++) um_f32(&c->out)[i] = (float)(sum[i] * factor);
    return UMCL_OK;
}

static umcl_status reduce_backward(um_call *c)
{
    const um_shape *in = &c->in[0].shape;
    size_t n = (size_t)um_shape_last(in), rows = (size_t)um_shape_rows(in);
    float *dx = um_f32(&c->din[0]), factor = mean_factor(c);
    int64_t stride[UM_MAX_RANK], step;

    result_strides(stride, c);
    step = stride[in->rank - 1];
    for (size_t r = 0; r < rows; r++) {
        const float *from = um_f32(&c->dout) + um_row_offset(stride, in, (int64_t)r);
        for (size_t i = 0; i < n; i++) dx[r * n + i] = factor * from[(int64_t)i * step];
    }
    return UMCL_OK;
}

const um_kernel um_cpu_reduce = {reduce_prepare, reduce_forward, reduce_backward, NULL};
