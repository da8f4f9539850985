/*
 * One operator against a reference in double precision: values, and gradients against finite
 * differences of the reference (which, being double, are exact to many digits). Every check runs
 * at each level of instruction set that the processor has, with one thread and with several, and
 * twice each: the same bits must come out.
 */
#ifndef UM_TESTS_SUPPORT_REFERENCE_H
#define UM_TESTS_SUPPORT_REFERENCE_H

#include "../test.h"
#include "autograd/ops.h"
#include "base/rng.h"

typedef struct reference_case {
    const char *name;
    int n_in;
    um_shape in[UM_MAX_INPUTS];
    um_node *(*build)(um_graph *g, um_node *const *in, const void *arg);
    /* Writes the result for inputs `in` of shapes `shape`. */
    void (*reference)(double *out, double *const *in, const um_shape *shape, const void *arg);
    const void *arg;
    double tol, grad_tol; /* relative to the largest value of the tensor */
    double range;         /* inputs are uniform in +-range; 0: 1 */
    unsigned positive;    /* bit i: input i is uniform in [0.5, 0.5 + range) instead */
    unsigned fixed;       /* bit i: input i has no gradient */
    bool infer;           /* in an inference graph: values alone */
} reference_case;

/** Fails the test with the case's name, its shapes and the first number that is off. */
void check_reference(const reference_case *c);

/** A number in lo .. hi. */
static inline int64_t draw(um_rng *rng, int64_t lo, int64_t hi)
{
    return lo + (int64_t)um_rng_below(rng, (size_t)(hi - lo + 1));
}

#endif
