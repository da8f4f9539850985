/* Gradients of losses that are plain functions, against central differences. */
#ifndef UM_TESTS_SUPPORT_SLOPE_H
#define UM_TESTS_SUPPORT_SLOPE_H

#include <stddef.h>

/** A loss whose inputs lie where `ctx` knows. */
typedef double (*loss_fn)(void *ctx);

/**
 * Fails the test where `grad` differs from the differences of `loss` as x [n] (read by it) moves by
 * +-step: by more than 1e-3 of the largest gradient, of which there must be one.
 */
void check_slope(const char *name, loss_fn loss, void *ctx, float *x, const float *grad, size_t n,
                 double step);

/** Numbers in -1..1 that depend on the name alone. */
void fill_random(float *x, size_t n, const char *name);

/** Fails where a number is not finite. */
void check_finite(const float *x, size_t n);

#endif
