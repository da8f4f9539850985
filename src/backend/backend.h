/*
 * A device is a table of functions: memory, and one kernel per operator. Nothing above this folder
 * knows which device it runs on.
 */
#ifndef UM_BACKEND_BACKEND_H
#define UM_BACKEND_BACKEND_H

#include "tensor/op.h"

/*
 * One use of an operator in a graph: what a kernel sees. Buffers are valid from forward to
 * backward of one step. A gradient is overwritten, never added to: the graph sums where a tensor
 * feeds several consumers.
 */
typedef struct um_call {
    um_op op;
    um_attr attr;
    bool training; /* a backward may follow */
    int n_in;
    um_tensor in[UM_MAX_INPUTS];
    um_tensor out;
    um_tensor dout;               /* backward: gradient of out */
    um_tensor din[UM_MAX_INPUTS]; /* backward: to fill; data is NULL where nobody wants it */
    bool wants[UM_MAX_INPUTS];    /* known at prepare: which of din will be wanted */
    void *saved;                  /* prepared size; forward writes, backward reads */
    void *scratch;                /* prepared size; contents do not survive the call */
    uint64_t seed;                /* stream for random numbers: this node in this step */
    void *state;                  /* the kernel's own, made by prepare */
    uint64_t epoch; /* differs whenever inputs other than the first may have changed */
} um_call;

/* Bytes that a prepared call asks for. */
typedef struct um_call_needs {
    size_t saved, scratch_forward, scratch_backward;
} um_call_needs;

typedef struct um_kernel {
    /* Optional. Shapes are final, data pointers are not there yet. May set call->state. */
    umcl_status (*prepare)(um_call *call, um_call_needs *needs);
    umcl_status (*forward)(um_call *call);
    umcl_status (*backward)(um_call *call); /* NULL: the operator is for inference only */
    void (*release)(void *state);           /* NULL where prepare sets no state */
} um_kernel;

typedef struct um_backend {
    const char *name;                               /* "cpu" */
    const um_kernel *const *kernels;                /* [UM_OP_COUNT] */
    umcl_status (*alloc)(void **out, size_t bytes); /* zeroed, UM_ALIGN-aligned */
    void (*free)(void *data);
    umcl_status (*upload)(void *device, const void *host, size_t bytes);
    umcl_status (*download)(void *host, const void *device, size_t bytes);
    umcl_status (*add)(float *y, const float *x, size_t n); /* y += x */
    umcl_status (*zero)(void *data, size_t bytes);
} um_backend;

/** The CPU: oneDNN, and kernels of our own where they were measured to pay. Static storage. */
const um_backend *um_backend_cpu(void);

#endif
