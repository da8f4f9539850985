#include "face/geometry.h"

#include <math.h>

const unsigned char um_landmark_mirror[UM_N_LANDMARKS] = {
    16, 15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4, 3, 2, 1, 0, /* jaw */
    26, 25, 24, 23, 22, 21, 20, 19, 18, 17,                        /* brows */
    27, 28, 29, 30, 35, 34, 33, 32, 31,                            /* nose */
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,                /* eyes */
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55,                /* outer lip */
    64, 63, 62, 61, 60, 67, 66, 65,                                /* inner lip */
};

static void mean_of(float out[2], const um_landmarks *lm, int first, int last)
{
    float n = (float)(last - first + 1);

    out[0] = out[1] = 0;
    for (int i = first; i <= last; i++) {
        out[0] += lm->p[i][0] / n;
        out[1] += lm->p[i][1] / n;
    }
}

void um_landmarks_five(float five[5][2], const um_landmarks *lm)
{
    static const int nose_and_mouth[3] = {30, 48, 54};

    mean_of(five[0], lm, 36, 41);
    mean_of(five[1], lm, 42, 47);
    for (int i = 0; i < 3; i++) {
        five[2 + i][0] = lm->p[nose_and_mouth[i]][0];
        five[2 + i][1] = lm->p[nose_and_mouth[i]][1];
    }
}

um_box um_landmarks_bounds(const um_landmarks *lm)
{
    um_box b = {lm->p[0][0], lm->p[0][1], lm->p[0][0], lm->p[0][1]};

    for (int i = 1; i < UM_N_LANDMARKS; i++) {
        b.x0 = fminf(b.x0, lm->p[i][0]);
        b.y0 = fminf(b.y0, lm->p[i][1]);
        b.x1 = fmaxf(b.x1, lm->p[i][0]);
        b.y1 = fmaxf(b.y1, lm->p[i][1]);
    }
    return b;
}

um_box um_landmarks_face_box(const um_landmarks *lm)
{
    um_box b = um_landmarks_bounds(lm);

    b.y0 -= 0.25f * um_box_height(b);
    return b;
}

bool um_landmarks_plausible(const um_landmarks *lm)
{
    um_box b;

    for (int i = 0; i < UM_N_LANDMARKS; i++)
        if (!isfinite(lm->p[i][0]) || !isfinite(lm->p[i][1])) return false;
    b = um_landmarks_bounds(lm);
    return um_box_width(b) >= 4 && um_box_height(b) >= 4;
}

um_landmarks um_landmarks_lerp(const um_landmarks *a, const um_landmarks *b, float t)
{
    um_landmarks out;

    for (int i = 0; i < UM_N_LANDMARKS; i++)
        for (int k = 0; k < 2; k++) out.p[i][k] = a->p[i][k] + t * (b->p[i][k] - a->p[i][k]);
    return out;
}

float um_box_width(um_box b)
{
    return b.x1 - b.x0;
}

float um_box_height(um_box b)
{
    return b.y1 - b.y0;
}

float um_box_area(um_box b)
{
    return fmaxf(um_box_width(b), 0) * fmaxf(um_box_height(b), 0);
}

float um_box_iou(um_box a, um_box b)
{
    um_box both = {fmaxf(a.x0, b.x0), fmaxf(a.y0, b.y0), fminf(a.x1, b.x1), fminf(a.y1, b.y1)};
    float inter = um_box_area(both), all = um_box_area(a) + um_box_area(b) - inter;

    return all > 0 ? inter / all : 0;
}

um_box um_box_square(um_box b, float scale)
{
    float cx = 0.5f * (b.x0 + b.x1), cy = 0.5f * (b.y0 + b.y1);
    float half = 0.5f * scale * fmaxf(um_box_width(b), um_box_height(b));

    return (um_box){cx - half, cy - half, cx + half, cy + half};
}

um_box um_box_lerp(um_box a, um_box b, float t)
{
    return (um_box){a.x0 + t * (b.x0 - a.x0), a.y0 + t * (b.y0 - a.y0), a.x1 + t * (b.x1 - a.x1),
                    a.y1 + t * (b.y1 - a.y1)};
}

um_box um_box_shift(um_box b, float dx, float dy)
{
    return (um_box){b.x0 + dx, b.y0 + dy, b.x1 + dx, b.y1 + dy};
}

/* In the plane Umeyama's solution needs no SVD: with centred points as complex numbers p -> q, the
 * factor is sum(conj(p) q) / sum |p|^2. */
um_similarity um_similarity_fit(const float (*from)[2], const float (*to)[2], size_t n)
{
    double fx = 0, fy = 0, gx = 0, gy = 0, re = 0, im = 0, norm = 0, a, b;

    if (n == 0) return (um_similarity){1, 0, 0, 0};
    for (size_t i = 0; i < n; i++) {
        fx += from[i][0] / (double)n;
        fy += from[i][1] / (double)n;
        gx += to[i][0] / (double)n;
        gy += to[i][1] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double px = from[i][0] - fx, py = from[i][1] - fy, qx = to[i][0] - gx, qy = to[i][1] - gy;

        re += px * qx + py * qy;
        im += px * qy - py * qx;
        norm += px * px + py * py;
    }
    a = norm > 0 ? re / norm : 1;
    b = norm > 0 ? im / norm : 0;
    return (um_similarity){(float)a, (float)b, (float)(gx - a * fx + b * fy),
                           (float)(gy - b * fx - a * fy)};
}

um_similarity um_similarity_inverse(um_similarity s)
{
    float d = s.a * s.a + s.b * s.b, a = s.a / d, b = -s.b / d;

    return (um_similarity){a, b, -(a * s.tx - b * s.ty), -(b * s.tx + a * s.ty)};
}

void um_similarity_apply(um_similarity s, float (*to)[2], const float (*from)[2], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float x = from[i][0], y = from[i][1];

        to[i][0] = s.a * x - s.b * y + s.tx;
        to[i][1] = s.b * x + s.a * y + s.ty;
    }
}
