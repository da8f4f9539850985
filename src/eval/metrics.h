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
    double accuracy_half;      /* at 0.5 */
    double eer;                /* error rate where false alarms and misses are equal */
    double ap;                 /* average precision of fake */
    double ece;                /* expected calibration error, ten bins of equal width */
} um_metrics;

/** `items` is sorted by score. UMCL_ERR_INVALID where a score is not finite. */
umcl_status um_metrics_compute(um_metrics *out, um_scored *items, size_t n, double threshold);

/* The measures by number, for tables of them. */
typedef enum um_measure {
    UM_AUC,
    UM_ACCURACY,
    UM_ACCURACY_HALF,
    UM_EER,
    UM_AP,
    UM_BALANCED,
    UM_ECE,
    UM_N_MEASURES
} um_measure;

double um_metrics_get(const um_metrics *m, um_measure which);

typedef struct um_interval {
    double low, high;
} um_interval;

/** The 95 % in the middle of `values`, which are sorted; NaN where there are fewer than 20. */
um_interval um_percentile_interval(double *values, size_t n);

/**
 * 95 % percentile intervals of all measures over `draws` draws of whole groups with replacement;
 * draws with one class are left out. NaN where fewer than 20 are left.
 */
umcl_status um_metrics_bootstrap(um_interval out[UM_N_MEASURES], const um_scored *items, size_t n,
                                 double threshold, int draws, uint64_t seed);

#define UM_CURVE_BINS 10

/** Scores of one of ten bins of equal width. */
typedef struct um_curve_bin {
    size_t n;
    double score, fakes; /* mean score, share of fakes; NaN: the bin is empty */
} um_curve_bin;

/** What scores say against what is true (the calibration curve). */
void um_calibration_curve(um_curve_bin bins[UM_CURVE_BINS], const um_scored *items, size_t n);

#endif
