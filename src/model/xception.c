#include "model/xception.h"

#include <stdio.h>

enum { NAME = 64 };

/* Blocks 1 to 12; between the first three and the last one, eight that keep everything. */
static const um_xception_block_spec blocks[] = {
    {128, 2, 2, false, false}, {256, 2, 2, true, false}, {728, 2, 2, true, false},
    {728, 3, 1, true, false},  {728, 3, 1, true, false}, {728, 3, 1, true, false},
    {728, 3, 1, true, false},  {728, 3, 1, true, false}, {728, 3, 1, true, false},
    {728, 3, 1, true, false},  {728, 3, 1, true, false}, {1024, 2, 2, true, true},
};

static int channels(const um_node *x)
{
    const um_shape *s = um_node_shape(x);

    return s->rank == 5 ? (int)s->dim[4] : 1;
}

/* A kernel [out, in / groups, size, size] as the checkpoints have it, as um_conv wants it. */
static um_node *kernel(um_nn *nn, const char *name, int out, int in, int size)
{
    char text[NAME];
    um_node *w;

    snprintf(text, sizeof text, "%s.weight", name);
    w = um_nn_param(nn, text, UM_SHAPE(out, in, size, size), (int64_t)in * size * size, 0);
    return um_reshape(nn->g, w, UM_SHAPE(out, in, 1, size, size));
}

/* Convolution without padding and batch norm. */
static um_node *conv_bn(um_nn *nn, const char *name, const char *bn, um_node *x, int out, int size,
                        int stride, bool relu)
{
    const um_conv_attr attr = {.stride = {1, stride, stride}, .groups = 1};

    return um_nn_conv_bn(nn, bn, x, kernel(nn, name, out, channels(x), size), NULL, &attr, relu);
}

/* A separable convolution, each channel by itself and then all of a place, and batch norm. */
static um_node *separable_bn(um_nn *nn, const char *name, const char *bn, um_node *x, int out,
                             bool relu)
{
    const um_conv_attr each = {.stride = {1, 1, 1}, .pad = {0, 1, 1}, .groups = channels(x)};
    char text[NAME];

    snprintf(text, sizeof text, "%s.conv1", name);
    x = um_conv(nn->g, x, kernel(nn, text, channels(x), 1, 3), NULL, &each);
    snprintf(text, sizeof text, "%s.pointwise", name);
    return conv_bn(nn, text, bn, x, out, 1, 1, relu);
}

um_node *um_xception_block(um_nn *nn, const char *name, um_node *x,
                           const um_xception_block_spec *spec)
{
    const um_pool_attr pool = {.kernel = {1, 3, 3}, .stride = {1, 2, 2}, .pad = {0, 1, 1}};
    um_node *y = spec->relu_first ? um_relu(nn->g, x) : x;
    char conv[NAME], bn[NAME];

    /* "rep" is a list of ReLU, convolution, norm in the checkpoints; they number all three. */
    for (int i = 0; i < spec->layers; i++) {
        int number = 3 * i + spec->relu_first;
        bool last = i == spec->layers - 1;

        snprintf(conv, sizeof conv, "%s.rep.%d", name, number);
        snprintf(bn, sizeof bn, "%s.rep.%d", name, number + 1);
        y = separable_bn(nn, conv, bn, y, spec->grow_last && !last ? channels(x) : spec->out,
                         !last);
    }
    if (spec->stride == 2) y = um_maxpool(nn->g, y, &pool);
    if (spec->stride == 2 || channels(x) != spec->out) {
        snprintf(conv, sizeof conv, "%s.skip", name);
        snprintf(bn, sizeof bn, "%s.skipbn", name);
        x = conv_bn(nn, conv, bn, x, spec->out, 1, spec->stride, false);
    }
    return um_add(nn->g, x, y);
}

um_node *um_xception(um_nn *nn, um_node *crops, float dropout)
{
    um_graph *g = nn->g;
    const um_shape *s = um_node_shape(crops);
    char found[UM_SHAPE_TEXT], name[NAME];
    um_node *x;

    if (s->rank != 5 || s->dim[1] != 1 || s->dim[2] != s->dim[3] || s->dim[2] < UM_XCEPTION_LEAST ||
        s->dim[2] > UM_XCEPTION_MOST || s->dim[4] != 3)
        return um_graph_fault(
            g, UMCL_ERR_SHAPE,
            "xception: expected crops [N, 1, S, S, 3] of %d to %d pixels, found %s",
            UM_XCEPTION_LEAST, UM_XCEPTION_MOST, um_shape_text(found, s));
    x = conv_bn(nn, "conv1", "bn1", crops, 32, 3, 2, true);
    x = conv_bn(nn, "conv2", "bn2", x, 64, 3, 1, true);
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        snprintf(name, sizeof name, "block%zu", i + 1);
        x = um_xception_block(nn, name, x, &blocks[i]);
    }
    x = separable_bn(nn, "conv3", "bn3", x, 1536, true);
    x = separable_bn(nn, "conv4", "bn4", x, 2048, true);
    x = um_reduce(g, UM_MEAN, x, 1U << 1 | 1U << 2 | 1U << 3, false);
    return um_nn_linear(nn, UM_XCEPTION_HEAD, um_dropout(g, x, dropout, 1), 1, true);
}
