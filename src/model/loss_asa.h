/*
 * Affinity-driven semantic alignment (UMCL paper, (9)-(12)): modalities of one sample are drawn
 * together, those of different samples apart. Any number of modalities.
 */
#ifndef UM_MODEL_LOSS_ASA_H
#define UM_MODEL_LOSS_ASA_H

#include "base/status.h"
#include "model/loss_views.h"

/* sigma of (11), into [0, 1]. Only the first is positive semi-definite, as the paper asks. */
typedef enum um_affinity {
    UM_AFFINITY_COSINE,      /* "cosine": (1 + cos) / 2 */
    UM_AFFINITY_RELU_COSINE, /* "relu-cosine": max(0, cos) */
    UM_AFFINITY_SIGMOID      /* "sigmoid": 1 / (1 + exp(-u.v)), of the plain product */
} um_affinity;

/** By name. UMCL_ERR_INVALID: the sentence lists the names. */
umcl_status um_affinity_parse(um_affinity *out, const char *name);

typedef struct um_asa_batch {
    size_t batch, width;      /* B, d */
    size_t n_modalities;      /* m */
    const um_views *modality; /* [m]: projections [B, d] */
    um_affinity sigma;
} um_asa_batch;

/**
 * With u_i^b the mean of both views of sample b in modality i and A_ij^bc = sigma(u_i^b . u_j^c):
 *
 *     L_aff = 1/B sum_b [ sum_{i != j} (1 - A_ij^bb)^2 + mean_{c != b} sum_{i != j} (A_ij^bc)^2 ]
 *
 * One modality has no pairs: 0. One sample has no second term.
 *
 * @param affinity gets A, [B, B, m, m] as (b, c, i, j); may be NULL
 * @return UMCL_ERR_NOMEM
 */
umcl_status um_loss_asa(double *loss, float *affinity, const um_asa_batch *b, double weight);

#endif
