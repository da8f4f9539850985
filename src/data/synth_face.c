/* The painted face: what lies on the front of the head, from the skin up. */
#include <math.h>

#include "data/synth_paint.h"
#include "data/synth_scene.h"

static float smooth(float lo, float hi, float x)
{
    float t = (x - lo) / (hi - lo);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

/* A soft spot, 1 in its centre, 0 from twice its radius on: a polynomial in place of a Gaussian. */
static float spot(float x, float y, float cx, float cy, float rx, float ry)
{
    float u = (x - cx) / rx, v = (y - cy) / ry, q = 1 - 0.25f * (u * u + v * v);

    return q > 0 ? q * q * q * q : 0;
}

/* Coverage of a pixel whose centre is d cm inside of an edge. */
static float cover(float d, float pixel)
{
    float a = 0.5f + d / pixel;

    return a < 0 ? 0 : a > 1 ? 1 : a;
}

static void blend(float out[3], const float rgb[3], float a)
{
    for (int c = 0; c < 3; c++) out[c] += (rgb[c] - out[c]) * a;
}

static void darken(float out[3], float a)
{
    for (int c = 0; c < 3; c++) out[c] *= 1 - a;
}

/* Noise finer than two pixels would flicker: it fades out before. */
static float fine_noise(const um_synth_brush *b, float x, float y, float per_cm)
{
    float fade = 1.6f - 2.0f * per_cm * b->pixel;

    if (fade <= 0) return 0;
    return (fade < 1 ? fade : 1) * um_synth_noise(b->tile, x * per_cm, y * per_cm);
}

/* Distance to the segment a-b. */
static float segment(float x, float y, float ax, float ay, float bx, float by)
{
    float ux = bx - ax, uy = by - ay, t = ((x - ax) * ux + (y - ay) * uy) / (ux * ux + uy * uy);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypotf(x - ax - t * ux, y - ay - t * uy);
}

/* Light that folds and overhangs take away. */
static float hollows(const um_synth_brush *b, float x, float ax, float y)
{
    const um_synth_look *l = b->look;
    float chin = l->mouth_y + l->lip_low + 0.55f + 0.9f * b->state->mouth;
    float side = b->light.key[0] > 0 ? -1.0f : 1.0f, lean = fabsf(b->light.key[0]);
    float dark = 0.30f * spot(ax, y, l->eye_x - 1.15f, -0.45f, 0.75f, 0.75f);

    dark += 0.16f * spot(ax, y, l->eye_x, -1.0f, 1.7f, 0.55f);
    dark += (0.06f + 0.10f * l->age) * spot(ax, y, l->eye_x - 0.3f, 1.15f, 1.2f, 0.35f);
    dark += 0.30f * spot(x, y, 0.6f * side * lean, l->nose_y + 1.25f, 1.3f * l->nose_w, 0.5f);
    dark += 0.28f * spot(ax, y, 1.85f * l->nose_w, l->nose_y + 0.25f, 0.28f, 0.55f);
    dark += 0.30f * lean * spot(x, y, side * 1.9f, l->nose_y - 0.3f, 0.9f, 1.5f);
    dark += 0.25f * spot(x, y, 0, chin, 1.5f, 0.4f);
    dark += 0.10f * spot(x, y, 0, 0.5f * (l->nose_y + 1 + l->mouth_y), 0.22f, 0.7f);
    float fold =
        segment(ax, y, 1.9f * l->nose_w, l->nose_y + 0.2f, l->mouth_w + 0.55f, l->mouth_y + 0.1f);
    dark += (0.06f + 0.16f * l->age) * (1 - smooth(0.0f, 0.4f, fold));
    return dark < 0.6f ? 1.3f * dark : 0.78f;
}

static void paint_skin(um_synth_paint *p, const um_synth_brush *b, float x, float ax, float y,
                       float arc)
{
    const um_synth_look *l = b->look;
    float blotch = um_synth_noise(b->tile, 0.5f * arc + 11, 0.5f * y);
    float pores = fine_noise(b, arc, y, 3.1f) + 0.7f * fine_noise(b, arc + 5, y, 6.3f);
    float red = 0.12f * spot(ax, y, 4.0f, 3.4f * l->lower, 1.9f, 1.6f) +
                0.11f * spot(x, y, 0, l->nose_y, 0.9f, 0.8f) + 0.04f * blotch;

    for (int c = 0; c < 3; c++) p->rgb[c] *= 1 + 0.04f * blotch + 0.045f * pores;
    p->rgb[1] *= 1 - red;
    p->rgb[2] *= 1 - red;
    if (l->freckles > 0 && pores > 0.5f)
        darken(p->rgb, 0.5f * l->freckles * (pores - 0.5f) * spot(ax, y, 2.8f, 2.4f, 2.6f, 1.6f));
    if (l->age > 0.4f) {
        float lines = sinf(5.2f * y + 0.8f * blotch);
        lines = lines * lines * lines * lines;
        darken(p->rgb, 0.14f * (l->age - 0.4f) * lines * spot(x, y, 0, -4.4f, 3.2f, 0.8f));
    }
    if (l->beard > 0) {
        float at = smooth(l->nose_y + 1.0f, l->mouth_y - 0.6f, y) *
                   smooth(3.2f, 4.6f, y + 0.45f * ax - 1.2f * smooth(4.5f, 6.0f, ax));
        float hairs = 0.75f + 0.35f * fine_noise(b, arc, 0.5f * y, 5.0f);
        blend(p->rgb, l->hair_rgb, 0.55f * l->beard * at * hairs);
        p->blood *= 1 - 0.5f * l->beard * at;
    }
    p->shade *= 1 - hollows(b, x, ax, y);
    darken(p->rgb, 0.88f * spot(ax, y, 0.70f * l->nose_w, l->nose_y + 0.78f, 0.30f, 0.19f));
    p->gloss += 0.5f * spot(x, y, 0, l->nose_y, 0.5f, 0.8f) + 0.2f * spot(x, y, 0, -4.5f, 3, 1.4f);
}

static void paint_brow(um_synth_paint *p, const um_synth_brush *b, float x, float y)
{
    const um_synth_look *l = b->look;
    float s, rgb[3], mid = um_synth_brow_at(l, b->state, x, &s);
    if (s < -0.08f || s > 1.08f) return;
    float end = smooth(-0.08f, 0.12f, s) * (1 - smooth(0.8f, 1.08f, s));
    float thick = l->brow_thick * (1.05f - 0.6f * s * s);
    float strand = fine_noise(b, 1.2f * x + (x > 0 ? -1.0f : 1.0f) * 0.6f * y, 0.5f * y, 6.0f);
    float in = cover(thick * (1 + 0.25f * strand) - fabsf(y - mid), b->pixel + 0.28f);

    for (int c = 0; c < 3; c++) /* brows are darker than both hair and skin */
        rgb[c] = fminf(0.45f * l->hair_rgb[c], 0.35f * l->skin[c]);
    blend(p->rgb, rgb, end * in * (0.86f + 0.08f * strand));
    p->blood *= 1 - 0.8f * end * in;
    p->gloss *= 1 - end * in;
}

static void paint_eyeball(um_synth_paint *p, const um_synth_brush *b, float side, float dx, float y,
                          const um_synth_lids *lids)
{
    static const float white[3] = {0.68f, 0.64f, 0.60f}, black[3] = {0.008f, 0.007f, 0.007f};
    static const float spark[3] = {1.6f, 1.6f, 1.6f}, corner[3] = {0.42f, 0.17f, 0.14f};
    const um_synth_look *l = b->look;
    float gx = dx * side - b->state->gaze_x, gy = y - b->state->gaze_y + 0.06f;
    float r = hypotf(gx, gy), px = b->pixel, iris[3];
    float ray = 0.85f + 0.3f * um_synth_noise(b->tile, 4 * atan2f(gy, gx), 3 * r);

    for (int c = 0; c < 3; c++) {
        p->rgb[c] = white[c];
        iris[c] = l->iris[c] * ray * (1 - 0.75f * smooth(0.46f, 0.6f, r));
    }
    blend(p->rgb, corner, 0.8f * smooth(0.75f, 1.0f, -dx / l->eye_w));
    blend(p->rgb, iris, cover(0.60f - r, px + 0.05f));
    blend(p->rgb, black, cover(0.23f - r, px));
    float sx = gx - 0.18f * b->light.key[0] * 2, sy = gy + 0.17f;
    blend(p->rgb, spark, 0.9f * cover(0.085f - hypotf(sx, sy), px));
    p->shade = (0.55f + 0.45f * smooth(0.0f, 0.5f, y - lids->upper)) *
               (0.75f + 0.25f * smooth(0.0f, 0.5f, l->eye_w - fabsf(dx)));
    p->blood = 0;
    p->gloss = 0.3f;
}

static void paint_eye(um_synth_paint *p, const um_synth_brush *b, float x, float ax, float y)
{
    static const float lash[3] = {0.012f, 0.010f, 0.009f};
    const um_synth_look *l = b->look;
    float dx = ax - l->eye_x, s = dx / l->eye_w;
    if (fabsf(s) > 1.35f || fabsf(y) > 2.0f) return;
    float in = s < -1 ? -1 : s > 1 ? 1 : s, past = (fabsf(s) - fabsf(in)) * l->eye_w;
    um_synth_lids lids = um_synth_lids_at(l, b->state->blink, in);
    float fade = 1 - smooth(0.0f, 0.35f, past), px = b->pixel;
    float edge = fminf(fminf(y - lids.upper, lids.lower - y), l->eye_w - fabsf(dx));

    /* The fold above the open lid, and the lid itself, which is darker when it is shut. */
    float crease = fabsf(y - (lids.open - 0.36f + 0.1f * s));
    p->shade *=
        1 - 0.35f * fade * (1 - smooth(0.03f, 0.17f, crease)) * (1 - 0.4f * b->state->blink);
    if (edge > -px && lids.lower - lids.upper > 0.02f) {
        um_synth_paint ball = *p;
        float a = cover(edge, px);
        paint_eyeball(&ball, b, x > 0 ? 1.0f : -1.0f, dx, y, &lids);
        blend(p->rgb, ball.rgb, a);
        p->blood *= 1 - a;
        p->shade += (ball.shade - p->shade) * a;
    }
    float thick = 0.075f + 0.05f * (1 + in) * 0.5f;
    float upper = cover(thick - fabsf(y - lids.upper + 0.4f * thick), px);
    float lower = cover(0.035f - fabsf(y - lids.lower), px);
    blend(p->rgb, lash, fade * 0.9f * upper);
    blend(p->rgb, lash, fade * 0.35f * lower);
}

static void paint_cavity(um_synth_paint *p, const um_synth_brush *b, float s, float y,
                         const um_synth_lips *lips)
{
    static const float dark[3] = {0.045f, 0.012f, 0.012f}, enamel[3] = {0.62f, 0.58f, 0.50f};
    static const float tongue[3] = {0.24f, 0.07f, 0.07f};
    float px = b->pixel, tall = 0.5f * (1 - 0.35f * s * s);
    float gap = fabsf(s * b->mouth_w / 0.42f - floorf(s * b->mouth_w / 0.42f) - 0.5f);
    float tooth = cover(lips->inner_top + tall - y, px) * (1 - smooth(0.62f, 0.8f, fabsf(s)));

    blend(p->rgb, dark, 1.0f);
    blend(p->rgb, tongue, 0.8f * cover(y - lips->inner_bottom + 0.3f, 0.25f));
    blend(p->rgb, enamel, tooth * (1 - 0.25f * smooth(0.4f, 0.5f, gap)));
    p->shade = 0.45f + 0.45f * smooth(0.0f, 0.6f, y - lips->inner_top) * tooth;
    p->blood = 0;
    p->gloss = 0;
}

static void paint_mouth(um_synth_paint *p, const um_synth_brush *b, float x, float y)
{
    const um_synth_look *l = b->look;
    float s = x / b->mouth_w, px = b->pixel;
    if (fabsf(s) > 1.12f || fabsf(y - l->mouth_y) > 3.0f) return;
    float in = s < -1 ? -1 : s > 1 ? 1 : s;
    um_synth_lips lips = um_synth_lips_at(l, b->state, in);
    float past = (fabsf(s) - fabsf(in)) * b->mouth_w;
    float lip = cover(fminf(y - lips.top, lips.bottom - y), px + 0.1f) * (past > 0 ? 0 : 1);
    float grain = fine_noise(b, x, 0.2f * y, 4.0f);
    int below = y > 0.5f * (lips.inner_top + lips.inner_bottom);
    float depth = below ? (lips.bottom - y) / (lips.bottom - lips.inner_bottom + 0.01f)
                        : (y - lips.top) / (lips.inner_top - lips.top + 0.01f);

    blend(p->rgb, l->lip, 0.85f * lip);
    p->shade *= 1 - lip * (below ? 0.12f * (1 - depth) - 0.05f : 0.22f * depth + 0.03f) -
                0.06f * lip * grain;
    p->gloss += lip * (below ? 0.9f * spot(depth, 0, 0.5f, 0, 0.2f, 1) : 0.1f);
    float open = cover(fminf(y - lips.inner_top, lips.inner_bottom - y), px);
    if (open > 0 && past <= 0 && lips.inner_bottom - lips.inner_top > 0.03f) {
        um_synth_paint hole = *p;
        paint_cavity(&hole, b, s, y, &lips);
        blend(p->rgb, hole.rgb, open);
        p->shade += (hole.shade - p->shade) * open;
        p->blood *= 1 - open;
        p->gloss *= 1 - open;
    }
    float line =
        cover(0.05f - fabsf(y - lips.inner_top), px + 0.06f) * (1 - smooth(0, 0.25f, past));
    darken(p->rgb, 0.62f * line);
}

void um_synth_paint_face(um_synth_paint *paint, const um_synth_brush *brush, float x, float y,
                         float arc)
{
    float ax = fabsf(x);

    paint_skin(paint, brush, x, ax, y, arc);
    if (y < -0.8f && y > -5.0f) paint_brow(paint, brush, x, y);
    paint_eye(paint, brush, x, ax, y);
    paint_mouth(paint, brush, x, y);
}
