#include "data/face_bend.h"

#include <math.h>

#include "data/pseudo_mask.h"

#define REACH 0.2f /* deviation of a pull's fading, in face sizes */
#define CALM 0.3f  /* weight of staying where one is */

/* Temples, chin, brows, eyes, nose, mouth. */
static const unsigned char anchors[UM_BEND_ANCHORS] = {2, 8, 14, 19, 24, 37, 44, 33, 48, 54};

um_face_bend um_face_bend_draw(float strength, um_rng *rng)
{
    um_face_bend b = {.scale = expf(0.04f * strength * (float)um_rng_range(rng, -1, 1))};

    for (int k = 0; k < 2; k++) b.shift[k] = 0.02f * strength * (float)um_rng_range(rng, -1, 1);
    for (int i = 0; i < UM_BEND_ANCHORS; i++)
        for (int k = 0; k < 2; k++)
            b.pull[i][k] = 0.02f * strength * (float)um_rng_range(rng, -1, 1);
    return b;
}

/* Displacement in pixels of the place (x, y). */
static void displacement(float out[2], const um_face_bend *b, const um_landmarks *face, float x,
                         float y)
{
    float unit = um_face_unit(face), total = CALM, sum[2] = {0, 0};
    const float *nose = face->p[30];

    for (int i = 0; i < UM_BEND_ANCHORS; i++) {
        const float *a = face->p[anchors[i]];
        float dx = (x - a[0]) / (REACH * unit), dy = (y - a[1]) / (REACH * unit);
        float w = expf(-0.5f * (dx * dx + dy * dy));

        total += w;
        for (int k = 0; k < 2; k++) sum[k] += w * b->pull[i][k];
    }
    out[0] = unit * (b->shift[0] + sum[0] / total) + (b->scale - 1) * (x - nose[0]);
    out[1] = unit * (b->shift[1] + sum[1] / total) + (b->scale - 1) * (y - nose[1]);
}

void um_face_bend_points(const um_face_bend *bend, const um_landmarks *face, float (*points)[2],
                         size_t n)
{
    const um_landmarks still = *face; /* `points` may be its own */

    for (size_t i = 0; i < n; i++) {
        float d[2];

        displacement(d, bend, &still, points[i][0], points[i][1]);
        for (int k = 0; k < 2; k++) points[i][k] += d[k];
    }
}

/* A place of the output comes from where the displacement there would have started: displacements
 * are smooth and small, so that the one here will do. */
void um_face_bend_warp(um_warp *warp, const um_face_bend *bend, const um_landmarks *face, int side)
{
    um_warp_identity(warp, side, side);
    for (int i = 0; i < UM_WARP_NODES; i++) {
        float d[2];

        displacement(d, bend, face, warp->at[i][0], warp->at[i][1]);
        for (int k = 0; k < 2; k++) warp->at[i][k] -= d[k];
    }
}
