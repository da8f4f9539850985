/*
 * Two detectors on the same videos: is the difference of their AUCs more than chance?
 */
#ifndef UM_EVAL_COMPARE_H
#define UM_EVAL_COMPARE_H

#include "eval/metrics.h"

/** What both said of one video. */
typedef struct um_score_pair {
    double a, b; /* finite; each grows with P(fake), on a scale of its own */
    bool fake;
    size_t group; /* the person */
} um_score_pair;

/** An AUC, or a difference of AUCs, with its standard error and 95 % interval. */
typedef struct um_auc_estimate {
    double value, error;
    um_interval interval;
} um_auc_estimate;

typedef struct um_delong {
    um_auc_estimate a, b, difference; /* a minus b */
    double covariance;                /* of both AUCs */
    double z, p; /* p: two-sided. NaN where the error is 0 though the AUCs differ */
} um_delong;

/**
 * DeLong, DeLong and Clarke-Pearson, Biometrics 1988, by mid-ranks (Sun and Xu, 2014): n log n.
 * Takes the pairs for independent; of several videos of a person the bootstrap knows better.
 *
 * @return UMCL_ERR_INVALID (fewer than two of a class, a score that is not finite), UMCL_ERR_NOMEM
 */
umcl_status um_delong_test(um_delong *out, const um_score_pair *pairs, size_t n);

typedef struct um_paired_bootstrap {
    um_interval difference; /* 95 % percentiles of AUC(a) - AUC(b) */
    double p;               /* two-sided: twice the share of draws on the other side of 0 */
    size_t draws;           /* that had both classes */
} um_paired_bootstrap;

/**
 * Draws people with replacement, each time the same for both. NaN where fewer than 20 of the draws
 * have both classes. Errors as um_delong_test.
 */
umcl_status um_bootstrap_difference(um_paired_bootstrap *out, const um_score_pair *pairs, size_t n,
                                    int draws, uint64_t seed);

#endif
