/* A clip of crops through a video codec and back. */
#ifndef UM_DATA_CLIP_CODEC_H
#define UM_DATA_CLIP_CODEC_H

#include "data/face_clip.h"

/**
 * Replaces the crops by what would be read back from H.264 at this rate factor; landmarks and mask
 * stay. Fails as um_h264_loss does; the crops are then worth nothing.
 */
umcl_status um_clip_compress(um_face_clip *clip, int crf);

#endif
