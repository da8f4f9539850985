#include "data/augment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/clip_codec.h"
#include "media/jpeg_loss.h"
#include "media/warp.h"

#define TWO_PI 6.2831853f

static float within(um_rng *rng, float amount)
{
    return (float)um_rng_range(rng, -1, 1) * amount;
}

static bool happens(um_rng *rng, float share)
{
    return um_rng_uniform(rng) < (double)share;
}

/* Periods of 5 to 30 seconds: slower than any heart. */
static um_drift draw_drift(um_rng *rng, float amount)
{
    float amplitude = (float)um_rng_range(rng, 0, (double)amount);
    float hz = 1 / (float)um_rng_range(rng, 5, 30);

    return (um_drift){amplitude, hz, (float)um_rng_range(rng, 0, (double)TWO_PI)};
}

static float drift_at(const um_drift *d, size_t frame)
{
    return d->amplitude * sinf(TWO_PI * d->hz * (float)frame / UM_CLIP_FPS + d->phase);
}

static um_tone draw_tone(um_rng *rng, float s)
{
    um_tone_parts p = UM_TONE_NEUTRAL;
    float all = expf(within(rng, 0.15f * s));

    p.gamma = expf(within(rng, 0.25f * s));
    p.hue = within(rng, 0.06f * s);
    p.saturation = expf(within(rng, 0.3f * s));
    p.contrast = expf(within(rng, 0.15f * s));
    for (int c = 0; c < 3; c++) {
        p.gain[c] = all * expf(within(rng, 0.05f * s));
        p.offset[c] = within(rng, 6 * s);
    }
    return um_tone_make(&p);
}

static void draw_place(um_augment *a, um_rng *rng, float s)
{
    a->turn = within(rng, 0.12f * s);
    a->scale = expf(within(rng, 0.1f * s));
    for (int k = 0; k < 2; k++) {
        a->shift[k] = within(rng, 0.04f * s);
        a->sway[k] = draw_drift(rng, 0.01f * s);
    }
}

/* Quality 90 .. 30 and CRF 18 .. 36 at the usual strength. */
static void draw_compression(um_augment *a, um_rng *rng, float s, float h264)
{
    float how_much = (float)um_rng_uniform(rng) * s;

    if (happens(rng, h264))
        a->crf = (int)lrintf(18 + fminf(18 * how_much, 30));
    else
        a->quality = (int)lrintf(90 - fminf(60 * how_much, 85));
}

um_augment um_augment_draw(const um_augment_options *o, um_rng *rng)
{
    um_augment a = {.key = um_rng_u64(rng), .look = um_degrade_none(), .scale = 1};
    float s = o->strength;

    a.mirror = happens(rng, o->mirror);
    if (s <= 0) return a;
    if (happens(rng, o->tone)) {
        a.look.tone = draw_tone(rng, s);
        a.light = draw_drift(rng, 0.03f * s);
    }
    if (happens(rng, o->blur)) a.look.blur = (float)um_rng_range(rng, 0.3, 0.3 + (double)s);
    if (happens(rng, o->coarse)) a.look.coarse = (float)um_rng_range(rng, 1, 1 + 1.5 * (double)s);
    if (happens(rng, o->noise)) a.noise = (float)um_rng_range(rng, 0, 5 * (double)s);
    if (happens(rng, o->compress)) draw_compression(&a, rng, s, o->h264);
    if (happens(rng, o->place)) draw_place(&a, rng, s);
    return a;
}

static umcl_status degrade_frame(const um_augment *a, um_image *rgb, size_t frame)
{
    um_degrade look = a->look;
    float light = 1 + drift_at(&a->light, frame);

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++) look.tone.matrix[i][j] *= light;
    UM_TRY(um_degrade_apply(&look, rgb));
    if (a->noise > 0) um_noise_add(rgb, a->noise, um_rng_at(a->key, frame));
    return a->quality ? um_image_jpeg_loss(rgb, a->quality) : UMCL_OK;
}

/* Where a point of the crop goes. */
static um_similarity place_at(const um_augment *a, float side, size_t frame)
{
    um_similarity s = {a->scale * cosf(a->turn), a->scale * sinf(a->turn), 0, 0};
    float centre = side / 2;

    s.tx = centre + side * (a->shift[0] + drift_at(&a->sway[0], frame)) - (s.a - s.b) * centre;
    s.ty = centre + side * (a->shift[1] + drift_at(&a->sway[1], frame)) - (s.b + s.a) * centre;
    return s;
}

static bool moves(const um_augment *a)
{
    return a->turn != 0 || a->scale != 1 || a->shift[0] != 0 || a->shift[1] != 0 ||
           a->sway[0].amplitude != 0 || a->sway[1].amplitude != 0;
}

/* Warps a picture in place; `copy` has as many pixels. */
static void warp_in_place(um_image image, uint8_t *copy, const um_warp *warp)
{
    um_image from = image;

    from.data = copy;
    memcpy(copy, image.data, image.stride * (size_t)image.height);
    um_image_warp(&image, &from, warp);
}

static umcl_status place_frames(const um_augment *a, um_face_clip *clip)
{
    uint8_t *copy;

    UM_TRY(um_calloc(&copy, (size_t)clip->side, 3 * (size_t)clip->side));
    for (size_t i = 0; i < clip->n; i++) {
        um_similarity go = place_at(a, (float)clip->side, i), back = um_similarity_inverse(go);
        float(*p)[2] = clip->landmarks[i].p;
        um_warp warp;

        um_warp_identity(&warp, clip->side, clip->side);
        um_similarity_apply(back, warp.at, (const float(*)[2])warp.at, UM_WARP_NODES);
        warp_in_place(um_face_clip_crop(clip, i), copy, &warp);
        if (clip->mask) warp_in_place(um_face_clip_mask(clip, i), copy, &warp);
        um_similarity_apply(go, p, (const float(*)[2])p, UM_N_LANDMARKS);
    }
    free(copy);
    return UMCL_OK;
}

umcl_status um_augment_apply(const um_augment *a, um_face_clip *clip)
{
    for (size_t i = 0; i < clip->n; i++) {
        um_image crop = um_face_clip_crop(clip, i);
        UM_TRY(degrade_frame(a, &crop, i));
    }
    if (a->crf) UM_TRY(um_clip_compress(clip, a->crf));
    if (moves(a)) UM_TRY(place_frames(a, clip));
    if (a->mirror) um_face_clip_mirror(clip);
    return UMCL_OK;
}
