#include "model/texture.h"

#include <stdio.h>

static const int width[] = {32, 64, 96,
                            UM_TEXTURE_FEATURE}; /* channels at 64, 32, 16 and 8 pixels */
static const int inner[] = {16, 32, 48, 64};     /* between a block's two convolutions */
enum { STAGES = sizeof width / sizeof *width };

/* 3 x 3 convolution and batch norm, with ReLU where asked. */
static um_node *conv_bn(um_nn *nn, const char *name, um_node *x, int out, int stride, bool relu)
{
    const um_conv_attr attr = {.stride = {1, stride, stride}, .pad = {0, 1, 1}, .groups = 1};
    const um_shape *s = um_node_shape(x);
    int64_t in = s->rank == 5 ? s->dim[4] : 1;
    char weight[64], bn[64];
    um_node *w;

    snprintf(weight, sizeof weight, "%s.weight", name);
    snprintf(bn, sizeof bn, "%s.bn", name);
    w = um_nn_param(nn, weight, UM_SHAPE(out, in, 1, 3, 3), 9 * in, 0);
    return um_nn_conv_bn(nn, bn, x, w, NULL, &attr, relu);
}

/* y = relu(x + F(x)), F two convolutions (He et al., CVPR 2016) */
static um_node *residual(um_nn *nn, int stage, um_node *x)
{
    char name[32];
    um_node *y;

    snprintf(name, sizeof name, "block%d.conv1", stage);
    y = conv_bn(nn, name, x, inner[stage], 1, true);
    snprintf(name, sizeof name, "block%d.conv2", stage);
    y = conv_bn(nn, name, y, width[stage], 1, false);
    return um_relu(nn->g, um_add(nn->g, x, y));
}

um_node *um_texture(um_nn *nn, um_node *frames, um_node **map)
{
    um_graph *g = nn->g;
    const um_shape *s = um_node_shape(frames);
    char name[32], found[UM_SHAPE_TEXT];
    um_node *x;

    if (map) *map = NULL;
    if (s->rank != 5 || s->dim[1] != 1 || s->dim[2] != UM_TEXTURE_SIDE ||
        s->dim[3] != UM_TEXTURE_SIDE || s->dim[4] != 3)
        return um_graph_fault(g, UMCL_ERR_SHAPE,
                              "texture: expected frames [N, 1, 128, 128, 3], found %s",
                              um_shape_text(found, s));
    x = frames;
    for (int i = 0; i < STAGES; i++) {
        snprintf(name, sizeof name, "down%d", i);
        x = conv_bn(nn, name, x, width[i], 2, true);
        x = residual(nn, i, x);
    }
    if (map) *map = x;
    return um_reduce(g, UM_MEAN, x, 1U << 1 | 1U << 2 | 1U << 3, false);
}

void um_texture_input(float *out, const uint8_t *rgb)
{
    for (int i = 0; i < UM_TEXTURE_SIDE * UM_TEXTURE_SIDE * 3; i++)
        out[i] = ((float)rgb[i] - 127.5f) / 128;
}

um_node *um_texture_head(um_nn *nn, um_node *feature, float dropout)
{
    return um_nn_linear(nn, "head", um_dropout(nn->g, feature, dropout, 1), 2, true);
}

um_node *um_texture_blend(um_nn *nn, um_node *map)
{
    return um_nn_linear(nn, "blend", map, 1, true);
}
