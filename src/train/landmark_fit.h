/*
 * Training of the 68-landmark network on labelled pictures and on rendered faces.
 */
#ifndef UM_TRAIN_LANDMARK_FIT_H
#define UM_TRAIN_LANDMARK_FIT_H

#include "train/landmark_sample.h"

typedef struct um_landmark_fit_options {
    int epochs, batch;
    double learning_rate; /* at the start; falls to zero along a cosine */
    double weight_decay;
    double drop;   /* share of the training faces dropped half-way: those the network fits worst */
    uint64_t seed; /* initial weights, order, augmentation */
    const char *init;    /* weights to start from; NULL: fresh ones */
    const char *out;     /* model file, written at the end */
    const char *made_by; /* the command, for the model's metadata */
} um_landmark_fit_options;

#define UM_LANDMARK_FIT_OPTIONS_INIT                                                               \
    ((um_landmark_fit_options){.epochs = 60,                                                       \
                               .batch = 32,                                                        \
                               .learning_rate = 2e-3,                                              \
                               .weight_decay = 1e-4,                                               \
                               .drop = 0.03,                                                       \
                               .seed = 1})

typedef struct um_landmark_fit_report {
    int epoch, epochs;
    double loss;       /* training, wing loss in pixels of the crop */
    double nme;        /* held-out people: mean error / distance of the outer eye corners */
    double nme_median; /* the same, median over faces */
    double failures;   /* share of held-out faces with an error above 0.08 */
    size_t n_train, n_held_out;
} um_landmark_fit_report;

/** Called after each epoch; a false return stops training with UMCL_ERR_CANCELLED. */
typedef bool (*um_landmark_fit_fn)(void *user, const um_landmark_fit_report *report);

/**
 * Trains on `train`, measures on `held_out` and writes the last epoch's weights to options->out.
 * The arrays are reordered.
 */
umcl_status um_landmark_fit(um_face_patch *train, size_t n_train, const um_face_patch *held_out,
                            size_t n_held_out, const um_landmark_fit_options *options,
                            um_landmark_fit_fn progress, void *user);

#endif
