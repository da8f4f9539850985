/*
 * What the files that talk to FFmpeg share: its silence, its error texts, display orientation,
 * and the frame that wraps an AVFrame. Private to src/media.
 */
#ifndef UM_MEDIA_AV_H
#define UM_MEDIA_AV_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <stdbool.h>

#include "base/status.h"
#include "media/video.h"

/** Stops FFmpeg from printing, process-wide: the library never prints. */
void um_av_quiet(void);

/** Fails with "`name`: `doing`: FFmpeg's text"; UMCL_ERR_NOMEM and _IO where FFmpeg says so. */
umcl_status um_av_fail(umcl_status code, const char *name, const char *doing, int error);

/** How the stored picture is shown: first x and y swap, then each displayed axis may flip. */
typedef struct um_orientation {
    bool transpose, flip_x, flip_y;
} um_orientation;

/** From a display matrix ([9], NULL: upright), to the nearest right angle. */
um_orientation um_orientation_from_matrix(const int32_t *matrix);

/** From EXIF's tag 1..8; others are upright. */
um_orientation um_orientation_from_exif(int tag);

/**
 * Wraps `av`, of which it takes a reference; pixel formats that um_frame_crop cannot read are
 * converted here. UMCL_ERR_UNSUPPORTED (pixel format), UMCL_ERR_NOMEM.
 */
umcl_status um_frame_wrap(um_frame **out, const AVFrame *av, um_orientation orientation);

/**
 * Opens the encoder that `options`, which were checked, ask for; `*out` is the caller's also on
 * failure. UMCL_ERR_UNSUPPORTED (not in this FFmpeg, or it does not take the options), NOMEM.
 */
umcl_status um_encoder_open(AVCodecContext **out, const char *path,
                            const um_video_writer_options *options, bool global_header);

#endif
