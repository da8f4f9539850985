/*
 * Convolution, bias, ReLU and a 2 x 2 maximum in one pass over the clip: a few frames at a time,
 * so that what lies between convolution and maximum stays in the cache.
 */
#include <stdlib.h>

#include "backend/cpu/cpu.h"
#include "base/mem.h"
#include "base/parallel.h"

#define GROUP 2 /* frames: one per thread of a small machine */

typedef struct stem_state {
    um_call conv; /* of one group */
    int64_t groups, scratch;
} stem_state;

static void stem_release(void *state)
{
    stem_state *s = state;

    if (!s) return;
    if (s->conv.state) um_cpu_conv.release(s->conv.state);
    free(s);
}

/* A kernel that spans frames needs the whole clip at once. */
static int64_t frames_at_once(const um_call *c)
{
    const um_shape *x = &c->in[0].shape;
    int64_t frames = x->dim[0] * x->dim[1];

    if (c->in[1].shape.dim[2] > 1) return x->dim[1];
    return frames % GROUP ? 1 : GROUP;
}

static umcl_status stem_prepare(um_call *c, um_call_needs *needs)
{
    const um_shape *x = &c->in[0].shape, *w = &c->in[1].shape;
    int64_t at_once = frames_at_once(c);
    um_call_needs inner = {0};
    stem_state *s;

    UM_TRY(um_calloc(&s, 1, sizeof *s));
    c->state = s;
    s->groups = x->dim[0] * x->dim[1] / at_once;
    s->conv = *c;
    s->conv.op = UM_OP_CONV;
    s->conv.state = NULL;
    s->conv.attr.conv = (um_conv_attr){
        {1, 1, 1}, {(int)w->dim[2] / 2, (int)w->dim[3] / 2, (int)w->dim[4] / 2}, 1, true};
    s->conv.in[0].shape = UM_SHAPE(1, at_once, x->dim[2], x->dim[3], x->dim[4]);
    s->conv.out.shape = UM_SHAPE(1, at_once, x->dim[2], x->dim[3], w->dim[0]);
    UM_TRY(um_cpu_conv.prepare(&s->conv, &inner));
    s->scratch = (int64_t)(um_tensor_bytes(&s->conv.out) + UM_ALIGN - 1) / UM_ALIGN * UM_ALIGN;
    needs->scratch_forward = (size_t)s->scratch + inner.scratch_forward;
    return UMCL_OK;
}

typedef struct halve_args {
    const float *from;
    float *to;
    size_t width, channels; /* of the input */
} halve_args;

/* One range element is a row of the result. */
static void halve_rows(void *ctx, size_t begin, size_t end)
{
    const halve_args *a = ctx;
    size_t n = a->channels, row = a->width * n;

    for (size_t r = begin; r < end; r++)
        for (size_t x = 0; x < a->width / 2; x++) {
            const float *restrict p = a->from + 2 * r * row + 2 * x * n;
            float *restrict y = a->to + r * row / 2 + x * n;
            for (size_t i = 0; i < n; i++) {
                float top = p[i] > p[n + i] ? p[i] : p[n + i];
                float low = p[row + i] > p[row + n + i] ? p[row + i] : p[row + n + i];
                y[i] = top > low ? top : low;
            }
        }
}

static umcl_status stem_forward(um_call *c)
{
    stem_state *s = c->state;
    um_call *conv = &s->conv;
    size_t in = (size_t)um_shape_count(&conv->in[0].shape);
    size_t out = (size_t)um_shape_count(&conv->out.shape) / 4;
    size_t rows = (size_t)(conv->out.shape.dim[1] * conv->out.shape.dim[2] / 2);

    conv->in[1] = c->in[1];
    conv->in[2] = c->in[2];
    conv->out.data = c->scratch;
    conv->scratch = (char *)c->scratch + s->scratch;
    conv->epoch = c->epoch;
    for (int64_t g = 0; g < s->groups; g++) {
        halve_args half = {c->scratch, um_f32(&c->out) + (size_t)g * out,
                           (size_t)conv->out.shape.dim[3], (size_t)conv->out.shape.dim[4]};
        conv->in[0].data = um_f32(&c->in[0]) + (size_t)g * in;
        UM_TRY(um_cpu_conv.forward(conv));
        um_parallel_for(rows, 8, halve_rows, &half);
    }
    return UMCL_OK;
}

const um_kernel um_cpu_stem = {stem_prepare, stem_forward, NULL, stem_release};
