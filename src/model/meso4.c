#include "model/meso4.h"

#include <stdio.h>

#define HIDDEN 16
#define LEAK 0.1f /* of the linear layer's LeakyReLU */

/* Convolution that keeps the size, ReLU, batch norm, maximum over 2 x 2. */
static um_node *stage(um_nn *nn, int number, um_node *x, int out, int size)
{
    const um_conv_attr conv = {.stride = {1, 1, 1}, .pad = {0, size / 2, size / 2}, .groups = 1};
    const um_pool_attr pool = {.kernel = {1, 2, 2}, .stride = {1, 2, 2}};
    const int kernel[3] = {1, size, size};
    char name[16];

    snprintf(name, sizeof name, "conv%d", number);
    x = um_relu(nn->g, um_nn_conv(nn, name, x, out, kernel, &conv, true));
    snprintf(name, sizeof name, "bn%d", number);
    return um_maxpool(nn->g, um_nn_batchnorm(nn, name, x, false), &pool);
}

/* max(x, LEAK * x) = relu(x) - LEAK * relu(-x) */
static um_node *leaky_relu(um_graph *g, um_node *x)
{
    um_node *below = um_relu(g, um_affine(g, x, -1, 0));

    return um_sub(g, um_relu(g, x), um_affine(g, below, LEAK, 0));
}

um_node *um_meso4(um_nn *nn, um_node *crops, float dropout)
{
    um_graph *g = nn->g;
    const um_shape *s = um_node_shape(crops);
    char found[UM_SHAPE_TEXT];
    um_node *x;

    if (s->rank != 5 || s->dim[1] != 1 || s->dim[2] != UM_MESO4_SIDE ||
        s->dim[3] != UM_MESO4_SIDE || s->dim[4] != 3)
        return um_graph_fault(g, UMCL_ERR_SHAPE,
                              "meso4: expected crops [N, 1, 128, 128, 3], found %s",
                              um_shape_text(found, s));
    x = stage(nn, 1, crops, 8, 3);
    x = stage(nn, 2, x, 8, 5);
    x = stage(nn, 3, x, 16, 5);
    x = stage(nn, 4, x, 16, 5);
    x = um_reshape(g, x, UM_SHAPE(s->dim[0], -1));
    x = um_nn_linear(nn, "fc1", um_dropout(g, x, dropout, 1), HIDDEN, true);
    x = um_dropout(g, leaky_relu(g, x), dropout, 1);
    return um_nn_linear(nn, "fc2", x, 1, true);
}
