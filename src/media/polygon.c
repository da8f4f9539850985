#include "media/polygon.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Lines that are cut through each row of pixels, and what a pixel that one covers is worth. */
#define LINES 5
#define WORTH (255 / LINES)

static int by_x_then_y(const void *left, const void *right)
{
    const float *a = left, *b = right;
    int k = a[0] == b[0];

    return (a[k] > b[k]) - (a[k] < b[k]);
}

/* Positive where a -> b -> c turns clockwise on the screen (y down). */
static float turn(const float a[2], const float b[2], const float c[2])
{
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

size_t um_convex_hull(float (*out)[2], const float (*points)[2], size_t n)
{
    float p[UM_POLYGON_MAX][2], hull[2 * UM_POLYGON_MAX][2];
    size_t h = 0;

    assert(n <= UM_POLYGON_MAX);
    if (n == 0) return 0;
    memcpy(p, points, n * sizeof *p);
    qsort(p, n, sizeof *p, by_x_then_y);
    /* Upper chain from left to right, then the lower one back. */
    for (size_t half = 0, floor = 1; half < 2; half++, floor = h)
        for (size_t i = half; i < n; i++) {
            const float *next = half ? p[n - 1 - i] : p[i];
            while (h > floor && turn(hull[h - 2], hull[h - 1], next) <= 0) h--;
            memcpy(hull[h++], next, sizeof *hull);
        }
    if (h > 1) h--; /* the first corner again */
    memcpy(out, hull, h * sizeof *out);
    return h;
}

/* Huge coordinates may meet in NaN, which becomes 0. */
static float clip(float v, float hi)
{
    return v > 0 ? v < hi ? v : hi : 0;
}

/* Rounds down, so that parts of one pixel never add up to more than the whole. */
static void add_span(uint8_t *row, int width, float from, float to)
{
    float a = clip(from, (float)width), b = clip(to, (float)width);
    int first = (int)a, last = (int)b;

    if (first == last) {
        if (first < width) row[first] = (uint8_t)(row[first] + (int)(WORTH * (b - a)));
        return;
    }
    row[first] = (uint8_t)(row[first] + (int)(WORTH * ((float)(first + 1) - a)));
    for (int x = first + 1; x < last; x++) row[x] = (uint8_t)(row[x] + WORTH);
    if (last < width) row[last] = (uint8_t)(row[last] + (int)(WORTH * (b - (float)last)));
}

/* Places where the outline crosses the height y, sorted. */
static size_t crossings(float *x, const float (*p)[2], size_t n, float y)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++) {
        const float *a = p[i], *b = p[(i + 1) % n];
        float at;
        size_t k;

        if ((a[1] <= y) == (b[1] <= y)) continue;
        at = a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]);
        for (k = found++; k > 0 && x[k - 1] > at; k--) x[k] = x[k - 1];
        x[k] = at;
    }
    return found;
}

void um_polygon_fill(um_image *mask, const float (*corners)[2], size_t n)
{
    float x[UM_POLYGON_MAX], top = INFINITY, bottom = -INFINITY;

    assert(n <= UM_POLYGON_MAX && mask->channels == 1);
    for (size_t i = 0; i < n; i++) {
        top = fminf(top, corners[i][1]);
        bottom = fmaxf(bottom, corners[i][1]);
    }
    for (int row = 0; row < mask->height; row++) {
        uint8_t *out = mask->data + (size_t)row * mask->stride;

        memset(out, 0, (size_t)mask->width);
        if ((float)(row + 1) < top || (float)row > bottom) continue;
        for (int line = 0; line < LINES; line++) {
            size_t found = crossings(x, corners, n, (float)row + ((float)line + 0.5f) / LINES);
            for (size_t i = 0; i + 1 < found; i += 2) add_span(out, mask->width, x[i], x[i + 1]);
        }
    }
}
