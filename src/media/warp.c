#include "media/warp.h"

#include <assert.h>

#define CELLS UM_WARP_CELLS
#define ONE 256 /* of the bilinear weights */

void um_warp_identity(um_warp *warp, int width, int height)
{
    for (int j = 0; j <= CELLS; j++)
        for (int i = 0; i <= CELLS; i++) {
            float *at = warp->at[j * (CELLS + 1) + i];
            at[0] = (float)(i * width) / CELLS;
            at[1] = (float)(j * height) / CELLS;
        }
}

/* Where a line of the output at the fraction `v` of its height comes from, column by column. */
static void cut_grid(float line[CELLS + 1][2], const um_warp *warp, float v)
{
    int j = (int)(v * CELLS);
    float t = v * CELLS - (float)j;
    const float(*a)[2] = warp->at + (ptrdiff_t)j * (CELLS + 1), (*b)[2] = a + CELLS + 1;

    for (int i = 0; i <= CELLS; i++)
        for (int k = 0; k < 2; k++) line[i][k] = a[i][k] + t * (b[i][k] - a[i][k]);
}

/* Pixel before the place and the weight of the next one; NaN falls on the first pixel. */
static inline int split(float place, int n, int *weight)
{
    float at = place - 0.5f;
    int fixed = at > 0 ? at < (float)(n - 1) ? (int)(at * ONE + 0.5f) : (n - 1) * ONE : 0;

    *weight = fixed % ONE;
    return fixed / ONE;
}

static inline void take(uint8_t *out, const um_image *src, float x, float y, int channels)
{
    int wx, wy, x0 = split(x, src->width, &wx), y0 = split(y, src->height, &wy);
    const uint8_t *a = src->data + (size_t)y0 * src->stride + (size_t)(x0 * channels);
    size_t right = wx ? (size_t)channels : 0, down = wy ? src->stride : 0;

    for (int c = 0; c < channels; c++, a++) {
        int top = a[0] * (ONE - wx) + a[right] * wx;
        int bottom = a[down] * (ONE - wx) + a[down + right] * wx;
        out[c] = (uint8_t)((top * (ONE - wy) + bottom * wy + ONE * ONE / 2) / (ONE * ONE));
    }
}

void um_image_warp(um_image *dst, const um_image *src, const um_warp *warp)
{
    float line[CELLS + 1][2], step = (float)CELLS / (float)dst->width;

    assert(dst->channels == src->channels && dst->data != src->data);
    for (int y = 0; y < dst->height; y++) {
        uint8_t *out = dst->data + (size_t)y * dst->stride;

        cut_grid(line, warp, ((float)y + 0.5f) / (float)dst->height);
        for (int x = 0; x < dst->width; x++) {
            float u = ((float)x + 0.5f) * step;
            int i = (int)u;
            const float *a = line[i], *b = line[i + 1];
            float px = a[0] + (u - (float)i) * (b[0] - a[0]);
            float py = a[1] + (u - (float)i) * (b[1] - a[1]);

            if (src->channels == 3)
                take(out + (size_t)(3 * x), src, px, py, 3);
            else
                take(out + x, src, px, py, 1);
        }
    }
}
