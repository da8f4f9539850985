/*
 * How well scores separate fake (1) from real (0), with bootstrap intervals. Measures of one class
 * alone are NaN.
 */
#ifndef UM_EVAL_METRICS_H
#define UM_EVAL_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct um_scored {
    double score; /* P(fake) or anything that grows with it */
    bool fake;
    size_t group; /* bootstrap draws whole groups: windows of one video, videos of one person */
} um_scored;

typedef struct um_metrics {
    size_t n, n_fake;
    double auc;                /* probability that a fake scores above a real; ties count half */
    double accuracy, balanced; /* at the threshold; balanced: mean of both classes' rates */
    double eer;                /* error rate where false alarms and misses are equal */
    double ap;                 /* average precision of fake */
    double ece;                /* expected calibration error, ten bins of equal width */
} um_metrics;

/** `items` is sorted by score. UMCL_ERR_INVALID where a score is not finite. */
umcl_status um_metrics_compute(um_metrics *out, um_scored *items, size_t n, double threshold);

typedef struct um_interval {
    double low, high;
} um_interval;

/**
 * 95 % percentile intervals of auc, accuracy, eer, ap (in this order) over `draws` draws of whole
 * groups with replacement; draws with one class are left out.
 */
umcl_status um_metrics_bootstrap(um_interval out[4], const um_scored *items, size_t n,
                                 double threshold, int draws, uint64_t seed);

#endif
