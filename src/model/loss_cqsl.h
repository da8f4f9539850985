/*
 * Cross-quality similarity learning (UMCL paper, (13)-(19)): the pulse features of one sample stay
 * alike in both views and keep their heart rate, those of real and fake samples are pushed apart.
 */
#ifndef UM_MODEL_LOSS_CQSL_H
#define UM_MODEL_LOSS_CQSL_H

#include "base/status.h"
#include "model/loss_views.h"

typedef struct um_cqsl_batch {
    size_t batch, width; /* B, K */
    size_t n_frames;     /* the first n_frames of a feature are its waveform, at `fps` */
    double fps;
    const bool *fake; /* [B] */
    um_views z;       /* pulse features [B, K] */
} um_cqsl_batch;

typedef struct um_cqsl_loss {
    double pull, push, heart_rate;
    double total; /* L_phy, their sum (19) */
} um_cqsl_loss;

/**
 * (14): L_NPC(z_HQ, z_LQ), averaged over the real samples, plus the same over the fake ones. A
 * class without samples adds nothing.
 */
double um_cqsl_pull(const um_cqsl_batch *b, double weight);

/** (16): L_MPC over the four pairs of views of every real x fake pair, averaged over the pairs. */
double um_cqsl_push(const um_cqsl_batch *b, double weight);

/**
 * (17), (18): |h_HQ - h_LQ| in Hz (see um_heart_rate_soft), averaged as in um_cqsl_pull. A sample
 * with a constant waveform in either view adds nothing.
 *
 * @return as um_heart_rate_band
 */
umcl_status um_cqsl_heart_rate(double *loss, const um_cqsl_batch *b, double weight);

/** All three. UMCL_ERR_SHAPE (features shorter than their waveform), and as above. */
umcl_status um_loss_cqsl(um_cqsl_loss *out, const um_cqsl_batch *b, double weight);

#endif
