/*
 * Material for tests of pictures and videos: colour bars, files in any codec with any times, and
 * files that were damaged on purpose. Everything lives in one temporary folder.
 */
#ifndef UM_TEST_SUPPORT_MEDIA_H
#define UM_TEST_SUPPORT_MEDIA_H

#include <libavutil/pixfmt.h>
#include <stdint.h>

#include "media/image.h"
#include "media/video.h"

#define WHOLE(im) ((um_box){0, 0, (float)(im)->width, (float)(im)->height})

/** For cmocka's group setup and teardown: makes the folder, removes it with its files. */
int media_setup(void **state);
int media_teardown(void **state);

/** Path of a file in the folder. Valid until the eighth call after this one. */
const char *media_path(const char *name);

/** Six bars in two rows of three; released with um_image_clear. */
um_image media_bars(int width, int height);

/** The bars' colours 0xRRGGBB, row by row. */
extern const uint32_t media_bar_colours[6];

/** Largest difference of any channel in the middles of the bars. */
int media_bars_error(const um_image *im);

/** `n` pictures of bars through um_video_writer; width and height of `options` are ignored. */
void media_write_bars(const char *path, int width, int height, int n,
                      const um_video_writer_options *options);

typedef struct media_stream {
    const char *codec; /* FFmpeg's encoder name */
    enum AVPixelFormat format;
    int width, height;
    int n;              /* frames */
    const int64_t *pts; /* [n] in milliseconds; NULL: 1000 i / 25 */
    int audio_only;     /* a second of silence instead */
} media_stream;

/** Writes grey frames, frame i of luma 16 + 8 i (modulo 200), in the container of the ending. */
void media_write_stream(const char *path, const media_stream *stream);

/** Copies a file's first `keep` parts of 100, then flips every `every`-th byte (0: none). */
void media_damage(const char *to, const char *from, int keep, int every);

/** Reads all frames; returns their number and checks their times and positions. */
int media_count(const char *path, const um_video_options *options);

#endif
