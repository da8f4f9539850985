#include "face/mtcnn_net.h"

#include <stdio.h>

int um_mtcnn_side(um_mtcnn_stage stage)
{
    static const int side[UM_MTCNN_STAGES] = {12, 24, 48};

    return side[stage];
}

const char *um_mtcnn_prefix(um_mtcnn_stage stage)
{
    static const char *const prefix[UM_MTCNN_STAGES] = {"pnet.", "rnet.", "onet."};

    return prefix[stage];
}

/* Square kernel, no padding; the checkpoints' kernels have no time dimension. */
static um_node *conv(um_nn *nn, const char *name, um_node *x, int out, int k)
{
    const um_conv_attr attr = {.stride = {1, 1, 1}, .groups = 1};
    char text[48];
    int64_t in = um_graph_status(nn->g) == UMCL_OK ? um_shape_last(um_node_shape(x)) : 1;
    um_node *w, *b;

    snprintf(text, sizeof text, "%s.weight", name);
    w = um_nn_param(nn, text, UM_SHAPE(out, in, k, k), in * k * k, 0);
    snprintf(text, sizeof text, "%s.bias", name);
    b = um_nn_param(nn, text, UM_SHAPE(out), 0, 0);
    return um_conv(nn->g, x, um_reshape(nn->g, w, UM_SHAPE(out, in, 1, k, k)), b, &attr);
}

/* conv<i> and prelu<i> */
static um_node *conv_prelu(um_nn *nn, int i, um_node *x, int out, int k)
{
    char text[16];

    snprintf(text, sizeof text, "conv%d", i);
    x = conv(nn, text, x, out, k);
    snprintf(text, sizeof text, "prelu%d", i);
    return um_nn_prelu(nn, text, x);
}

static um_node *pool(um_nn *nn, um_node *x, int k)
{
    const um_pool_attr attr = {.kernel = {1, k, k}, .stride = {1, 2, 2}, .ceil = true};

    return um_maxpool(nn->g, x, &attr);
}

/* Flattened as the checkpoints were trained: by column, row, channel. */
static um_node *flatten(um_nn *nn, um_node *x)
{
    static const int columns_first[5] = {0, 1, 3, 2, 4};
    int64_t n = um_graph_status(nn->g) == UMCL_OK ? um_node_shape(x)->dim[0] : 1;

    return um_reshape(nn->g, um_transpose(nn->g, x, columns_first), UM_SHAPE(n, -1));
}

static um_mtcnn_heads record_pnet(um_nn *nn, um_node *x)
{
    um_mtcnn_heads h = {0};

    x = pool(nn, conv_prelu(nn, 1, x, 10, 3), 2);
    x = conv_prelu(nn, 2, x, 16, 3);
    x = conv_prelu(nn, 3, x, 32, 3);
    h.logits = conv(nn, "conv4_1", x, 2, 1);
    h.box = conv(nn, "conv4_2", x, 4, 1);
    return h;
}

static um_mtcnn_heads record_rnet(um_nn *nn, um_node *x)
{
    um_mtcnn_heads h = {0};

    x = pool(nn, conv_prelu(nn, 1, x, 28, 3), 3);
    x = pool(nn, conv_prelu(nn, 2, x, 48, 3), 3);
    x = flatten(nn, conv_prelu(nn, 3, x, 64, 2));
    x = um_nn_prelu(nn, "prelu4", um_nn_linear(nn, "dense4", x, 128, true));
    h.logits = um_nn_linear(nn, "dense5_1", x, 2, true);
    h.box = um_nn_linear(nn, "dense5_2", x, 4, true);
    return h;
}

static um_mtcnn_heads record_onet(um_nn *nn, um_node *x)
{
    um_mtcnn_heads h = {0};

    x = pool(nn, conv_prelu(nn, 1, x, 32, 3), 3);
    x = pool(nn, conv_prelu(nn, 2, x, 64, 3), 3);
    x = pool(nn, conv_prelu(nn, 3, x, 64, 3), 2);
    x = flatten(nn, conv_prelu(nn, 4, x, 128, 2));
    x = um_nn_prelu(nn, "prelu5", um_nn_linear(nn, "dense5", x, 256, true));
    h.logits = um_nn_linear(nn, "dense6_1", x, 2, true);
    h.box = um_nn_linear(nn, "dense6_2", x, 4, true);
    h.points = um_nn_linear(nn, "dense6_3", x, 10, true);
    return h;
}

um_mtcnn_heads um_mtcnn_record(um_graph *g, um_params *set, um_mtcnn_stage stage, um_node *x,
                               uint64_t seed)
{
    um_nn nn = {g, set, um_mtcnn_prefix(stage), seed};

    switch (stage) {
    case UM_PNET: return record_pnet(&nn, x);
    case UM_RNET: return record_rnet(&nn, x);
    default: return record_onet(&nn, x);
    }
}
