/*
 * Polygons: convex hulls, and filling with soft edges.
 */
#ifndef UM_MEDIA_POLYGON_H
#define UM_MEDIA_POLYGON_H

#include "media/image.h"

#define UM_POLYGON_MAX 512 /* corners */

/**
 * Corners of the convex hull of `n` <= UM_POLYGON_MAX points, in order around it (Andrew 1979).
 *
 * @param out [n]
 * @return number of corners
 */
size_t um_convex_hull(float (*out)[2], const float (*points)[2], size_t n);

/**
 * Sets each pixel of `mask` (1 channel) to the part of it that the polygon of `n` <=
 * UM_POLYGON_MAX corners covers, 255: all. Even-odd where edges cross; coordinates must be finite.
 */
void um_polygon_fill(um_image *mask, const float (*corners)[2], size_t n);

#endif
