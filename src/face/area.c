#include "face/area.h"

#include <assert.h>
#include <string.h>

static void sum_rows(unsigned *sums, const um_image *rgb, um_pixel_rect rect, int from, int to)
{
    int n = 3 * (rect.x1 - rect.x0);

    memset(sums, 0, (size_t)n * sizeof *sums);
    for (int y = from; y < to; y++) {
        const uint8_t *in = rgb->data + (size_t)(rect.y0 + y) * rgb->stride + 3 * (size_t)rect.x0;

        for (int i = 0; i < n; i++) sums[i] += in[i];
    }
}

void um_area_resample(float *out, int width, int height, const um_image *rgb, um_pixel_rect rect,
                      unsigned *sums)
{
    int64_t w = rect.x1 - rect.x0, h = rect.y1 - rect.y0;

    assert(rgb->channels == 3 && w > 0 && h > 0 && rect.x0 >= 0 && rect.y0 >= 0);
    assert(rect.x1 <= rgb->width && rect.y1 <= rgb->height);
    for (int y = 0; y < height; y++) {
        int ya = (int)(y * h / height), yb = (int)(((y + 1) * h + height - 1) / height);

        sum_rows(sums, rgb, rect, ya, yb);
        for (int x = 0; x < width; x++, out += 3) {
            int xa = (int)(x * w / width), xb = (int)(((x + 1) * w + width - 1) / width);
            unsigned s[3] = {0, 0, 0};
            float scale = 1.0f / (128.0f * (float)((xb - xa) * (yb - ya)));

            for (int i = xa; i < xb; i++)
                for (int k = 0; k < 3; k++) s[k] += sums[3 * i + k];
            for (int k = 0; k < 3; k++) out[k] = (float)s[k] * scale - 127.5f / 128.0f;
        }
    }
}
