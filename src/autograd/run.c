/* Compiling and running a recorded graph. */
#include <stdlib.h>
#include <time.h>

#include "autograd/graph_internal.h"
#include "base/rng.h"

/* Only nodes on which an output depends have a gradient. */
static void prune_gradients(um_graph *g)
{
    for (size_t i = g->count; i-- > 0;) {
        um_node *n = g->nodes[i];
        n->reached = n->reached || n->output;
        if (g->mode != UM_TRAIN || !n->reached) n->wants_grad = false;
        for (int k = 0; n->wants_grad && k < n->call.n_in; k++) n->in[k]->reached = true;
    }
}

/* Whether all inputs but the first stay the same until a parameter changes. */
static bool has_fixed_weights(const um_graph *g, const um_node *n)
{
    if (g->mode != UM_INFER) return false;
    for (int k = 1; k < n->call.n_in; k++)
        if (!n->in[k]->is_static) return false;
    return true;
}

/* The first writer of a gradient in backward order overwrites it, later ones add. */
static umcl_status mark_additions(um_graph *g)
{
    bool *written;

    UM_TRY(um_calloc(&written, g->count, sizeof *written));
    for (size_t i = 0; i < g->count; i++)
        written[i] = g->nodes[i]->output || g->nodes[i]->kind == UM_NODE_PARAM;
    for (size_t i = g->count; i-- > 0;) {
        um_node *n = g->nodes[i];
        if (n->kind != UM_NODE_OP || !n->wants_grad) continue;
        for (int k = 0; k < n->call.n_in; k++) {
            n->call.wants[k] = n->in[k]->wants_grad;
            if (!n->in[k]->wants_grad) continue;
            n->adds[k] = written[n->in[k]->index];
            written[n->in[k]->index] = true;
        }
    }
    free(written);
    return UMCL_OK;
}

static umcl_status prepare(um_graph *g, um_node *n)
{
    const um_kernel *kernel = g->backend->kernels[n->call.op];

    if (!kernel || !kernel->forward || (n->wants_grad && !kernel->backward))
        return um_fail(UMCL_ERR_UNSUPPORTED, "%s: the %s backend has no %s of this operator",
                       n->name, g->backend->name, n->wants_grad ? "gradient" : "kernel");
    n->call.training = g->mode == UM_TRAIN;
    n->fixed_weights = has_fixed_weights(g, n);
    if (kernel->prepare) {
        umcl_status st = kernel->prepare(&n->call, &n->needs);
        n->prepared = true;
        if (st != UMCL_OK) return um_fail_in(st, n->name);
    }
    return UMCL_OK;
}

static void *in_block(const um_graph *g, const um_span *s)
{
    return s->bytes ? (char *)g->block + s->offset : NULL;
}

static umcl_status bind(um_graph *g, um_node *n)
{
    if (n->kind != UM_NODE_PARAM) {
        n->value.data = in_block(g, &n->value_span);
        n->grad = (um_tensor){UM_F32, n->value.shape, in_block(g, &n->grad_span)};
    }
    if (n->kind == UM_NODE_CONSTANT)
        return g->backend->upload(n->value.data, n->host, um_tensor_bytes(&n->value));
    if (n->kind != UM_NODE_OP) return UMCL_OK;
    n->call.out = n->value;
    n->call.dout = n->grad;
    n->call.saved = in_block(g, &n->saved_span);
    size_t at = 0;
    for (int k = 0; k < n->call.n_in; k++) {
        const um_node *x = n->in[k];
        n->call.in[k] = x->value;
        n->call.din[k] = (um_tensor){UM_F32, x->value.shape, NULL};
        if (!x->wants_grad || !n->wants_grad) continue;
        if (n->adds[k]) {
            n->call.din[k].data = (char *)in_block(g, &n->add_span) + at;
            at += (um_tensor_bytes(&x->value) + UM_ALIGN - 1) / UM_ALIGN * UM_ALIGN;
        } else {
            n->call.din[k].data = x->grad.data;
        }
    }
    return UMCL_OK;
}

umcl_status um_graph_compile(um_graph *g)
{
    UM_TRY(um_graph_status(g));
    prune_gradients(g);
    UM_TRY(mark_additions(g));
    for (size_t i = 0; i < g->count; i++)
        if (g->nodes[i]->kind == UM_NODE_OP) UM_TRY(prepare(g, g->nodes[i]));
    UM_TRY(um_plan(g));
    UM_TRY(g->backend->alloc(&g->block, g->block_bytes));
    for (size_t i = 0; i < g->count; i++) UM_TRY(bind(g, g->nodes[i]));
    g->compiled = true;
    return UMCL_OK;
}

void um_graph_seed(um_graph *g, uint64_t seed)
{
    g->seed = seed;
    g->step = 0;
}

static uint64_t parameter_epoch(const um_graph *g)
{
    uint64_t sum = 1; /* 0 is what a kernel has seen before the first run */

    for (size_t i = 0; i < g->count; i++)
        if (g->nodes[i]->param) sum += g->nodes[i]->param->version;
    return sum;
}

static double now_ms(const um_graph *g)
{
    struct timespec t;

    if (!g->profile) return 0;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

umcl_status um_graph_forward(um_graph *g)
{
    uint64_t epoch;
    bool keep_static;

    if (!g->compiled) return um_fail(UMCL_ERR_INTERNAL, "graph: forward before compile");
    epoch = parameter_epoch(g);
    keep_static = g->mode == UM_INFER && g->static_ready && epoch == g->epoch;
    g->epoch = epoch;
    g->step++;
    g->runs++;
    for (size_t i = 0; i < g->count; i++) {
        um_node *n = g->nodes[i];
        double start = now_ms(g);
        if (n->output && n->grad.data && n->kind != UM_NODE_PARAM)
            UM_TRY(g->backend->zero(n->grad.data, um_tensor_bytes(&n->grad)));
        if (n->kind != UM_NODE_OP || (keep_static && n->is_static)) continue;
        n->call.seed = um_rng_at(g->seed ^ um_rng_at(g->step, 0), i);
        n->call.epoch = n->fixed_weights ? epoch : ~g->runs;
        n->call.scratch = in_block(g, &n->scratch_forward);
        umcl_status st = g->backend->kernels[n->call.op]->forward(&n->call);
        if (st != UMCL_OK) return um_fail_in(st, n->name);
        n->forward_ms = now_ms(g) - start;
    }
    g->static_ready = true;
    g->ran = true;
    return UMCL_OK;
}

static umcl_status run_backward(um_graph *g, um_node *n)
{
    umcl_status st;

    n->call.scratch = in_block(g, &n->scratch_backward);
    st = g->backend->kernels[n->call.op]->backward(&n->call);
    if (st != UMCL_OK) return um_fail_in(st, n->name);
    for (int k = 0; k < n->call.n_in; k++)
        if (n->adds[k])
            UM_TRY(g->backend->add(n->in[k]->grad.data, n->call.din[k].data,
                                   (size_t)um_shape_count(&n->in[k]->value.shape)));
    return UMCL_OK;
}

umcl_status um_graph_backward(um_graph *g)
{
    if (g->mode != UM_TRAIN || !g->ran)
        return um_fail(UMCL_ERR_INTERNAL, "graph: backward needs a training graph and a forward");
    for (size_t i = g->count; i-- > 0;) {
        um_node *n = g->nodes[i];
        double start = now_ms(g);
        if (n->kind != UM_NODE_OP || !n->wants_grad) continue;
        UM_TRY(run_backward(g, n));
        n->backward_ms = now_ms(g) - start;
    }
    g->ran = false;
    return UMCL_OK;
}

static umcl_status need_data(const um_node *n, const void *data)
{
    if (n && data) return UMCL_OK;
    return um_fail(UMCL_ERR_INTERNAL, "%s: has no such data in this graph", n ? n->name : "node");
}

umcl_status um_write(um_graph *g, um_node *node, const void *host)
{
    UM_TRY(need_data(node, node ? node->value.data : NULL));
    return g->backend->upload(node->value.data, host, um_tensor_bytes(&node->value));
}

umcl_status um_read(um_graph *g, const um_node *node, void *host)
{
    UM_TRY(need_data(node, node ? node->value.data : NULL));
    return g->backend->download(host, node->value.data, um_tensor_bytes(&node->value));
}

umcl_status um_write_grad(um_graph *g, um_node *node, const float *host)
{
    UM_TRY(need_data(node, node ? node->grad.data : NULL));
    return g->backend->upload(node->grad.data, host, um_tensor_bytes(&node->grad));
}

umcl_status um_read_grad(um_graph *g, const um_node *node, float *host)
{
    UM_TRY(need_data(node, node ? node->grad.data : NULL));
    return g->backend->download(host, node->grad.data, um_tensor_bytes(&node->grad));
}

void *um_data(const um_node *node)
{
    return node ? node->value.data : NULL;
}
