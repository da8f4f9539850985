#include "data/synth_head.h"

#include <math.h>
#include <string.h>

/* An average adult: y, half width, depth of front, widest place, back. */
static const um_synth_slice average[UM_SYNTH_HEAD_SLICES] = {
    {-11.6f, 0.01f, 0.3f, 0.0f, -0.3f}, {-11.2f, 2.8f, 3.4f, -0.4f, -4.2f},
    {-10.0f, 5.0f, 6.1f, -0.6f, -6.8f}, {-8.0f, 6.7f, 7.9f, -0.8f, -8.6f},
    {-5.5f, 7.35f, 8.9f, -0.8f, -9.6f}, {-3.0f, 7.45f, 9.2f, -0.8f, -9.8f},
    {-1.0f, 7.25f, 9.0f, -0.6f, -9.6f}, {1.0f, 7.1f, 8.7f, -0.3f, -9.2f},
    {3.0f, 6.95f, 8.7f, 0.0f, -8.4f},   {5.0f, 6.6f, 8.75f, 0.4f, -6.6f},
    {7.0f, 5.9f, 8.7f, 1.0f, -4.0f},    {8.8f, 4.95f, 8.5f, 2.0f, -1.0f},
    {10.0f, 3.95f, 8.3f, 3.2f, 1.0f},   {10.85f, 2.65f, 7.8f, 4.4f, 2.6f},
    {11.25f, 1.35f, 7.0f, 5.4f, 4.2f},  {11.35f, 0.01f, 6.3f, 6.2f, 6.1f},
};

static float smooth(float lo, float hi, float x)
{
    float t = (x - lo) / (hi - lo);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

static float gauss(float x, float y, float cx, float cy, float sx, float sy)
{
    float u = (x - cx) / sx, v = (y - cy) / sy, q = u * u + v * v;

    return q > 12.0f ? 0.0f : expf(-q);
}

static float catmull(float a, float b, float c, float d, float t)
{
    return b + 0.5f * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

um_synth_slice um_synth_slice_at(const um_synth_slice *table, int n, float t)
{
    int i = (int)t;
    i = i < 0 ? 0 : i > n - 2 ? n - 2 : i;
    const um_synth_slice *b = table + i, *c = b + 1;
    const um_synth_slice *a = i > 0 ? b - 1 : b, *d = i < n - 2 ? c + 1 : c;
    float f = t - (float)i;
    um_synth_slice s = {
        catmull(a->y, b->y, c->y, d->y, f), fabsf(catmull(a->rx, b->rx, c->rx, d->rx, f)),
        catmull(a->front, b->front, c->front, d->front, f),
        catmull(a->mid, b->mid, c->mid, d->mid, f), catmull(a->back, b->back, c->back, d->back, f)};
    return s;
}

um_vec3 um_synth_slice_point(const um_synth_slice *s, float theta)
{
    float c = cosf(theta);

    return (um_vec3){s->rx * sinf(theta), s->y,
                     s->mid + (c > 0 ? s->front - s->mid : s->mid - s->back) * c};
}

void um_synth_head_slices(um_synth_slice out[UM_SYNTH_HEAD_SLICES], const um_synth_look *look)
{
    memcpy(out, average, sizeof average);
    for (int i = 0; i < UM_SYNTH_HEAD_SLICES; i++) {
        float jaw = smooth(1.0f, 8.0f, out[i].y);
        out[i].rx *= look->width * (1 + (look->jaw - 1) * jaw);
        if (out[i].y > 0) out[i].y *= look->lower;
    }
}

/* Piecewise-smooth height of the nose's ridge at the fraction v of its tip's y. */
static float ridge(float v)
{
    static const float at[] = {-0.35f, 0.0f, 0.3f, 0.6f, 0.82f, 1.0f, 1.12f, 1.25f, 1.4f};
    static const float h[] = {0.0f, 0.35f, 0.75f, 1.35f, 1.95f, 2.25f, 1.95f, 0.7f, 0.0f};

    for (int i = 0; i < 8; i++)
        if (v >= at[i] && v < at[i + 1])
            return h[i] + (h[i + 1] - h[i]) * smooth(at[i], at[i + 1], v) * 0.5f +
                   (h[i + 1] - h[i]) * (v - at[i]) / (at[i + 1] - at[i]) * 0.5f;
    return 0.0f;
}

float um_synth_relief(const um_synth_look *look, float x, float y)
{
    float ax = fabsf(x), v = y / look->nose_y, z = 0.0f;
    float w = look->nose_w * (0.72f + 0.5f * smooth(0.2f, 1.05f, v));
    float my = look->mouth_y, low = look->lower;

    z += look->nose_h * ridge(v) * expf(-(x / w) * (x / w));
    z +=
        0.85f * look->nose_h * gauss(ax, y, 1.2f * look->nose_w, look->nose_y + 0.35f, 0.5f, 0.62f);
    z -= 0.8f * gauss(ax, y, look->eye_x - 0.1f, -0.1f, 1.7f, 1.15f);
    z += 0.8f * gauss(ax, y, look->eye_x, 0.05f, 1.0f, 0.85f);
    z += 0.42f * gauss(ax, y, look->eye_x - 0.2f, look->brow_y + 0.35f, 2.2f, 0.7f);
    z += 0.35f * gauss(ax, y, 4.3f * look->width, 3.0f * low, 1.8f, 1.5f);
    z += 0.40f * gauss(x, y, 0, my - 0.2f, 3.0f, 1.5f);
    z += 0.30f * gauss(x, y, 0, my - 0.5f * look->lip_up, 1.7f, 0.42f);
    z += 0.42f * gauss(x, y, 0, my + 0.6f * look->lip_low, 1.5f, 0.42f);
    z -= 0.40f * gauss(x, y, 0, my + 1.75f * low, 2.2f, 0.55f);
    z += 0.35f * gauss(x, y, 0, my + 3.1f * low, 1.7f, 0.9f);
    z -= 0.12f * gauss(x, y, 0, 0.5f * (my + look->nose_y + 0.6f), 0.35f, 0.8f);
    return z;
}

um_vec3 um_synth_jaw_shift(const um_synth_look *look, float open, um_vec3 at)
{
    float w = smooth(look->mouth_y - 0.3f, look->mouth_y + 2.6f, at.y) * smooth(-2.0f, 6.5f, at.z);
    float drop = 1.15f * open * w;

    return (um_vec3){0.0f, drop, -0.3f * drop};
}

/* The slice whose height is y, by bisection: y grows along the table. */
static um_synth_slice slice_of_y(const um_synth_slice slices[UM_SYNTH_HEAD_SLICES], float y)
{
    float lo = 0.0f, hi = UM_SYNTH_HEAD_SLICES - 1;

    for (int k = 0; k < 22; k++) {
        float t = 0.5f * (lo + hi);
        if (um_synth_slice_at(slices, UM_SYNTH_HEAD_SLICES, t).y < y)
            lo = t;
        else
            hi = t;
    }
    return um_synth_slice_at(slices, UM_SYNTH_HEAD_SLICES, lo);
}

um_vec3 um_synth_face_point(const um_synth_slice slices[UM_SYNTH_HEAD_SLICES],
                            const um_synth_look *look, float open, float x, float y)
{
    um_synth_slice s = slice_of_y(slices, y);
    float sine = x / (s.rx > 0.01f ? s.rx : 0.01f);
    float limit = 0.98f; /* the last degrees before the silhouette belong to the ears */
    sine = sine < -limit ? -limit : sine > limit ? limit : sine;
    um_vec3 p = um_synth_slice_point(&s, asinf(sine));

    p.z += um_synth_relief(look, p.x, p.y) * sqrtf(1 - sine * sine);
    um_vec3 d = um_synth_jaw_shift(look, open, p);
    return (um_vec3){p.x + d.x, p.y + d.y, p.z + d.z};
}

um_synth_lids um_synth_lids_at(const um_synth_look *look, float blink, float s)
{
    float q = 1 - s * s, skew = 1 - 0.12f * s;
    q = q > 0 ? q : 0;
    float corner = -look->eye_tilt * s;
    um_synth_lids lids;

    lids.open = corner - 0.6f * look->eye_h * sqrtf(q) * (0.55f + 0.45f * q) * skew;
    lids.lower = corner + 0.38f * look->eye_h * q;
    lids.upper = lids.open + (lids.lower - lids.open) * blink;
    return lids;
}

float um_synth_mouth_width(const um_synth_look *look, const um_synth_state *state)
{
    return look->mouth_w * (1 + 0.10f * state->wide - 0.08f * state->mouth);
}

um_synth_lips um_synth_lips_at(const um_synth_look *look, const um_synth_state *state, float s)
{
    float q = 1 - s * s, o = state->mouth;
    q = q > 0 ? q : 0;
    float r = sqrtf(q), full = 1 - 0.12f * state->wide;
    float bow = 1 - 0.16f * expf(-(s / 0.13f) * (s / 0.13f)) +
                0.08f * expf(-(fabsf(s) - 0.25f) * (fabsf(s) - 0.25f) / 0.02f);
    float line = look->mouth_y - 0.22f * (1 - q) * (0.7f + state->wide);
    um_synth_lips lips;

    lips.inner_top = line - 0.15f * o * r;
    lips.top = lips.inner_top - look->lip_up * full * bow * r * (0.35f + 0.65f * r);
    lips.inner_bottom = line + 0.95f * o * r * (0.4f + 0.6f * q);
    lips.bottom =
        lips.inner_bottom + look->lip_low * full * r * (0.45f + 0.55f * q) / (1 + 0.5f * o);
    return lips;
}

float um_synth_brow_at(const um_synth_look *look, const um_synth_state *state, float x, float *s)
{
    float inner = look->eye_x - 1.75f, outer = look->eye_x + 1.95f;
    float f = (fabsf(x) - inner) / (outer - inner);

    *s = f;
    return look->brow_y - 0.22f * state->brow - look->brow_tilt * (f - 0.5f) -
           look->brow_arch * (1 - (f - 0.6f) * (f - 0.6f) / 0.3f);
}

/* Fills 17 jaw points; half of a face, mirrored. */
static void jaw_points(um_vec3 *out, const um_synth_slice *slices, const um_synth_look *look,
                       float open)
{
    static const float y[9] = {-0.3f, 1.5f, 3.4f, 5.3f, 7.2f, 8.9f, 10.2f, 10.98f, 11.26f};

    for (int i = 0; i < 9; i++) {
        float at = y[i] > 0 ? y[i] * look->lower : y[i];
        float x = i == 8 ? 0.0f : 100.0f; /* limited to the silhouette */
        out[i] = um_synth_face_point(slices, look, open, -x, at);
        out[16 - i] = um_synth_face_point(slices, look, open, x, at);
    }
}

typedef struct plotter {
    um_vec3 *out;
    const um_synth_slice *slices;
    const um_synth_look *look;
    float open;
} plotter;

static void plot(const plotter *to, int i, float x, float y)
{
    to->out[i] = um_synth_face_point(to->slices, to->look, to->open, x, y);
}

static void eye_points(const plotter *to, float blink)
{
    static const float s[6] = {1, 0.36f, -0.36f, -1, -0.36f, 0.36f};
    static const int mirrored[6] = {45, 44, 43, 42, 47, 46};
    const um_synth_look *look = to->look;

    for (int i = 0; i < 6; i++) {
        um_synth_lids lids = um_synth_lids_at(look, blink, s[i]);
        float x = look->eye_x + s[i] * look->eye_w, y = i < 4 ? lids.upper : lids.lower;
        plot(to, 36 + i, -x, y);
        plot(to, mirrored[i], x, y);
    }
}

static void mouth_points(const plotter *to, const um_synth_state *state)
{
    static const float outer[5] = {-0.66f, -0.25f, 0, 0.25f, 0.66f}, inner[3] = {-0.3f, 0, 0.3f};
    float w = um_synth_mouth_width(to->look, state);
    um_synth_lips lips = um_synth_lips_at(to->look, state, 1.0f);

    plot(to, 48, -w, lips.inner_top);
    plot(to, 54, w, lips.inner_top);
    plot(to, 60, -0.86f * w, um_synth_lips_at(to->look, state, -0.86f).inner_top);
    plot(to, 64, 0.86f * w, um_synth_lips_at(to->look, state, 0.86f).inner_top);
    for (int i = 0; i < 5; i++) {
        lips = um_synth_lips_at(to->look, state, outer[i]);
        plot(to, 49 + i, outer[i] * w, lips.top);
        plot(to, 59 - i, outer[i] * w, lips.bottom);
    }
    for (int i = 0; i < 3; i++) {
        lips = um_synth_lips_at(to->look, state, inner[i]);
        plot(to, 61 + i, inner[i] * w, lips.inner_top);
        plot(to, 67 - i, inner[i] * w, lips.inner_bottom);
    }
}

void um_synth_head_points(um_vec3 out[UM_SYNTH_POINTS],
                          const um_synth_slice slices[UM_SYNTH_HEAD_SLICES],
                          const um_synth_look *look, const um_synth_state *state)
{
    static const float base_x[5] = {-1.45f, -0.75f, 0, 0.75f, 1.45f};
    static const float base_y[5] = {0.62f, 0.82f, 0.98f, 0.82f, 0.62f};
    plotter to = {out, slices, look, state->mouth};
    float inner = look->eye_x - 1.75f, s;

    jaw_points(out, slices, look, state->mouth);
    for (int i = 0; i < 5; i++) {
        float x = inner + 3.7f * (0.04f + 0.23f * (float)i);
        float y = um_synth_brow_at(look, state, x, &s);
        plot(&to, 21 - i, -x, y);
        plot(&to, 22 + i, x, y);
    }
    for (int i = 0; i < 4; i++) plot(&to, 27 + i, 0, look->nose_y * (0.02f + 0.98f * (float)i / 3));
    for (int i = 0; i < 5; i++)
        plot(&to, 31 + i, base_x[i] * look->nose_w, look->nose_y + base_y[i]);
    eye_points(&to, state->blink);
    mouth_points(&to, state);
}
