/*
 * Demuxing and decoding of the best video stream, as FFmpeg gives it: frames in presentation
 * order with the stream's own times. Private to src/media.
 */
#ifndef UM_MEDIA_DECODER_H
#define UM_MEDIA_DECODER_H

#include "media/av.h"

typedef struct um_decoder um_decoder;

/** Opens the stream. Errors as um_video_open. `threads`: 0 is automatic. */
umcl_status um_decoder_open(um_decoder **out, const char *path, int threads);
void um_decoder_close(um_decoder *d); /* NULL is accepted */

/**
 * The next whole frame, NULL at the end; released with av_frame_free. UMCL_ERR_IO (reading
 * failed), UMCL_ERR_NOMEM.
 */
umcl_status um_decoder_next(um_decoder *d, AVFrame **out);

/** Whether seeking makes sense: a file with times. Otherwise the next two must not be called. */
bool um_decoder_is_seekable(const um_decoder *d);

/**
 * Jumps to the key frame at or before `time` (the stream's own seconds). An index can lie: the
 * next frame's time tells. False: failed, and the place in the stream is lost.
 */
bool um_decoder_seek(um_decoder *d, double time);

/** Opens the same bytes again, from their start. Errors as um_decoder_open. */
umcl_status um_decoder_restart(um_decoder *d);

/** The stream's own presentation time and duration in seconds; NAN and 0 where unknown. */
double um_decoder_time(const um_decoder *d, const AVFrame *frame);
double um_decoder_duration(const um_decoder *d, const AVFrame *frame);

um_orientation um_decoder_orientation(const um_decoder *d, const AVFrame *frame);

/** fps, duration, codec and is_picture; the size is the first frame's. */
void um_decoder_info(const um_decoder *d, um_video_info *info);
int64_t um_decoder_skipped(const um_decoder *d);

#endif
