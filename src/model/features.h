/*
 * What a joint model makes of a window on its way to the verdict, for pictures and measures of it:
 * each modality before they are joined, and what the classifier then reads.
 */
#ifndef UM_MODEL_FEATURES_H
#define UM_MODEL_FEATURES_H

#include <stddef.h>

#include "model/head.h"

/* Behind the modalities stands what is made of them jointly. */
#define UM_FUSED UM_N_MODALITIES
#define UM_N_FEATURES (UM_N_MODALITIES + 1)

/** "pulse", "landmarks", "text", "texture", "fused" */
const char *um_feature_name(int which);

/**
 * Numbers of a feature; 0: the head has none. A modality's is its projection (5), with CPML its
 * encoder's feature; the fused one is the projections side by side, U (6), with CPML the unified
 * feature.
 */
size_t um_feature_width(const um_head *head, int which);

/** Of all features together. */
size_t um_features_width(const um_head *head);

/**
 * Adds the features of the head's last run to `sum` [um_features_width], one behind the other; of
 * several rows (prompts) their mean.
 */
void um_features_add(double *sum, const um_head *head);

#endif
