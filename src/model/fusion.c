#include "model/fusion.h"

#include <stdio.h>

void um_fusion(um_fusion_out *out, um_nn *nn, const um_modality *modality, size_t n)
{
    um_graph *g = nn->g;

    *out = (um_fusion_out){0};
    if (n < 1 || n > UM_FUSION_MAX) {
        um_graph_fault(g, UMCL_ERR_INVALID, "fusion: expected 1 to %d modalities, found %zu",
                       UM_FUSION_MAX, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        char name[64];

        snprintf(name, sizeof name, "project.%s", modality[i].name);
        out->projected[i] = um_nn_linear(nn, name, modality[i].feature, UM_FUSION_WIDTH, true);
    }
    out->logits = um_nn_linear(nn, "classifier", um_concat(g, 1, (int)n, out->projected), 2, false);
    out->prob = um_softmax(g, out->logits);
}
