#include "data/views.h"

#include <math.h>

#include "data/clip_codec.h"

static int shrink(int side, float factor)
{
    int small = (int)lrintf((float)side / factor);

    return small > 1 ? small : 1;
}

umcl_status um_view_coarsen(um_image *image, float factor)
{
    um_image small = {0};
    umcl_status st;

    if (!(factor >= 1 && isfinite(factor)))
        return um_fail(UMCL_ERR_INVALID, "view: expected a factor of 1 or more, found %g",
                       (double)factor);
    if (factor == 1) return UMCL_OK;
    UM_CHECK(um_image_new(&small, shrink(image->width, factor), shrink(image->height, factor),
                          image->channels));
    UM_CHECK(um_image_resample(&small, image,
                               (um_box){0, 0, (float)image->width, (float)image->height}));
    st = um_image_resample(image, &small, (um_box){0, 0, (float)small.width, (float)small.height});
done:
    um_image_clear(&small);
    return st;
}

umcl_status um_view_codec(um_face_clip *clip, um_rng *rng)
{
    bool light = um_rng_uniform(rng) < 0.5;

    return um_clip_compress(clip, light ? UM_VIEW_CODEC_LIGHT : UM_VIEW_CODEC_HEAVY);
}

void um_view_shake(float *coordinates, size_t n, float sigma, um_rng *rng)
{
    for (size_t i = 0; i < n; i++) coordinates[i] += sigma * (float)um_rng_normal(rng);
}
