#include <errno.h>
#include <libavutil/display.h>
#include <libswscale/swscale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "media/av.h"

struct um_video_writer {
    char *path, *temp;
    um_video_writer_options options;
    AVFormatContext *format;
    AVCodecContext *codec;
    AVStream *stream;
    AVFrame *frame;
    AVPacket *packet;
    struct SwsContext *sws;
    int64_t next; /* time of the next frame, in frames */
    bool created; /* the temporary file exists */
};

static umcl_status check_options(const char *path, const um_video_writer_options *o)
{
    if (o->width < 1 || o->height < 1 || o->width > 16384 || o->height > 16384 ||
        (!o->yuv444 && (o->width % 2 || o->height % 2)))
        return um_fail(UMCL_ERR_INVALID, "%s: expected even sides of 2..16384, found %d x %d", path,
                       o->width, o->height);
    if (!(o->fps > 0 && o->fps <= 1000))
        return um_fail(UMCL_ERR_INVALID, "%s: expected a rate in (0, 1000], found %g", path,
                       o->fps);
    if (o->crf < 0 || o->crf > um_codec_max_crf(o->codec))
        return um_fail(UMCL_ERR_INVALID, "%s: expected a CRF of 0..%d, found %d", path,
                       um_codec_max_crf(o->codec), o->crf);
    if (o->yuv444 && o->codec != UM_CODEC_H264)
        return um_fail(UMCL_ERR_INVALID, "%s: expected 4:2:0, found 4:4:4 for %s", path,
                       um_codec_encoder(o->codec));
    if (o->rotation % 90 || o->rotation < 0 || o->rotation > 270)
        return um_fail(UMCL_ERR_INVALID, "%s: expected a rotation of 0, 90, 180 or 270, found %d",
                       path, o->rotation);
    return UMCL_OK;
}

/** The name with ".tmp.PID" before its ending, by which FFmpeg chooses the container. */
static umcl_status name_temp(um_video_writer *w)
{
    const char *slash = strrchr(w->path, '/'), *dot = strrchr(w->path, '.');
    um_str s = UM_STR_INIT;

    if (!dot || (slash && dot < slash))
        return um_fail(UMCL_ERR_INVALID, "%s: expected a name with an ending such as .mp4",
                       w->path);
    um_str_append_n(&s, w->path, (size_t)(dot - w->path));
    um_str_printf(&s, ".tmp.%ld%s", (long)getpid(), dot);
    UM_TRY(um_str_status(&s));
    w->temp = s.text;
    return UMCL_OK;
}

static umcl_status add_rotation(um_video_writer *w)
{
    int32_t *matrix;

    if (!w->options.rotation) return UMCL_OK;
    matrix = (int32_t *)(void *)av_stream_new_side_data(w->stream, AV_PKT_DATA_DISPLAYMATRIX,
                                                        9 * sizeof *matrix);
    if (!matrix) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", w->path);
    av_display_rotation_set(matrix, w->options.rotation);
    return UMCL_OK;
}

static umcl_status open_format(um_video_writer *w)
{
    AVDictionary *dict = NULL;
    um_str url = UM_STR_INIT;
    int r;

    w->stream = avformat_new_stream(w->format, NULL);
    if (!w->stream) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", w->path);
    w->stream->time_base = w->codec->time_base;
    w->stream->avg_frame_rate = w->codec->framerate;
    r = avcodec_parameters_from_context(w->stream->codecpar, w->codec);
    if (r < 0) return um_av_fail(UMCL_ERR_NOMEM, w->path, "cannot describe the stream", r);
    UM_TRY(add_rotation(w));
    w->format->flags |= AVFMT_FLAG_BITEXACT;
    /* "file:" so that no name is taken for a URL. */
    um_str_printf(&url, "file:%s", w->temp);
    UM_TRY(um_str_status(&url));
    r = avio_open(&w->format->pb, url.text, AVIO_FLAG_WRITE);
    av_free(w->format->url);
    w->format->url = av_strdup(url.text);
    um_str_clear(&url);
    if (r < 0) return um_av_fail(UMCL_ERR_IO, w->path, "cannot create", r);
    w->created = true;
    av_dict_set(&dict, "movflags", "+faststart", 0);
    r = avformat_write_header(w->format, &dict);
    av_dict_free(&dict);
    if (r < 0) return um_av_fail(UMCL_ERR_UNSUPPORTED, w->path, "cannot write this container", r);
    return UMCL_OK;
}

static umcl_status open_frame(um_video_writer *w)
{
    const um_video_writer_options *o = &w->options;
    const int *matrix = sws_getCoefficients(o->height >= 720 ? SWS_CS_ITU709 : SWS_CS_SMPTE170M);

    w->frame = av_frame_alloc();
    w->packet = av_packet_alloc();
    w->sws = sws_getContext(o->width, o->height, AV_PIX_FMT_RGB24, o->width, o->height,
                            w->codec->pix_fmt, SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP,
                            NULL, NULL, NULL);
    if (!w->frame || !w->packet || !w->sws)
        return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", w->path);
    sws_setColorspaceDetails(w->sws, matrix, 1, matrix, 0, 0, 1 << 16, 1 << 16);
    w->frame->format = w->codec->pix_fmt;
    w->frame->width = o->width;
    w->frame->height = o->height;
    return av_frame_get_buffer(w->frame, 0) < 0
               ? um_fail(UMCL_ERR_NOMEM, "%s: out of memory", w->path)
               : UMCL_OK;
}

umcl_status um_video_writer_open(um_video_writer **out, const char *path,
                                 const um_video_writer_options *options)
{
    um_video_writer *w = NULL;
    umcl_status st;

    um_av_quiet();
    *out = NULL;
    UM_TRY(check_options(path, options));
    UM_TRY(um_calloc(&w, 1, sizeof *w));
    w->options = *options;
    w->path = strdup(path);
    if (!w->path) {
        st = um_fail(UMCL_ERR_NOMEM, "%s: out of memory", path);
        goto done;
    }
    UM_CHECK(name_temp(w));
    if (avformat_alloc_output_context2(&w->format, NULL, NULL, w->temp) < 0) {
        st = um_fail(UMCL_ERR_INVALID, "%s: no container is known by this ending", path);
        goto done;
    }
    UM_CHECK(
        um_encoder_open(&w->codec, path, options, w->format->oformat->flags & AVFMT_GLOBALHEADER));
    UM_CHECK(open_frame(w));
    UM_CHECK(open_format(w));
    *out = w;
    w = NULL;
done:
    um_video_writer_abort(w);
    return st;
}

/** Sends a frame (NULL: flush) and writes what the encoder has ready. */
static umcl_status encode(um_video_writer *w, const AVFrame *frame)
{
    int r = avcodec_send_frame(w->codec, frame);

    while (r >= 0) {
        r = avcodec_receive_packet(w->codec, w->packet);
        if (r == AVERROR(EAGAIN) || r == AVERROR_EOF) return UMCL_OK;
        if (r < 0) break;
        w->packet->duration = 1;
        av_packet_rescale_ts(w->packet, w->codec->time_base, w->stream->time_base);
        w->packet->stream_index = w->stream->index;
        r = av_interleaved_write_frame(w->format, w->packet);
    }
    return r < 0 ? um_av_fail(UMCL_ERR_IO, w->path, "cannot write", r) : UMCL_OK;
}

umcl_status um_video_writer_add(um_video_writer *w, const um_image *rgb)
{
    const uint8_t *data[1] = {rgb->data};
    int stride[1] = {(int)rgb->stride};

    if (rgb->width != w->options.width || rgb->height != w->options.height || rgb->channels != 3)
        return um_fail(UMCL_ERR_SHAPE, "%s: expected pictures of %d x %d x 3, found %d x %d x %d",
                       w->path, w->options.width, w->options.height, rgb->width, rgb->height,
                       rgb->channels);
    if (av_frame_make_writable(w->frame) < 0)
        return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", w->path);
    sws_scale(w->sws, data, stride, 0, rgb->height, w->frame->data, w->frame->linesize);
    w->frame->pts = w->next++;
    return encode(w, w->frame);
}

umcl_status um_video_writer_finish(um_video_writer *w)
{
    umcl_status st;
    int r;

    UM_CHECK(encode(w, NULL));
    r = av_write_trailer(w->format);
    if (r >= 0) r = avio_closep(&w->format->pb);
    if (r < 0) {
        st = um_av_fail(UMCL_ERR_IO, w->path, "cannot write", r);
        goto done;
    }
    if (rename(w->temp, w->path) != 0) {
        st = um_fail(UMCL_ERR_IO, "%s: cannot rename onto: %s", w->path, strerror(errno));
        goto done;
    }
    w->created = false;
done:
    um_video_writer_abort(w);
    return st;
}

void um_video_writer_abort(um_video_writer *w)
{
    if (!w) return;
    if (w->format) avio_closep(&w->format->pb);
    if (w->created) unlink(w->temp);
    avformat_free_context(w->format);
    avcodec_free_context(&w->codec);
    av_frame_free(&w->frame);
    av_packet_free(&w->packet);
    sws_freeContext(w->sws);
    free(w->temp);
    free(w->path);
    free(w);
}
