#include "data/clip_codec.h"

#include <stdlib.h>

#include "base/mem.h"
#include "media/h264_loss.h"

umcl_status um_clip_compress(um_face_clip *clip, int crf)
{
    um_image *crops;
    umcl_status st;

    UM_TRY(um_calloc(&crops, clip->n, sizeof *crops));
    for (size_t i = 0; i < clip->n; i++) crops[i] = um_face_clip_crop(clip, i);
    st = um_h264_loss(crops, clip->n, crf);
    free(crops);
    return st;
}
