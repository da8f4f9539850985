/*
 * CPML's consistency of modalities (Lai et al., BMVC 2024): a unified feature f turns towards the
 * prompt of its own class and away from the other class's, equally in both views:
 *
 *     own:    1 - cos(f, t_own),   other: cos(f, t_other),  over both views
 *     views:  (cos(f_HQ, t_own) - cos(f_LQ, t_own))^2
 *
 * each averaged over the samples of a class, the classes added.
 */
#ifndef UM_MODEL_LOSS_CPML_H
#define UM_MODEL_LOSS_CPML_H

#include "model/loss_views.h"

#define UM_CPML_PHY 0.2          /* weight of L_phy (model/loss_cqsl.h) in CPML's total */
#define UM_CPML_CONSISTENCY 0.25 /* weight of this loss */

typedef struct um_cpml_batch {
    size_t batch, width; /* B, 512 */
    const bool *fake;    /* [B] */
    um_views unified;    /* [B, width] */
    const float *own;    /* [B, width]: embedding of a prompt of the sample's class */
    const float *other;  /* [B, width]: of the other class */
} um_cpml_batch;

typedef struct um_cpml_loss {
    double own, other, views;
    double total; /* their sum */
} um_cpml_loss;

void um_loss_cpml(um_cpml_loss *out, const um_cpml_batch *b, double weight);

#endif
