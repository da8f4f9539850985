/*
 * Dropout. Whether element i falls is a function of the call's seed and i / group alone, so the
 * backward pass draws the same numbers again and no mask is kept.
 */
#include <math.h>
#include <string.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/rows.h"
#include "base/parallel.h"

typedef struct drop_args {
    float *y;
    const float *x;
    const um_call *call;
    const um_row_fns *rows;
} drop_args;

static void drop_range(void *ctx, size_t begin, size_t end)
{
    const drop_args *a = ctx;
    double rate = a->call->attr.dropout.rate;
    uint64_t below = (uint64_t)ceil(rate * 0x1p53);

    a->rows->dropout(a->y, a->x, begin, end, (size_t)a->call->attr.dropout.group, a->call->seed,
                     below, (float)(1 / (1 - rate)));
}

static umcl_status drop(const um_call *c, float *y, const float *x)
{
    drop_args args = {y, x, c, um_cpu_rows()};
    size_t n = (size_t)um_shape_count(&c->out.shape);

    if (!c->training || c->attr.dropout.rate <= 0) {
        if (y != x) memcpy(y, x, n * sizeof *y);
        return UMCL_OK;
    }
    um_parallel_for(n, 1 << 13, drop_range, &args);
    return UMCL_OK;
}

static umcl_status dropout_forward(um_call *c)
{
    return drop(c, um_f32(&c->out), um_f32(&c->in[0]));
}

static umcl_status dropout_backward(um_call *c)
{
    return drop(c, um_f32(&c->din[0]), um_f32(&c->dout));
}

const um_kernel um_cpu_dropout = {NULL, dropout_forward, dropout_backward, NULL};
