/*
 * Resampling by averaging whole pixels, as PyTorch's interpolate(mode="area") does it, into the
 * form that the face networks read.
 */
#ifndef UM_FACE_AREA_H
#define UM_FACE_AREA_H

#include "media/image.h"

/** A rectangle of whole pixels inside a picture; x1, y1 exclusive. */
typedef struct um_pixel_rect {
    int x0, y0, x1, y1;
} um_pixel_rect;

/**
 * Output pixel i averages input pixels floor(i n / m) .. ceil((i + 1) n / m) - 1 in each direction.
 *
 * @param out  [height, width, 3], (mean - 127.5) / 128
 * @param rgb  picture of 3 channels; `rect` lies inside it and is not empty
 * @param sums scratch, 3 * (rect width) numbers
 */
void um_area_resample(float *out, int width, int height, const um_image *rgb, um_pixel_rect rect,
                      unsigned *sums);

#endif
