#include "data/pseudo_fake.h"

#include <math.h>

static float within(um_rng *rng, float amount)
{
    return (float)um_rng_range(rng, -1, 1) * amount;
}

/* Index by relative frequency. */
static int pick(const float *share, int n, um_rng *rng)
{
    float sum = 0, at;

    for (int i = 0; i < n; i++) sum += share[i];
    at = sum * (float)um_rng_uniform(rng);
    for (int i = 0; i < n; i++) {
        if (at < share[i]) return i;
        at -= share[i];
    }
    return 0;
}

static um_degrade draw_change(float s, um_rng *rng)
{
    um_degrade d = um_degrade_none();
    um_tone_parts p = UM_TONE_NEUTRAL;

    p.gamma = expf(within(rng, 0.1f * s));
    p.hue = within(rng, 0.04f * s);
    p.saturation = expf(within(rng, 0.2f * s));
    p.contrast = expf(within(rng, 0.12f * s));
    for (int c = 0; c < 3; c++) p.offset[c] = within(rng, 10 * s);
    if (um_rng_uniform(rng) < 0.85) d.tone = um_tone_make(&p);
    if (s <= 0) return d;
    switch (um_rng_below(rng, 5)) {
    case 0: d.blur = (float)um_rng_range(rng, 0.4, 0.4 + 0.8 * (double)s); break;
    case 1: d.sharpen = (float)um_rng_range(rng, 0.2, 0.2 + 0.6 * (double)s); break;
    case 2: d.coarse = (float)um_rng_range(rng, 1.2, 1.2 + 1.5 * (double)s); break;
    case 3: d.quality = (int)um_rng_range(rng, fmax(5, 80 - 45 * (double)s), 85); break;
    default: break;
    }
    return d;
}

static um_pulse_edit draw_pulse(const float *shares, um_rng *rng)
{
    um_pulse_edit e = {.kind = (um_pulse_kind)pick(shares, UM_PULSE_KIND_COUNT, rng)};

    e.left = (float)um_rng_range(rng, 0, 0.3); /* silence would be a trace of its own */
    e.delay = 4 + (int)um_rng_below(rng, 15);
    e.bpm = (float)um_rng_range(rng, 45, 140);
    e.level = (float)um_rng_range(rng, 0.2, 1);
    e.phase = within(rng, 3.1415927f);
    return e;
}

um_pseudo um_pseudo_draw(const um_pseudo_options *o, um_rng *rng)
{
    um_pseudo p = {.key = um_rng_u64(rng)};
    um_mask_region region = (um_mask_region)pick(o->region, UM_MASK_REGION_COUNT, rng);

    p.mask = um_mask_shape_draw(region, o->strength, rng);
    p.bend = um_face_bend_draw(o->strength, rng);
    p.change = draw_change(o->strength, rng);
    p.change_outside = um_rng_uniform(rng) < 0.5;
    if (um_rng_uniform(rng) < (double)o->flicker)
        p.flicker = o->strength * (float)um_rng_range(rng, 0.2, 1);
    p.hold = 1 << um_rng_below(rng, 4);
    p.pulse = draw_pulse(o->pulse, rng);
    return p;
}

/* Jitter number `what` of a frame, -1..1: random at every `hold`-th frame, linear in between. */
static float jitter(const um_pseudo *p, size_t frame, uint64_t what)
{
    uint64_t slot = frame / (size_t)p->hold;
    float t = (float)(frame % (size_t)p->hold) / (float)p->hold;
    double a = um_rng_uniform_at(p->key + what, slot),
           b = um_rng_uniform_at(p->key + what, slot + 1);

    return p->flicker * (float)(2 * (a + (double)t * (b - a)) - 1);
}

/* Moves mask, bend and the inside's colours a little. The outside, which is the real half, never
 * flickers. */
static void flicker(um_mask_shape *mask, um_face_bend *bend, um_tone *inside, const um_pseudo *p,
                    size_t frame)
{
    uint64_t what = 0;

    if (p->flicker == 0) return;
    mask->scale *= 1 + 0.03f * jitter(p, frame, what++);
    bend->scale *= 1 + 0.01f * jitter(p, frame, what++);
    for (int k = 0; k < 2; k++) {
        bend->shift[k] += 0.008f * jitter(p, frame, what++);
        for (int i = 0; i < UM_BEND_ANCHORS; i++)
            bend->pull[i][k] += 0.01f * jitter(p, frame, what++);
    }
    for (int c = 0; c < 3; c++) inside->matrix[c][3] += 5 * jitter(p, frame, what++);
}

/* fake = real where the mask is 0, `inside` where it is 255 */
static void blend(um_image *fake, const um_image *real, const um_image *inside,
                  const um_image *mask)
{
    size_t n = (size_t)mask->width * (size_t)mask->height;

    for (size_t i = 0; i < n; i++)
        for (size_t c = 3 * i; c < 3 * i + 3; c++) {
            unsigned w = mask->data[i];
            fake->data[c] =
                (uint8_t)((real->data[c] * (255 - w) + inside->data[c] * w + 127) / 255);
        }
}

/* Landmarks move with the inside, as far as it is blended in where they are. */
static void move_landmarks(um_landmarks *lm, const um_face_bend *bend, const um_image *mask)
{
    um_landmarks moved = *lm;

    um_face_bend_points(bend, lm, moved.p, UM_N_LANDMARKS);
    for (int i = 0; i < UM_N_LANDMARKS; i++) {
        float x = lm->p[i][0], y = lm->p[i][1], w;

        if (!(x >= 0 && y >= 0 && x < (float)mask->width && y < (float)mask->height)) continue;
        w = (float)mask->data[(size_t)y * mask->stride + (size_t)x] / 255;
        for (int k = 0; k < 2; k++) lm->p[i][k] += w * (moved.p[i][k] - lm->p[i][k]);
    }
}

/* `fake` is still a copy of `real`; `bent` is a picture for the time being. */
static umcl_status blend_frame(const um_pseudo *p, const um_face_clip *real, um_face_clip *fake,
                               size_t i, um_image *bent)
{
    um_image outside = um_face_clip_crop(real, i), inside = um_face_clip_crop(fake, i);
    um_image mask = um_face_clip_mask(fake, i);
    um_degrade change[2] = {p->change, um_degrade_none()}; /* of inside and outside */
    um_mask_shape shape = p->mask;
    um_face_bend bend = p->bend;
    um_warp warp;

    if (p->change_outside) {
        change[0] = change[1];
        change[1] = p->change;
    }
    flicker(&shape, &bend, &change[0].tone, p, i);
    UM_TRY(um_degrade_apply(&change[0], &inside));
    UM_TRY(um_degrade_apply(&change[1], &outside));
    um_face_bend_warp(&warp, &bend, &real->landmarks[i], real->side);
    um_image_warp(bent, &inside, &warp);
    UM_TRY(um_pseudo_mask(&mask, &real->landmarks[i], &shape));
    blend(&inside, &outside, bent, &mask);
    move_landmarks(&fake->landmarks[i], &bend, &mask);
    return UMCL_OK;
}

static umcl_status check_clips(const um_face_clip *real, const um_face_clip *fake)
{
    if (fake->n != real->n || fake->side != real->side || !fake->mask)
        return um_fail(
            UMCL_ERR_INVALID,
            "pseudo-fake: expected %zu frames of %d pixels with a mask, found %zu of %d%s", real->n,
            real->side, fake->n, fake->side, fake->mask ? "" : " without");
    for (size_t i = 0; i < real->n; i++)
        if (!um_landmarks_plausible(&real->landmarks[i]))
            return um_fail(UMCL_ERR_INVALID, "pseudo-fake: landmarks of frame %zu are no face", i);
    return UMCL_OK;
}

umcl_status um_pseudo_blend(const um_pseudo *p, um_face_clip *real, um_face_clip *fake)
{
    um_image bent = {0};
    umcl_status st;

    UM_TRY(check_clips(real, fake));
    um_face_clip_copy(fake, real);
    UM_CHECK(um_image_new(&bent, real->side, real->side, 3));
    for (size_t i = 0; i < real->n; i++) UM_CHECK(blend_frame(p, real, fake, i, &bent));
    st = um_pulse_edit_apply(&p->pulse, fake, p->key);
done:
    um_image_clear(&bent);
    return st;
}

umcl_status um_pseudo_pair(um_face_clip *real, um_face_clip *fake, const um_face_clip *clip,
                           const um_pseudo_options *options, const um_augment_options *augment,
                           um_rng *rng)
{
    um_pseudo p = um_pseudo_draw(options, rng);
    um_augment a;

    um_face_clip_copy(real, clip);
    UM_TRY(um_pseudo_blend(&p, real, fake));
    if (!augment) return UMCL_OK;
    a = um_augment_draw(augment, rng);
    UM_TRY(um_augment_apply(&a, real));
    return um_augment_apply(&a, fake);
}
