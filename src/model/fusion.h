/*
 * UMCL's head ((5)-(7)): each modality's feature is projected to a common width, the projections
 * lie side by side, and one linear layer judges. HQ and LQ views and test clips use the same
 * layers: record both views as rows of one batch, or call twice with the same parameters.
 *
 * Parameters: project.<modality>.weight [320, K], project.<modality>.bias [320],
 * classifier.weight [2, m * 320]. As in (5)-(7) nothing is normalised and the classifier has no
 * bias.
 */
#ifndef UM_MODEL_FUSION_H
#define UM_MODEL_FUSION_H

#include "nn/layers.h"

#define UM_FUSION_WIDTH 320
#define UM_FUSION_MAX UM_MAX_INPUTS

typedef struct um_modality {
    const char *name; /* "pulse", "landmarks", "text": in the parameters' names */
    um_node *feature; /* [B, K], K its own */
} um_modality;

typedef struct um_fusion_out {
    um_node *projected[UM_FUSION_MAX]; /* [B, 320] each, in the order of the modalities */
    um_node *logits;                   /* [B, 2]; class 1 is fake */
    um_node *prob;                     /* [B, 2], softmax of logits */
} um_fusion_out;

/** Records the head on `n` modalities, 1 to UM_FUSION_MAX. */
void um_fusion(um_fusion_out *out, um_nn *nn, const um_modality *modality, size_t n);

#endif
