/*
 * What the losses work on: embeddings of a whole batch in the memory of the host, each sample in
 * its high-quality and its low-quality view.
 *
 * Every loss returns its plain value and ADDS `weight` times its gradient to the arrays it is
 * given; sums over vectors run in double. An input that is not a number makes the loss not a
 * number.
 */
#ifndef UM_MODEL_LOSS_VIEWS_H
#define UM_MODEL_LOSS_VIEWS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum um_view { UM_HQ, UM_LQ, UM_N_VIEWS } um_view;

/** Rows [B, n] of both views, row-major. */
typedef struct um_views {
    const float *x[UM_N_VIEWS];
    float *grad[UM_N_VIEWS]; /* NULL: not wanted */
} um_views;

/** Row `i` of width `n`. */
static inline const float *um_view_row(const um_views *v, int view, size_t i, size_t n)
{
    return v->x[view] + i * n;
}

/** Its gradient; NULL: not wanted. */
static inline float *um_view_grad(const um_views *v, int view, size_t i, size_t n)
{
    return v->grad[view] ? v->grad[view] + i * n : NULL;
}

/** What sample `i` counts in an average over the samples of its class. */
static inline double um_class_share(const bool *fake, size_t batch, size_t i)
{
    size_t n = 0;

    for (size_t k = 0; k < batch; k++) n += fake[k] == fake[i];
    return 1 / (double)n;
}

/**
 * Whether a signal counts as constant: `variation` is its sum of squares around the mean, `size`
 * the plain sum of squares. Below a millionth of the values only their rounding is left.
 */
static inline bool um_is_flat(double variation, double size)
{
    return variation <= 1e-12 * size || variation <= 1e-24;
}

#endif
