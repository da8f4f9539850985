#include "media/decoder.h"

#include <errno.h>
#include <libavutil/display.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "media/byte_source.h"

/* Failures in a row after which the rest of a file is given up. */
#define MAX_FAILURES 256
#define MAX_PIXELS ((int64_t)1 << 27)
#define MAX_ERRNO 4095

struct um_decoder {
    char *name; /* for messages */
    um_source *source;
    AVFormatContext *format;
    AVCodecContext *codec;
    AVStream *stream;
    AVPacket *packet;
    int64_t skipped;
    int failures; /* in a row */
    int threads;
    bool drained; /* the demuxer is at its end */
};

/** Demuxers that open other files by name get none. */
static int refuse_open(AVFormatContext *s, AVIOContext **pb, const char *url, int flags,
                       AVDictionary **options)
{
    (void)s;
    (void)pb;
    (void)url;
    (void)flags;
    (void)options;
    return AVERROR(EPERM);
}

/** Formats that turn any text into moving pictures, or that are lists of other files. */
static bool is_no_video(const char *format)
{
    static const char *const names[] = {"tty",  "adf", "bin",  "idf",
                                        "xbin", "hls", "dash", "concat"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(format, names[i]) == 0) return true;
    return false;
}

static umcl_status open_format(um_decoder *d)
{
    AVFormatContext *f = avformat_alloc_context();
    const AVInputFormat *kind = NULL;
    int r;

    if (!f) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", d->name);
    f->pb = um_source_io(d->source);
    f->io_open = refuse_open;
    /* No name is given: the content decides, not the ending. */
    r = av_probe_input_buffer2(f->pb, &kind, NULL, f, 0, 0);
    if (r >= 0 && is_no_video(kind->name)) r = AVERROR_INVALIDDATA;
    if (r < 0)
        avformat_free_context(f);
    else
        r = avformat_open_input(&f, NULL, kind, NULL); /* frees it on failure */
    /* Demuxers say "Device or resource busy" of a picture without a size. */
    if (r < 0 && r > -MAX_ERRNO && r != AVERROR(ENOMEM) && !um_source_error(d->source))
        r = AVERROR_INVALIDDATA;
    if (r < 0)
        return um_av_fail(UMCL_ERR_FORMAT, d->name,
                          "expected a video or a picture, cannot read it as one", r);
    d->format = f;
    r = avformat_find_stream_info(f, NULL);
    if (r < 0)
        return um_av_fail(UMCL_ERR_FORMAT, d->name, "cannot find out what the streams hold", r);
    return UMCL_OK;
}

static umcl_status choose_stream(um_decoder *d, const AVCodec **codec)
{
    AVFormatContext *f = d->format;
    int at = av_find_best_stream(f, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);

    if (at < 0 || (f->streams[at]->disposition & AV_DISPOSITION_ATTACHED_PIC))
        return um_fail(UMCL_ERR_FORMAT, "%s: expected a video stream, found %u other stream%s",
                       d->name, f->nb_streams, f->nb_streams == 1 ? "" : "s");
    d->stream = f->streams[at];
    for (unsigned i = 0; i < f->nb_streams; i++)
        if ((int)i != at) f->streams[i]->discard = AVDISCARD_ALL;
    *codec = avcodec_find_decoder(d->stream->codecpar->codec_id);
    if (!*codec)
        return um_fail(UMCL_ERR_UNSUPPORTED, "%s: no decoder for codec %s", d->name,
                       avcodec_get_name(d->stream->codecpar->codec_id));
    return UMCL_OK;
}

static umcl_status open_codec(um_decoder *d, const AVCodec *codec)
{
    int r;

    d->codec = avcodec_alloc_context3(codec);
    d->packet = av_packet_alloc();
    if (!d->codec || !d->packet) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", d->name);
    r = avcodec_parameters_to_context(d->codec, d->stream->codecpar);
    if (r >= 0) {
        d->codec->pkt_timebase = d->stream->time_base;
        d->codec->thread_count = d->threads > 0 ? d->threads : 0;
        d->codec->max_pixels = MAX_PIXELS;
        /* Without bias, and of FFmpeg's integer transforms the one nearest to libjpeg's: networks
           decide near ties by single grey levels, and were trained on libjpeg's. */
        if (codec->id == AV_CODEC_ID_MJPEG) d->codec->idct_algo = FF_IDCT_XVID;
        r = avcodec_open2(d->codec, codec, NULL);
    }
    if (r < 0) return um_av_fail(UMCL_ERR_FORMAT, d->name, "cannot open the decoder", r);
    return UMCL_OK;
}

static umcl_status open_streams(um_decoder *d)
{
    const AVCodec *codec = NULL;

    UM_TRY(open_format(d));
    UM_TRY(choose_stream(d, &codec));
    return open_codec(d, codec);
}

static void close_streams(um_decoder *d)
{
    av_packet_free(&d->packet);
    avcodec_free_context(&d->codec);
    avformat_close_input(&d->format);
}

umcl_status um_decoder_open(um_decoder **out, const char *path, int threads)
{
    um_decoder *d = NULL;
    umcl_status st;

    um_av_quiet();
    *out = NULL;
    UM_TRY(um_calloc(&d, 1, sizeof *d));
    d->threads = threads;
    d->name = strdup(strcmp(path, "-") == 0 ? "standard input" : path);
    if (!d->name) {
        st = um_fail(UMCL_ERR_NOMEM, "%s: out of memory", path);
        goto done;
    }
    UM_CHECK(um_source_open(&d->source, path));
    UM_CHECK(open_streams(d));
    *out = d;
    d = NULL;
done:
    um_decoder_close(d);
    return st;
}

void um_decoder_close(um_decoder *d)
{
    if (!d) return;
    close_streams(d);
    um_source_close(d->source);
    free(d->name);
    free(d);
}

umcl_status um_decoder_restart(um_decoder *d)
{
    AVIOContext *io = um_source_io(d->source);

    close_streams(d);
    if (avio_seek(io, 0, SEEK_SET) < 0)
        return um_fail(UMCL_ERR_IO, "%s: cannot go back to the start", d->name);
    io->error = io->eof_reached = 0;
    d->drained = false;
    d->failures = 0;
    return open_streams(d);
}

/** Counts a failure; true: too many in a row. */
static bool give_up(um_decoder *d)
{
    d->skipped++;
    return ++d->failures > MAX_FAILURES;
}

/** Reads one packet and gives it to the decoder; at the end, starts draining. */
static umcl_status feed(um_decoder *d)
{
    AVPacket *p = d->packet;
    int r = av_read_frame(d->format, p);

    if (r == AVERROR(ENOMEM)) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", d->name);
    if (r < 0 && um_source_error(d->source))
        return um_fail(UMCL_ERR_IO, "%s: cannot read: %s", d->name,
                       strerror(um_source_error(d->source)));
    if (r < 0) {
        bool end = r == AVERROR_EOF || avio_feof(d->format->pb) || give_up(d);
        if (!end) return UMCL_OK;
        d->drained = true;
        avcodec_send_packet(d->codec, NULL);
        return UMCL_OK;
    }
    if (p->stream_index == d->stream->index && p->size > 0) {
        r = p->flags & AV_PKT_FLAG_CORRUPT ? AVERROR_INVALIDDATA : avcodec_send_packet(d->codec, p);
        if (r < 0 && r != AVERROR(ENOMEM) && give_up(d)) {
            d->drained = true;
            avcodec_send_packet(d->codec, NULL);
        }
    }
    av_packet_unref(p);
    return r == AVERROR(ENOMEM) ? um_fail(UMCL_ERR_NOMEM, "%s: out of memory", d->name) : UMCL_OK;
}

static bool is_damaged(const AVFrame *f)
{
    return (f->flags & AV_FRAME_FLAG_CORRUPT) || f->decode_error_flags || f->width < 1 ||
           f->height < 1 || !f->data[0];
}

umcl_status um_decoder_next(um_decoder *d, AVFrame **out)
{
    AVFrame *f = av_frame_alloc();
    umcl_status st = UMCL_OK;

    *out = NULL;
    if (!f) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", d->name);
    for (;;) {
        int r = avcodec_receive_frame(d->codec, f);
        if (r >= 0 && !is_damaged(f)) {
            d->failures = 0;
            *out = f;
            return UMCL_OK;
        }
        av_frame_unref(f);
        if (r == AVERROR_EOF) break;
        if (r == AVERROR(ENOMEM)) {
            st = um_fail(UMCL_ERR_NOMEM, "%s: out of memory", d->name);
            break;
        }
        if (r == AVERROR(EAGAIN)) {
            if (d->drained) break;
            UM_CHECK(feed(d));
        } else if (give_up(d)) {
            break;
        }
    }
done:
    av_frame_free(&f);
    return st;
}

bool um_decoder_seek(um_decoder *d, double time)
{
    double ticks = time / av_q2d(d->stream->time_base);

    if (!(fabs(ticks) < 1e18)) return false;
    if (av_seek_frame(d->format, d->stream->index, (int64_t)ticks, AVSEEK_FLAG_BACKWARD) < 0)
        return false;
    avcodec_flush_buffers(d->codec);
    d->drained = false;
    d->failures = 0;
    return true;
}

bool um_decoder_is_seekable(const um_decoder *d)
{
    return (d->format->pb->seekable & AVIO_SEEKABLE_NORMAL) &&
           !(d->format->iformat->flags & AVFMT_NOTIMESTAMPS);
}

double um_decoder_time(const um_decoder *d, const AVFrame *frame)
{
    int64_t ts = frame->best_effort_timestamp;

    return ts == AV_NOPTS_VALUE ? (double)NAN : (double)ts * av_q2d(d->stream->time_base);
}

double um_decoder_duration(const um_decoder *d, const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    int64_t n = frame->duration;
#else
    int64_t n = frame->pkt_duration;
#endif

    return n > 0 ? (double)n * av_q2d(d->stream->time_base) : 0;
}

static const int32_t *stream_matrix(const AVStream *stream)
{
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
    const AVCodecParameters *par = stream->codecpar;
    const AVPacketSideData *sd = av_packet_side_data_get(
        par->coded_side_data, par->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);

    return sd && sd->size >= 9 * sizeof(int32_t) ? (const int32_t *)sd->data : NULL;
#else
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);

    return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)data : NULL;
#endif
}

um_orientation um_decoder_orientation(const um_decoder *d, const AVFrame *frame)
{
    const AVFrameSideData *sd = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    const AVDictionaryEntry *exif;

    if (sd && sd->size >= 9 * sizeof(int32_t))
        return um_orientation_from_matrix((const int32_t *)sd->data);
    exif = av_dict_get(frame->metadata, "Orientation", NULL, 0);
    if (exif) return um_orientation_from_exif((int)strtol(exif->value, NULL, 10));
    return um_orientation_from_matrix(stream_matrix(d->stream));
}

/** A demuxer of single pictures, or an MP4 that says it is one. */
static bool is_picture(const AVFormatContext *f)
{
    static const char *const brands[] = {"avif", "mif1", "heic"};
    const AVDictionaryEntry *brand = av_dict_get(f->metadata, "major_brand", NULL, 0);

    for (size_t i = 0; brand && i < sizeof brands / sizeof *brands; i++)
        if (strcmp(brand->value, brands[i]) == 0) return true;
    return um_str_ends(f->iformat->name, "_pipe");
}

void um_decoder_info(const um_decoder *d, um_video_info *info)
{
    const AVStream *s = d->stream;
    AVRational rate = s->avg_frame_rate.num > 0 ? s->avg_frame_rate : s->r_frame_rate;

    if (rate.num > 0 && rate.den > 0) info->fps = av_q2d(rate);
    if (s->duration > 0)
        info->duration = (double)s->duration * av_q2d(s->time_base);
    else if (d->format->duration > 0)
        info->duration = (double)d->format->duration / AV_TIME_BASE;
    info->codec = avcodec_get_name(s->codecpar->codec_id);
    info->is_picture = is_picture(d->format);
    if (info->is_picture) info->fps = info->duration = 0;
}

int64_t um_decoder_skipped(const um_decoder *d)
{
    return d->skipped;
}
