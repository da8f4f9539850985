/*
 * The reliability diagram: how often what got a score turned out to be so, above how many got it.
 */
#ifndef UM_PLOT_RELIABILITY_H
#define UM_PLOT_RELIABILITY_H

#include "plot/figure.h"

/** One curve over bins of equal width from 0 to 1. Empty bins: NaN in score, share, low, high. */
typedef struct um_reliability {
    const char *name;         /* in the legend; NULL: not there */
    size_t n;                 /* bins */
    const double *score;      /* [n], mean score */
    const double *share;      /* [n], of positives, 0 to 1 */
    const double *low, *high; /* [n], interval of the share; or both NULL */
    const double *count;      /* [n], scores in the bin */
} um_reliability;

typedef struct um_reliability_figure {
    const char *title, *note;
    const char *score_label, *share_label;
    const um_reliability *curves; /* [n_curves], 1 to 16, with equally many bins, 1 to 64 */
    size_t n_curves;
} um_reliability_figure;

/** As um_figure_write; also UMCL_ERR_INVALID for numbers of curves or bins. */
umcl_status um_reliability_write(const um_reliability_figure *figure, const char *path);

#endif
