/* Operators that treat each element alone: unary functions, scale and shift, PReLU. */
#include <math.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/rows.h"
#include "base/parallel.h"

typedef struct unary_args {
    um_unary kind;
    float scale, shift;
    const float *x, *y, *dy;
    float *out;
    const um_row_fns *rows;
} unary_args;

/* One loop per function, so that each can be vectorised. */
#define EACH(expr)                                                                                 \
    for (size_t i = begin; i < end; i++) {                                                         \
        const float v = x[i];                                                                      \
        out[i] = (expr);                                                                           \
    }                                                                                              \
    break

static void unary_range(void *ctx, size_t begin, size_t end)
{
    const unary_args *a = ctx;
    const float *restrict x = a->x;
    float *restrict out = a->out;

    switch (a->kind) {
    case UM_RELU: EACH(v > 0 ? v : 0);
    case UM_ELU: a->rows->elu(out + begin, x + begin, end - begin); break;
    case UM_QUICK_GELU: a->rows->quick_gelu(out + begin, x + begin, end - begin); break;
    case UM_SIGMOID: a->rows->sigmoid(out + begin, x + begin, end - begin); break;
    case UM_TANH: a->rows->tanh(out + begin, x + begin, end - begin); break;
    case UM_EXP: EACH(expf(v));
    case UM_LOG: EACH(logf(v));
    case UM_SQRT: EACH(sqrtf(v));
    case UM_SQUARE: EACH(v * v);
    case UM_ABS: EACH(fabsf(v));
    case UM_SIN: EACH(sinf(v));
    case UM_COS: EACH(cosf(v));
    }
}

/* x: input, y: output of the function, dy: gradient of the output. */
#define EACH_SLOPE(expr)                                                                           \
    for (size_t i = begin; i < end; i++) {                                                         \
        const float v = x[i], w = y[i];                                                            \
        (void)v;                                                                                   \
        (void)w;                                                                                   \
        out[i] = dy[i] * (expr);                                                                   \
    }                                                                                              \
    break

static void unary_grad_range(void *ctx, size_t begin, size_t end)
{
    const unary_args *a = ctx;
    const float *restrict x = a->x;
    const float *restrict y = a->y;
    const float *restrict dy = a->dy;
    float *restrict out = a->out;

    switch (a->kind) {
    case UM_RELU: EACH_SLOPE(v > 0 ? 1.0f : 0.0f);
    case UM_ELU: EACH_SLOPE(v > 0 ? 1.0f : w + 1);
    case UM_QUICK_GELU:
        a->rows->quick_gelu_grad(out + begin, x + begin, dy + begin, end - begin);
        break;
    case UM_SIGMOID: EACH_SLOPE(w * (1 - w));
    case UM_TANH: EACH_SLOPE(1 - w * w);
    case UM_EXP: EACH_SLOPE(w);
    case UM_LOG: EACH_SLOPE(1 / v);
    /* The slope at 0 is infinite; a gradient of 0 keeps constant signals harmless. */
    case UM_SQRT: EACH_SLOPE(w > 0 ? 0.5f / w : 0.0f);
    case UM_SQUARE: EACH_SLOPE(2 * v);
    case UM_ABS: EACH_SLOPE((float)((v > 0) - (v < 0)));
    case UM_SIN: EACH_SLOPE(cosf(v));
    case UM_COS: EACH_SLOPE(-sinf(v));
    }
}

/* Functions that call libm cost tens of cycles an element, the others a few. */
static size_t unary_grain(um_unary kind)
{
    switch (kind) {
    case UM_EXP:
    case UM_LOG:
    case UM_SIN:
    case UM_COS: return 1 << 12;
    default: return 1 << 16;
    }
}

static umcl_status unary_forward(um_call *c)
{
    unary_args a = {.kind = c->attr.unary,
                    .x = um_f32(&c->in[0]),
                    .out = um_f32(&c->out),
                    .rows = um_cpu_rows()};

    um_parallel_for((size_t)um_shape_count(&c->out.shape), unary_grain(a.kind), unary_range, &a);
    return UMCL_OK;
}

static umcl_status unary_backward(um_call *c)
{
    unary_args a = {.kind = c->attr.unary,
                    .x = um_f32(&c->in[0]),
                    .y = um_f32(&c->out),
                    .dy = um_f32(&c->dout),
                    .out = um_f32(&c->din[0]),
                    .rows = um_cpu_rows()};

    um_parallel_for((size_t)um_shape_count(&c->out.shape), unary_grain(a.kind), unary_grad_range,
                    &a);
    return UMCL_OK;
}

static void affine_range(void *ctx, size_t begin, size_t end)
{
    const unary_args *a = ctx;
    const float *restrict x = a->x;
    float *restrict out = a->out;

    for (size_t i = begin; i < end; i++) out[i] = a->scale * x[i] + a->shift;
}

static umcl_status affine_forward(um_call *c)
{
    unary_args a = {.scale = c->attr.affine.scale,
                    .shift = c->attr.affine.shift,
                    .x = um_f32(&c->in[0]),
                    .out = um_f32(&c->out)};

    um_parallel_for((size_t)um_shape_count(&c->out.shape), 1 << 16, affine_range, &a);
    return UMCL_OK;
}

static umcl_status affine_backward(um_call *c)
{
    unary_args a = {
        .scale = c->attr.affine.scale, .x = um_f32(&c->dout), .out = um_f32(&c->din[0])};

    um_parallel_for((size_t)um_shape_count(&c->out.shape), 1 << 16, affine_range, &a);
    return UMCL_OK;
}

typedef struct prelu_args {
    const float *x, *slope, *dy;
    float *out;
    size_t channels;
} prelu_args;

static void prelu_range(void *ctx, size_t begin, size_t end)
{
    const prelu_args *a = ctx;
    size_t at = begin * a->channels;

    um_cpu_rows()->prelu(a->out + at, a->x + at, a->slope, end - begin, a->channels);
}

static void prelu_grad_range(void *ctx, size_t begin, size_t end)
{
    const prelu_args *a = ctx;

    for (size_t r = begin; r < end; r++) {
        const float *restrict x = a->x + r * a->channels;
        const float *restrict dy = a->dy + r * a->channels;
        float *restrict out = a->out + r * a->channels;
        for (size_t i = 0; i < a->channels; i++) out[i] = x[i] > 0 ? dy[i] : a->slope[i] * dy[i];
    }
}

static umcl_status prelu_forward(um_call *c)
{
    prelu_args a = {um_f32(&c->in[0]), um_f32(&c->in[1]), NULL, um_f32(&c->out),
                    (size_t)um_shape_last(&c->out.shape)};

    um_parallel_for((size_t)um_shape_rows(&c->out.shape), 1 + (1 << 15) / a.channels, prelu_range,
                    &a);
    return UMCL_OK;
}

static umcl_status prelu_backward(um_call *c)
{
    prelu_args a = {um_f32(&c->in[0]), um_f32(&c->in[1]), um_f32(&c->dout), um_f32(&c->din[0]),
                    (size_t)um_shape_last(&c->out.shape)};
    size_t rows = (size_t)um_shape_rows(&c->out.shape);
    float *dslope = um_f32(&c->din[1]);

    if (a.out) um_parallel_for(rows, 1 + (1 << 15) / a.channels, prelu_grad_range, &a);
    if (!dslope) return UMCL_OK;
    for (size_t i = 0; i < a.channels; i++) dslope[i] = 0;
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < a.channels; i++) {
            size_t k = r * a.channels + i;
            dslope[i] += a.x[k] > 0 ? 0 : a.x[k] * a.dy[k];
        }
    return UMCL_OK;
}

const um_kernel um_cpu_unary = {NULL, unary_forward, unary_backward, NULL};
const um_kernel um_cpu_affine = {NULL, affine_forward, affine_backward, NULL};
const um_kernel um_cpu_prelu = {NULL, prelu_forward, prelu_backward, NULL};
