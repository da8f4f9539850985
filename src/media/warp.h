/*
 * Bending a picture: a coarse grid says where the output's places come from, in between they are
 * interpolated; pixels are taken bilinearly. Outside of the source the border repeats.
 */
#ifndef UM_MEDIA_WARP_H
#define UM_MEDIA_WARP_H

#include "media/image.h"

#define UM_WARP_CELLS 16
#define UM_WARP_NODES ((UM_WARP_CELLS + 1) * (UM_WARP_CELLS + 1))

/** Node (column i, row j) stands at (i width, j height) / UM_WARP_CELLS of the output. */
typedef struct um_warp {
    float at[UM_WARP_NODES][2]; /* [row, column], place in the source in pixels */
} um_warp;

/** Every node comes from its own place, for an output of this size. */
void um_warp_identity(um_warp *warp, int width, int height);

/** Fills `dst` (allocated by the caller, as many channels as `src`, not the same pixels). */
void um_image_warp(um_image *dst, const um_image *src, const um_warp *warp);

#endif
