#include "media/image.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "media/colour.h"
#include "media/plane.h"

#define MAX_SIDE 65536

umcl_status um_image_new(um_image *out, int width, int height, int channels)
{
    size_t stride;

    memset(out, 0, sizeof *out);
    if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE ||
        (channels != 1 && channels != 3))
        return um_fail(UMCL_ERR_INVALID,
                       "picture: expected sides of 1..%d and 1 or 3 channels, found %d x %d x %d",
                       MAX_SIDE, width, height, channels);
    stride = (size_t)width * (size_t)channels;
    UM_TRY(um_calloc(&out->data, (size_t)height, stride));
    out->width = width;
    out->height = height;
    out->channels = channels;
    out->stride = stride;
    return UMCL_OK;
}

void um_image_clear(um_image *image)
{
    free(image->data);
    memset(image, 0, sizeof *image);
}

umcl_status um_image_copy(um_image *out, const um_image *image)
{
    size_t n = (size_t)image->width * (size_t)image->channels;

    UM_TRY(um_image_new(out, image->width, image->height, image->channels));
    for (int y = 0; y < image->height; y++)
        memcpy(out->data + (size_t)y * out->stride, image->data + (size_t)y * image->stride, n);
    return UMCL_OK;
}

umcl_status um_image_grey(um_image *out, const um_image *image)
{
    if (image->channels == 1) return um_image_copy(out, image);
    UM_TRY(um_image_new(out, image->width, image->height, 1));
    for (int y = 0; y < image->height; y++) {
        const uint8_t *restrict in = image->data + (size_t)y * image->stride;
        uint8_t *restrict grey = out->data + (size_t)y * out->stride;
        for (int x = 0; x < image->width; x++)
            grey[x] = (uint8_t)((in[3 * x] * 19595U + in[3 * x + 1] * 38470U +
                                 in[3 * x + 2] * 7471U + 32768U) >>
                                16);
    }
    return UMCL_OK;
}

umcl_status um_image_resample(um_image *dst, const um_image *src, um_box box)
{
    um_scaler scaler[3] = {0};
    uint16_t *row = NULL;
    umcl_status st = UMCL_OK;

    if (!(isfinite(box.x0) && isfinite(box.y0) && box.x1 > box.x0 && box.y1 > box.y0) ||
        !isfinite(box.x1) || !isfinite(box.y1))
        return um_fail(UMCL_ERR_INVALID, "resample: expected a box with an area, found %g %g %g %g",
                       (double)box.x0, (double)box.y0, (double)box.x1, (double)box.y1);
    if (dst->channels != src->channels)
        return um_fail(UMCL_ERR_INVALID, "resample: expected %d channels, found %d", src->channels,
                       dst->channels);
    UM_CHECK(um_calloc(&row, (size_t)dst->width, sizeof *row));
    for (int c = 0; c < src->channels; c++) {
        um_plane plane = um_plane_8bit(src->data + c, (ptrdiff_t)src->stride, src->width,
                                       src->height, src->channels);
        UM_CHECK(um_scaler_init(&scaler[c], &plane, (double)box.x0, (double)box.y0, (double)box.x1,
                                (double)box.y1, dst->width, dst->height));
    }
    for (int y = 0; y < dst->height; y++) {
        for (int c = 0; c < src->channels; c++) {
            uint8_t *out = dst->data + (size_t)y * dst->stride + c;
            um_scaler_row(&scaler[c], y, row);
            for (int x = 0; x < dst->width; x++)
                out[x * src->channels] = (uint8_t)((row[x] + 128U) >> 8);
        }
    }
done:
    for (int c = 0; c < 3; c++) um_scaler_clear(&scaler[c]);
    free(row);
    return st;
}
