/*
 * The cheapest one-to-one assignment of rows to columns (Hungarian method, Jonker and Volgenant's
 * shortest augmenting paths, O(n^2 m)).
 */
#ifndef UM_FACE_ASSIGN_H
#define UM_FACE_ASSIGN_H

#include <stddef.h>

#include "base/status.h"

/**
 * Assigns rows to columns at the least total cost; a pair costlier than `limit` stays apart.
 *
 * @param column_of [rows] column of each row, or -1
 * @param cost      [rows, columns], finite
 * @param limit     price of leaving a row (or column) alone; pairs at or above it are never made
 * @return UMCL_OK or UMCL_ERR_NOMEM
 */
umcl_status um_assign(int *column_of, const float *cost, size_t rows, size_t columns, float limit);

#endif
