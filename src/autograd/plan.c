/*
 * Where every buffer lies. Time runs over 2n steps: forward of node i is step i, its backward is
 * step 2n - 1 - i. A buffer is alive from its first to its last step; buffers whose lives overlap
 * get separate places. Largest first, each at the lowest free offset: simple, and close to the peak
 * of the live sum in practice.
 */
#include <stdlib.h>

#include "autograd/graph_internal.h"

typedef struct planner {
    um_span **spans;
    size_t count, cap;
    umcl_status st;
} planner;

static void add_span(planner *p, um_span *s, size_t bytes, int first, int last)
{
    *s = (um_span){(bytes + UM_ALIGN - 1) / UM_ALIGN * UM_ALIGN, 0, first, last};
    if (!bytes || p->st != UMCL_OK) return;
    if (p->count == p->cap) {
        size_t cap = p->cap ? 2 * p->cap : 256;
        p->st = um_realloc(&p->spans, cap, sizeof *p->spans);
        if (p->st != UMCL_OK) return;
        p->cap = cap;
    }
    p->spans[p->count++] = s;
}

static int backward_step(const um_graph *g, const um_node *n)
{
    return 2 * (int)g->count - 1 - n->index;
}

/* Last step at which the value of `n` is read. */
static int value_end(const um_graph *g, const um_node *n, const int *last_forward,
                     const int *last_backward)
{
    int end = last_forward[n->index];

    if (last_backward[n->index] > end) end = last_backward[n->index];
    if (n->wants_grad && n->kind == UM_NODE_OP &&
        (um_op_get_info(n->call.op)->reads & UM_READS_OUT))
        end = backward_step(g, n) > end ? backward_step(g, n) : end;
    return end;
}

static umcl_status last_uses(const um_graph *g, int *last_forward, int *last_backward)
{
    for (size_t i = 0; i < g->count; i++) last_forward[i] = last_backward[i] = (int)i;
    for (size_t i = 0; i < g->count; i++) {
        const um_node *n = g->nodes[i];
        if (n->kind != UM_NODE_OP) continue;
        for (int k = 0; k < n->call.n_in; k++) {
            int j = n->in[k]->index, back = backward_step(g, n);
            last_forward[j] = (int)i;
            if (n->wants_grad && (um_op_get_info(n->call.op)->reads & UM_READS_IN) &&
                back > last_backward[j])
                last_backward[j] = back;
        }
    }
    return UMCL_OK;
}

static void collect(um_graph *g, planner *p, const int *last_forward, const int *last_backward)
{
    int end = 2 * (int)g->count;

    for (size_t i = 0; i < g->count; i++) {
        um_node *n = g->nodes[i];
        int fwd = (int)i, back = backward_step(g, n);
        bool pinned = n->output || n->kind != UM_NODE_OP || (n->is_static && g->mode == UM_INFER);
        if (n->kind != UM_NODE_PARAM)
            add_span(p, &n->value_span, um_tensor_bytes(&n->value), pinned ? 0 : fwd,
                     pinned ? end : value_end(g, n, last_forward, last_backward));
        if (n->wants_grad && n->kind != UM_NODE_PARAM) {
            /* Written first by the backward of the last consumer. */
            bool pin = n->output || n->kind == UM_NODE_INPUT;
            int first = 2 * (int)g->count - 1 - last_forward[i];
            add_span(p, &n->grad_span, um_tensor_bytes(&n->value), pin ? 0 : first,
                     pin ? end : back);
        }
        if (n->kind != UM_NODE_OP) continue;
        add_span(p, &n->saved_span, n->needs.saved, fwd, n->wants_grad ? back : fwd);
        add_span(p, &n->scratch_forward, n->needs.scratch_forward, fwd, fwd);
        if (!n->wants_grad) continue;
        add_span(p, &n->scratch_backward, n->needs.scratch_backward, back, back);
        size_t extra = 0;
        for (int k = 0; k < n->call.n_in; k++)
            if (n->adds[k])
                extra += (um_tensor_bytes(&n->in[k]->value) + UM_ALIGN - 1) / UM_ALIGN * UM_ALIGN;
        add_span(p, &n->add_span, extra, back, back);
    }
}

static int larger_first(const void *a, const void *b)
{
    const um_span *x = *(um_span *const *)a, *y = *(um_span *const *)b;

    if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
    return x->first != y->first ? (x->first > y->first) - (x->first < y->first)
                                : (x->last > y->last) - (x->last < y->last);
}

static int lower_first(const void *a, const void *b)
{
    const um_span *x = *(um_span *const *)a, *y = *(um_span *const *)b;

    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* `busy` holds the overlapping spans placed so far, by offset. */
static size_t first_gap(um_span **busy, size_t n, size_t bytes)
{
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        if (busy[i]->offset >= at + bytes) break;
        if (busy[i]->offset + busy[i]->bytes > at) at = busy[i]->offset + busy[i]->bytes;
    }
    return at;
}

static umcl_status place(um_graph *g, planner *p)
{
    um_span **busy;

    UM_TRY(um_calloc(&busy, p->count, sizeof *busy));
    if (p->count) qsort(p->spans, p->count, sizeof *p->spans, larger_first);
    g->block_bytes = 0;
    for (size_t i = 0; i < p->count; i++) {
        um_span *s = p->spans[i];
        size_t n = 0;
        for (size_t k = 0; k < i; k++)
            if (p->spans[k]->first <= s->last && s->first <= p->spans[k]->last)
                busy[n++] = p->spans[k];
        if (n) qsort(busy, n, sizeof *busy, lower_first);
        s->offset = first_gap(busy, n, s->bytes);
        if (s->offset + s->bytes > g->block_bytes) g->block_bytes = s->offset + s->bytes;
    }
    free(busy);
    return UMCL_OK;
}

umcl_status um_plan(um_graph *g)
{
    planner p = {.st = UMCL_OK};
    int *last_forward = NULL, *last_backward = NULL;
    umcl_status st;

    UM_CHECK(um_calloc(&last_forward, g->count, sizeof *last_forward));
    UM_CHECK(um_calloc(&last_backward, g->count, sizeof *last_backward));
    UM_CHECK(last_uses(g, last_forward, last_backward));
    collect(g, &p, last_forward, last_backward);
    UM_CHECK(p.st);
    UM_CHECK(place(g, &p));
done:
    free(p.spans);
    free(last_forward);
    free(last_backward);
    return st;
}
