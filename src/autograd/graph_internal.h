/*
 * The graph's own structures, shared by recording, planning and running.
 */
#ifndef UM_AUTOGRAD_GRAPH_INTERNAL_H
#define UM_AUTOGRAD_GRAPH_INTERNAL_H

#include "autograd/graph.h"
#include "base/mem.h"

typedef enum um_node_kind {
    UM_NODE_INPUT,
    UM_NODE_CONSTANT,
    UM_NODE_PARAM,
    UM_NODE_OP
} um_node_kind;

/* A stretch of the planned block, alive over steps [first, last] of the timeline (see plan.h). */
typedef struct um_span {
    size_t bytes, offset;
    int first, last;
} um_span;

struct um_node {
    um_node_kind kind;
    int index;        /* position in the recorded order */
    const char *name; /* scope and operator or input name, for messages */
    um_tensor value, grad;
    um_param *param;   /* UM_NODE_PARAM */
    const float *host; /* UM_NODE_CONSTANT, until compiled */
    bool output;       /* value and gradient stay for the caller */
    bool wants_grad;   /* a gradient flows through here */
    bool reached;      /* an output depends on it */
    bool is_static;    /* depends on parameters and constants alone */
    um_node *in[UM_MAX_INPUTS];
    um_call call; /* UM_NODE_OP */
    um_call_needs needs;
    bool prepared, fixed_weights;
    bool adds[UM_MAX_INPUTS]; /* backward: din[i] goes to scratch and is added */
    um_span value_span, grad_span, saved_span, scratch_forward, scratch_backward, add_span;
    double forward_ms, backward_ms;
};

struct um_graph {
    const um_backend *backend;
    um_mode mode;
    um_arena *arena; /* nodes, names, constants */
    um_node **nodes;
    size_t count, cap;
    const char *scope;
    umcl_status fault;
    char *fault_text;
    bool compiled, static_ready, ran, profile;
    uint64_t epoch;      /* sum of the parameters' versions at the last forward */
    uint64_t seed, step; /* of the random numbers */
    uint64_t runs;
    void *block;
    size_t block_bytes;
};

/** The operator's static properties. */
typedef struct um_op_info {
    const char *name;
    int min_in, max_in, reads;
    /* Sets out->shape and out->dtype, or returns UMCL_ERR_SHAPE / INVALID. */
    umcl_status (*shape)(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out);
} um_op_info;

const um_op_info *um_op_get_info(um_op op);

#define X(id, stem, lo, hi, reads)                                                                 \
    umcl_status um_shape_##stem(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out);
UM_OPS(X)
#undef X

/** Lays all buffers of the graph out; sets the spans' offsets and g->block_bytes. */
umcl_status um_plan(um_graph *g);

#endif
