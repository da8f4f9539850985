/*
 * Pictures in memory: 8 bits a sample, interleaved channels, rows from top to bottom. Coordinates
 * are in pixels; the centre of the first pixel is at (0.5, 0.5) and its upper left corner at (0,
 * 0).
 */
#ifndef UM_MEDIA_IMAGE_H
#define UM_MEDIA_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct um_image {
    int width, height;
    int channels;  /* 1: grey, 3: R, G, B */
    size_t stride; /* bytes from row to row */
    uint8_t *data; /* [height, width, channels] */
} um_image;

/** A rectangle in pixels, not necessarily inside the picture; x1, y1 exclusive. */
typedef struct um_box {
    float x0, y0, x1, y1;
} um_box;

/** Zeroed picture; released with um_image_clear. UMCL_ERR_INVALID (size), UMCL_ERR_NOMEM. */
umcl_status um_image_new(um_image *out, int width, int height, int channels);

/** Releases the pixels and zeroes the struct. */
void um_image_clear(um_image *image);

umcl_status um_image_copy(um_image *out, const um_image *image);

/** Grey version (BT.601 luma) of a picture of 1 or 3 channels. */
umcl_status um_image_grey(um_image *out, const um_image *image);

/**
 * Resamples the part `box` of `src` into all of `dst` (allocated by the caller, same channels):
 * area average where it shrinks, bilinear where it grows. Outside of `src` the border repeats.
 *
 * @return UMCL_ERR_INVALID (box empty or not finite, channels differ), UMCL_ERR_NOMEM
 */
umcl_status um_image_resample(um_image *dst, const um_image *src, um_box box);

/**
 * Reads a JPEG, PNG or any still picture FFmpeg knows (of a video: the first frame), EXIF
 * orientation applied, as 3 channels. Fails as um_video_open does.
 */
umcl_status um_image_read(um_image *out, const char *path);

/**
 * Writes PNG or JPEG by the name's ending, atomically.
 *
 * @return UMCL_ERR_INVALID (another ending), UMCL_ERR_IO, UMCL_ERR_UNSUPPORTED (no such encoder in
 *         this FFmpeg), UMCL_ERR_NOMEM
 */
umcl_status um_image_write(const um_image *image, const char *path);

/* Drawing, clipped to the picture; colour is 0xRRGGBB. */
void um_draw_line(um_image *image, float x0, float y0, float x1, float y1, uint32_t colour);
void um_draw_box(um_image *image, um_box box, int thickness, uint32_t colour);
void um_draw_disc(um_image *image, float x, float y, float radius, uint32_t colour);
void um_draw_text(um_image *image, int x, int y, int scale, uint32_t colour, const char *text);

#endif
