/*
 * Named parameters: values and gradients that outlive graphs. Names and shapes are those of the
 * public checkpoints, row-major as PyTorch stores them; kernels reorder for themselves.
 */
#ifndef UM_AUTOGRAD_PARAM_H
#define UM_AUTOGRAD_PARAM_H

#include "backend/backend.h"
#include "base/safetensors.h"

typedef struct um_param {
    char *name;
    um_tensor value;
    um_tensor grad;   /* same shape; sums up over backward passes until it is zeroed. No data before
                         um_param_need_grad: what is never trained has no memory for it */
    bool buffer;      /* running statistics: saved, but never has a gradient */
    bool trainable;   /* false for buffers; cleared to freeze */
    uint64_t version; /* changes whenever the value does */
} um_param;

/** An ordered set of parameters in the memory of one backend. */
typedef struct um_params um_params;

umcl_status um_params_new(um_params **out, const um_backend *backend);
void um_params_free(um_params *set);
const um_backend *um_params_backend(const um_params *set);

/** Adds a zeroed parameter; `*out` is borrowed from the set. Names must differ. */
umcl_status um_params_add(um_params *set, um_param **out, const char *name, um_shape shape,
                          bool buffer);

size_t um_params_count(const um_params *set);
um_param *um_params_at(const um_params *set, size_t i);
um_param *um_params_find(const um_params *set, const char *name); /* NULL: absent */

/** Number of values in all parameters that are not buffers. */
int64_t um_params_size(const um_params *set);

/** Copies `n` floats in or out of the backend's memory. */
umcl_status um_param_set(const um_params *set, um_param *p, const float *host);
umcl_status um_param_get(const um_params *set, const um_param *p, float *host);

/** Makes room for the gradient, zeroed, once. Graphs of UM_TRAIN and optimisers ask for it. */
umcl_status um_param_need_grad(const um_backend *backend, um_param *p);

umcl_status um_param_get_grad(const um_params *set, const um_param *p, float *host);

umcl_status um_params_zero_grad(um_params *set);

/**
 * Fills the set from a file's tensors `prefix` + name. A missing or mis-shaped tensor is
 * UMCL_ERR_SHAPE / UMCL_ERR_NOT_FOUND and named with expectation and finding.
 */
umcl_status um_params_load(um_params *set, const um_st_file *file, const char *prefix);

/** The same, but parameters whose names begin with `but` stay as they are. */
umcl_status um_params_load_but(um_params *set, const um_st_file *file, const char *prefix,
                               const char *but);

/**
 * Rounds parameters of two and more dimensions to half precision, as um_st_writer_halve stores
 * them. UMCL_ERR_INVALID: a value is too large.
 */
umcl_status um_params_halve(um_params *set);

/** Adds every parameter to a file to be written, as `prefix` + name; borrowed until um_st_write. */
umcl_status um_params_save(const um_params *set, um_st_writer *w, const char *prefix);

#endif
