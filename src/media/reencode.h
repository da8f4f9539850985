/*
 * A video compressed anew, as data sets of several compressions are made of their originals.
 */
#ifndef UM_MEDIA_REENCODE_H
#define UM_MEDIA_REENCODE_H

#include <stdbool.h>

#include "media/video.h"

/** Asked before every frame; false stops. */
typedef bool (*um_go_on_fn)(void *user);

/**
 * Writes all frames of `from` as H.264 4:2:0 at a constant rate factor (x264, preset medium) and
 * the file's own mean rate of frames; an odd last column or row is lost. Sound is left out.
 *
 * @param crf   0..51
 * @param go_on NULL: is not asked
 * @return as um_video_open, um_video_next, um_video_writer_*; UMCL_ERR_CANCELLED; UMCL_ERR_FORMAT
 *         (no frame can be decoded, smaller than 2 x 2). Nothing stays at `to` then.
 */
umcl_status um_reencode(const char *from, const char *to, int crf, um_go_on_fn go_on, void *user);

#endif
