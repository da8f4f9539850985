#include "nn/sequence.h"

#include <stdio.h>

/* [B, S, C] -> [B, heads, S, C / heads] */
static um_node *split_heads(um_graph *g, um_node *x, int heads)
{
    const um_shape *s = um_node_shape(x);

    if (s->rank != 3) return um_graph_fault(g, UMCL_ERR_SHAPE, "attention: expected [B, S, C]");
    x = um_reshape(g, x, UM_SHAPE(s->dim[0], s->dim[1], heads, -1));
    return um_transpose(g, x, (int[]){0, 2, 1, 3});
}

um_node *um_nn_attention(um_graph *g, um_node *q, um_node *k, um_node *v, int heads, float scale,
                         um_node *mask, float dropout)
{
    um_shape shape = *um_node_shape(q);
    um_node *a;

    q = split_heads(g, q, heads);
    k = split_heads(g, k, heads);
    v = split_heads(g, v, heads);
    a = um_matmul(g, q, k, false, true, scale);
    if (mask) a = um_add(g, a, mask);
    a = um_dropout(g, um_softmax(g, a), dropout, 1);
    a = um_transpose(g, um_matmul(g, a, v, false, false, 1), (int[]){0, 2, 1, 3});
    return um_reshape(g, a, shape);
}

/* name.<part>_l0 and its _reverse, one after the other: [2, shape]. */
static um_node *both(um_nn *nn, const char *name, const char *part, um_shape shape, int64_t fan_in)
{
    char text[192];
    um_node *p[2];
    um_shape joined = {shape.rank + 1, {2, shape.dim[0], shape.dim[1]}};

    for (int d = 0; d < 2; d++) {
        snprintf(text, sizeof text, "%s.%s_l0%s", name, part, d ? "_reverse" : "");
        p[d] = um_nn_param(nn, text, shape, fan_in, 0);
    }
    return um_reshape(nn->g, um_concat(nn->g, 0, 2, p), joined);
}

um_node *um_nn_gru(um_nn *nn, const char *name, um_node *x, int hidden, um_node *h0)
{
    int64_t H = hidden, in = um_node_shape(x)->rank ? um_shape_last(um_node_shape(x)) : 1;
    um_node *w_ih = both(nn, name, "weight_ih", UM_SHAPE(3 * H, in), in);
    um_node *w_hh = both(nn, name, "weight_hh", UM_SHAPE(3 * H, H), H);
    um_node *b_ih = both(nn, name, "bias_ih", UM_SHAPE(3 * H), 0);
    um_node *b_hh = both(nn, name, "bias_hh", UM_SHAPE(3 * H), 0);

    return um_gru(nn->g, x, w_ih, w_hh, b_ih, b_hh, h0);
}

um_node *um_nn_gru_final(um_graph *g, um_node *y)
{
    const um_shape *s = um_node_shape(y);
    um_node *end[2];

    if (s->rank != 3) return um_graph_fault(g, UMCL_ERR_SHAPE, "gru: expected [B, T, 2H]");
    end[0] = um_slice(g, um_slice(g, y, 1, s->dim[1] - 1, 1), 2, 0, s->dim[2] / 2);
    end[1] = um_slice(g, um_slice(g, y, 1, 0, 1), 2, s->dim[2] / 2, s->dim[2] / 2);
    return um_reshape(g, um_concat(g, 2, 2, end), UM_SHAPE(s->dim[0], s->dim[2]));
}
