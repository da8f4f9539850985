/*
 * Runs MTCNN's networks on pictures of any shape: graphs are kept by shape, the least recently
 * used one makes room.
 */
#ifndef UM_FACE_MTCNN_RUNNER_H
#define UM_FACE_MTCNN_RUNNER_H

#include "face/mtcnn_net.h"

#define UM_MTCNN_MAX_BATCH 64

typedef struct um_mtcnn_runner um_mtcnn_runner;

/** `set` holds all parameters and must outlive the runner. */
umcl_status um_mtcnn_runner_new(um_mtcnn_runner **out, um_params *set);
void um_mtcnn_runner_free(um_mtcnn_runner *r);

/** One run's input and outputs, in place, valid until the next call. */
typedef struct um_mtcnn_run {
    um_graph *graph;
    float *x;                  /* [n, height, width, 3], to be filled before um_graph_forward */
    const float *logits;       /* [.., 2] */
    const float *box;          /* [.., 4] */
    const float *points;       /* [.., 10]; NULL but for O-Net */
    int out_width, out_height; /* P-Net's grid of windows; else 1 x 1 */
} um_mtcnn_run;

/** A graph for `n` pictures of the size; R- and O-Net ignore width and height. */
umcl_status um_mtcnn_prepare(um_mtcnn_runner *r, um_mtcnn_run *out, um_mtcnn_stage stage, int n,
                             int width, int height);

/** P(face) from the two logits of a window. */
float um_mtcnn_score(const float logits[2]);

#endif
