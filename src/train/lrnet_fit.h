/*
 * Training of LRNet as a detector of its own (the paper's Model A): both streams on windows of
 * calibrated landmarks, each with its own cross-entropy, half of each batch real and half fake.
 */
#ifndef UM_TRAIN_LRNET_FIT_H
#define UM_TRAIN_LRNET_FIT_H

#include "data/track_store.h"
#include "eval/calibration.h"
#include "model/modality.h"

/** One face track with its label. */
typedef struct um_labelled_track {
    const um_stored_track *track; /* borrowed; at least one window long */
    bool fake;
    size_t video, person; /* indices, for grouping */
} um_labelled_track;

typedef struct um_lrnet_fit_options {
    int steps, batch;     /* batch: even */
    double learning_rate; /* falls to zero along a cosine */
    double weight_decay;
    double sigma;    /* noise on every coordinate, the LQ view's (specification 1.5) */
    double lq_share; /* share of the samples that get it */
    uint64_t seed;
} um_lrnet_fit_options;

#define UM_LRNET_FIT_OPTIONS_INIT                                                                  \
    ((um_lrnet_fit_options){.steps = 1500,                                                         \
                            .batch = 64,                                                           \
                            .learning_rate = 2e-3,                                                 \
                            .weight_decay = 1e-2,                                                  \
                            .sigma = 0.01,                                                         \
                            .lq_share = 0.5,                                                       \
                            .seed = 1})

/** Progress: step counted from 1 and the mean loss of the last steps; false stops. */
typedef bool (*um_lrnet_fit_fn)(void *user, int step, int steps, double loss);

/**
 * Trains a fresh network; `*out` holds its parameters, the caller's.
 * UMCL_ERR_INVALID where a class is missing, UMCL_ERR_INTERNAL where the loss is no number.
 */
umcl_status um_lrnet_fit(um_params **out, const um_labelled_track *tracks, size_t n,
                         const um_lrnet_fit_options *options, um_lrnet_fit_fn progress, void *user);

/** Log-odds of all windows (stride 30) of the tracks, `*out` is the caller's. */
umcl_status um_lrnet_windows(um_window_score **out, size_t *n_out, um_params *params,
                             const um_labelled_track *tracks, size_t n);

#endif
