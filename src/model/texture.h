/*
 * UMCL's fourth modality, the texture of the face (the paper's section 5.3 names it as future
 * work): a small residual network reads single 128 x 128 crops; a clip's feature is the mean over
 * some of its frames. Feature maps are channels-last.
 *
 * A feature is the mean of the last map over its places, and the head is linear: the head on the
 * map gives log-odds place by place whose mean is the crop's (class activation mapping, Zhou et
 * al., CVPR 2016).
 */
#ifndef UM_MODEL_TEXTURE_H
#define UM_MODEL_TEXTURE_H

#include "nn/layers.h"

#define UM_TEXTURE_KIND "texture" /* of its model files */
#define UM_TEXTURE_SIDE 128       /* pixels of a crop */
#define UM_TEXTURE_FRAMES 16
#define UM_TEXTURE_FEATURE 128
#define UM_TEXTURE_MAP 8 /* places of the last map to a side, 16 pixels each */

/**
 * Records the network on frames [N, 1, 128, 128, 3], values (v - 127.5) / 128, channels R, G, B.
 *
 * @param map NULL, or gets the last feature map [N, 1, 8, 8, 128], not negative
 * @return features [N, 128], one a frame, not negative
 */
um_node *um_texture(um_nn *nn, um_node *frames, um_node **map);

/** A crop [128, 128, 3] as the network reads it. */
void um_texture_input(float *out, const uint8_t *rgb);

/** Logits [.., 2] of features or maps [.., 128]: the head of pre-training; class 1 is fake. */
um_node *um_texture_head(um_nn *nn, um_node *feature, float dropout);

/** Log-odds [N, 1, 8, 8, 1] that a place of the map is blended in; training alone asks for it. */
um_node *um_texture_blend(um_nn *nn, um_node *map);

#endif
