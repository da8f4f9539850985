#include "data/synth_paint.h"

#include <math.h>

#include "data/synth_scene.h"

static float smooth(float lo, float hi, float x)
{
    float t = (x - lo) / (hi - lo);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

um_synth_brush um_synth_brush_make(const um_synth_look *look, const um_synth_state *state,
                                   const float *tile, const um_synth_light *light,
                                   const double pulse[2])
{
    um_synth_brush b = {.look = look,
                        .state = state,
                        .tile = tile,
                        .light = *light,
                        .pixel =
                            1 / (1.1f * state->px_per_cm), /* the face is nearer than the eyes */
                        .pulse = (float)pulse[0],
                        .inside = (float)pulse[1],
                        .mouth_w = um_synth_mouth_width(look, state)};
    float h[3] = {light->key[0], light->key[1], light->key[2] + 1};
    float len = sqrtf(h[0] * h[0] + h[1] * h[1] + h[2] * h[2]);

    for (int c = 0; c < 3; c++) b.half[c] = h[c] / len;
    return b;
}

static void blend(float out[3], const float rgb[3], float a)
{
    for (int c = 0; c < 3; c++) out[c] += (rgb[c] - out[c]) * a;
}

/* Strands run along y; `arc` and `y` in cm. */
static void paint_hair(um_synth_paint *p, const um_synth_brush *b, float arc, float y, float a)
{
    float wave = 0.5f * um_synth_noise(b->tile, 0.3f * arc, 0.3f * y);
    float fade = 1.7f - 5.0f * b->pixel;
    float strand = um_synth_noise(b->tile, 2.1f * (arc + wave), 0.22f * y) +
                   (fade > 0 ? (fade < 1 ? fade : 1) : 0) *
                       um_synth_noise(b->tile, 5.3f * (arc + wave) + 31, 0.35f * y);
    float rgb[3];

    for (int c = 0; c < 3; c++) rgb[c] = b->look->hair_rgb[c] * (1 + 0.45f * strand);
    blend(p->rgb, rgb, a);
    p->blood *= 1 - a;
    p->gloss += (0.35f + 0.2f * strand - p->gloss) * a;
}

static void paint_head(um_synth_paint *p, const um_synth_brush *b, const um_synth_attr *at)
{
    /* Along the surface; what is known is the place from the front. */
    float sine = sinf(at->theta), arc = 7.2f * at->theta,
          ragged = 0.5f * um_synth_noise(b->tile, 1.8f * arc, 0.7f * at->v);
    float hair = smooth(-0.25f, 0.35f, at->w + ragged);

    if (cosf(at->theta) > 0.05f && hair < 1)
        um_synth_paint_face(p, b, at->u, at->v,
                            fabsf(sine) > 1e-3f ? at->u * at->theta / sine : at->u);
    /* Underside of the jaw and the sides of the face get less light. */
    p->shade *= 1 - 0.25f * smooth(1.0f, 1.5f, fabsf(at->theta));
    p->shade *= 1 - 0.25f * (1 - hair) * smooth(-1.6f, 0.0f, at->w + ragged);
    if (hair > 0) paint_hair(p, b, arc, at->v, hair);
}

static void paint_ear(um_synth_paint *p, const um_synth_attr *at)
{
    float r = sqrtf(at->u * at->u + 0.8f * at->v * at->v);
    float hollow = smooth(0.75f, 0.45f, r) - 0.5f * smooth(0.35f, 0.1f, r);

    p->rgb[1] *= 0.9f;
    p->rgb[2] *= 0.88f;
    p->shade *= 0.8f - 0.45f * (hollow > 0 ? hollow : 0);
    p->blood = 0.7f;
}

static void paint_body(um_synth_paint *p, const um_synth_brush *b, const um_synth_attr *at)
{
    const um_synth_look *l = b->look;
    float cloth = smooth(-b->pixel, b->pixel, at->w);

    p->shade *= 0.42f + 0.58f * smooth(9.5f, 15.5f, at->v);
    p->blood = 0.5f;
    if (cloth <= 0) return;
    float rgb[3], stripe = smooth(-0.2f, 0.2f, sinf(2.6f * at->v)) * l->shirt_stripes;
    float weave = um_synth_noise(b->tile, 0.35f * at->u, 0.2f * at->v) * 0.16f +
                  um_synth_noise(b->tile, 2.7f * at->u, 2.7f * at->v) * 0.07f;
    for (int c = 0; c < 3; c++) rgb[c] = l->shirt[c] * (1 + weave) * (1 - 0.55f * stripe);
    blend(p->rgb, rgb, cloth);
    p->shade *= 1 - 0.35f * (1 - smooth(0.0f, 0.5f, fabsf(at->w)));
    p->blood *= 1 - cloth;
    p->gloss *= 1 - cloth;
}

/* Lambert with the light bleeding round the edge (most in red: skin scatters), an ambient that is
 * stronger from above, and a soft highlight. */
static void light_up(const um_synth_brush *b, const um_synth_paint *p, const float n[3],
                     float rgb[3])
{
    static const float bleed[3] = {0.40f, 0.27f, 0.22f}, warm[3] = {0.92f, 0.88f, 0.84f};
    static const float cool[3] = {0.27f, 0.28f, 0.30f};
    const float *k = b->light.key;
    float ndl = n[0] * k[0] + n[1] * k[1] + n[2] * k[2];
    float ndh = n[0] * b->half[0] + n[1] * b->half[1] + n[2] * b->half[2];
    float fill = 0.14f * (n[2] > 0 ? n[2] : 0), sky = 1 - 0.35f * n[1];
    float s2 = ndh > 0 ? ndh * ndh : 0, s8 = s2 * s2 * s2 * s2, shine = s8 * s8 * s8;

    for (int c = 0; c < 3; c++) {
        float d = (ndl + bleed[c]) / (1 + bleed[c]);
        float light = cool[c] * sky + fill + warm[c] * (d > 0 ? d : 0);
        rgb[c] = b->light.gain * p->shade * (p->rgb[c] * light + 0.10f * p->gloss * shine);
    }
}

/* How much a point of the head belongs to what a face swap replaces. */
static float inside(const um_synth_attr *at)
{
    float x = at->u / 5.2f, y = (at->v - 3.2f) / 6.2f;

    return cosf(at->theta) > 0.05f ? smooth(1.1f, 0.9f, sqrtf(x * x + y * y)) : 0;
}

void um_synth_paint_point(const um_synth_brush *b, um_synth_part_kind part,
                          const um_synth_vertex *at, float rgb[3])
{
    static const float ratio[3] = {0.35f, 1.0f, 0.6f}; /* of the pulse in R, G, B */
    um_synth_paint p = {.blood = 1, .gloss = 0.25f, .shade = 1};
    float n[3] = {at->n[0], at->n[1], at->n[2]}, pulse = b->pulse;

    for (int c = 0; c < 3; c++) p.rgb[c] = b->look->skin[c];
    switch (part) {
    case UM_PART_HEAD:
        paint_head(&p, b, &at->attr);
        pulse += inside(&at->attr) * (b->inside - b->pulse);
        break;
    case UM_PART_EAR_LEFT:
    case UM_PART_EAR_RIGHT: paint_ear(&p, &at->attr); break;
    case UM_PART_BODY: paint_body(&p, b, &at->attr); break;
    default:
        paint_hair(&p, b, 8.5f * at->attr.theta, at->attr.v, 1.0f);
        if (n[2] < 0) { /* the inside, in the neck's shadow */
            p.shade = 0.35f;
            for (int c = 0; c < 3; c++) n[c] = -n[c];
        }
    }
    float len = sqrtf(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
    for (int c = 0; c < 3; c++) n[c] /= len > 1e-6f ? len : 1;
    light_up(b, &p, n, rgb);
    for (int c = 0; c < 3; c++) rgb[c] = um_synth_level(rgb[c]);
    float fall = pulse * p.blood * rgb[1] / 140;
    for (int c = 0; c < 3; c++) rgb[c] -= ratio[c] * fall;
}
