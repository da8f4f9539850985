#include "data/degrade.h"

#include <math.h>
#include <stdbool.h>

#include "data/views.h"
#include "media/blur.h"
#include "media/jpeg_loss.h"

#define SHARPEN_SIGMA 1.0f /* pixels */

static void multiply(float out[3][3], const float a[3][3], const float b[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            out[i][j] = 0;
            for (int k = 0; k < 3; k++) out[i][j] += a[i][k] * b[k][j];
        }
}

/* Rotation around (1, 1, 1) (Rodrigues), then away from or towards BT.601 luma. */
static void hue_and_saturation(float m[3][3], float hue, float saturation)
{
    static const float luma[3] = {0.299f, 0.587f, 0.114f};
    float c = cosf(hue), even = (1 - c) / 3, odd = sinf(hue) / sqrtf(3);
    const float turn[3][3] = {{c + even, even - odd, even + odd},
                              {even + odd, c + even, even - odd},
                              {even - odd, even + odd, c + even}};
    float fade[3][3];

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            fade[i][j] = (1 - saturation) * luma[j] + (i == j ? saturation : 0);
    multiply(m, fade, turn);
}

um_tone um_tone_make(const um_tone_parts *p)
{
    um_tone tone = {.gamma = p->gamma};
    float m[3][3];

    hue_and_saturation(m, p->hue, p->saturation);
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) tone.matrix[i][j] = p->gain[i] * p->contrast * m[i][j];
        tone.matrix[i][3] = p->gain[i] * 128 * (1 - p->contrast) + p->offset[i];
    }
    return tone;
}

static bool is_neutral(const um_tone *tone)
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++)
            if (tone->matrix[i][j] != (i == j ? 1.0f : 0.0f)) return false;
    return tone->gamma == 1;
}

void um_tone_apply(const um_tone *tone, um_image *rgb)
{
    const float(*m)[4] = tone->matrix;
    float curve[256];

    if (is_neutral(tone)) return;
    for (int i = 0; i < 256; i++)
        curve[i] = tone->gamma == 1 ? (float)i : 255 * powf((float)i / 255, tone->gamma);
    for (int y = 0; y < rgb->height; y++) {
        uint8_t *p = rgb->data + (size_t)y * rgb->stride;
        for (int x = 0; x < rgb->width; x++, p += 3) {
            float r = curve[p[0]], g = curve[p[1]], b = curve[p[2]];
            for (int c = 0; c < 3; c++) {
                float v = m[c][0] * r + m[c][1] * g + m[c][2] * b + m[c][3];
                p[c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v + 0.5f);
            }
        }
    }
}

/* Four random bytes add up to 510 with deviation 147.8, nearly normally. */
static uint8_t noisy(uint8_t level, float scale, uint32_t drawn)
{
    int sum = (int)((drawn & 255) + (drawn >> 8 & 255) + (drawn >> 16 & 255) + (drawn >> 24));
    float v = (float)level + scale * (float)(sum - 510) + 0.5f;

    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

void um_noise_add(um_image *rgb, float deviation, uint64_t key)
{
    float scale = deviation / 147.8f;
    size_t n = 3 * (size_t)rgb->width;

    for (size_t y = 0; y < (size_t)rgb->height; y++) {
        uint8_t *p = rgb->data + y * rgb->stride;
        for (size_t i = 0; i < n; i += 2) { /* a number serves two samples */
            uint64_t drawn = um_rng_at(key, y * n + i);
            p[i] = noisy(p[i], scale, (uint32_t)drawn);
            if (i + 1 < n) p[i + 1] = noisy(p[i + 1], scale, (uint32_t)(drawn >> 32));
        }
    }
}

um_degrade um_degrade_none(void)
{
    return (um_degrade){.tone = um_tone_make(&UM_TONE_NEUTRAL), .coarse = 1};
}

umcl_status um_degrade_apply(const um_degrade *d, um_image *rgb)
{
    um_tone_apply(&d->tone, rgb);
    UM_TRY(um_image_blur(rgb, d->blur));
    if (d->sharpen != 0) UM_TRY(um_image_sharpen(rgb, SHARPEN_SIGMA, d->sharpen));
    UM_TRY(um_view_coarsen(rgb, d->coarse));
    return d->quality ? um_image_jpeg_loss(rgb, d->quality) : UMCL_OK;
}
