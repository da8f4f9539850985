#include "media/jpeg_loss.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define B 8 /* side of a block */

static const uint8_t luma_steps[B][B] = {
    {16, 11, 10, 16, 24, 40, 51, 61},     {12, 12, 14, 19, 26, 58, 60, 55},
    {14, 13, 16, 24, 40, 57, 69, 56},     {14, 17, 22, 29, 51, 87, 80, 62},
    {18, 22, 37, 56, 68, 109, 103, 77},   {24, 35, 55, 64, 81, 104, 113, 92},
    {49, 64, 78, 87, 103, 121, 120, 101}, {72, 92, 95, 98, 112, 100, 103, 99},
};

static const uint8_t chroma_steps[B][B] = {
    {17, 18, 24, 47, 99, 99, 99, 99}, {18, 21, 26, 66, 99, 99, 99, 99},
    {24, 26, 56, 99, 99, 99, 99, 99}, {47, 66, 99, 99, 99, 99, 99, 99},
    {99, 99, 99, 99, 99, 99, 99, 99}, {99, 99, 99, 99, 99, 99, 99, 99},
    {99, 99, 99, 99, 99, 99, 99, 99}, {99, 99, 99, 99, 99, 99, 99, 99},
};

typedef float block[B][B];

/* The transform's matrix C, its transpose, and the steps that coefficients are rounded to. */
typedef struct codec {
    block c, ct, luma, chroma;
} codec;

static void set_steps(block steps, const uint8_t table[B][B], int quality)
{
    int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;

    for (int i = 0; i < B; i++)
        for (int j = 0; j < B; j++) {
            int step = (table[i][j] * scale + 50) / 100;
            steps[i][j] = (float)(step < 1 ? 1 : step > 255 ? 255 : step);
        }
}

static void make_codec(codec *k, int quality)
{
    for (int i = 0; i < B; i++)
        for (int j = 0; j < B; j++) {
            double angle = acos(-1) * i * (2 * j + 1) / (2 * B);
            k->c[i][j] = k->ct[j][i] = (float)(cos(angle) * sqrt((i ? 2.0 : 1.0) / B));
        }
    set_steps(k->luma, luma_steps, quality);
    set_steps(k->chroma, chroma_steps, quality);
}

/* Whole rows at a time: compilers turn the inner loop into vector instructions. */
static void multiply(block out, const block a, const block b)
{
    for (int i = 0; i < B; i++) {
        float sum[B] = {0};
        for (int k = 0; k < B; k++)
            for (int j = 0; j < B; j++) sum[j] += a[i][k] * b[k][j];
        for (int j = 0; j < B; j++) out[i][j] = sum[j];
    }
}

static void round_block(block x, const block steps)
{
    const float magic = 12582912; /* 1.5 * 2^23: floats around it have no fraction */

    for (int i = 0; i < B; i++)
        for (int j = 0; j < B; j++) {
            float whole = x[i][j] / steps[i][j] + magic;
            x[i][j] = (whole - magic) * steps[i][j];
        }
}

/* All blocks of a plane whose sides are whole blocks. */
static void code_plane(float *plane, int width, int height, const codec *k, const block steps)
{
    block x, y;

    for (int top = 0; top < height; top += B)
        for (int left = 0; left < width; left += B) {
            float *at = plane + (size_t)top * (size_t)width + left;

            for (int i = 0; i < B; i++)
                for (int j = 0; j < B; j++) x[i][j] = at[i * width + j];
            multiply(y, k->c, x);
            multiply(x, y, k->ct);
            round_block(x, steps);
            multiply(y, k->ct, x);
            multiply(x, y, k->c);
            for (int i = 0; i < B; i++)
                for (int j = 0; j < B; j++) at[i * width + j] = x[i][j];
        }
}

/* Planes around zero, sides rounded up to whole blocks of chroma; u and v at half the size. */
typedef struct planes {
    int width, height;
    float *y, *u, *v;
} planes;

static void fill_planes(planes *p, const um_image *rgb)
{
    for (int row = 0; row < p->height; row++) {
        int from = row < rgb->height ? row : rgb->height - 1;
        const uint8_t *in = rgb->data + (size_t)from * rgb->stride;
        float *y = p->y + (size_t)row * (size_t)p->width;
        size_t half = (size_t)(row / 2) * (size_t)(p->width / 2);

        for (int x = 0; x < p->width; x++) {
            const uint8_t *c = in + 3 * (size_t)(x < rgb->width ? x : rgb->width - 1);
            float r = c[0], g = c[1], b = c[2], luma = 0.299f * r + 0.587f * g + 0.114f * b;

            y[x] = luma - 128;
            p->u[half + (size_t)(x / 2)] += 0.25f * (b - luma) / 1.772f;
            p->v[half + (size_t)(x / 2)] += 0.25f * (r - luma) / 1.402f;
        }
    }
}

static uint8_t level(float v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v + 0.5f);
}

/* Chroma is repeated, as the plainest decoders do. */
static void read_planes(um_image *rgb, const planes *p)
{
    for (int row = 0; row < rgb->height; row++) {
        uint8_t *out = rgb->data + (size_t)row * rgb->stride;
        const float *y = p->y + (size_t)row * (size_t)p->width;
        size_t half = (size_t)(row / 2) * (size_t)(p->width / 2);

        for (int x = 0; x < rgb->width; x++, out += 3) {
            float luma = y[x] + 128, u = p->u[half + (size_t)(x / 2)],
                  v = p->v[half + (size_t)(x / 2)];

            out[0] = level(luma + 1.402f * v);
            out[1] = level(luma - 0.344136f * u - 0.714136f * v);
            out[2] = level(luma + 1.772f * u);
        }
    }
}

umcl_status um_image_jpeg_loss(um_image *rgb, int quality)
{
    planes p = {(rgb->width + 15) / 16 * 16, (rgb->height + 15) / 16 * 16, NULL, NULL, NULL};
    size_t n = (size_t)p.width * (size_t)p.height;
    codec k;

    if (rgb->channels != 3 || quality < 1 || quality > 100)
        return um_fail(UMCL_ERR_INVALID,
                       "JPEG loss: expected 3 channels and a quality of 1..100, found %d and %d",
                       rgb->channels, quality);
    UM_TRY(um_calloc(&p.y, n + n / 2, sizeof *p.y));
    p.u = p.y + n;
    p.v = p.u + n / 4;
    make_codec(&k, quality);
    fill_planes(&p, rgb);
    code_plane(p.y, p.width, p.height, &k, k.luma);
    code_plane(p.u, p.width / 2, p.height / 2, &k, k.chroma);
    code_plane(p.v, p.width / 2, p.height / 2, &k, k.chroma);
    read_planes(rgb, &p);
    free(p.y);
    return UMCL_OK;
}
