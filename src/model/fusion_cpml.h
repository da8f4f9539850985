/*
 * CPML (Lai et al., BMVC 2024), the baseline UMCL is compared with: landmarks attend to the pulse,
 * and the classifier reads the prompt beside the unified feature. Where the paper is silent, as in
 * the authors' published code: the pulse is two tokens (waveform, rest) of two values each, the
 * landmark feature times the attended values makes 256 numbers, and a layer unifies them to 512.
 *
 *     v = value(halves of z) [2, 2],  a = softmax(query(e) key(v)^T) [1, 2]
 *     f = unify(dropout(e^T (a v))) [512],  logits = classifier([f, t])
 *
 * The prompt is part of the verdict: chosen by the label it tells the answer. That is CPML's
 * weakness; only the label-free policies may be used outside the `oracle` rows of Table 8.
 */
#ifndef UM_MODEL_FUSION_CPML_H
#define UM_MODEL_FUSION_CPML_H

#include "nn/layers.h"

#define UM_CPML_WIDTH 512
#define UM_CPML_DROPOUT 0.5f

typedef struct um_cpml_out {
    um_node *unified; /* [B, 512] */
    um_node *logits;  /* [B, 2]; class 1 is fake */
    um_node *prob;    /* [B, 2], softmax of logits */
} um_cpml_out;

/**
 * Records the head on pulse [B, 320], landmarks [B, 128] and prompt [B, 512]. Parameters: value,
 * key, query, unify and classifier, .weight and .bias each.
 *
 * @param dropout UM_CPML_DROPOUT in training; no effect in UM_INFER graphs
 */
void um_cpml(um_cpml_out *out, um_nn *nn, um_node *pulse, um_node *landmarks, um_node *prompt,
             float dropout);

#endif
