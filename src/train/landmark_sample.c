#include "train/landmark_sample.h"

#include <math.h>
#include <string.h>

#include "face/landmark_net.h"

#define SIDE UM_LANDMARK_SIDE

umcl_status um_face_patch_cut(um_face_patch *out, const um_image *picture, const um_landmarks *lm)
{
    um_box square = um_landmark_square(um_landmarks_face_box(lm));
    float cx = (square.x0 + square.x1) / 2, cy = (square.y0 + square.y1) / 2;
    float half = um_box_width(square); /* half of a patch twice the square's side */
    float scale = UM_PATCH_SIDE / (2 * half);
    um_image cut = {UM_PATCH_SIDE, UM_PATCH_SIDE, 1, UM_PATCH_SIDE, out->grey}, grey;

    UM_TRY(um_image_grey(&grey, picture));
    um_image_resample(&cut, &grey, (um_box){cx - half, cy - half, cx + half, cy + half});
    um_image_clear(&grey);
    for (int i = 0; i < UM_N_LANDMARKS; i++) {
        out->landmarks.p[i][0] = (lm->p[i][0] - cx + half) * scale;
        out->landmarks.p[i][1] = (lm->p[i][1] - cy + half) * scale;
    }
    return UMCL_OK;
}

/* Where the crop lies in the patch: (u, v) in [-1/2, 1/2]^2 of the square -> patch pixels. */
typedef struct view {
    float cx, cy, ax, ay; /* axis of u: (ax, ay), of v: (-ay, ax) */
    bool mirror;
} view;

static float bilinear(const uint8_t *grey, float x, float y)
{
    const int last = UM_PATCH_SIDE - 1;
    int x0, y0, x1, y1;
    float fx, fy, top, bottom;

    x = fminf(fmaxf(x - 0.5f, 0), (float)last);
    y = fminf(fmaxf(y - 0.5f, 0), (float)last);
    x0 = (int)x;
    y0 = (int)y;
    x1 = x0 < last ? x0 + 1 : last;
    y1 = y0 < last ? y0 + 1 : last;
    fx = x - (float)x0;
    fy = y - (float)y0;
    top =
        (float)grey[y0 * UM_PATCH_SIDE + x0] * (1 - fx) + (float)grey[y0 * UM_PATCH_SIDE + x1] * fx;
    bottom =
        (float)grey[y1 * UM_PATCH_SIDE + x0] * (1 - fx) + (float)grey[y1 * UM_PATCH_SIDE + x1] * fx;
    return top * (1 - fy) + bottom * fy;
}

static void warp(uint8_t *crop, const uint8_t *grey, const view *v)
{
    for (int row = 0; row < SIDE; row++)
        for (int col = 0; col < SIDE; col++) {
            float s = ((float)col + 0.5f) / SIDE - 0.5f, t = ((float)row + 0.5f) / SIDE - 0.5f;
            if (v->mirror) s = -s;
            crop[row * SIDE + col] = (uint8_t)(bilinear(grey, v->cx + s * v->ax - t * v->ay,
                                                        v->cy + s * v->ay + t * v->ax) +
                                               0.5f);
        }
}

static void project(float *target, const um_landmarks *lm, const view *v)
{
    float norm = v->ax * v->ax + v->ay * v->ay;

    for (int i = 0; i < UM_N_LANDMARKS; i++) {
        int from = v->mirror ? um_landmark_mirror[i] : i;
        float dx = lm->p[from][0] - v->cx, dy = lm->p[from][1] - v->cy;
        float s = (dx * v->ax + dy * v->ay) / norm;
        target[2 * i] = v->mirror ? -s : s;
        target[2 * i + 1] = (dy * v->ax - dx * v->ay) / norm;
    }
}

static view plain_view(const um_landmarks *lm)
{
    um_box square = um_landmark_square(um_landmarks_face_box(lm));

    return (view){.cx = (square.x0 + square.x1) / 2,
                  .cy = (square.y0 + square.y1) / 2,
                  .ax = um_box_width(square)};
}

static void vary_view(view *v, um_rng *rng)
{
    float side = v->ax, scale = (float)exp(um_rng_range(rng, -0.16, 0.16));
    float turn = (float)(um_rng_normal(rng) * 0.18); /* radians: deviation of 10 degrees */

    turn = fminf(fmaxf(turn, -0.7f), 0.7f);
    v->cx += side * (float)um_rng_normal(rng) * 0.04f;
    v->cy += side * (float)um_rng_normal(rng) * 0.04f;
    v->ax = side * scale * cosf(turn);
    v->ay = side * scale * sinf(turn);
    v->mirror = um_rng_uniform(rng) < 0.5;
}

/* Three-tap blur along rows and columns, `times` over. */
static void blur(uint8_t *crop, int times)
{
    uint8_t copy[SIDE * SIDE];

    for (int n = 0; n < 2 * times; n++) {
        int step = n % 2 ? SIDE : 1;
        memcpy(copy, crop, sizeof copy);
        for (int i = step; i < SIDE * SIDE - step; i++)
            crop[i] = (uint8_t)((copy[i - step] + 2 * copy[i] + copy[i + step] + 2) / 4);
    }
}

/* Mosaic of blocks: what a face of few pixels or of a strong codec looks like. */
static void coarsen(uint8_t *crop, int block)
{
    for (int y = 0; y < SIDE; y += block)
        for (int x = 0; x < SIDE; x += block) {
            int sum = 0, n = 0;
            for (int r = y; r < y + block && r < SIDE; r++)
                for (int c = x; c < x + block && c < SIDE; c++, n++) sum += crop[r * SIDE + c];
            for (int r = y; r < y + block && r < SIDE; r++)
                for (int c = x; c < x + block && c < SIDE; c++)
                    crop[r * SIDE + c] = (uint8_t)(sum / n);
        }
}

static void hide(uint8_t *crop, um_rng *rng)
{
    int w = 8 + (int)um_rng_below(rng, 24), h = 8 + (int)um_rng_below(rng, 24);
    int x = (int)um_rng_below(rng, (size_t)(SIDE - w)),
        y = (int)um_rng_below(rng, (size_t)(SIDE - h));
    uint8_t level = (uint8_t)um_rng_below(rng, 256);

    for (int r = y; r < y + h; r++) memset(crop + r * SIDE + x, level, (size_t)w);
}

static void relight(uint8_t *crop, um_rng *rng)
{
    float gamma = (float)exp(um_rng_normal(rng) * 0.3), noise = (float)um_rng_range(rng, 0, 5);
    float across = (float)um_rng_normal(rng) * 0.5f, down = (float)um_rng_normal(rng) * 0.3f;
    float curve[256];

    for (int i = 0; i < 256; i++) curve[i] = 255 * powf((float)i / 255, gamma);
    for (int i = 0; i < SIDE * SIDE; i++) {
        float light =
            1 + across * ((float)(i % SIDE) / SIDE - 0.5f) + down * ((float)i / SIDE / SIDE - 0.5f);
        float v = curve[crop[i]] * fmaxf(light, 0.2f) +
                  noise * (float)um_rng_range(rng, -1.7, 1.7); /* uniform of deviation 1 */
        crop[i] = (uint8_t)fminf(fmaxf(v, 0), 255);
    }
}

void um_landmark_sample(float *input, float *target, const um_face_patch *patch, um_rng *rng)
{
    view v = plain_view(&patch->landmarks);
    uint8_t crop[SIDE * SIDE];

    if (rng) vary_view(&v, rng);
    warp(crop, patch->grey, &v);
    project(target, &patch->landmarks, &v);
    if (rng) {
        double kind = um_rng_uniform(rng);
        if (kind < 0.1) coarsen(crop, 2);
        if (kind > 0.75) blur(crop, 1 + (int)um_rng_below(rng, 3));
        relight(crop, rng);
        if (um_rng_uniform(rng) < 0.15) hide(crop, rng);
    }
    um_landmark_standardise(input, crop, sizeof crop);
}
