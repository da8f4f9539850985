#include "model/fusion_cpml.h"

#include "model/clip_text.h"
#include "model/lrnet.h"
#include "model/physformer.h"

enum { TOKENS = 2, VALUES = 2, FACE = UM_LRNET_FEATURE };

static bool is_batch_of(const um_node *x, int64_t rows, int64_t width)
{
    const um_shape *s = um_node_shape(x);

    return s->rank == 2 && s->dim[0] == rows && s->dim[1] == width;
}

/* softmax(q k^T) v, one query a sample: [B, 1, VALUES] */
static um_node *attend(um_nn *nn, um_node *face, um_node *pulse)
{
    um_graph *g = nn->g;
    um_node *v = um_nn_linear(
        nn, "value", um_reshape(g, pulse, UM_SHAPE(-1, TOKENS, UM_PHYSFORMER_FEATURE / TOKENS)),
        VALUES, true);
    um_node *k = um_nn_linear(nn, "key", v, FACE, true);
    um_node *q = um_reshape(g, um_nn_linear(nn, "query", face, FACE, true), UM_SHAPE(-1, 1, FACE));

    return um_matmul(g, um_softmax(g, um_matmul(g, q, k, false, true, 1)), v, false, false, 1);
}

void um_cpml(um_cpml_out *out, um_nn *nn, um_node *pulse, um_node *landmarks, um_node *prompt,
             float dropout)
{
    um_graph *g = nn->g;
    const um_shape *s = um_node_shape(pulse);
    int64_t rows = s->rank ? s->dim[0] : 0;
    um_node *joint, *face;

    *out = (um_cpml_out){0};
    if (!is_batch_of(pulse, rows, UM_PHYSFORMER_FEATURE) || !is_batch_of(landmarks, rows, FACE) ||
        !is_batch_of(prompt, rows, UM_CLIP_WIDTH)) {
        um_graph_fault(g, UMCL_ERR_SHAPE,
                       "cpml: expected pulse [B, 320], landmarks [B, 128] and prompt [B, 512]");
        return;
    }
    face = um_reshape(g, landmarks, UM_SHAPE(rows, FACE, 1));
    joint = um_matmul(g, face, attend(nn, landmarks, pulse), false, false, 1);
    joint = um_dropout(g, um_reshape(g, joint, UM_SHAPE(rows, FACE * VALUES)), dropout, 1);
    out->unified = um_nn_linear(nn, "unify", joint, UM_CPML_WIDTH, true);
    out->logits = um_nn_linear(nn, "classifier",
                               um_concat(g, 1, 2, (um_node *[]){out->unified, prompt}), 2, true);
    out->prob = um_softmax(g, out->logits);
}
