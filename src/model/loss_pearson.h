/*
 * Likeness of two vectors, with gradients (see model/loss_views.h): cosine, negative Pearson
 * correlation (13) and the "modified Pearson correlation" (15) of the UMCL paper.
 *
 * A constant signal has no correlation and a zero vector no direction: the loss is 0 then, and so
 * is the gradient.
 */
#ifndef UM_MODEL_LOSS_PEARSON_H
#define UM_MODEL_LOSS_PEARSON_H

#include <stddef.h>

/** Cosine of the angle between x [n] and y [n]; 0 if either is zero. */
double um_cosine(const float *x, const float *y, size_t n);

/** Adds weight * its gradient to dx [n] and dy [n]; either may be NULL, here and below. */
void um_cosine_grad(const float *x, const float *y, size_t n, double weight, float *dx, float *dy);

/** L_NPC = 1 - Pearson's r, in [0, 2]; 0 if either is constant. */
double um_loss_npc(const float *x, const float *y, size_t n, double weight, float *dx, float *dy);

/** L_MPC = |cosine|, in [0, 1]; its gradient is taken as 0 where the cosine is. */
double um_loss_mpc(const float *x, const float *y, size_t n, double weight, float *dx, float *dy);

#endif
