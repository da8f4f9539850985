/*
 * What H.264 loses: pictures go through x264 (4:2:0) and FFmpeg's decoder and back, in memory.
 */
#ifndef UM_MEDIA_H264_LOSS_H
#define UM_MEDIA_H264_LOSS_H

#include "media/image.h"

/**
 * Replaces consecutive R, G, B pictures of one size (even sides) by what would be read back. On one
 * thread; the same pictures give the same result.
 *
 * @param crf x264's constant rate factor, 0 (nearly nothing is lost) .. 51
 * @return UMCL_ERR_INVALID (sizes, crf), UMCL_ERR_UNSUPPORTED (no libx264), UMCL_ERR_NOMEM; the
 *         pictures are then worth nothing
 */
umcl_status um_h264_loss(um_image *pictures, size_t n, int crf);

#endif
