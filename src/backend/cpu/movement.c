/* Operators that move data without computing: reshape, transpose, slice, concat, upsample. */
#include <string.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/strides.h"
#include "base/parallel.h"

static umcl_status reshape_forward(um_call *c)
{
    memcpy(c->out.data, c->in[0].data, um_tensor_bytes(&c->out));
    return UMCL_OK;
}

static umcl_status reshape_backward(um_call *c)
{
    memcpy(c->din[0].data, c->dout.data, um_tensor_bytes(&c->dout));
    return UMCL_OK;
}

/* Elements are four bytes wide in every type that can be moved. */
typedef struct permute_args {
    uint32_t *to;
    const uint32_t *from;
    um_shape shape;              /* of the side that is walked in order */
    int64_t stride[UM_MAX_RANK]; /* of the other side */
    bool gather;                 /* read with strides, write in order; else the reverse */
} permute_args;

static void permute_rows(void *ctx, size_t begin, size_t end)
{
    const permute_args *a = ctx;
    size_t n = (size_t)um_shape_last(&a->shape);
    int64_t step = a->stride[a->shape.rank - 1];

    for (size_t r = begin; r < end; r++) {
        int64_t at = um_row_offset(a->stride, &a->shape, (int64_t)r);
        if (a->gather)
            for (size_t i = 0; i < n; i++) a->to[r * n + i] = a->from[at + (int64_t)i * step];
        else
            for (size_t i = 0; i < n; i++) a->to[at + (int64_t)i * step] = a->from[r * n + i];
    }
}

static void permute(const um_call *c, void *to, const void *from, bool gather)
{
    permute_args a = {to, from, c->out.shape, {0}, gather};
    int64_t stride[UM_MAX_RANK];
    size_t n = (size_t)um_shape_last(&c->out.shape);

    um_strides(stride, &c->in[0].shape);
    for (int i = 0; i < a.shape.rank; i++) a.stride[i] = stride[c->attr.transpose.perm[i]];
    um_parallel_for((size_t)um_shape_rows(&a.shape), 1 + (1 << 15) / n, permute_rows, &a);
}

static umcl_status transpose_forward(um_call *c)
{
    permute(c, c->out.data, c->in[0].data, true);
    return UMCL_OK;
}

static umcl_status transpose_backward(um_call *c)
{
    permute(c, c->din[0].data, c->dout.data, false);
    return UMCL_OK;
}

/* A tensor around an axis: `outer` blocks of `bytes` each. */
static void around(const um_shape *s, int axis, size_t *outer, size_t *bytes)
{
    *outer = 1;
    *bytes = sizeof(uint32_t);
    for (int i = 0; i < axis; i++) *outer *= (size_t)s->dim[i];
    for (int i = axis; i < s->rank; i++) *bytes *= (size_t)s->dim[i];
}

static umcl_status slice_forward(um_call *c)
{
    size_t outer, in_bytes, out_bytes, skip;

    around(&c->in[0].shape, c->attr.slice.axis, &outer, &in_bytes);
    around(&c->out.shape, c->attr.slice.axis, &outer, &out_bytes);
    skip = out_bytes / (size_t)c->attr.slice.length * (size_t)c->attr.slice.start;
    for (size_t i = 0; i < outer; i++)
        memcpy((char *)c->out.data + i * out_bytes, (char *)c->in[0].data + i * in_bytes + skip,
               out_bytes);
    return UMCL_OK;
}

static umcl_status slice_backward(um_call *c)
{
    size_t outer, in_bytes, out_bytes, skip;

    around(&c->in[0].shape, c->attr.slice.axis, &outer, &in_bytes);
    around(&c->out.shape, c->attr.slice.axis, &outer, &out_bytes);
    skip = out_bytes / (size_t)c->attr.slice.length * (size_t)c->attr.slice.start;
    memset(c->din[0].data, 0, outer * in_bytes);
    for (size_t i = 0; i < outer; i++)
        memcpy((char *)c->din[0].data + i * in_bytes + skip, (char *)c->dout.data + i * out_bytes,
               out_bytes);
    return UMCL_OK;
}

static umcl_status concat_forward(um_call *c)
{
    size_t outer, out_bytes, at = 0;

    around(&c->out.shape, c->attr.concat.axis, &outer, &out_bytes);
    for (int k = 0; k < c->n_in; k++) {
        size_t bytes;
        around(&c->in[k].shape, c->attr.concat.axis, &outer, &bytes);
        for (size_t i = 0; i < outer; i++)
            memcpy((char *)c->out.data + i * out_bytes + at, (char *)c->in[k].data + i * bytes,
                   bytes);
        at += bytes;
    }
    return UMCL_OK;
}

static umcl_status concat_backward(um_call *c)
{
    size_t outer, out_bytes, at = 0;

    around(&c->out.shape, c->attr.concat.axis, &outer, &out_bytes);
    for (int k = 0; k < c->n_in; k++) {
        size_t bytes;
        around(&c->in[k].shape, c->attr.concat.axis, &outer, &bytes);
        for (size_t i = 0; c->din[k].data && i < outer; i++)
            memcpy((char *)c->din[k].data + i * bytes, (char *)c->dout.data + i * out_bytes + at,
                   bytes);
        at += bytes;
    }
    return UMCL_OK;
}

static umcl_status upsample_forward(um_call *c)
{
    size_t blocks, bytes, factor = (size_t)c->attr.upsample.factor;
    const char *from = c->in[0].data;
    char *to = c->out.data;

    /* Each element of the axis, with all behind it, is written `factor` times. */
    around(&c->in[0].shape, c->attr.upsample.axis, &blocks, &bytes);
    blocks *= (size_t)c->in[0].shape.dim[c->attr.upsample.axis];
    bytes /= (size_t)c->in[0].shape.dim[c->attr.upsample.axis];
    for (size_t i = 0; i < blocks; i++)
        for (size_t k = 0; k < factor; k++, to += bytes) memcpy(to, from + i * bytes, bytes);
    return UMCL_OK;
}

static umcl_status upsample_backward(um_call *c)
{
    size_t blocks, n, factor = (size_t)c->attr.upsample.factor;
    const float *from = um_f32(&c->dout);
    float *to = um_f32(&c->din[0]);

    around(&c->in[0].shape, c->attr.upsample.axis, &blocks, &n);
    blocks *= (size_t)c->in[0].shape.dim[c->attr.upsample.axis];
    n = n / (size_t)c->in[0].shape.dim[c->attr.upsample.axis] / sizeof(float);
    for (size_t i = 0; i < blocks; i++, to += n)
        for (size_t k = 0; k < factor; k++, from += n)
            for (size_t j = 0; j < n; j++) to[j] = (k ? to[j] : 0) + from[j];
    return UMCL_OK;
}

const um_kernel um_cpu_reshape = {NULL, reshape_forward, reshape_backward, NULL};
const um_kernel um_cpu_transpose = {NULL, transpose_forward, transpose_backward, NULL};
const um_kernel um_cpu_slice = {NULL, slice_forward, slice_backward, NULL};
const um_kernel um_cpu_concat = {NULL, concat_forward, concat_backward, NULL};
const um_kernel um_cpu_upsample = {NULL, upsample_forward, upsample_backward, NULL};
