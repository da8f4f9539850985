#include "model/lrnet.h"

#include <stdio.h>

#include "nn/sequence.h"

enum { UNITS = 32, WIDTH = 2 * UNITS };

void um_lrnet_stream(um_lrnet_stream_out *out, um_nn *nn, um_node *x, um_lrnet_options opt)
{
    um_graph *g = nn->g;
    um_node *h0 = um_nn_param(nn, "hidden_state", UM_SHAPE(2, 1, UNITS), UNITS, 0), *h, *f;

    *out = (um_lrnet_stream_out){0};
    x = um_dropout(g, x, opt.points, 2);
    out->feature = um_nn_gru_final(g, um_nn_gru(nn, "gru", x, UNITS, h0));

    f = um_dropout(g, out->feature, opt.dense, 1);
    h = um_relu(g, um_nn_linear(nn, "dense.1.fn.net.0", f, WIDTH, true));
    f = um_add(g, f, um_nn_linear(nn, "dense.1.fn.net.3", h, WIDTH, true));
    f = um_dropout(g, f, opt.dense, 1);
    out->logits = um_nn_linear(nn, "dense.3", f, 2, true);
    out->prob = um_softmax(g, out->logits);
}

/* x[:, 1:] - x[:, :-1] */
static um_node *differences(um_graph *g, um_node *x)
{
    int64_t last = um_node_shape(x)->dim[1] - 1;

    return um_sub(g, um_slice(g, x, 1, 1, last), um_slice(g, x, 1, 0, last));
}

void um_lrnet(um_lrnet_out *out, const um_nn *nn, um_node *landmarks, um_lrnet_options opt)
{
    um_graph *g = nn->g;
    const um_shape *s = um_node_shape(landmarks);
    char prefix[128], found[UM_SHAPE_TEXT];
    um_node *feature[2];

    *out = (um_lrnet_out){0};
    if (s->rank != 3 || s->dim[1] < 2 || s->dim[2] != UM_LRNET_INPUTS) {
        um_graph_fault(g, UMCL_ERR_SHAPE, "lrnet: expected landmarks [B, T >= 2, 136], found %s",
                       um_shape_text(found, s));
        return;
    }
    for (int i = 0; i < 2; i++) {
        um_nn stream = *nn;

        snprintf(prefix, sizeof prefix, "%sg%d.", nn->prefix, i + 1);
        stream.prefix = prefix;
        um_lrnet_stream(&out->stream[i], &stream, i ? differences(g, landmarks) : landmarks, opt);
        feature[i] = out->stream[i].feature;
    }
    out->feature = um_concat(g, 1, 2, feature);
    out->prob = um_affine(g, um_add(g, out->stream[0].prob, out->stream[1].prob), 0.5f, 0);
}
