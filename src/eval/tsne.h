/*
 * t-SNE: points of many dimensions drawn in the plane so that neighbours stay neighbours (van der
 * Maaten and Hinton, JMLR 2008), exact or by Barnes and Hut's tree (JMLR 2014). How far apart
 * clusters lie, and how large they are, means nothing in such a picture.
 */
#ifndef UM_EVAL_TSNE_H
#define UM_EVAL_TSNE_H

#include <stdint.h>

#include "eval/affinity.h"

typedef struct um_tsne_options {
    double perplexity; /* about how many neighbours count: 1 to (n - 1), best below n / 3 */
    double angle;      /* 0: exact, every pair (n^2 a step); to 0.7: by a tree (n log n) */
    int steps;         /* of the descent, the first quarter (at most 250) with exaggeration */
    uint64_t seed;     /* of where points start */
} um_tsne_options;

/* 30 neighbours; a tree from 2000 points on is worth its inexactness: set angle to 0.5. */
#define UM_TSNE_INIT ((um_tsne_options){.perplexity = 30, .angle = 0, .steps = 1000, .seed = 1})

/**
 * Places `n` points. The same points, options and seed give the same bytes, whatever the number of
 * threads. With an angle the nearest 3 * perplexity neighbours count, without all points do.
 *
 * @param out    [n, 2], centred
 * @param points [n, d], finite
 * @param loss   may be NULL: the Kullback-Leibler divergence that is left, in nats
 * @return UMCL_ERR_INVALID (options, fewer than three points, a number that is not finite),
 *         UMCL_ERR_NOMEM
 */
umcl_status um_tsne(double *out, double *loss, const float *points, size_t n, size_t d,
                    const um_tsne_options *options);

/**
 * The gradient [n, 2] of the Kullback-Leibler divergence KL(P || Q) of joint affinities `p` at
 * `y` [n, 2], and the divergence itself, both up to the inexactness of `angle`.
 *
 * @param loss may be NULL
 */
umcl_status um_tsne_gradient(double *gradient, double *loss, const um_affinity *p, const double *y,
                             double angle);

#endif
