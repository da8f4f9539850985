/* Arithmetic of two tensors, either of which may be stretched (NumPy's rule). */
#include <string.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/strides.h"
#include "base/parallel.h"

#define GRAIN (1 << 16)
#define BLOCK 256 /* gradients of a stretched operand that are computed at a time */

/* One operand, walked in the order of the output. */
typedef struct operand {
    const float *data;
    int64_t stride[UM_MAX_RANK];
} operand;

typedef struct binary_args {
    um_binary kind;
    um_shape out; /* dimensions that both operands walk alike are joined; rank >= 1 */
    operand in[2];
    const float *dy;
    float *to;
    int which; /* backward: gradient of operand 0 or 1 */
} binary_args;

/* A run of elements within one row of the output. Steps are 0 or 1, not both 0 if n > 1. */
typedef struct stretch {
    const float *a, *b;
    int64_t step_a, step_b;
    size_t n;
} stretch;

static void join_dimensions(binary_args *t, const um_shape *out)
{
    int64_t own[2][UM_MAX_RANK];

    for (int d = 0; d < out->rank; d++)
        for (int k = 0; k < 2; k++) own[k][d] = t->in[k].stride[d];
    t->out.rank = 0;
    for (int d = 0; d < out->rank; d++) {
        int last = t->out.rank - 1;
        int64_t n = out->dim[d];
        if (n == 1) continue;
        if (last < 0 || t->in[0].stride[last] != own[0][d] * n ||
            t->in[1].stride[last] != own[1][d] * n)
            t->out.dim[last = t->out.rank++] = 1;
        t->out.dim[last] *= n;
        for (int k = 0; k < 2; k++) t->in[k].stride[last] = own[k][d];
    }
    if (t->out.rank) return;
    t->out = UM_SHAPE(1);
    t->in[0].stride[0] = t->in[1].stride[0] = 0;
}

static binary_args make_args(const um_call *c)
{
    binary_args t = {.kind = c->attr.binary};

    for (int k = 0; k < 2; k++) {
        t.in[k].data = um_f32(&c->in[k]);
        um_stretched_strides(t.in[k].stride, &c->in[k].shape, &c->out.shape);
    }
    join_dimensions(&t, &c->out.shape);
    return t;
}

static stretch stretch_at(const binary_args *t, size_t at, size_t end)
{
    int last = t->out.rank - 1;
    size_t n = (size_t)t->out.dim[last], row = at / n, i = at % n;
    stretch s = {.step_a = t->in[0].stride[last], .step_b = t->in[1].stride[last]};

    s.a = t->in[0].data + um_row_offset(t->in[0].stride, &t->out, (int64_t)row) +
          (int64_t)i * s.step_a;
    s.b = t->in[1].data + um_row_offset(t->in[1].stride, &t->out, (int64_t)row) +
          (int64_t)i * s.step_b;
    s.n = end - at < n - i ? end - at : n - i;
    return s;
}

/* y[i] = expr of u = a[i] and v = b[i]: a loop for each pair of steps. */
#define EACH(expr)                                                                                 \
    if (s->step_a && s->step_b) {                                                                  \
        for (size_t i = 0; i < s->n; i++) {                                                        \
            const float u = a[i], v = b[i];                                                        \
            (void)u, (void)v;                                                                      \
            y[i] = (expr);                                                                         \
        }                                                                                          \
    } else if (s->step_a) {                                                                        \
        const float v = b[0];                                                                      \
        for (size_t i = 0; i < s->n; i++) {                                                        \
            const float u = a[i];                                                                  \
            (void)u, (void)v;                                                                      \
            y[i] = (expr);                                                                         \
        }                                                                                          \
    } else {                                                                                       \
        const float u = a[0];                                                                      \
        for (size_t i = 0; i < s->n; i++) {                                                        \
            const float v = b[i];                                                                  \
            (void)u, (void)v;                                                                      \
            y[i] = (expr);                                                                         \
        }                                                                                          \
    }                                                                                              \
    break

static void combine(um_binary kind, float *restrict y, const stretch *s)
{
    const float *restrict a = s->a;
    const float *restrict b = s->b;

    switch (kind) {
    case UM_ADD: EACH(u + v);
    case UM_SUB: EACH(u - v);
    case UM_MUL: EACH(u * v);
    case UM_DIV: EACH(u / v);
    }
}

/* Gradients of operand `which`, as if it were not stretched. */
static void slopes(um_binary kind, int which, float *restrict y, const stretch *s,
                   const float *restrict dy)
{
    const float *restrict a = s->a;
    const float *restrict b = s->b;

    switch (2 * (int)kind + which) {
    case 2 * UM_ADD:
    case 2 * UM_ADD + 1:
    case 2 * UM_SUB: memcpy(y, dy, s->n * sizeof *y); break;
    case 2 * UM_SUB + 1: EACH(-dy[i]);
    case 2 * UM_MUL: EACH(dy[i] * v);
    case 2 * UM_MUL + 1: EACH(dy[i] * u);
    case 2 * UM_DIV: EACH(dy[i] / v);
    case 2 * UM_DIV + 1: EACH(-dy[i] * u / (v * v));
    }
}

static void combine_range(void *ctx, size_t begin, size_t end)
{
    const binary_args *t = ctx;
    stretch s;

    for (size_t at = begin; at < end; at += s.n) {
        s = stretch_at(t, at, end);
        combine(t->kind, t->to + at, &s);
    }
}

static umcl_status binary_forward(um_call *c)
{
    binary_args t = make_args(c);

    t.to = um_f32(&c->out);
    um_parallel_for((size_t)um_shape_count(&t.out), GRAIN, combine_range, &t);
    return UMCL_OK;
}

static void slopes_range(void *ctx, size_t begin, size_t end)
{
    const binary_args *t = ctx;
    stretch s;

    for (size_t at = begin; at < end; at += s.n) {
        s = stretch_at(t, at, end);
        slopes(t->kind, t->which, t->to + at, &s, t->dy + at);
    }
}

/* A stretched operand gathers gradients of many rows: one thread, in order, in double. */
static void gather_slopes(const binary_args *t, double *sum, size_t own_count)
{
    const operand *own = &t->in[t->which];
    size_t n = (size_t)t->out.dim[t->out.rank - 1], count = (size_t)um_shape_count(&t->out);
    float block[BLOCK];
    stretch s;

    memset(sum, 0, own_count * sizeof *sum);
    for (size_t at = 0; at < count; at += s.n) {
        double *to;
        s = stretch_at(t, at, count - at < BLOCK ? count : at + BLOCK);
        slopes(t->kind, t->which, block, &s, t->dy + at);
        to = sum + um_row_offset(own->stride, &t->out, (int64_t)(at / n));
        if (own->stride[t->out.rank - 1]) {
            to += at % n;
            for (size_t i = 0; i < s.n; i++) to[i] += (double)block[i];
        } else {
            double total = 0;
            for (size_t i = 0; i < s.n; i++) total += (double)block[i];
            *to += total;
        }
    }
    for (size_t i = 0; i < own_count; i++) t->to[i] = (float)sum[i];
}

static bool is_stretched(const um_call *c, int k)
{
    return um_shape_count(&c->in[k].shape) != um_shape_count(&c->out.shape);
}

static umcl_status binary_prepare(um_call *c, um_call_needs *needs)
{
    for (int k = 0; k < 2; k++) {
        size_t bytes = (size_t)um_shape_count(&c->in[k].shape) * sizeof(double);
        if (c->wants[k] && is_stretched(c, k) && bytes > needs->scratch_backward)
            needs->scratch_backward = bytes;
    }
    return UMCL_OK;
}

static umcl_status binary_backward(um_call *c)
{
    binary_args t = make_args(c);

    t.dy = um_f32(&c->dout);
    for (t.which = 0; t.which < 2; t.which++) {
        t.to = um_f32(&c->din[t.which]);
        if (!t.to) continue;
        if (is_stretched(c, t.which))
            gather_slopes(&t, c->scratch, (size_t)um_shape_count(&c->in[t.which].shape));
        else
            um_parallel_for((size_t)um_shape_count(&t.out), GRAIN, slopes_range, &t);
    }
    return UMCL_OK;
}

const um_kernel um_cpu_binary = {binary_prepare, binary_forward, binary_backward, NULL};
