/* Finite-difference check of one operator through a graph. */
#ifndef UM_TESTS_OPS_GRADCHECK_H
#define UM_TESTS_OPS_GRADCHECK_H

#include "autograd/ops.h"

typedef struct um_op_case {
    const char *name;
    um_op op;
    um_attr attr;
    int n_in;
    um_shape in[UM_MAX_INPUTS];
    float lo, hi;     /* range of the random inputs; 0, 0: -1..1 */
    unsigned no_grad; /* bit k: input k has no gradient (integers, running statistics) */
    double tolerance; /* of the gradient, relative to its largest value; 0: 1e-3 */
    double step;      /* of the finite difference; 0: 1e-2 */
} um_op_case;

/** Fails the running test, naming the case, where a gradient differs from central differences. */
void check_gradient(const um_op_case *c);

/** Runs the operator once on the same inputs; `out` is malloc'ed by it. */
void run_case(const um_op_case *c, um_mode mode, float **out, size_t *n);

#endif
