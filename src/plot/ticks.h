/*
 * Round numbers along an axis.
 */
#ifndef UM_PLOT_TICKS_H
#define UM_PLOT_TICKS_H

#include <stddef.h>

#define UM_TICKS_MOST 24

typedef struct um_ticks {
    double value[UM_TICKS_MOST]; /* [n], rising, inside the axis */
    char text[UM_TICKS_MOST][32];
    size_t n;
} um_ticks;

/**
 * Multiples of 1, 2 or 5 times a power of ten from `low` to `high` (finite, low < high), about
 * `wanted` of them, 2 to 10, all written with equally many decimals.
 */
void um_ticks_choose(um_ticks *out, double low, double high, int wanted);

/** Widens the ends to what a chart shows of data from `low` to `high`: never equal. */
void um_ticks_margin(double *low, double *high);

#endif
