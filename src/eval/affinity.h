/*
 * How near points are to each other as probabilities: what t-SNE keeps when it draws them in the
 * plane (van der Maaten and Hinton, JMLR 2008, section 2).
 */
#ifndef UM_EVAL_AFFINITY_H
#define UM_EVAL_AFFINITY_H

#include <stddef.h>

#include "base/status.h"

/** A sparse matrix [n, n] without diagonal; row i is start[i] to start[i + 1]. */
typedef struct um_affinity {
    size_t n;
    size_t *start; /* [n + 1] */
    size_t *index; /* columns, rising in each row */
    double *value;
} um_affinity;

/**
 * p(j|i): a Gaussian around each point, as wide as gives exp(entropy) = `perplexity`, over its
 * `neighbours` nearest points (0: all others). Every row sums to 1. Points that lie upon each other
 * are fine.
 *
 * @param points     [n, d], finite; n from 3
 * @param perplexity from 1 to the number of neighbours
 * @return UMCL_ERR_INVALID, UMCL_ERR_NOMEM
 */
umcl_status um_affinity_conditional(um_affinity *out, const float *points, size_t n, size_t d,
                                    double perplexity, size_t neighbours);

/** p(i, j) = (p(j|i) + p(i|j)) / 2n: symmetric, sums to 1. UMCL_ERR_NOMEM. */
umcl_status um_affinity_joint(um_affinity *out, const um_affinity *conditional);

void um_affinity_clear(um_affinity *affinity);

#endif
