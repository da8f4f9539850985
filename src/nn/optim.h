/*
 * AdamW (Loshchilov and Hutter, ICLR 2019) as PyTorch computes it, with float32 moments. Its whole
 * state can be stored, so that training resumes bit by bit.
 */
#ifndef UM_NN_OPTIM_H
#define UM_NN_OPTIM_H

#include "autograd/param.h"

typedef struct um_adamw_options {
    double beta1, beta2, eps;
    double weight_decay; /* decoupled; not applied to one-dimensional parameters */
    double clip_norm;    /* largest norm of all gradients together; 0: no limit */
} um_adamw_options;

#define UM_ADAMW_OPTIONS_INIT                                                                      \
    ((um_adamw_options){.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.01})

typedef struct um_adamw um_adamw;

/** `params` is borrowed and must live in the CPU's memory; its members must not change. */
umcl_status um_adamw_new(um_adamw **out, um_params *params, const um_adamw_options *options);
void um_adamw_free(um_adamw *a);

/** Learning rate factor of the parameters whose names start with `prefix`; 0 leaves them as is. */
void um_adamw_scale(um_adamw *a, const char *prefix, double scale);

/**
 * One update of every trainable parameter from its gradient.
 * UMCL_ERR_INTERNAL where a gradient is not finite (the parameter is named; nothing is updated).
 */
umcl_status um_adamw_step(um_adamw *a, double learning_rate);

/** Norm of all gradients together before clipping, in the last step. */
double um_adamw_grad_norm(const um_adamw *a);

/** Stores as `prefix` + "m." / "v." + name and `prefix` + "step". Borrowed until written. */
umcl_status um_adamw_save(const um_adamw *a, um_st_writer *w, const char *prefix);

/** UMCL_ERR_MISMATCH where the state is not that of these parameters; then only free `a`. */
umcl_status um_adamw_load(um_adamw *a, const um_st_file *file, const char *prefix);

#endif
