/*
 * How much of what a detector tells apart is left when the videos were changed. For one change the
 * measure is the relative AUC, (AUC - 0.5) / (AUC of the videos as they are - 0.5): 1, nothing is
 * lost; 0, nothing better than chance is left; below 0, real and fake are confused. The figure of
 * merit is its mean over all changes. A change that leaves no AUC (no score for one of the classes)
 * counts as 0; where the AUC of the videos as they are is not above 0.5, there is no relative AUC.
 *
 * Intervals are 95 % by bootstrap over people, the same people in all conditions of a draw, so
 * that what the conditions share does not widen them.
 */
#ifndef UM_EVAL_ROBUSTNESS_H
#define UM_EVAL_ROBUSTNESS_H

#include "eval/metrics.h"

/** Scores of the same videos under changes; borrowed. NaN: no score. */
typedef struct um_robust_scores {
    size_t n, n_changes;
    const bool *fake;      /* [n] */
    const size_t *person;  /* [n], numbers: videos of one person are drawn together */
    const double *clean;   /* [n], of the videos as they are */
    const double *changed; /* [n_changes, n] */
} um_robust_scores;

/** NaN: there is none. */
typedef struct um_robust_figure {
    double value;
    um_interval interval;
} um_robust_figure;

typedef struct um_robust_change {
    size_t n, n_fake; /* videos with a score */
    um_robust_figure auc, relative;
} um_robust_change;

typedef struct um_robustness {
    um_robust_change clean;    /* relative: 1, or NaN */
    um_robust_change *changes; /* [n_changes] */
    um_robust_figure merit;    /* NaN without a change */
    double kept;               /* mean over the changes: videos with a score, of those that had one
                                  as they are; NaN without a change or a score */
} um_robustness;

/**
 * `draws` of the bootstrap, 2,000 in umcl robust. `out` is the caller's: um_robustness_clear.
 * UMCL_ERR_NOMEM.
 */
umcl_status um_robustness_measure(um_robustness *out, const um_robust_scores *scores, int draws,
                                  uint64_t seed);
void um_robustness_clear(um_robustness *r);

#endif
