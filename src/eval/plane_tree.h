/*
 * A quadtree over points of the plane: what far points do together is taken as what their centre
 * would do (Barnes and Hut, Nature 1986; for t-SNE: van der Maaten, JMLR 2014).
 */
#ifndef UM_EVAL_PLANE_TREE_H
#define UM_EVAL_PLANE_TREE_H

#include <stddef.h>

#include "base/status.h"

typedef struct um_plane_tree um_plane_tree;

/** `points` [n, 2], finite; borrowed. UMCL_ERR_NOMEM. */
umcl_status um_plane_tree_new(um_plane_tree **out, const double *points, size_t n);
void um_plane_tree_free(um_plane_tree *tree);

/**
 * Of point `i` with all others j, w = 1 / (1 + |yi - yj|^2): force += w^2 (yi - yj), and returns
 * the sum of w. A cell of side s at distance d counts as one where s < angle * d.
 *
 * @param angle 0 (every pair for itself) to 0.7 (a point is never in a cell that counts as one)
 */
double um_plane_tree_repel(const um_plane_tree *tree, size_t i, double angle, double force[2]);

#endif
