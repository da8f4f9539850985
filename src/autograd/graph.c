/* Recording: nodes, names, the first fault. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/graph_internal.h"

umcl_status um_graph_new(um_graph **out, const um_backend *backend, um_mode mode)
{
    um_graph *g = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&g, 1, sizeof *g));
    g->backend = backend;
    g->mode = mode;
    UM_CHECK(um_arena_new(&g->arena));
    *out = g;
    g = NULL;
done:
    um_graph_free(g);
    return st;
}

void um_graph_free(um_graph *g)
{
    if (!g) return;
    for (size_t i = 0; i < g->count; i++) {
        um_node *n = g->nodes[i];
        if (n->prepared && n->call.state) g->backend->kernels[n->call.op]->release(n->call.state);
    }
    if (g->block) g->backend->free(g->block);
    um_arena_free(g->arena);
    free(g->nodes);
    free(g);
}

um_mode um_graph_mode(const um_graph *g)
{
    return g->mode;
}

static um_node *out_of_memory(um_graph *g)
{
    return um_graph_fault(g, UMCL_ERR_NOMEM, "out of memory while recording");
}

void um_graph_scope(um_graph *g, const char *scope)
{
    g->scope = NULL;
    if (!scope) return;
    g->scope = um_arena_strdup(g->arena, scope);
    if (!g->scope) out_of_memory(g);
}

umcl_status um_graph_status(const um_graph *g)
{
    if (g->fault == UMCL_OK) return UMCL_OK;
    return um_fail(g->fault, "%s", g->fault_text ? g->fault_text : "out of memory");
}

um_node *um_graph_fault(um_graph *g, umcl_status code, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    if (g->fault != UMCL_OK) return NULL;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    g->fault = code;
    if (g->scope) {
        um_fail(code, "%s: %s", g->scope, text);
        g->fault_text = um_arena_strdup(g->arena, umcl_last_error());
    } else {
        g->fault_text = um_arena_strdup(g->arena, text);
    }
    return NULL;
}

static const char *node_name(um_graph *g, const char *name)
{
    char text[256];

    if (!g->scope) return um_arena_strdup(g->arena, name);
    snprintf(text, sizeof text, "%s.%s", g->scope, name);
    return um_arena_strdup(g->arena, text);
}

static um_node *add_node(um_graph *g, um_node_kind kind, const char *name)
{
    um_node *n;

    if (g->fault != UMCL_OK) return NULL;
    if (g->compiled)
        return um_graph_fault(g, UMCL_ERR_INTERNAL, "graph: recording after it was compiled");
    if (g->count == g->cap) {
        size_t cap = g->cap ? 2 * g->cap : 128;
        if (um_realloc(&g->nodes, cap, sizeof *g->nodes) != UMCL_OK) return out_of_memory(g);
        g->cap = cap;
    }
    n = um_arena_alloc(g->arena, sizeof *n);
    if (!n || !(n->name = node_name(g, name))) return out_of_memory(g);
    n->kind = kind;
    n->index = (int)g->count;
    n->is_static = kind == UM_NODE_CONSTANT || kind == UM_NODE_PARAM;
    g->nodes[g->count++] = n;
    return n;
}

static bool valid_shape(um_graph *g, const char *name, const um_shape *s)
{
    char text[UM_SHAPE_TEXT];

    for (int i = 0; i < s->rank; i++)
        if (s->dim[i] < 1) {
            um_graph_fault(g, UMCL_ERR_SHAPE, "%s: every dimension must be at least 1, found %s",
                           name, um_shape_text(text, s));
            return false;
        }
    return true;
}

um_node *um_input(um_graph *g, const char *name, um_dtype dtype, um_shape shape)
{
    um_node *n = valid_shape(g, name, &shape) ? add_node(g, UM_NODE_INPUT, name) : NULL;

    if (n) n->value = (um_tensor){dtype, shape, NULL};
    return n;
}

um_node *um_constant(um_graph *g, um_shape shape, const float *host)
{
    um_node *n =
        valid_shape(g, "constant", &shape) ? add_node(g, UM_NODE_CONSTANT, "constant") : NULL;
    size_t bytes;
    float *copy;

    if (!n) return NULL;
    n->value = (um_tensor){UM_F32, shape, NULL};
    bytes = um_tensor_bytes(&n->value);
    copy = um_arena_alloc(g->arena, bytes);
    if (!copy) return out_of_memory(g);
    memcpy(copy, host, bytes);
    n->host = copy;
    return n;
}

um_node *um_use(um_graph *g, um_param *p)
{
    um_node *n;

    for (size_t i = 0; i < g->count; i++)
        if (g->nodes[i]->param == p) return g->nodes[i];
    n = add_node(g, UM_NODE_PARAM, p->name);
    if (!n) return NULL;
    n->param = p;
    n->value = p->value;
    if (g->mode == UM_TRAIN && um_param_need_grad(g->backend, p) != UMCL_OK)
        return out_of_memory(g);
    n->grad = p->grad;
    n->wants_grad = g->mode == UM_TRAIN && p->trainable;
    return n;
}

void um_want_grad(um_graph *g, um_node *input)
{
    if (input && g->mode == UM_TRAIN) input->wants_grad = true;
}

void um_output(um_graph *g, um_node *node)
{
    (void)g;
    if (node) node->output = true;
}

static bool check_inputs(um_graph *g, const um_op_info *info, int n_in, um_node *const *in)
{
    for (int i = 0; i < n_in && i < UM_MAX_INPUTS; i++)
        if (!in[i]) {
            um_graph_fault(g, UMCL_ERR_INTERNAL, "%s: input %d is missing", info->name, i);
            return false;
        }
    if (n_in >= info->min_in && n_in <= info->max_in) return true;
    um_graph_fault(g, UMCL_ERR_INTERNAL, "%s: expected %d to %d inputs, got %d", info->name,
                   info->min_in, info->max_in, n_in);
    return false;
}

um_node *um_record(um_graph *g, um_op op, const um_attr *attr, int n_in, um_node *const *in)
{
    const um_op_info *info = um_op_get_info(op);
    um_node *n;

    if (g->fault != UMCL_OK || !check_inputs(g, info, n_in, in)) return NULL;
    n = add_node(g, UM_NODE_OP, info->name);
    if (!n) return NULL;
    n->is_static = true;
    n->call.op = op;
    n->call.n_in = n_in;
    if (attr) n->call.attr = *attr;
    for (int i = 0; i < n_in; i++) {
        n->in[i] = in[i];
        n->call.in[i] = in[i]->value;
        n->wants_grad = n->wants_grad || in[i]->wants_grad;
        n->is_static = n->is_static && in[i]->is_static;
    }
    if (info->shape(&n->call.attr, n_in, n->call.in, &n->value) != UMCL_OK)
        return um_graph_fault(g, UMCL_ERR_SHAPE, "%s", umcl_last_error());
    n->call.out = n->value;
    return n;
}

const um_shape *um_node_shape(const um_node *node)
{
    static const um_shape none;

    return node ? &node->value.shape : &none;
}

size_t um_graph_memory(const um_graph *g)
{
    return g->block_bytes;
}

void um_graph_profile(um_graph *g, bool on)
{
    g->profile = on;
}

size_t um_graph_op_count(const um_graph *g)
{
    return g->count;
}

const char *um_graph_op_name(const um_graph *g, size_t i, double *forward_ms, double *backward_ms)
{
    *forward_ms = g->nodes[i]->forward_ms;
    *backward_ms = g->nodes[i]->backward_ms;
    return g->nodes[i]->name;
}
