/*
 * PhysFormer (Yu et al., CVPR 2022): a video transformer that reads the pulse from a face clip.
 * Parameters carry the names of the public checkpoint ("Stem0.0.weight", ...,
 * "ConvBlockLast.bias"): 7,380,865 values. Feature maps are channels-last.
 */
#ifndef UM_MODEL_PHYSFORMER_H
#define UM_MODEL_PHYSFORMER_H

#include "nn/layers.h"

#define UM_PHYSFORMER_SIZE 128   /* side of a frame in pixels */
#define UM_PHYSFORMER_WIDTH 96   /* width of a token */
#define UM_PHYSFORMER_GRID 4     /* tokens lie on a grid of 4 x 4, one layer per 4 frames */
#define UM_PHYSFORMER_FRAMES 160 /* frames of a clip in UMCL */
#define UM_PHYSFORMER_FEATURE 320
#define UM_PHYSFORMER_STEM_SIDE 16 /* side of what the stem makes of a frame */
#define UM_PHYSFORMER_STEM (UM_PHYSFORMER_STEM_SIDE * UM_PHYSFORMER_STEM_SIDE * UM_PHYSFORMER_WIDTH)

typedef struct um_physformer_out {
    um_node *stem;      /* [B, T, 16, 16, 96], after the last stem */
    um_node *tokens[3]; /* [B, T/4, 4, 4, 96] after each group of blocks: [B, 4T, 96] in order */
    um_node *waveform;  /* [B, T], the pulse, in arbitrary units */
} um_physformer_out;

/** Crops [n, 128, 128, 3], R, G, B, as the network reads them: B, G, R, (v - 127.5) / 128. */
void um_physformer_input(float *out, const uint8_t *rgb, size_t n);

/**
 * Records the network on clip [B, T, 128, 128, 3] (T a multiple of 4; (value - 127.5) / 128, BGR).
 *
 * @param dropout 0.1 in training; no effect in UM_INFER graphs
 */
void um_physformer(um_physformer_out *out, um_nn *nn, um_node *clip, float dropout);

/*
 * The same in two parts. The stem is nine tenths of the work, and what it makes of a frame depends
 * on that frame and two to either side alone: model/pulse_stem.h runs it in slices.
 */
um_node *um_physformer_stem(um_nn *nn, um_node *clip); /* [B, T, 16, 16, 96]; NULL: a fault */
void um_physformer_tokens(um_physformer_out *out, um_nn *nn, um_node *stem, float dropout);

/*
 * UMCL's pulse feature z [B, 320] in two steps, so that the first, the expensive one, can be kept
 * while the second is trained. T must be 160.
 */
#define UM_PHYSFORMER_TOKENS (2 * UM_PHYSFORMER_FRAMES / 4 * UM_PHYSFORMER_WIDTH) /* 7680 */
#define UM_PHYSFORMER_BODY (UM_PHYSFORMER_FRAMES + UM_PHYSFORMER_TOKENS)

/** [B, 7840]: the waveform, then the tokens of groups 1 and 2, each averaged over its grid. */
um_node *um_physformer_body(um_nn *nn, const um_physformer_out *out);

#define UM_PHYSFORMER_NECK "feature." /* where the names of the neck's parameters begin */

/** z: the waveform, then feature.weight [160, 7680] and its bias applied to the tokens. */
um_node *um_physformer_neck(um_nn *nn, um_node *body);

#endif
