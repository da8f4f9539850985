/*
 * The three networks of MTCNN (Zhang et al., IEEE SPL 2016) with the parameter names and shapes of
 * facenet-pytorch, whose public weights they take: "pnet.conv1.weight" and so on.
 */
#ifndef UM_FACE_MTCNN_NET_H
#define UM_FACE_MTCNN_NET_H

#include "nn/layers.h"

typedef enum um_mtcnn_stage { UM_PNET, UM_RNET, UM_ONET, UM_MTCNN_STAGES } um_mtcnn_stage;

/** Side of the picture that a stage judges: 12, 24, 48 pixels. */
int um_mtcnn_side(um_mtcnn_stage stage);

/** Prefix of a stage's parameters: "pnet." ... */
const char *um_mtcnn_prefix(um_mtcnn_stage stage);

typedef struct um_mtcnn_heads {
    um_node *logits; /* [.., 2]: no face, face; before the softmax */
    um_node *box;    /* [.., 4]: x0, y0, x1, y1 as fractions of the window, relative to its own */
    um_node *points; /* [.., 10]: x of five points, then y, in fractions of the window; O-Net only,
                        else NULL */
} um_mtcnn_heads;

/**
 * Records a stage. Parameters are taken from, or added to, `set`.
 *
 * @param x [N, 1, H, W, 3], R, G, B, (value - 127.5) / 128. P-Net takes any H, W >= 12 and gives
 *          heads [N, 1, H', W', ..] with a window every 2 pixels; the others take 24 and 48 and
 *          give heads [N, ..].
 */
um_mtcnn_heads um_mtcnn_record(um_graph *g, um_params *set, um_mtcnn_stage stage, um_node *x,
                               uint64_t seed);

#endif
