/*
 * A recorded graph with reverse-mode gradients.
 *
 * Record it once per shape (builders in autograd/ops.h), compile it, then run it as often as
 * wanted: compiling lays all values, gradients and workspaces out in one block of memory and lets
 * every kernel prepare, so that a step allocates nothing. A failed builder makes later ones no-ops
 * and the first fault is kept: check um_graph_compile alone.
 *
 *     um_graph_new(&g, um_backend_cpu(), UM_TRAIN);
 *     x = um_input(g, "x", UM_F32, UM_SHAPE(8, 136));
 *     y = um_linear(g, x, um_use(g, w), um_use(g, b));
 *     um_output(g, y);
 *     um_graph_compile(g);
 *     um_write(x, host); um_graph_forward(g); um_read(y, host);
 *     um_write_grad(y, host); um_graph_backward(g);          (adds to w->grad, b->grad)
 */
#ifndef UM_AUTOGRAD_GRAPH_H
#define UM_AUTOGRAD_GRAPH_H

#include "autograd/param.h"
#include "backend/backend.h"

typedef struct um_graph um_graph;
typedef struct um_node um_node;

/* UM_INFER: no gradients, memory reused; values that depend on parameters alone (folded weights)
 * are computed once and again only when a parameter changes. UM_TRAIN: gradients; dropout and
 * batch statistics follow each operator's attributes. */
typedef enum um_mode { UM_INFER, UM_TRAIN } um_mode;

umcl_status um_graph_new(um_graph **out, const um_backend *backend, um_mode mode);
void um_graph_free(um_graph *g);
um_mode um_graph_mode(const um_graph *g);

/** Prefix for the names in messages ("physformer.stem0"); NULL: none. Copied. */
void um_graph_scope(um_graph *g, const char *scope);

/** The first fault while recording, or UMCL_OK. Its sentence is umcl_last_error(). */
umcl_status um_graph_status(const um_graph *g);

/** Keeps the first fault; builders and layers call it. Returns NULL for `return
 * um_graph_fault(..)`. */
um_node *um_graph_fault(um_graph *g, umcl_status code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** A tensor that the caller fills before each forward. */
um_node *um_input(um_graph *g, const char *name, um_dtype dtype, um_shape shape);

/** An input that stays as given; `host` is copied. */
um_node *um_constant(um_graph *g, um_shape shape, const float *host);

/** A parameter as a node; the same parameter gives the same node. `p` must outlive the graph. */
um_node *um_use(um_graph *g, um_param *p);

/** Asks for the gradient of an input. */
void um_want_grad(um_graph *g, um_node *input);

/** Marks a value that the caller reads after forward, and whose gradient it may seed. */
void um_output(um_graph *g, um_node *node);

/** Records an operator; the builders of autograd/ops.h call this. */
um_node *um_record(um_graph *g, um_op op, const um_attr *attr, int n_in, um_node *const *in);

const um_shape *um_node_shape(const um_node *node);

/** Plans memory and prepares kernels. Nothing can be recorded afterwards. */
umcl_status um_graph_compile(um_graph *g);

/** Seed of the random numbers (dropout) of the next steps; each forward advances the step. */
void um_graph_seed(um_graph *g, uint64_t seed);

umcl_status um_graph_forward(um_graph *g);

/**
 * Back-propagates the gradients that were written to outputs since the last forward (others count
 * as zero) and ADDS to the gradients of trainable parameters. UM_TRAIN only, after a forward.
 */
umcl_status um_graph_backward(um_graph *g);

/** Copies a whole input or output between the caller's memory and the backend's. */
umcl_status um_write(um_graph *g, um_node *node, const void *host);
umcl_status um_read(um_graph *g, const um_node *node, void *host);
umcl_status um_write_grad(um_graph *g, um_node *node, const float *host);
umcl_status um_read_grad(um_graph *g, const um_node *node, float *host);

/** The value itself, in the backend's memory: on the CPU it can be filled and read in place. */
void *um_data(const um_node *node);

/** Bytes of the planned block, parameters not counted. */
size_t um_graph_memory(const um_graph *g);

/** Number of recorded operators; the time of the i-th in the last forward when profiling is on. */
void um_graph_profile(um_graph *g, bool on);
size_t um_graph_op_count(const um_graph *g);
const char *um_graph_op_name(const um_graph *g, size_t i, double *forward_ms, double *backward_ms);

#endif
