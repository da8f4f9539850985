/*
 * LRNet (Sun et al., CVPR 2021): two bidirectional GRUs judge a face by the motion of its
 * landmarks. Stream g1 reads the landmarks, g2 their differences from frame to frame. Parameters
 * carry the names of the public checkpoints behind "g1." and "g2.": 82,308 values.
 */
#ifndef UM_MODEL_LRNET_H
#define UM_MODEL_LRNET_H

#include "nn/layers.h"

#define UM_LRNET_INPUTS 136 /* x0 y0 x1 y1 ... of 68 landmarks */
#define UM_LRNET_FEATURE 128

/* Rates of dropout in training; no effect in UM_INFER graphs. */
typedef struct um_lrnet_options {
    float points; /* whole landmarks of the input; the paper's 0.1 */
    float dense;  /* in front of both layers of the head; the authors' 0.5 */
} um_lrnet_options;

#define UM_LRNET_OPTIONS_TRAIN ((um_lrnet_options){0.1f, 0.5f})

typedef struct um_lrnet_stream_out {
    um_node *feature; /* [B, 64]: final states, forward then backward */
    um_node *logits;  /* [B, 2]; class 1 is fake */
    um_node *prob;    /* [B, 2], softmax of logits */
} um_lrnet_stream_out;

typedef struct um_lrnet_out {
    um_lrnet_stream_out stream[2]; /* g1, g2 */
    um_node *feature;              /* [B, 128]: g1's, then g2's */
    um_node *prob;                 /* [B, 2]: mean of both streams; class 1 is fake */
} um_lrnet_out;

/** One stream on x [B, T, 136]; names get no prefix but nn's. */
void um_lrnet_stream(um_lrnet_stream_out *out, um_nn *nn, um_node *x, um_lrnet_options opt);

/** Both streams on landmarks [B, T, 136], T >= 2. */
void um_lrnet(um_lrnet_out *out, const um_nn *nn, um_node *landmarks, um_lrnet_options opt);

#endif
