/*
 * Curves of scores for figures: the receiver operating characteristic, and how sure a share is.
 */
#ifndef UM_EVAL_CURVES_H
#define UM_EVAL_CURVES_H

#include "eval/metrics.h"

/**
 * The ROC curve from (0, 0) to (1, 1): share of reals (x) and of fakes (y) at or above a threshold
 * that falls from score to score. Equal scores count together: a slanting line. The area beneath
 * is the AUC. `items` is sorted by score.
 *
 * @param x, y [n + 1]
 * @return the number of points; 0 where a class is missing
 */
size_t um_roc_curve(double *x, double *y, um_scored *items, size_t n);

/** Wilson's 95 % interval (1927) of the probability behind `share` of `n` independent trials. */
um_interval um_share_interval(double share, size_t n);

#endif
