/*
 * Convolution by oneDNN on channels-last activations. Weights come row-major and are re-laid into
 * the layout that oneDNN prefers whenever a parameter of the graph has changed.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/dnnl_compat.h"
#include "base/mem.h"

/* A weight layout that a primitive wants, filled by a reorder from row-major (or to it). */
typedef struct packed {
    um_dnnl_prim reorder;
    um_dnnl_mem plain, mem;
    void *data; /* NULL: the primitive takes row-major as it is */
    uint64_t epoch;
} packed;

typedef struct conv_state {
    um_dnnl_prim forward, data_grad, weight_grad;
    um_dnnl_mem src, dst, bias, dsrc, ddst, dbias;
    um_dnnl_mem scratch_forward, scratch_data, scratch_weights;
    packed pack_forward, pack_data, pack_grad;
    um_dnnl_md plain; /* row-major weights */
} conv_state;

/* The convolution as oneDNN is asked for it: with as few spatial dimensions as it has. */
typedef struct geometry {
    int rank; /* of activations: 2 + spatial */
    int64_t src[5], dst[5], weights[6], bias[1];
    int64_t stride[3], pad[3];
    int groups, n_spatial;
} geometry;

static bool trivial(const um_call *c, int axis)
{
    return c->in[1].shape.dim[2 + axis] == 1 && c->attr.conv.stride[axis] == 1 &&
           c->attr.conv.pad[axis] == 0;
}

static void spatial(geometry *g, const um_call *c, int axis, int64_t src, int64_t dst)
{
    int i = g->n_spatial++, w = g->groups > 1 ? 3 : 2;

    g->src[2 + i] = src;
    g->dst[2 + i] = dst;
    g->weights[w + i] = axis < 0 ? 1 : c->in[1].shape.dim[2 + axis];
    g->stride[i] = axis < 0 ? 1 : c->attr.conv.stride[axis];
    g->pad[i] = axis < 0 ? 0 : c->attr.conv.pad[axis];
}

/* A kernel of one frame is a picture convolution on B * T pictures; one that only mixes time is a
 * picture convolution over (time, place). */
static geometry describe(const um_call *c)
{
    const int64_t *x = c->in[0].shape.dim, *y = c->out.shape.dim, *w = c->in[1].shape.dim;
    geometry g = {.groups = c->attr.conv.groups};

    g.src[0] = g.dst[0] = x[0];
    g.src[1] = x[4];
    g.dst[1] = y[4];
    g.bias[0] = y[4];
    if (g.groups > 1) {
        g.weights[0] = g.groups;
        g.weights[1] = w[0] / g.groups;
        g.weights[2] = w[1];
    } else {
        g.weights[0] = w[0];
        g.weights[1] = w[1];
    }
    if (trivial(c, 0)) {
        g.src[0] = g.dst[0] = x[0] * x[1];
        spatial(&g, c, 1, x[2], y[2]);
        spatial(&g, c, 2, x[3], y[3]);
    } else if (trivial(c, 1) && trivial(c, 2)) {
        spatial(&g, c, 0, x[1], y[1]);
        spatial(&g, c, -1, x[2] * x[3], y[2] * y[3]);
    } else {
        for (int i = 0; i < 3; i++) spatial(&g, c, i, x[1 + i], y[1 + i]);
    }
    g.rank = 2 + g.n_spatial;
    return g;
}

/* Descriptors that live only while the primitives are made. */
typedef struct layouts {
    um_dnnl_md src, dst, bias, any, plain;
} layouts;

static void layouts_free(layouts *l)
{
    um_dnnl_md_free(l->src);
    um_dnnl_md_free(l->dst);
    um_dnnl_md_free(l->bias);
    um_dnnl_md_free(l->any);
}

static umcl_status make_layouts(layouts *l, const geometry *g, bool bias)
{
    dnnl_format_tag_t last = g->rank == 4 ? dnnl_nhwc : dnnl_ndhwc;
    int rank = g->rank + (g->groups > 1);
    static const dnnl_format_tag_t row_major[] = {dnnl_abcd, dnnl_abcde, dnnl_abcdef};

    UM_TRY(um_dnnl_md_new(&l->src, g->rank, g->src, last));
    UM_TRY(um_dnnl_md_new(&l->dst, g->rank, g->dst, last));
    if (bias) UM_TRY(um_dnnl_md_new(&l->bias, 1, g->bias, dnnl_a));
    UM_TRY(um_dnnl_md_new(&l->any, rank, g->weights, dnnl_format_tag_any));
    return um_dnnl_md_new(&l->plain, rank, g->weights, row_major[rank - 4]);
}

/* A gradient is re-laid from oneDNN's layout to row-major, weights the other way round. */
static umcl_status make_packed(packed *p, um_dnnl_md plain, um_dnnl_md wanted, bool gradient)
{
    UM_TRY(um_dnnl_mem_new(&p->plain, plain));
    if (um_dnnl_md_equal(plain, wanted)) return UMCL_OK;
    UM_TRY(um_dnnl_mem_new(&p->mem, wanted));
    UM_TRY(um_alloc_aligned(&p->data, um_dnnl_md_bytes(wanted)));
    return gradient ? um_dnnl_reorder(&p->reorder, wanted, plain)
                    : um_dnnl_reorder(&p->reorder, plain, wanted);
}

static void packed_free(packed *p)
{
    um_dnnl_prim_free(&p->reorder);
    um_dnnl_mem_free(p->plain);
    um_dnnl_mem_free(p->mem);
    free(p->data);
}

static void conv_release(void *state)
{
    conv_state *s = state;

    if (!s) return;
    um_dnnl_prim_free(&s->forward);
    um_dnnl_prim_free(&s->data_grad);
    um_dnnl_prim_free(&s->weight_grad);
    um_dnnl_mem mems[] = {s->src,
                          s->dst,
                          s->bias,
                          s->dsrc,
                          s->ddst,
                          s->dbias,
                          s->scratch_forward,
                          s->scratch_data,
                          s->scratch_weights};
    for (size_t i = 0; i < sizeof mems / sizeof mems[0]; i++) um_dnnl_mem_free(mems[i]);
    packed_free(&s->pack_forward);
    packed_free(&s->pack_data);
    packed_free(&s->pack_grad);
    um_dnnl_md_free(s->plain);
    free(s);
}

static umcl_status scratch_for(um_dnnl_mem *mem, const um_dnnl_prim *p, size_t *bytes)
{
    size_t n = um_dnnl_scratch_bytes(p);

    if (n > *bytes) *bytes = n;
    return um_dnnl_mem_new(mem, um_dnnl_wants(p, dnnl_query_scratchpad_md, 0));
}

static umcl_status prepare_forward(conv_state *s, const layouts *l, um_dnnl_conv *conv,
                                   um_call_needs *needs)
{
    UM_TRY(um_dnnl_conv_forward(&s->forward, conv));
    UM_TRY(um_dnnl_mem_new(&s->src, l->src));
    UM_TRY(um_dnnl_mem_new(&s->dst, l->dst));
    if (l->bias) UM_TRY(um_dnnl_mem_new(&s->bias, l->bias));
    UM_TRY(make_packed(&s->pack_forward, l->plain,
                       um_dnnl_wants(&s->forward, dnnl_query_weights_md, 0), false));
    return scratch_for(&s->scratch_forward, &s->forward, &needs->scratch_forward);
}

static umcl_status prepare_backward(conv_state *s, const layouts *l, um_dnnl_conv *conv,
                                    const um_call *c, um_call_needs *needs)
{
    conv->relu = false;
    UM_TRY(um_dnnl_mem_new(&s->ddst, l->dst));
    if (c->wants[0]) {
        UM_TRY(um_dnnl_conv_backward_data(&s->data_grad, conv, s->forward.desc));
        UM_TRY(um_dnnl_mem_new(&s->dsrc, l->src));
        UM_TRY(make_packed(&s->pack_data, l->plain,
                           um_dnnl_wants(&s->data_grad, dnnl_query_weights_md, 0), false));
        UM_TRY(scratch_for(&s->scratch_data, &s->data_grad, &needs->scratch_backward));
    }
    if (c->wants[1] || (c->n_in == 3 && c->wants[2])) {
        size_t weight_bytes = um_dnnl_md_bytes(l->plain), bytes = 0;
        UM_TRY(um_dnnl_conv_backward_weights(&s->weight_grad, conv, s->forward.desc));
        if (l->bias) UM_TRY(um_dnnl_mem_new(&s->dbias, l->bias));
        UM_TRY(make_packed(&s->pack_grad, l->plain,
                           um_dnnl_wants(&s->weight_grad, dnnl_query_diff_weights_md, 0), true));
        UM_TRY(scratch_for(&s->scratch_weights, &s->weight_grad, &bytes));
        /* Behind oneDNN's scratch: gradients that nobody asked for but that it writes. */
        bytes = (bytes + UM_ALIGN - 1) / UM_ALIGN * UM_ALIGN + weight_bytes +
                (size_t)c->out.shape.dim[4] * sizeof(float) + UM_ALIGN;
        if (bytes > needs->scratch_backward) needs->scratch_backward = bytes;
    }
    return UMCL_OK;
}

static umcl_status conv_prepare(um_call *c, um_call_needs *needs)
{
    geometry g = describe(c);
    layouts l = {0};
    conv_state *s;
    umcl_status st;

    UM_TRY(um_calloc(&s, 1, sizeof *s));
    c->state = s;
    st = make_layouts(&l, &g, c->n_in == 3);
    s->plain = l.plain;
    if (st != UMCL_OK) goto done;
    um_dnnl_conv conv = {.kind = c->training ? dnnl_forward_training : dnnl_forward_inference,
                         .src = l.src,
                         .weights = l.any,
                         .bias = l.bias,
                         .dst = l.dst,
                         .relu = c->attr.conv.relu};
    memcpy(conv.stride, g.stride, sizeof g.stride);
    memcpy(conv.pad, g.pad, sizeof g.pad);
    UM_CHECK(prepare_forward(s, &l, &conv, needs));
    if (c->wants[0] || c->wants[1] || c->wants[2])
        UM_CHECK(prepare_backward(s, &l, &conv, c, needs));
done:
    layouts_free(&l);
    return st;
}

/* The weights in the wanted layout: re-laid if a parameter has changed since. */
static umcl_status pack(packed *p, const um_call *c, um_dnnl_mem *mem, void **data)
{
    *mem = p->data ? p->mem : p->plain;
    *data = p->data ? p->data : c->in[1].data;
    if (!p->data || p->epoch == c->epoch) return UMCL_OK;
    const um_dnnl_arg args[] = {{DNNL_ARG_FROM, p->plain, c->in[1].data},
                                {DNNL_ARG_TO, p->mem, p->data}};
    UM_TRY(um_dnnl_run(&p->reorder, "convolution weights", args, 2));
    p->epoch = c->epoch;
    return UMCL_OK;
}

static umcl_status conv_forward(um_call *c)
{
    conv_state *s = c->state;
    um_dnnl_mem weights;
    void *data;

    UM_TRY(pack(&s->pack_forward, c, &weights, &data));
    const um_dnnl_arg args[] = {{DNNL_ARG_SRC, s->src, c->in[0].data},
                                {DNNL_ARG_WEIGHTS, weights, data},
                                {DNNL_ARG_DST, s->dst, c->out.data},
                                {DNNL_ARG_SCRATCHPAD, s->scratch_forward, c->scratch},
                                {DNNL_ARG_BIAS, s->bias, c->n_in == 3 ? c->in[2].data : NULL}};
    return um_dnnl_run(&s->forward, "convolution", args, c->n_in == 3 ? 5 : 4);
}

static umcl_status weight_gradient(um_call *c)
{
    conv_state *s = c->state;
    packed *p = &s->pack_grad;
    char *spare = (char *)c->scratch +
                  (um_dnnl_scratch_bytes(&s->weight_grad) + UM_ALIGN - 1) / UM_ALIGN * UM_ALIGN;
    void *dw = c->din[1].data ? c->din[1].data : spare;
    void *db = spare + um_dnnl_md_bytes(s->plain);

    if (c->n_in == 3 && c->din[2].data) db = c->din[2].data;
    const um_dnnl_arg args[] = {
        {DNNL_ARG_SRC, s->src, c->in[0].data},
        {DNNL_ARG_DIFF_DST, s->ddst, c->dout.data},
        {DNNL_ARG_DIFF_WEIGHTS, p->data ? p->mem : p->plain, p->data ? p->data : dw},
        {DNNL_ARG_SCRATCHPAD, s->scratch_weights, c->scratch},
        {DNNL_ARG_DIFF_BIAS, s->dbias, db}};
    UM_TRY(
        um_dnnl_run(&s->weight_grad, "convolution, weight gradient", args, c->n_in == 3 ? 5 : 4));
    if (!p->data) return UMCL_OK;
    const um_dnnl_arg back[] = {{DNNL_ARG_FROM, p->mem, p->data}, {DNNL_ARG_TO, p->plain, dw}};
    return um_dnnl_run(&p->reorder, "convolution, weight gradient", back, 2);
}

static umcl_status conv_backward(um_call *c)
{
    conv_state *s = c->state;

    if (c->din[0].data) {
        um_dnnl_mem weights;
        void *data;
        UM_TRY(pack(&s->pack_data, c, &weights, &data));
        const um_dnnl_arg args[] = {{DNNL_ARG_DIFF_DST, s->ddst, c->dout.data},
                                    {DNNL_ARG_WEIGHTS, weights, data},
                                    {DNNL_ARG_DIFF_SRC, s->dsrc, c->din[0].data},
                                    {DNNL_ARG_SCRATCHPAD, s->scratch_data, c->scratch}};
        UM_TRY(um_dnnl_run(&s->data_grad, "convolution, input gradient", args, 4));
    }
    if (c->din[1].data || (c->n_in == 3 && c->din[2].data)) return weight_gradient(c);
    return UMCL_OK;
}

const um_kernel um_cpu_conv = {conv_prepare, conv_forward, conv_backward, conv_release};
