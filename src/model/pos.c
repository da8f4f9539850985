#include "model/pos.h"

#include <math.h>
#include <string.h>

#define L UM_POS_WINDOW

/* Takes the mean away; returns the deviation. */
static double centre(double *x)
{
    double mean = 0, squares = 0;

    for (size_t i = 0; i < L; i++) mean += x[i] / L;
    for (size_t i = 0; i < L; i++) {
        x[i] -= mean;
        squares += x[i] * x[i];
    }
    return sqrt(squares / L);
}

/* The algorithm's lines 5 to 11 for the window that starts at `rgb`. */
static void add_window(float *out, const float (*rgb)[3])
{
    double mean[3] = {0}, x[L], y[L], dx, dy;

    for (size_t i = 0; i < L; i++)
        for (size_t c = 0; c < 3; c++) mean[c] += (double)rgb[i][c] / L;
    if (!(mean[0] > 0 && mean[1] > 0 && mean[2] > 0)) return;
    for (size_t i = 0; i < L; i++) {
        double r = (double)rgb[i][0] / mean[0], g = (double)rgb[i][1] / mean[1];
        double b = (double)rgb[i][2] / mean[2];

        x[i] = g - b;
        y[i] = g + b - 2 * r;
    }
    dx = centre(x);
    dy = centre(y);
    for (size_t i = 0; i < L; i++) out[i] += (float)(x[i] + (dy > 0 ? dx / dy * y[i] : 0));
}

void um_pos(float *out, const float (*rgb)[3], size_t n)
{
    memset(out, 0, n * sizeof *out);
    for (size_t i = 0; i + L <= n; i++) add_window(out + i, rgb + i);
}
