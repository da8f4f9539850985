/*
 * Meso-4 (Afchar et al., WIFS 2018), a yardstick: four convolutions and two linear layers on single
 * crops of a face. 27,977 parameters, as published, on crops of 128 pixels where the authors' are
 * of 256: the last pooling is 2 x 2 instead of 4 x 4, so that the linear layers are theirs.
 * Feature maps are channels-last.
 */
#ifndef UM_MODEL_MESO4_H
#define UM_MODEL_MESO4_H

#include "nn/layers.h"

#define UM_MESO4_KIND "meso4"
#define UM_MESO4_SIDE 128 /* pixels of a crop */

/**
 * Records the network on crops [N, 1, 128, 128, 3], values 0..1, channels R, G, B.
 *
 * @param dropout of the linear layers; the authors': 0.5
 * @return log-odds of fake [N, 1]
 */
um_node *um_meso4(um_nn *nn, um_node *crops, float dropout);

#endif
