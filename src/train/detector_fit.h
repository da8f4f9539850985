/*
 * Training of the face detector: P-, R- and O-Net one after the other, each on the windows that the
 * ones before it take for faces (Zhang et al., IEEE SPL 2016).
 */
#ifndef UM_TRAIN_DETECTOR_FIT_H
#define UM_TRAIN_DETECTOR_FIT_H

#include "train/detector_sample.h"

typedef struct um_detector_fit_options {
    int steps[UM_MTCNN_STAGES]; /* optimiser steps of each network */
    int batch[UM_MTCNN_STAGES];
    double learning_rate; /* at the start; falls to zero along a cosine */
    float threshold[3];   /* stored with the weights */
    int mined_scenes;     /* scenes that hard windows are looked for in */
    uint64_t seed;
    const char *out;     /* model file */
    const char *made_by; /* the command, for the model's metadata */
} um_detector_fit_options;

#define UM_DETECTOR_FIT_OPTIONS_INIT                                                               \
    ((um_detector_fit_options){.steps = {4000, 3000, 2500},                                        \
                               .batch = {512, 256, 128},                                           \
                               .learning_rate = 2e-3,                                              \
                               .threshold = {0.6f, 0.7f, 0.8f},                                    \
                               .mined_scenes = 2000,                                               \
                               .seed = 1})

typedef struct um_detector_fit_report {
    um_mtcnn_stage stage;
    int step, steps;
    double loss_face, loss_box, loss_points; /* running means */
    size_t n_hard;                           /* mined windows */
} um_detector_fit_report;

/** Called now and then; a false return stops training with UMCL_ERR_CANCELLED. */
typedef bool (*um_detector_fit_fn)(void *user, const um_detector_fit_report *report);

/** What a detector does on held-out scenes. */
typedef struct um_detector_score {
    size_t scenes, faces, found, false_faces;
    double mean_iou;    /* of found faces */
    double point_error; /* mean over found faces and points, in fractions of the face's width */
} um_detector_score;

/** Trains on the scenes that are not held out and writes the model file. */
umcl_status um_detector_fit(const um_scenes *scenes, const um_detector_fit_options *options,
                            um_detector_fit_fn progress, void *user);

/** Runs a detector over the held-out scenes: a face is found at IoU >= 0.5. */
umcl_status um_detector_measure(um_detector_score *out, um_mtcnn *detector,
                                const um_mtcnn_options *options, const um_scenes *scenes);

#endif
