/*
 * Windows on scenes as examples for one of the detector's networks: faces a little off, windows
 * half on a face (for the box alone), and windows on none.
 */
#ifndef UM_TRAIN_DETECTOR_SAMPLE_H
#define UM_TRAIN_DETECTOR_SAMPLE_H

#include "base/rng.h"
#include "train/detector_scene.h"

/** A window that a stage before took for a face, and is none. */
typedef struct um_hard_window {
    size_t scene;
    um_box box;
} um_hard_window;

/** What examples are drawn from; borrowed. */
typedef struct um_sample_source {
    const um_scenes *scenes;
    const size_t *with_faces; /* scenes to train on that have a sure face */
    size_t n_with_faces;
    const size_t *all; /* scenes to train on */
    size_t n_all;
    const um_hard_window *hard; /* may be NULL */
    size_t n_hard;
    unsigned *sums; /* scratch, 3 * UM_SCENE_SIDE */
} um_sample_source;

typedef enum um_sample_kind { UM_SAMPLE_FACE, UM_SAMPLE_PART, UM_SAMPLE_NONE } um_sample_kind;

/** What a network should say of a window, in the terms of face/mtcnn_net.h. */
typedef struct um_sample_target {
    um_sample_kind kind;
    float box[4], points[10]; /* unless UM_SAMPLE_NONE */
} um_sample_target;

/** Largest overlap (IoU) of a window with the scene's faces, unsure ones included. */
float um_scene_overlap(const um_scene *scene, um_box box);

/**
 * Draws one example of a kind.
 *
 * @param input [side, side, 3] as the networks read it, randomly relit, blurred and mirrored
 */
void um_detector_sample(float *input, um_sample_target *target, const um_sample_source *source,
                        um_sample_kind kind, int side, um_rng *rng);

#endif
