#include "media/blur.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define REACH 3 /* deviations */

/* Half of a symmetric kernel whose whole sums to 1; w[0] is its middle. */
typedef struct half_kernel {
    int radius;
    float w[REACH * UM_BLUR_MAX + 1];
} half_kernel;

static void make_kernel(half_kernel *k, float sigma)
{
    float sum = 0;

    k->radius = (int)ceilf((float)REACH * sigma);
    for (int i = 0; i <= k->radius; i++) {
        k->w[i] = expf(-0.5f * (float)(i * i) / (sigma * sigma));
        sum += i ? 2 * k->w[i] : k->w[i];
    }
    for (int i = 0; i <= k->radius; i++) k->w[i] /= sum;
}

static void scale_row(float *restrict out, const float *restrict in, float w, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = w * in[i];
}

static void add_rows(float *restrict out, const float *restrict a, const float *restrict b, float w,
                     size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] += w * (a[i] + b[i]);
}

static void mix_row(uint8_t *restrict out, const float *restrict sharp, const float *restrict soft,
                    float sharp_part, float soft_part, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float v = sharp_part * sharp[i] + soft_part * soft[i] + 0.5f;
        out[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
}

/* image = sharp * image + soft * blurred image */
static umcl_status filter(um_image *image, const half_kernel *k, float sharp, float soft)
{
    size_t step = (size_t)image->channels, n = (size_t)image->width * step;
    size_t pad = (size_t)k->radius * step;
    int last = image->height - 1;
    float *copy = NULL, *row = NULL, *sum = NULL;
    umcl_status st;

    UM_CHECK(um_calloc(&copy, (size_t)image->height * n, sizeof *copy));
    UM_CHECK(um_calloc(&row, n + 2 * pad, sizeof *row));
    UM_CHECK(um_calloc(&sum, n, sizeof *sum));
    for (int y = 0; y <= last; y++)
        for (size_t i = 0; i < n; i++)
            copy[(size_t)y * n + i] = image->data[(size_t)y * image->stride + i];
    for (int y = 0; y <= last; y++) {
        float *middle = row + pad;

        scale_row(middle, copy + (size_t)y * n, k->w[0], n);
        for (int r = 1; r <= k->radius; r++) {
            int above = y - r > 0 ? y - r : 0, below = y + r < last ? y + r : last;
            add_rows(middle, copy + (size_t)above * n, copy + (size_t)below * n, k->w[r], n);
        }
        for (size_t i = 0; i < pad; i++) {
            row[i] = middle[i % step];
            middle[n + i] = middle[n - step + i % step];
        }
        scale_row(sum, middle, k->w[0], n);
        for (size_t r = 1; r <= (size_t)k->radius; r++)
            add_rows(sum, middle - r * step, middle + r * step, k->w[r], n);
        mix_row(image->data + (size_t)y * image->stride, copy + (size_t)y * n, sum, sharp, soft, n);
    }
done:
    free(copy);
    free(row);
    free(sum);
    return st;
}

umcl_status um_image_sharpen(um_image *image, float sigma, float amount)
{
    half_kernel k;

    if (!(sigma >= 0 && sigma <= UM_BLUR_MAX))
        return um_fail(UMCL_ERR_INVALID, "blur: expected a deviation of 0..%d, found %g",
                       UM_BLUR_MAX, (double)sigma);
    if (sigma == 0) return UMCL_OK;
    make_kernel(&k, sigma);
    return filter(image, &k, 1 + amount, -amount);
}

umcl_status um_image_blur(um_image *image, float sigma)
{
    return um_image_sharpen(image, sigma, -1);
}
