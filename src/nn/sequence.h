/*
 * Layers over sequences: attention and PyTorch's GRU.
 */
#ifndef UM_NN_SEQUENCE_H
#define UM_NN_SEQUENCE_H

#include "nn/layers.h"

/**
 * Multi-head attention of q, k, v [B, S, C]: per head, softmax(scale q k^T + mask), dropout, times
 * v; heads are consecutive parts of C. mask [S, S] or NULL. -> [B, S, C]
 */
um_node *um_nn_attention(um_graph *g, um_node *q, um_node *k, um_node *v, int heads, float scale,
                         um_node *mask, float dropout);

/**
 * PyTorch's one-layer bidirectional GRU: name.weight_ih_l0 [3H, I], name.weight_hh_l0 [3H, H],
 * name.bias_ih_l0, name.bias_hh_l0 [3H] and the same with _reverse. x [B, T, I], h0 [2, 1 or B, H]
 * -> [B, T, 2H].
 */
um_node *um_nn_gru(um_nn *nn, const char *name, um_node *x, int hidden, um_node *h0);

/** Final states of um_nn_gru's result [B, T, 2H]: forward, backward -> [B, 2H]. */
um_node *um_nn_gru_final(um_graph *g, um_node *y);

#endif
