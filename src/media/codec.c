#include "media/codec.h"

#include <stdio.h>

#include "media/av.h"

typedef struct encoder {
    const char *name, *text;
    int max_crf;
} encoder;

static const encoder encoders[] = {
    [UM_CODEC_H264] = {"libx264", "H.264", 51},
    [UM_CODEC_HEVC] = {"libx265", "HEVC", 51},
    [UM_CODEC_VP9] = {"libvpx-vp9", "VP9", 63},
    [UM_CODEC_AV1] = {"libaom-av1", "AV1", 63},
};

const char *um_codec_encoder(um_codec codec)
{
    return encoders[codec].name;
}

bool um_codec_available(um_codec codec)
{
    return avcodec_find_encoder_by_name(encoders[codec].name) != NULL;
}

int um_codec_max_crf(um_codec codec)
{
    return encoders[codec].max_crf;
}

static void set_colours(AVCodecContext *c)
{
    c->color_range = AVCOL_RANGE_MPEG;
    c->chroma_sample_location = AVCHROMA_LOC_LEFT;
    if (c->height >= 720) {
        c->colorspace = AVCOL_SPC_BT709;
        c->color_primaries = AVCOL_PRI_BT709;
        c->color_trc = AVCOL_TRC_BT709;
    } else {
        c->colorspace = AVCOL_SPC_SMPTE170M;
        c->color_primaries = AVCOL_PRI_SMPTE170M;
        c->color_trc = AVCOL_TRC_SMPTE170M;
    }
}

static void set_options(AVDictionary **dict, const um_video_writer_options *o)
{
    const char *preset = o->preset ? o->preset : "veryfast";

    if (o->bitrate <= 0) av_dict_set_int(dict, "crf", o->crf, 0);
    switch (o->codec) {
    case UM_CODEC_H264: av_dict_set(dict, "preset", preset, 0); break;
    case UM_CODEC_HEVC:
        /* It prints by itself, and its threads change what it writes. */
        av_dict_set(dict, "preset", preset, 0);
        av_dict_set(dict, "x265-params", "log-level=none:pools=none:frame-threads=1", 0);
        break;
    case UM_CODEC_VP9:
        av_dict_set(dict, "deadline", "good", 0);
        av_dict_set(dict, "cpu-used", "5", 0);
        break;
    case UM_CODEC_AV1:
        av_dict_set(dict, "usage", "realtime", 0);
        av_dict_set(dict, "cpu-used", "8", 0);
        break;
    }
}

umcl_status um_encoder_open(AVCodecContext **out, const char *path,
                            const um_video_writer_options *o, bool global_header)
{
    const encoder *e = &encoders[o->codec];
    const AVCodec *codec = avcodec_find_encoder_by_name(e->name);
    AVDictionary *dict = NULL;
    AVCodecContext *c;
    char doing[64];
    int r;

    if (!codec) return um_fail(UMCL_ERR_UNSUPPORTED, "%s: this FFmpeg has no %s", path, e->name);
    c = *out = avcodec_alloc_context3(codec);
    if (!c) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", path);
    c->width = o->width;
    c->height = o->height;
    c->pix_fmt = o->yuv444 ? AV_PIX_FMT_YUV444P : AV_PIX_FMT_YUV420P;
    c->framerate = av_d2q(o->fps, 1001000);
    c->time_base = av_inv_q(c->framerate);
    if (o->bitrate > 0) c->bit_rate = o->bitrate;
    if (o->threads > 0) c->thread_count = o->threads;
    set_colours(c);
    c->flags |= AV_CODEC_FLAG_BITEXACT;
    if (global_header) c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    set_options(&dict, o);
    r = avcodec_open2(c, codec, &dict);
    av_dict_free(&dict);
    if (r >= 0) return UMCL_OK;
    snprintf(doing, sizeof doing, "cannot open the %s encoder", e->text);
    return um_av_fail(UMCL_ERR_UNSUPPORTED, path, doing, r);
}
