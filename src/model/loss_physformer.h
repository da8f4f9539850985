/*
 * PhysFormer's pre-training loss (Yu et al., CVPR 2022): the waveform follows a measured pulse in
 * time (negative Pearson) and in frequency, where the power at 40, 41, ... 179 bpm, divided by its
 * sum, stands for the scores of 140 classes:
 *
 *     L = alpha L_time + beta (L_CE + L_LD),  alpha = 0.1,  beta = 5^progress
 *
 * L_CE is the cross-entropy to the nearest class, L_LD the Kullback-Leibler divergence from a
 * normal distribution of 1 bpm around the label (normalised over the classes) to the softmax.
 * Scores lie in [0, 1], so L_CE and L_LD cannot vanish: for a perfect waveform they stay near 4.
 */
#ifndef UM_MODEL_LOSS_PHYSFORMER_H
#define UM_MODEL_LOSS_PHYSFORMER_H

#include <stddef.h>

#include "base/status.h"

#define UM_PHYSFORMER_MIN_BPM 40
#define UM_PHYSFORMER_MAX_BPM 179

typedef struct um_physformer_batch {
    size_t batch, n_frames; /* B, T */
    double fps;
    const float *waveform; /* [B, T] */
    const float *pulse;    /* [B, T], measured */
    const double *bpm;     /* [B], measured, 39.5 to below 179.5 */
    float *grad;           /* [B, T], added to; NULL: not wanted */
} um_physformer_batch;

/* Means over the batch. */
typedef struct um_physformer_loss {
    double time, frequency, distribution; /* L_time, L_CE, L_LD */
    double total;
} um_physformer_loss;

/**
 * A clip whose waveform is constant adds nothing.
 *
 * @param progress share of the training that is done, 0 to 1
 * @param weight   of the gradient
 * @return UMCL_ERR_INVALID (a label outside the classes), and as um_spectrum_new
 */
umcl_status um_loss_physformer(um_physformer_loss *out, const um_physformer_batch *b,
                               double progress, double weight);

#endif
