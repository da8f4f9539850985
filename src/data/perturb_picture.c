#include "data/perturb_picture.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "data/degrade.h"
#include "data/views.h"
#include "media/blur.h"
#include "media/jpeg_loss.h"

#define SQUARES_ACROSS 24 /* the shorter side of the picture */
#define SQUARE_GREY 128

uint64_t um_perturb_key(uint64_t seed, const char *name)
{
    return um_rng_at(um_fnv1a(UM_FNV_OFFSET, name, strlen(name)), seed);
}

static umcl_status out_of_range(const um_perturb *p)
{
    return um_fail(UMCL_ERR_INVALID, "%s: expected a strength in its range, found %g",
                   um_perturb_name(p->kind), p->value);
}

static umcl_status crop(um_image *rgb, const um_perturb *p)
{
    int width, height;
    um_image part, view = *rgb;

    if (!(p->value >= 0 && p->value < 100)) return out_of_range(p);
    width = (int)lrint(rgb->width * (1 - p->value / 100));
    height = (int)lrint(rgb->height * (1 - p->value / 100));
    view.width = width > 1 ? width : 1;
    view.height = height > 1 ? height : 1;
    view.data += (size_t)((rgb->height - view.height) / 2) * rgb->stride +
                 (size_t)((rgb->width - view.width) / 2) * (size_t)rgb->channels;
    UM_TRY(um_image_copy(&part, &view));
    um_image_clear(rgb);
    *rgb = part;
    return UMCL_OK;
}

/* The squares of a grid whose number falls below the share: they stay where they are. */
static umcl_status occlude(um_image *rgb, const um_perturb *p, uint64_t key)
{
    int least = rgb->width < rgb->height ? rgb->width : rgb->height;
    int side = least / SQUARES_ACROSS > 1 ? least / SQUARES_ACROSS : 1;

    if (!(p->value >= 0 && p->value <= 100)) return out_of_range(p);
    for (int y = 0; y < rgb->height; y++)
        for (int x = 0; x < rgb->width; x += side) {
            uint64_t cell = (uint64_t)(y / side) << 32 | (uint64_t)(x / side);
            int n = rgb->width - x < side ? rgb->width - x : side;

            if (100 * um_rng_uniform_at(key, cell) < p->value)
                memset(rgb->data + (size_t)y * rgb->stride + (size_t)(3 * x), SQUARE_GREY,
                       3 * (size_t)n);
        }
    return UMCL_OK;
}

static umcl_status darken(um_image *rgb, const um_perturb *p)
{
    um_tone_parts parts = UM_TONE_NEUTRAL;
    um_tone tone;

    if (!(p->value > 0 && p->value <= 10)) return out_of_range(p);
    parts.gamma = (float)p->value;
    tone = um_tone_make(&parts);
    um_tone_apply(&tone, rgb);
    return UMCL_OK;
}

static umcl_status add_noise(um_image *rgb, const um_perturb *p, uint64_t key, size_t frame)
{
    if (!(p->value >= 0 && p->value <= 255)) return out_of_range(p);
    if (p->value > 0) um_noise_add(rgb, (float)p->value, um_rng_at(key, frame));
    return UMCL_OK;
}

umcl_status um_perturb_picture(um_image *rgb, const um_perturb *p, uint64_t key, size_t frame)
{
    switch (p->kind) {
    case UM_PERTURB_JPEG: return p->value != 0 ? um_image_jpeg_loss(rgb, (int)p->value) : UMCL_OK;
    case UM_PERTURB_RESIZE: return um_view_coarsen(rgb, (float)p->value);
    case UM_PERTURB_BLUR: return um_image_blur(rgb, (float)p->value);
    case UM_PERTURB_NOISE: return add_noise(rgb, p, key, frame);
    case UM_PERTURB_GAMMA: return darken(rgb, p);
    case UM_PERTURB_CROP: return crop(rgb, p);
    case UM_PERTURB_OCCLUSION: return occlude(rgb, p, key);
    default: return UMCL_OK;
    }
}

size_t um_perturb_frame(const um_perturb *p, uint64_t key, size_t frame)
{
    if (p->kind == UM_PERTURB_FRAME_DROP)
        while (frame > 0 && 100 * um_rng_uniform_at(key, frame) < p->value) frame--;
    if (p->kind == UM_PERTURB_FRAME_RATE && p->value > 0 && p->value < UM_PERTURB_FPS) {
        double moment = floor((double)frame * p->value / UM_PERTURB_FPS + 1e-9);

        frame = (size_t)ceil(moment * UM_PERTURB_FPS / p->value - 1e-9);
    }
    return frame;
}
