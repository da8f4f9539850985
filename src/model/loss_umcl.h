/*
 * What UMCL is trained on: cross-entropy of the verdict (8), CQSL on the pulse features (19), ASA
 * on the projections (12), and their sum (20). The baseline's total has CPML's consistency in the
 * place of ASA.
 */
#ifndef UM_MODEL_LOSS_UMCL_H
#define UM_MODEL_LOSS_UMCL_H

#include "model/loss_asa.h"
#include "model/loss_cpml.h"
#include "model/loss_cqsl.h"

/** Cross-entropy of logits [B, 2] (class 1 is fake), averaged over samples and both views. */
double um_loss_bce(const um_views *logits, const bool *fake, size_t batch, double weight);

typedef struct um_umcl_batch {
    size_t batch;
    const bool *fake;           /* [B] */
    um_views logits;            /* [B, 2] */
    const um_cqsl_batch *pulse; /* NULL: no pulse modality, or no CQSL */
    const um_asa_batch *fused;  /* NULL: no ASA */
    const um_cpml_batch *cpml;  /* NULL: not CPML */
    double alpha, beta;         /* the paper's: UM_UMCL_ALPHA, UM_UMCL_BETA; CPML's: its header */
} um_umcl_batch;

#define UM_UMCL_ALPHA 0.25
#define UM_UMCL_BETA 0.25

typedef struct um_umcl_loss {
    double bce;
    um_cqsl_loss phy;
    double aff;
    um_cpml_loss cpml;
    double total; /* bce + alpha phy.total + beta (aff + cpml.total) */
} um_umcl_loss;

/** Adds the gradients of the total to the arrays of all of them. Errors: um_loss_cqsl's, NOMEM. */
umcl_status um_loss_umcl(um_umcl_loss *out, const um_umcl_batch *b);

#endif
