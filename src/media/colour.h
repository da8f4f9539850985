/*
 * From resampled components to 8-bit R, G, B or luma. The matrices are those of ITU-R BT.601,
 * BT.709 and BT.2020 (and two older ones); a stream without a tag is BT.601, as FFmpeg takes it.
 */
#ifndef UM_MEDIA_COLOUR_H
#define UM_MEDIA_COLOUR_H

#include <stdbool.h>
#include <stdint.h>

typedef struct um_colour {
    float y_mul, y_add;        /* luma, 8.8 fixed point in, 0..255 out, + 0.5 for rounding */
    float rv, gu, gv, bu;      /* chroma gains */
    float r_add, g_add, b_add; /* offsets with luma's and chroma's folded in */
} um_colour;

/** Conversion for luma weights kr and kb (BT.601: 0.299, 0.114), full or limited range. */
um_colour um_colour_make(double kr, double kb, bool full_range);

/** Rows of Y, U, V (8.8 fixed point, [n]) to rows of R, G, B. */
void um_colour_rgb(const um_colour *c, const uint16_t *const yuv[3], uint8_t *const rgb[3], int n);

/** A row of Y to full-range luma. */
void um_colour_luma(const um_colour *c, const uint16_t *y, uint8_t *out, int n);

/** Rows of R, G, B to BT.601 luma. */
void um_colour_grey(const uint16_t *const rgb[3], uint8_t *out, int n);

/** 8.8 fixed point to bytes, rounded. */
void um_colour_round(const uint16_t *in, uint8_t *out, int n);

#endif
