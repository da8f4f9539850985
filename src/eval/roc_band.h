/*
 * A ROC curve with the band in which 95 % of the draws of people lie, for figures.
 */
#ifndef UM_EVAL_ROC_BAND_H
#define UM_EVAL_ROC_BAND_H

#include "eval/metrics.h"

/** A line through [n] points, x rising; every number 0 to 1. */
typedef struct um_roc {
    size_t n;
    double *x, *y;      /* shares of reals and of fakes above the threshold */
    double *low, *high; /* the band; NULL: fewer than 20 draws had both classes */
} um_roc;

/**
 * The curve of um_roc_curve, with more points on it where the band is known: shares of reals of 0,
 * 0.01 ... 1. The band is taken upright (Fawcett, 2006: vertical averaging): for each share of
 * reals the 95 % in the middle of the shares of fakes that the draws' curves reach there. It holds
 * for each place by itself, not for the curve as a whole.
 *
 * @param out   the caller's (um_roc_clear); n 0 where a class is missing
 * @param items sorted by score
 * @return UMCL_ERR_NOMEM
 */
umcl_status um_roc_measure(um_roc *out, um_scored *items, size_t n, int draws, uint64_t seed);
void um_roc_clear(um_roc *roc);

#endif
