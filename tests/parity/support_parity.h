/*
 * A network on the CPU beside its reference numbers: a graph, its parameters by formula or from a
 * file, and comparison relative to the largest value of a tensor.
 */
#ifndef UM_TESTS_SUPPORT_PARITY_H
#define UM_TESTS_SUPPORT_PARITY_H

#include "../test.h"
#include "nn/layers.h"

#define REFERENCE(name) SHARED("reference/" name)

#define FORWARD_TOL 1e-4
#define GRAD_TOL 1e-3

/* A network under test. */
typedef struct parity {
    um_st_file *file; /* the reference numbers */
    um_params *set;
    um_graph *g;
    um_nn nn;
} parity;

/** Opens the reference file; skip the test before if it is absent. */
void parity_start(parity *p, const char *path, um_mode mode);
void parity_stop(parity *p);

/** A reference tensor as floats (any numeric type); `n` is what it must hold. Free it. */
float *parity_values(const parity *p, const char *name, size_t n);

/** Largest difference over `n` values, relative to the largest of `scale` and the reference. */
void parity_compare(const parity *p, const char *name, const float *have, size_t n, double scale,
                    double tol);

/** A node's value, or its gradient. Free it. */
float *parity_read(const parity *p, const um_node *node);
float *parity_read_grad(const parity *p, const um_node *node);

/** The whole value of a node. */
void parity_node(const parity *p, const char *name, const um_node *node);

/** `name`.norm and `name`.head of a gradient of `n` values. */
void parity_grad(const parity *p, const char *norm, const char *head, const float *grad, size_t n,
                 double tol);

/**
 * `prefix`<parameter>.norm and .head of every parameter that is trained.
 *
 * @param tolerance of a parameter's gradient; 0: it must vanish beside its weight's. NULL: GRAD_TOL
 */
void parity_param_grads(const parity *p, const char *prefix, double (*tolerance)(const char *name));

#endif
