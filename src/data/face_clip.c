#include "data/face_clip.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static size_t n_pixels(const um_face_clip *clip)
{
    return clip->n * (size_t)clip->side * (size_t)clip->side;
}

umcl_status um_face_clip_new(um_face_clip *out, size_t n, int side, bool with_mask)
{
    size_t area = (size_t)side * (size_t)side;
    umcl_status st;

    *out = (um_face_clip){.n = n, .side = side};
    if (n < 1 || side < 1)
        return um_fail(UMCL_ERR_INVALID, "face clip: expected frames and pixels, found %zu and %d",
                       n, side);
    UM_CHECK(um_calloc(&out->rgb, n, 3 * area));
    UM_CHECK(um_calloc(&out->landmarks, n, sizeof *out->landmarks));
    if (with_mask) UM_CHECK(um_calloc(&out->mask, n, area));
done:
    if (st != UMCL_OK) um_face_clip_clear(out);
    return st;
}

void um_face_clip_clear(um_face_clip *clip)
{
    free(clip->rgb);
    free(clip->landmarks);
    free(clip->mask);
    *clip = (um_face_clip){0};
}

void um_face_clip_copy(um_face_clip *to, const um_face_clip *from)
{
    assert(to->n == from->n && to->side == from->side);
    memcpy(to->rgb, from->rgb, 3 * n_pixels(from));
    memcpy(to->landmarks, from->landmarks, from->n * sizeof *from->landmarks);
    if (to->mask) memset(to->mask, 0, n_pixels(to));
}

um_image um_face_clip_crop(const um_face_clip *clip, size_t i)
{
    size_t row = 3 * (size_t)clip->side;

    return (um_image){clip->side, clip->side, 3, row, clip->rgb + i * row * (size_t)clip->side};
}

um_image um_face_clip_mask(const um_face_clip *clip, size_t i)
{
    size_t row = (size_t)clip->side;

    return (um_image){clip->side, clip->side, 1, row, clip->mask + i * row * row};
}

static void mirror_rows(uint8_t *pixels, size_t rows, size_t side, size_t step)
{
    for (size_t y = 0; y < rows; y++, pixels += side * step)
        for (size_t x = 0; x < side / 2; x++)
            for (size_t c = 0; c < step; c++) {
                uint8_t *a = pixels + x * step + c, *b = pixels + (side - 1 - x) * step + c, v = *a;
                *a = *b;
                *b = v;
            }
}

void um_face_clip_mirror(um_face_clip *clip)
{
    size_t side = (size_t)clip->side;

    mirror_rows(clip->rgb, clip->n * side, side, 3);
    if (clip->mask) mirror_rows(clip->mask, clip->n * side, side, 1);
    for (size_t i = 0; i < clip->n; i++) {
        um_landmarks was = clip->landmarks[i];
        for (int k = 0; k < UM_N_LANDMARKS; k++) {
            const float *from = was.p[um_landmark_mirror[k]];
            clip->landmarks[i].p[k][0] = (float)clip->side - from[0];
            clip->landmarks[i].p[k][1] = from[1];
        }
    }
}
