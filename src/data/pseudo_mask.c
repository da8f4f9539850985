#include "data/pseudo_mask.h"

#include <math.h>
#include <string.h>

#include "media/blur.h"
#include "media/polygon.h"

#define MAX_POINTS (UM_N_LANDMARKS + 10) /* landmarks and forehead */
#define SPLITS 4                         /* of each side of the hull, so that it can bend */

_Static_assert(UM_POLYGON_MAX >= SPLITS * MAX_POINTS, "outlines have room");

const char *um_mask_region_name(um_mask_region region)
{
#define X(id, name) name,
    static const char *const names[] = {UM_MASK_REGIONS(X)};
#undef X

    return names[region];
}

float um_face_unit(const um_landmarks *lm)
{
    float dx = lm->p[8][0] - lm->p[27][0], dy = lm->p[8][1] - lm->p[27][1];

    return fmaxf(1.4f * hypotf(dx, dy), 1);
}

/* Landmarks first .. last; returns the number of points then. */
static size_t add(float (*to)[2], size_t n, const um_landmarks *lm, int first, int last)
{
    for (int i = first; i <= last; i++) memcpy(to[n++], lm->p[i], sizeof *to);
    return n;
}

/* The brows once more, moved up the face: higher in its middle than at the temples. */
static size_t add_forehead(float (*to)[2], size_t n, const um_landmarks *lm)
{
    float up[2] = {lm->p[27][0] - lm->p[8][0], lm->p[27][1] - lm->p[8][1]};

    for (int i = 17; i <= 26; i++, n++) {
        float s = ((float)i - 21.5f) / 4.5f, lift = 0.5f - 0.28f * s * s;
        for (int k = 0; k < 2; k++) to[n][k] = lm->p[i][k] + lift * up[k];
    }
    return n;
}

static size_t region_points(float (*to)[2], const um_landmarks *lm, um_mask_region region)
{
    size_t n = 0;

    switch (region) {
    case UM_MASK_FACE: return add_forehead(to, add(to, n, lm, 0, 67), lm);
    case UM_MASK_LOWER: n = add(to, n, lm, 3, 13); return add(to, n, lm, 30, 35);
    case UM_MASK_MOUTH: return add(to, n, lm, 48, 59);
    case UM_MASK_EYES_NOSE: return add(to, n, lm, 17, 47);
    default: return add(to, n, lm, 0, 67);
    }
}

/* The hull, each side split, moved along rays from its middle. */
static size_t outline(float (*to)[2], const um_landmarks *lm, const um_mask_shape *shape)
{
    float points[MAX_POINTS][2], hull[MAX_POINTS][2], middle[2] = {0, 0};
    size_t n = region_points(points, lm, shape->region), corners, out = 0;
    float roll = atan2f(lm->p[8][1] - lm->p[27][1], lm->p[8][0] - lm->p[27][0]);

    corners = um_convex_hull(hull, (const float(*)[2])points, n);
    for (size_t i = 0; i < corners; i++)
        for (int k = 0; k < 2; k++) middle[k] += hull[i][k] / (float)corners;
    for (size_t i = 0; i < corners; i++)
        for (int part = 0; part < SPLITS; part++, out++) {
            const float *a = hull[i], *b = hull[(i + 1) % corners];
            float t = (float)part / SPLITS, dx = a[0] + t * (b[0] - a[0]) - middle[0];
            float dy = a[1] + t * (b[1] - a[1]) - middle[1], grow = shape->scale;
            float angle = atan2f(dy, dx) - roll;

            for (int w = 0; w < UM_MASK_WAVES; w++)
                grow += shape->wave[w] * sinf((float)(w + 2) * angle + shape->phase[w]);
            to[out][0] = middle[0] + grow * dx;
            to[out][1] = middle[1] + grow * dy;
        }
    return out;
}

/* The part of a soft edge below `lean` / 2 is cut off and the rest stretched. */
static void finish(um_image *mask, float lean, float ratio)
{
    uint8_t curve[256];
    float floor = 0.5f * lean;

    for (int i = 0; i < 256; i++) {
        float v = ((float)i / 255 - floor) / (1 - floor);
        curve[i] = (uint8_t)(v > 0 ? 255 * ratio * v + 0.5f : 0);
    }
    for (int y = 0; y < mask->height; y++) {
        uint8_t *row = mask->data + (size_t)y * mask->stride;
        for (int x = 0; x < mask->width; x++) row[x] = curve[row[x]];
    }
}

um_mask_shape um_mask_shape_draw(um_mask_region region, float strength, um_rng *rng)
{
    static const float ratios[] = {0.25f, 0.5f, 0.75f, 1, 1, 1};
    static const float scales[UM_MASK_REGION_COUNT][2] = {
        {0.88f, 1.04f}, {0.85f, 1.04f}, {0.85f, 1.0f}, {1.25f, 1.7f}, {0.95f, 1.15f}};
    const float *scale = scales[region];
    um_mask_shape s = {.region = region};

    s.scale = (float)um_rng_range(rng, (double)scale[0], (double)scale[1]);
    for (int w = 0; w < UM_MASK_WAVES; w++) {
        s.wave[w] = 0.04f * strength * (float)um_rng_uniform(rng) / (float)(w + 1);
        s.phase[w] = (float)um_rng_range(rng, 0, 6.2831853);
    }
    s.soft = (float)um_rng_range(rng, 0.008, region == UM_MASK_MOUTH ? 0.04 : 0.09);
    s.lean = (float)um_rng_uniform(rng);
    s.ratio = ratios[um_rng_below(rng, sizeof ratios / sizeof *ratios)];
    return s;
}

umcl_status um_pseudo_mask(um_image *mask, const um_landmarks *lm, const um_mask_shape *shape)
{
    float corners[UM_POLYGON_MAX][2];
    size_t n = outline(corners, lm, shape);
    float soft = shape->soft * um_face_unit(lm);

    um_polygon_fill(mask, (const float(*)[2])corners, n);
    UM_TRY(um_image_blur(mask, fminf(soft, UM_BLUR_MAX)));
    finish(mask, shape->lean, shape->ratio);
    return UMCL_OK;
}
