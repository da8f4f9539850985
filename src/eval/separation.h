/*
 * How well classes of points lie apart, in the space they are in (not in a picture of it).
 */
#ifndef UM_EVAL_SEPARATION_H
#define UM_EVAL_SEPARATION_H

#include <stddef.h>

#include "base/status.h"

typedef struct um_separation {
    double silhouette; /* mean over all points, -1 to 1 (Rousseeuw, 1987) */
    double explained;  /* share of the variance that lies between the classes' centres, 0 to 1 */
    double neighbour;  /* how often the nearest point of another thing is of a point's class,
                          mean of the classes' rates: 1 / classes where classes mean nothing */
    double davies_bouldin; /* spread over distance of the worst neighbour, mean; less is better
                              (1979); infinite where two centres are one */
} um_separation;

/**
 * Euclidean distances; n^2 * d work.
 *
 * @param points     [n, d], finite
 * @param class_of   [n], 0 to n_classes - 1; classes without points are passed over
 * @param thing_of   [n]: points of one thing (a video in several qualities) are not each other's
 *                   nearest; NULL: every point is one of its own
 * @param silhouette [n], of every point, 0 for one that is alone in its class; may be NULL
 * @return UMCL_ERR_INVALID (fewer than two classes with points, a class out of range, a number that
 *         is not finite), UMCL_ERR_NOMEM
 */
umcl_status um_separation_measure(um_separation *out, double *silhouette, const float *points,
                                  size_t n, size_t d, const size_t *class_of, size_t n_classes,
                                  const size_t *thing_of);

/**
 * How far apart points of one thing lie (a video in several qualities): the mean distance of two of
 * them, averaged over the things that have two, over the mean distance of points of different
 * things. 0: they are one; 1: as far as any others; NaN: no thing has two, or there is but one.
 *
 * @param thing_of [n], below n
 * @return UMCL_ERR_INVALID (a thing out of range), UMCL_ERR_NOMEM
 */
umcl_status um_separation_pairs(double *out, const float *points, size_t n, size_t d,
                                const size_t *thing_of);

#endif
