/*
 * Resampling one component of a picture, row by row. The filter is separable: a box of max(1,
 * scale) samples around each output's centre, which is the area average where the picture shrinks
 * and linear interpolation where it grows. Samples outside repeat the border.
 */
#ifndef UM_MEDIA_PLANE_H
#define UM_MEDIA_PLANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/** Where the samples of one component lie. Deeper samples are read as their upper 8 bits. */
typedef struct um_plane {
    const uint8_t *data; /* the first sample */
    ptrdiff_t stride;    /* bytes from row to row, may be negative */
    int width, height;   /* in samples of this component, 1 or more */
    int step;            /* bytes from sample to sample */
    int depth, shift;    /* bits of a sample, and below it in its word; depth 8..16 */
    bool wide;           /* 16-bit words */
    bool big_endian;
} um_plane;

/** The plane of a component of an 8-bit interleaved picture. */
um_plane um_plane_8bit(const uint8_t *data, ptrdiff_t stride, int width, int height, int step);

/** Taps of one direction: output i is the weighted sum of `taps` samples from start[i] on. */
typedef struct um_axis {
    int n, taps;
    int first, span;  /* the samples that are used at all: [first, first + span) */
    int *start;       /* [n], relative to `first` */
    uint16_t *weight; /* [n, taps], sums to `one` */
} um_axis;

typedef struct um_scaler {
    um_plane plane;
    um_axis x, y;
    uint16_t *column;  /* [x.span], sums over rows, 8.8 fixed point */
    uint8_t *unpacked; /* [x.span], only where samples are not plain bytes */
} um_scaler;

/**
 * Prepares to resample [x0, x1) x [y0, y1) (in samples, finite, not empty) to width x height.
 * Release with um_scaler_clear in any case. UMCL_ERR_NOMEM.
 */
umcl_status um_scaler_init(um_scaler *s, const um_plane *plane, double x0, double y0, double x1,
                           double y1, int width, int height);
void um_scaler_clear(um_scaler *s);

/** Output row `row`: x.n values of 8.8 fixed point. */
void um_scaler_row(um_scaler *s, int row, uint16_t *out);

#endif
