/*
 * The square crop of a face that the pulse network sees: 1.3 times the face, smoothed over time so
 * that it neither trembles nor lags (the one-euro filter of Casiez et al., CHI 2012: the faster
 * the face moves, the less it is smoothed).
 */
#ifndef UM_FACE_CROP_H
#define UM_FACE_CROP_H

#include <stdbool.h>

#include "face/geometry.h"
#include "media/image.h"

#define UM_CROP_SIDE 128 /* pixels */
#define UM_CROP_BYTES ((size_t)UM_CROP_SIDE * UM_CROP_SIDE * 3)
#define UM_CROP_SCALE 1.3f /* side of the square, in face sizes */

/** Zeroed (UM_CROP_FILTER_INIT) at the start of a track. */
typedef struct um_crop_filter {
    bool started;
    float value[3], rate[3]; /* centre x and y, size: pixels, and pixels a frame */
} um_crop_filter;

#define UM_CROP_FILTER_INIT ((um_crop_filter){0})

/** The crop's square for one more frame at 30 fps, given the face's box on it. */
um_box um_crop_filter_step(um_crop_filter *f, um_box face);

#endif
