/*
 * Layers: each records its operators and takes its parameters from a set by name, adding those
 * that are not there yet, freshly initialised. Recording a network once thus declares its
 * parameters; recording it again (another batch size, inference) uses the same ones.
 *
 * Initial values depend on the seed and the parameter's name alone: weights are uniform in
 * +-sqrt(6 / fan_in) (He et al. 2015), gains and running variances 1, everything else 0.
 */
#ifndef UM_NN_LAYERS_H
#define UM_NN_LAYERS_H

#include "autograd/ops.h"

typedef struct um_nn {
    um_graph *g;
    um_params *set;
    const char *prefix; /* in front of every name: "" or "g1." */
    uint64_t seed;      /* for parameters that are added */
    bool frozen_norms;  /* batch norms take their running statistics in UM_TRAIN graphs, too */
} um_nn;

/** A parameter as a node: fan_in > 0: uniform weights; 0: filled with `fill`. */
um_node *um_nn_param(um_nn *nn, const char *name, um_shape shape, int64_t fan_in, float fill);

/** A running statistic. */
um_node *um_nn_buffer(um_nn *nn, const char *name, um_shape shape, float fill);

/** name.weight [out, I] and, where asked, name.bias [out]. */
um_node *um_nn_linear(um_nn *nn, const char *name, um_node *x, int out, bool bias);

/** name.weight [out, C / groups, kernel] and, where asked, name.bias [out]. */
um_node *um_nn_conv(um_nn *nn, const char *name, um_node *x, int out, const int kernel[3],
                    const um_conv_attr *attr, bool bias);

/** name.weight, .bias, .running_mean, .running_var; eps 1e-5, momentum 0.1 as PyTorch's. */
um_node *um_nn_batchnorm(um_nn *nn, const char *name, um_node *x, bool relu);

/**
 * Convolution with kernel `w`, batch norm, and where asked ReLU. In inference graphs the norm is
 * folded into kernel and bias (nodes that depend on parameters alone) and ReLU into the
 * convolution. `w` is a weight node, `b` a bias node or NULL.
 */
um_node *um_nn_conv_bn(um_nn *nn, const char *bn, um_node *x, um_node *w, um_node *b,
                       const um_conv_attr *attr, bool relu);

/** The folded pair that um_nn_conv_bn uses: w * gamma / sqrt(var + eps) per output channel. */
void um_nn_fold_bn(um_nn *nn, const char *bn, um_node **w, um_node **b);

/** name.weight and name.bias [C]. */
um_node *um_nn_layernorm(um_nn *nn, const char *name, um_node *x, float eps);

/** name.weight [C], PReLU's slopes, initially 0.25. */
um_node *um_nn_prelu(um_nn *nn, const char *name, um_node *x);

#endif
