/*
 * The encoders that videos are written with. Which of them there are depends on how the linked
 * FFmpeg was built.
 */
#ifndef UM_MEDIA_CODEC_H
#define UM_MEDIA_CODEC_H

#include <stdbool.h>

typedef enum um_codec { UM_CODEC_H264, UM_CODEC_HEVC, UM_CODEC_VP9, UM_CODEC_AV1 } um_codec;

/** FFmpeg's name of the encoder: "libx264", "libx265", "libvpx-vp9", "libaom-av1". */
const char *um_codec_encoder(um_codec codec);

/** Whether the linked FFmpeg has that encoder. */
bool um_codec_available(um_codec codec);

/** The worst constant rate factor: 51 (H.264, HEVC) or 63 (VP9, AV1). Scales are not comparable. */
int um_codec_max_crf(um_codec codec);

#endif
