/*
 * Builders: one call records one operator. Inputs and results are borrowed from the graph. Shapes
 * are row-major and channels-last (tensor/tensor.h); a misfit is kept as the graph's fault.
 */
#ifndef UM_AUTOGRAD_OPS_H
#define UM_AUTOGRAD_OPS_H

#include "autograd/graph.h"

um_node *um_unary_op(um_graph *g, um_unary kind, um_node *x);
um_node *um_relu(um_graph *g, um_node *x);
um_node *um_elu(um_graph *g, um_node *x);
um_node *um_sigmoid(um_graph *g, um_node *x);
um_node *um_tanh(um_graph *g, um_node *x);

/** scale * x + shift */
um_node *um_affine(um_graph *g, um_node *x, float scale, float shift);

/** Element by element; shapes are aligned at the last dimension and 1 stretches, as in NumPy. */
um_node *um_binary_op(um_graph *g, um_binary kind, um_node *a, um_node *b);
um_node *um_add(um_graph *g, um_node *a, um_node *b);
um_node *um_sub(um_graph *g, um_node *a, um_node *b);
um_node *um_mul(um_graph *g, um_node *a, um_node *b);
um_node *um_div(um_graph *g, um_node *a, um_node *b);

/** x > 0 ? x : slope[c] * x, with slope [C] over the last dimension. */
um_node *um_prelu(um_graph *g, um_node *x, um_node *slope);

/** Sum or mean over the dimensions whose bits are set in `axes`. */
um_node *um_reduce(um_graph *g, um_reduction kind, um_node *x, unsigned axes, bool keep);

/** One dimension may be -1: what is left. */
um_node *um_reshape(um_graph *g, um_node *x, um_shape shape);

/** Output dimension i is input dimension perm[i]. */
um_node *um_transpose(um_graph *g, um_node *x, const int *perm);
um_node *um_slice(um_graph *g, um_node *x, int axis, int64_t start, int64_t length);
um_node *um_concat(um_graph *g, int axis, int n, um_node *const *x);

/** alpha * a b over the last two dimensions (transposed where asked); leading ones must agree. */
um_node *um_matmul(um_graph *g, um_node *a, um_node *b, bool ta, bool tb, float alpha);

/** x [.., I], w [O, I], b [O] or NULL -> [.., O] */
um_node *um_linear(um_graph *g, um_node *x, um_node *w, um_node *b);

/**
 * Convolution (cross-correlation) of x [B, T, H, W, C] with w [O, C / groups, kT, kH, kW] and
 * b [O] or NULL -> [B, T', H', W', O].
 */
um_node *um_conv(um_graph *g, um_node *x, um_node *w, um_node *b, const um_conv_attr *attr);

/**
 * The one 3x3x3 kernel that does what PhysFormer's temporal difference convolution does
 * (CVPR 2022): w [O, C, 3, 3, 3] with w[.., 1, 1, 1] -= theta * (sum of w at time taps 0 and 2).
 */
um_node *um_cdc_fold(um_graph *g, um_node *w, float theta);

/**
 * Convolution [O, C, kT, kH, kW] of stride 1 and "same" padding, + bias, ReLU, then a maximum over
 * 2 x 2 in space, in one pass. Inference only; H and W even.
 */
um_node *um_stem(um_graph *g, um_node *x, um_node *w, um_node *b);

/** x [.., C]; gamma, beta, mean, var [C]. Updates mean and var (unbiased) in UM_TRAIN graphs. */
um_node *um_batchnorm(um_graph *g, um_node *x, um_node *gamma, um_node *beta, um_node *mean,
                      um_node *var, const um_norm_attr *attr);

/** Over the last dimension; gamma, beta [C]. */
um_node *um_layernorm(um_graph *g, um_node *x, um_node *gamma, um_node *beta, float eps);

um_node *um_maxpool(um_graph *g, um_node *x, const um_pool_attr *attr); /* [B, T, H, W, C] */
um_node *um_upsample(um_graph *g, um_node *x, int axis, int factor);    /* nearest */
um_node *um_softmax(um_graph *g, um_node *x);                           /* last dimension */
um_node *um_log_softmax(um_graph *g, um_node *x);

/**
 * Zeroes groups of `group` consecutive elements with probability `rate` and scales the others by
 * 1 / (1 - rate). Identity in UM_INFER graphs and at rate 0.
 */
um_node *um_dropout(um_graph *g, um_node *x, float rate, int group);

/**
 * One bidirectional GRU layer, PyTorch's gates (r, z, n; reset after):
 * x [B, T, I]; w_ih [2, 3H, I], w_hh [2, 3H, H], b_ih [2, 3H], b_hh [2, 3H], h0 [2, B or 1, H]
 * -> [B, T, 2H], forward direction first. The final states are row T-1 of the first half and
 * row 0 of the second. h0 with 1 is shared by the batch.
 */
um_node *um_gru(um_graph *g, um_node *x, um_node *w_ih, um_node *w_hh, um_node *b_ih, um_node *b_hh,
                um_node *h0);

/** ids [..] (UM_I32), table [V, C] -> [.., C]; an id outside the table is an error at forward. */
um_node *um_embedding(um_graph *g, um_node *ids, um_node *table);

#endif
