/*
 * The arithmetic of a graph, counted from the shapes of its operators.
 *
 * A multiplication and the addition of its product are two operations, as published GFLOPs have it
 * where they do not count multiply-adds. What is counted are the products of convolutions, linear
 * layers, attention and recurrent layers, border pixels in full; additions of biases, norms,
 * activations, pooling and softmax are not. Nor are weights that an inference graph folds once.
 */
#ifndef UM_AUTOGRAD_FLOPS_H
#define UM_AUTOGRAD_FLOPS_H

#include "autograd/graph.h"

typedef enum um_flops_kind {
    UM_FLOPS_CONVOLUTION, /* "convolutions" */
    UM_FLOPS_LINEAR,      /* "linear_layers": a matrix of weights */
    UM_FLOPS_MATMUL,      /* "matrix_products": of two values, as in attention */
    UM_FLOPS_RECURRENT,   /* "recurrent_layers": both directions, all gates */
    UM_N_FLOPS
} um_flops_kind;

/** By kind, in one forward run. */
typedef struct um_flops {
    double of[UM_N_FLOPS];
} um_flops;

const char *um_flops_name(um_flops_kind kind);

/** Adds what one forward run of `g` takes to *sum. The graph need not be compiled. */
void um_graph_flops(um_flops *sum, const um_graph *g);

double um_flops_all(const um_flops *f);

#endif
