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

/** Another way to compress: what platforms do to an upload. */
typedef struct um_recoding {
    um_codec codec;
    int crf;     /* 0..um_codec_max_crf */
    double bits; /* mean bits a pixel of every frame, in place of the rate factor; 0: none */
    double side; /* each side's part that is left before it is compressed, (0, 1]; 1: all */
} um_recoding;

/**
 * The same with any encoder, on one thread, so that the same video gives the same bytes. Sides
 * are rounded to even numbers, at least 16; a rate is at least 8,000 bits a second. Presets: x264
 * medium, x265 veryfast, libvpx good and 5, libaom realtime and 8.
 *
 * @return also UMCL_ERR_UNSUPPORTED (no such encoder), UMCL_ERR_INVALID (bits, side)
 */
umcl_status um_recode(const char *from, const char *to, const um_recoding *how, um_go_on_fn go_on,
                      void *user);

#endif
