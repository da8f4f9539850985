#include "data/synth_twin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "data/pseudo_mask.h"

#define SHAKE_DEGREES 0.9 /* deviation of each angle */
#define SHAKE_CM 0.05
#define SHAKE_FEATURE 0.07 /* of mouth, lips and brows, whose ranges are about 1 */
#define COLOUR 0.1f        /* greatest change of a channel, as a fraction */
#define CELL 3             /* pixels that become one */

const char *um_synth_twin_name(um_synth_twin twin)
{
#define X(id, name) name,
    static const char *const names[] = {UM_SYNTH_TWINS(X)};
#undef X

    return names[twin];
}

static float shaken(float value, double sigma, um_rng *rng, float lo, float hi)
{
    return fminf(fmaxf(value + (float)(sigma * um_rng_normal(rng)), lo), hi);
}

void um_synth_twin_jitter(um_synth_state *s, uint64_t key, int64_t i)
{
    const double angle = SHAKE_DEGREES * M_PI / 180;
    um_rng rng = {um_rng_at(key ^ UINT64_C(0x5A4A), (uint64_t)i), 0};

    s->yaw = shaken(s->yaw, angle, &rng, -1, 1);
    s->pitch = shaken(s->pitch, angle, &rng, -1, 1);
    s->roll = shaken(s->roll, angle, &rng, -1, 1);
    s->x = shaken(s->x, SHAKE_CM, &rng, s->x - 1, s->x + 1);
    s->y = shaken(s->y, SHAKE_CM, &rng, s->y - 1, s->y + 1);
    s->mouth = shaken(s->mouth, SHAKE_FEATURE, &rng, 0, 1);
    s->wide = shaken(s->wide, SHAKE_FEATURE, &rng, -1, 1);
    s->brow = shaken(s->brow, SHAKE_FEATURE, &rng, -1, 1);
}

/* The hull of the points, its soft edge inside of it, in the coordinates of `box`. */
static umcl_status draw_mask(um_image *mask, const float outline[2 * UM_SYNTH_POINTS], int x0,
                             int y0)
{
    const um_mask_shape shape = {
        .region = UM_MASK_INNER, .scale = 0.9f, .soft = 0.03f, .lean = 1, .ratio = 1};
    um_landmarks lm;

    for (int k = 0; k < UM_SYNTH_POINTS; k++) {
        lm.p[k][0] = outline[2 * k] - (float)x0;
        lm.p[k][1] = outline[2 * k + 1] - (float)y0;
    }
    return um_pseudo_mask(mask, &lm, &shape);
}

/* Mean of the cell that (x, y) lies in; cells are counted from the patch's corner. */
static float cell_mean(const float *was, int width, int height, int x, int y, int c)
{
    int left = x - x % CELL, top = y - y % CELL, n = 0;
    float sum = 0;

    for (int v = top; v < top + CELL && v < height; v++)
        for (int u = left; u < left + CELL && u < width; u++, n++)
            sum += was[3 * (v * width + u) + c];
    return sum / (float)n;
}

static void blend(float *to, int stride, const float *was, const um_image *mask, uint64_t key)
{
    float gain[3];

    for (int c = 0; c < 3; c++)
        gain[c] = 1 + COLOUR * (float)(um_rng_uniform_at(key, 900 + c) < 0.5 ? -1 : 1) *
                          (0.5f + 0.5f * (float)um_rng_uniform_at(key, 910 + c));
    for (int y = 0; y < mask->height; y++)
        for (int x = 0; x < mask->width; x++) {
            float weight = mask->data[(size_t)y * mask->stride + (size_t)x] / 255.0f;
            if (weight == 0) continue;
            for (int c = 0; c < 3; c++) {
                float *v = &to[3 * (y * stride + x) + c];
                float other = gain[c] * cell_mean(was, mask->width, mask->height, x, y, c);
                *v += weight * (other - *v);
            }
        }
}

umcl_status um_synth_twin_patch(float *picture, int width, int height,
                                const float outline[2 * UM_SYNTH_POINTS], uint64_t key)
{
    float lo[2] = {(float)width, (float)height}, hi[2] = {0, 0};
    um_image mask = {0};
    float *was = NULL, *corner;
    int x0, y0, w, h;
    umcl_status st;

    for (int k = 0; k < 2 * UM_SYNTH_POINTS; k++) {
        lo[k % 2] = fminf(lo[k % 2], outline[k]);
        hi[k % 2] = fmaxf(hi[k % 2], outline[k]);
    }
    x0 = (int)fmaxf(lo[0], 0);
    y0 = (int)fmaxf(lo[1], 0);
    w = (int)fminf(hi[0] + 1, (float)width) - x0;
    h = (int)fminf(hi[1] + 1, (float)height) - y0;
    if (w <= 0 || h <= 0) return UMCL_OK; /* outside of the picture */
    corner = picture + 3 * ((size_t)y0 * (size_t)width + (size_t)x0);
    UM_CHECK(um_image_new(&mask, w, h, 1));
    UM_CHECK(um_calloc(&was, (size_t)w * (size_t)h, sizeof(float[3])));
    UM_CHECK(draw_mask(&mask, outline, x0, y0));
    for (int y = 0; y < h; y++)
        memcpy(was + 3 * (size_t)y * (size_t)w, corner + 3 * (size_t)y * (size_t)width,
               (size_t)w * sizeof(float[3]));
    blend(corner, width, was, &mask, key);
done:
    free(was);
    um_image_clear(&mask);
    return st;
}
