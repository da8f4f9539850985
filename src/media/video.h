/*
 * Video in: anything FFmpeg reads, frame by frame, in bounded memory. A frame keeps the decoder's
 * own planes; callers convert what they need of it (a face, a scaled overview), never all of it.
 */
#ifndef UM_MEDIA_VIDEO_H
#define UM_MEDIA_VIDEO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "media/codec.h"
#include "media/image.h"

typedef struct um_video um_video;
typedef struct um_frame um_frame;

typedef struct um_video_options {
    double fps;      /* constant output rate, frames chosen by presentation time; 0: as they come */
    double start;    /* seconds into the video */
    double duration; /* seconds; 0: to the end */
    int threads;     /* decoding threads; 0: automatic */
} um_video_options;

#define UM_VIDEO_OPTIONS_INIT ((um_video_options){.fps = 30.0})

typedef struct um_video_info {
    int width, height; /* as displayed: rotation metadata applied */
    double fps;        /* average rate of the file, 0 if unknown */
    double duration;   /* seconds, 0 if unknown (a pipe) */
    const char *codec; /* "h264" */
    bool is_picture;   /* a still: exactly one frame */
} um_video_info;

/**
 * Opens a file, or standard input for "-".
 *
 * @return UMCL_ERR_NOT_FOUND, UMCL_ERR_IO (directory, unreadable), UMCL_ERR_FORMAT (not a video,
 *         no video stream, a size of zero), UMCL_ERR_UNSUPPORTED (codec), UMCL_ERR_NOMEM
 */
umcl_status um_video_open(um_video **out, const char *path, const um_video_options *options);
void um_video_close(um_video *video);
const um_video_info *um_video_get_info(const um_video *video);

/**
 * The next frame, or NULL at the end. `*out` is a reference that the caller releases with
 * um_frame_unref. Damaged packets are skipped and counted; a file cut short simply ends.
 */
umcl_status um_video_next(um_video *video, um_frame **out);

/** Damaged packets and frames skipped so far. */
int64_t um_video_skipped(const um_video *video);

um_frame *um_frame_ref(um_frame *frame);
void um_frame_unref(um_frame *frame); /* NULL is accepted */

/** A frame of its own made from a picture (stills, tests). The pixels are copied. */
umcl_status um_frame_from_image(um_frame **out, const um_image *image, double time);

/** Another frame of the same picture, with its own time and position. UMCL_ERR_NOMEM. */
umcl_status um_frame_again(um_frame **out, const um_frame *frame, double time, int64_t index);

int um_frame_width(const um_frame *frame); /* as displayed */
int um_frame_height(const um_frame *frame);
double um_frame_time(const um_frame *frame);   /* seconds from the start of the file */
int64_t um_frame_index(const um_frame *frame); /* position in the output sequence */

/**
 * Resamples the part `box` (displayed pixels, may reach over the border, which repeats) into all
 * of `dst`, which the caller has allocated: 3 channels give R, G, B through the stream's matrix
 * and range, 1 channel gives full-range luma. Area average where it shrinks, bilinear where it
 * grows. Converts no more pixels than the box holds.
 */
umcl_status um_frame_crop(const um_frame *frame, um_box box, um_image *dst);

/** Video out: H.264 (or what is asked for) in a container by the name's ending, RGB pictures in. */
typedef struct um_video_writer um_video_writer;

typedef struct um_video_writer_options {
    int width, height; /* even */
    double fps;
    int crf;            /* the encoder's constant rate factor, 0..um_codec_max_crf */
    const char *preset; /* of x264 and x265; NULL: "veryfast" */
    bool yuv444;        /* H.264 High 4:4:4 instead of 4:2:0 */
    int rotation;       /* metadata: show it turned clockwise by 0, 90, 180, 270 degrees */
    um_codec codec;
    int64_t bitrate; /* mean bits a second, in place of the rate factor; 0: none */
    int threads;     /* 0: the encoder's own choice, which may change what is written */
} um_video_writer_options;

umcl_status um_video_writer_open(um_video_writer **out, const char *path,
                                 const um_video_writer_options *options);
umcl_status um_video_writer_add(um_video_writer *w, const um_image *rgb);

/** Flushes, finishes the file under its final name and releases `w`, also on failure. */
umcl_status um_video_writer_finish(um_video_writer *w);
void um_video_writer_abort(um_video_writer *w); /* NULL is accepted */

#endif
