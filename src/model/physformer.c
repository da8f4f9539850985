#include "model/physformer.h"

#include <stdio.h>

#include "nn/sequence.h"

#define THETA 0.7f     /* share of the temporal difference in the q and k convolutions */
#define GRA_SHARP 2.0f /* temperature of the attention */
#define LN_EPS 1e-6f
enum { HEADS = 4, FF = 144, BLOCKS = 4, WIDTH = UM_PHYSFORMER_WIDTH };

static const um_conv_attr pointwise = {{1, 1, 1}, {0, 0, 0}, 1, false};
static const um_conv_attr same3 = {{1, 1, 1}, {1, 1, 1}, 1, false};
static const um_conv_attr depthwise3 = {{1, 1, 1}, {1, 1, 1}, FF, false};

/* Number `index` of the kernels under `prefix`: <prefix>.<index>.weight [out, C / groups, k]. */
static um_node *kernel(um_nn *nn, const char *name, int out, int in, const int k[3])
{
    char text[128];

    snprintf(text, sizeof text, "%s.weight", name);
    return um_nn_param(nn, text, UM_SHAPE(out, in, k[0], k[1], k[2]),
                       (int64_t)in * k[0] * k[1] * k[2], 0);
}

static um_node *bias(um_nn *nn, const char *name, int out)
{
    char text[128];

    snprintf(text, sizeof text, "%s.bias", name);
    return um_nn_param(nn, text, UM_SHAPE(out), 0, 0);
}

static const char *sub(char text[96], const char *name, const char *part)
{
    snprintf(text, 96, "%s.%s", name, part);
    return text;
}

/* Convolution, batch norm, ReLU, maximum over 2 x 2 in space. */
static um_node *stem(um_nn *nn, const char *name, um_node *x, int in, int out, int k_time)
{
    const int k[3] = {k_time, k_time == 1 ? 5 : 3, k_time == 1 ? 5 : 3};
    const um_conv_attr conv = {{1, 1, 1}, {k[0] / 2, k[1] / 2, k[2] / 2}, 1, false};
    const um_pool_attr pool = {{1, 2, 2}, {1, 2, 2}, {0, 0, 0}, false};
    char c[96], n[96];
    um_node *w = kernel(nn, sub(c, name, "0"), out, in, k), *b = bias(nn, c, out);

    sub(n, name, "1");
    if (um_graph_mode(nn->g) == UM_INFER && k_time == 1) {
        /* Alone among the stems this one is bound by memory: nothing is written before pooling. */
        um_nn_fold_bn(nn, n, &w, &b);
        return um_stem(nn->g, x, w, b);
    }
    return um_maxpool(nn->g, um_nn_conv_bn(nn, n, x, w, b, &conv, true), &pool);
}

/* q or k: a temporal difference convolution and batch norm. */
static um_node *difference(um_nn *nn, const char *name, um_node *x)
{
    char c[96], n[96];
    um_node *w = kernel(nn, sub(c, name, "0.conv"), WIDTH, WIDTH, (int[]){3, 3, 3});

    return um_nn_conv_bn(nn, sub(n, name, "1"), x, um_cdc_fold(nn->g, w, THETA), NULL, &same3,
                         false);
}

/* 1x1x1 convolution or depthwise 3x3x3, then batch norm. */
static um_node *mix(um_nn *nn, const char *name, um_node *x, int in, int out, bool depthwise)
{
    char c[96], n[96];
    um_node *w = depthwise ? kernel(nn, sub(c, name, "0"), out, 1, (int[]){3, 3, 3})
                           : kernel(nn, sub(c, name, "0"), out, in, (int[]){1, 1, 1});

    return um_nn_conv_bn(nn, sub(n, name, "1"), x, w, NULL, depthwise ? &depthwise3 : &pointwise,
                         false);
}

/* softmax(q k^T / gra_sharp) v over all tokens of the clip */
static um_node *attention(um_nn *nn, const char *name, um_node *x, float dropout)
{
    char text[96];
    um_shape map = *um_node_shape(x);
    um_shape tokens = {3, {map.dim[0], -1, WIDTH}};
    um_node *q = difference(nn, sub(text, name, "attn.proj_q"), x);
    um_node *k = difference(nn, sub(text, name, "attn.proj_k"), x);
    um_node *v = um_conv(
        nn->g, x, kernel(nn, sub(text, name, "attn.proj_v.0"), WIDTH, WIDTH, (int[]){1, 1, 1}),
        NULL, &pointwise);
    um_node *a = um_nn_attention(nn->g, um_reshape(nn->g, q, tokens), um_reshape(nn->g, k, tokens),
                                 um_reshape(nn->g, v, tokens), HEADS, 1 / GRA_SHARP, NULL, dropout);

    return um_nn_linear(nn, sub(text, name, "proj"), um_reshape(nn->g, a, map), WIDTH, true);
}

/* 96 -> 144, depthwise in space and time, 144 -> 96 */
static um_node *feed_forward(um_nn *nn, const char *name, um_node *x)
{
    char text[96];

    x = um_elu(nn->g, mix(nn, sub(text, name, "pwff.fc1"), x, WIDTH, FF, false));
    x = um_elu(nn->g, mix(nn, sub(text, name, "pwff.STConv"), x, FF, FF, true));
    return mix(nn, sub(text, name, "pwff.fc2"), x, FF, WIDTH, false);
}

/* x += drop(attention(LN(x))); x += drop(feed_forward(LN(x))) */
static um_node *block(um_nn *nn, const char *name, um_node *x, float dropout)
{
    char text[96];
    um_graph *g = nn->g;
    um_node *h;

    h = attention(nn, name, um_nn_layernorm(nn, sub(text, name, "norm1"), x, LN_EPS), dropout);
    x = um_add(g, x, um_dropout(g, h, dropout, 1));
    h = feed_forward(nn, name, um_nn_layernorm(nn, sub(text, name, "norm2"), x, LN_EPS));
    return um_add(g, x, um_dropout(g, h, dropout, 1));
}

/* Twice the frames, then a convolution in time, batch norm, ELU. */
static um_node *upsample(um_nn *nn, const char *name, um_node *x, int out)
{
    const um_conv_attr conv = {{1, 1, 1}, {1, 0, 0}, 1, false};
    char c[96], n[96];
    um_node *w = kernel(nn, sub(c, name, "1"), out, WIDTH, (int[]){3, 1, 1}), *b = bias(nn, c, out);

    x = um_upsample(nn->g, x, 1, 2);
    return um_elu(nn->g, um_nn_conv_bn(nn, sub(n, name, "2"), x, w, b, &conv, false));
}

/* ConvBlockLast is a 1-D convolution of kernel 1: a linear layer at each frame. */
static um_node *head(um_nn *nn, um_node *x, int64_t batch, int64_t frames)
{
    um_graph *g = nn->g;
    um_node *w = um_nn_param(nn, "ConvBlockLast.weight", UM_SHAPE(1, WIDTH / 2, 1), WIDTH / 2, 0);
    um_node *b = um_nn_param(nn, "ConvBlockLast.bias", UM_SHAPE(1), 0, 0);

    x = upsample(nn, "upsample2", upsample(nn, "upsample", x, WIDTH), WIDTH / 2);
    x = um_reduce(g, UM_MEAN, x, 1u << 2 | 1u << 3, false);
    x = um_linear(g, x, um_reshape(g, w, UM_SHAPE(1, WIDTH / 2)), b);
    return um_reshape(g, x, UM_SHAPE(batch, frames));
}

void um_physformer_input(float *out, const uint8_t *rgb, size_t n)
{
    const size_t pixels = n * UM_PHYSFORMER_SIZE * UM_PHYSFORMER_SIZE;

    for (size_t i = 0; i < pixels; i++)
        for (size_t c = 0; c < 3; c++) out[3 * i + c] = ((float)rgb[3 * i + 2 - c] - 127.5f) / 128;
}

/* Whether `x` is [B, T, side, side, channels], T a multiple of 4. */
static bool is_clip(um_nn *nn, const um_node *x, int side, int channels)
{
    um_shape s = *um_node_shape(x);
    char found[UM_SHAPE_TEXT];

    if (s.rank == 5 && s.dim[1] % 4 == 0 && s.dim[2] == side && s.dim[3] == side &&
        s.dim[4] == channels)
        return true;
    um_graph_fault(nn->g, UMCL_ERR_SHAPE,
                   "physformer: expected a clip [B, T, %d, %d, %d], T a multiple of 4, found %s",
                   side, side, channels, um_shape_text(found, &s));
    return false;
}

um_node *um_physformer_stem(um_nn *nn, um_node *clip)
{
    um_node *x;

    if (!is_clip(nn, clip, UM_PHYSFORMER_SIZE, 3)) return NULL;
    x = stem(nn, "Stem0", clip, 3, WIDTH / 4, 1);
    x = stem(nn, "Stem1", x, WIDTH / 4, WIDTH / 2, 3);
    return stem(nn, "Stem2", x, WIDTH / 2, WIDTH, 3);
}

void um_physformer_tokens(um_physformer_out *out, um_nn *nn, um_node *stem, float dropout)
{
    const um_conv_attr patch = {{4, 4, 4}, {0, 0, 0}, 1, false};
    um_node *x;

    *out = (um_physformer_out){.stem = stem};
    if (!is_clip(nn, stem, UM_PHYSFORMER_STEM_SIDE, WIDTH)) return;
    x = um_nn_conv(nn, "patch_embedding", stem, WIDTH, (int[]){4, 4, 4}, &patch, true);
    for (int group = 0; group < 3; group++) {
        for (int i = 0; i < BLOCKS; i++) {
            char name[64];

            snprintf(name, sizeof name, "transformer%d.blocks.%d", group + 1, i);
            x = block(nn, name, x, dropout);
        }
        out->tokens[group] = x;
    }
    out->waveform = head(nn, x, um_node_shape(stem)->dim[0], um_node_shape(stem)->dim[1]);
}

void um_physformer(um_physformer_out *out, um_nn *nn, um_node *clip, float dropout)
{
    um_node *x = um_physformer_stem(nn, clip);

    *out = (um_physformer_out){0};
    if (x) um_physformer_tokens(out, nn, x, dropout);
}

um_node *um_physformer_body(um_nn *nn, const um_physformer_out *out)
{
    um_graph *g = nn->g;
    const um_shape *s = um_node_shape(out->waveform);
    um_node *part[3] = {out->waveform};

    if (s->rank != 2 || s->dim[1] != UM_PHYSFORMER_FRAMES)
        return um_graph_fault(g, UMCL_ERR_SHAPE, "physformer: the feature needs clips of %d frames",
                              UM_PHYSFORMER_FRAMES);
    for (int i = 0; i < 2; i++) {
        um_node *mean = um_reduce(g, UM_MEAN, out->tokens[i], 1u << 2 | 1u << 3, false);

        part[i + 1] = um_reshape(g, mean, UM_SHAPE(s->dim[0], -1));
    }
    return um_concat(g, 1, 3, part);
}

um_node *um_physformer_neck(um_nn *nn, um_node *body)
{
    um_graph *g = nn->g;
    um_node *part[2];

    part[0] = um_slice(g, body, 1, 0, UM_PHYSFORMER_FRAMES);
    part[1] = um_slice(g, body, 1, UM_PHYSFORMER_FRAMES, UM_PHYSFORMER_TOKENS);
    part[1] =
        um_nn_linear(nn, "feature", part[1], UM_PHYSFORMER_FEATURE - UM_PHYSFORMER_FRAMES, true);
    return um_concat(g, 1, 2, part);
}
