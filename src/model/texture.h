/*
 * UMCL's fourth modality, the texture of the face (the paper's section 5.3 names it as future
 * work): a small residual network reads single 128 x 128 crops; a clip's feature is the mean over
 * some of its frames. Feature maps are channels-last.
 */
#ifndef UM_MODEL_TEXTURE_H
#define UM_MODEL_TEXTURE_H

#include "nn/layers.h"

#define UM_TEXTURE_KIND "texture" /* of its model files */
#define UM_TEXTURE_SIDE 128 /* pixels of a crop */
#define UM_TEXTURE_FRAMES 16
#define UM_TEXTURE_FEATURE 128

/**
 * Records the network on frames [N, 1, 128, 128, 3], values (v - 127.5) / 128, channels R, G, B.
 *
 * @return features [N, 128], one a frame
 */
um_node *um_texture(um_nn *nn, um_node *frames);

/** A crop [128, 128, 3] as the network reads it. */
void um_texture_input(float *out, const uint8_t *rgb);

/** Logits [N, 2] of features [N, 128]: the head it is pre-trained with; class 1 is fake. */
um_node *um_texture_head(um_nn *nn, um_node *feature, float dropout);

#endif
