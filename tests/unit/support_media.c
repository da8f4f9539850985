#include "support_media.h"

#include <dirent.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../test.h"
#include "base/file.h"

static char dir[64];

const uint32_t media_bar_colours[6] = {0xC02020, 0x20C020, 0x2020C0, 0xC0C020, 0x20C0C0, 0xC020C0};

int media_setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/umcl-media-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

int media_teardown(void **state)
{
    DIR *d = opendir(dir);
    struct dirent *e;

    (void)state;
    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.') remove(media_path(e->d_name));
    if (d) closedir(d);
    return rmdir(dir);
}

const char *media_path(const char *name)
{
    static char paths[8][512];
    static int next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

um_image media_bars(int width, int height)
{
    um_image im;

    assert_ok(um_image_new(&im, width, height, 3));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint32_t c = media_bar_colours[3 * (2 * y / height) + 3 * x / width];
            uint8_t *p = im.data + (size_t)y * im.stride + 3 * (size_t)x;
            p[0] = (uint8_t)(c >> 16);
            p[1] = (uint8_t)(c >> 8);
            p[2] = (uint8_t)c;
        }
    return im;
}

int media_bars_error(const um_image *im)
{
    int worst = 0;

    for (int i = 0; i < 6; i++) {
        int x = (2 * (i % 3) + 1) * im->width / 6, y = (2 * (i / 3) + 1) * im->height / 4;
        const uint8_t *p = im->data + (size_t)y * im->stride + 3 * (size_t)x;
        for (int c = 0; c < 3; c++) {
            int d = abs((int)p[c] - (int)(media_bar_colours[i] >> (16 - 8 * c) & 255));
            if (d > worst) worst = d;
        }
    }
    return worst;
}

void media_write_bars(const char *path, int width, int height, int n,
                      const um_video_writer_options *options)
{
    um_video_writer_options o = *options;
    um_image im = media_bars(width, height);
    um_video_writer *writer;

    o.width = width;
    o.height = height;
    assert_ok(um_video_writer_open(&writer, path, &o));
    for (int i = 0; i < n; i++) assert_ok(um_video_writer_add(writer, &im));
    assert_ok(um_video_writer_finish(writer));
    um_image_clear(&im);
}

/** Sends one frame (NULL: the end) and writes what comes. */
static void encode(AVFormatContext *f, AVCodecContext *c, const AVFrame *frame)
{
    AVPacket *p = av_packet_alloc();

    assert_true(avcodec_send_frame(c, frame) >= 0);
    while (avcodec_receive_packet(c, p) >= 0) {
        p->stream_index = 0;
        /* MP4 drops a last frame that lasts no time. */
        if (c->width) p->duration = c->time_base.den / 25;
        av_packet_rescale_ts(p, c->time_base, f->streams[0]->time_base);
        assert_true(av_interleaved_write_frame(f, p) >= 0);
    }
    av_packet_free(&p);
}

static AVCodecContext *open_encoder(AVFormatContext *f, const media_stream *s)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(s->codec);
    AVCodecContext *c = avcodec_alloc_context3(codec);

    assert_non_null(codec);
    if (s->audio_only) {
        c->sample_fmt = codec->sample_fmts[0];
        c->sample_rate = 44100;
        av_channel_layout_default(&c->ch_layout, 1);
        c->time_base = (AVRational){1, 44100};
    } else {
        c->width = s->width;
        c->height = s->height;
        c->pix_fmt = s->format;
        c->time_base = (AVRational){1, s->pts ? 1000 : 25};
        c->framerate = (AVRational){25, 1};
        c->max_b_frames = 0;
        c->gop_size = 5;
    }
    c->strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL;
    if (f->oformat->flags & AVFMT_GLOBALHEADER) c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    assert_true(avcodec_open2(c, codec, NULL) >= 0);
    return c;
}

static AVFrame *make_frame(const AVCodecContext *c)
{
    AVFrame *frame = av_frame_alloc();

    frame->format = c->width ? (int)c->pix_fmt : (int)c->sample_fmt;
    frame->width = c->width;
    frame->height = c->height;
    frame->nb_samples = c->frame_size ? c->frame_size : 1024;
    frame->sample_rate = c->sample_rate;
    av_channel_layout_copy(&frame->ch_layout, &c->ch_layout);
    assert_true(av_frame_get_buffer(frame, 0) >= 0);
    return frame;
}

static void fill_frame(AVFrame *frame, const AVCodecContext *c, int i)
{
    assert_true(av_frame_make_writable(frame) >= 0);
    if (!c->width) {
        memset(frame->data[0], 0, (size_t)frame->linesize[0]);
        return;
    }
    for (int plane = 0; plane < 3 && frame->data[plane]; plane++) {
        bool half = c->pix_fmt == AV_PIX_FMT_YUV420P || c->pix_fmt == AV_PIX_FMT_YUVJ420P;
        int rows = plane && half ? (c->height + 1) / 2 : c->height;
        for (int y = 0; y < rows; y++)
            memset(frame->data[plane] + y * frame->linesize[plane], plane ? 128 : 16 + 8 * i % 200,
                   (size_t)frame->linesize[plane]);
    }
}

void media_write_stream(const char *path, const media_stream *s)
{
    AVFormatContext *f = NULL;
    AVCodecContext *c;
    AVFrame *frame;
    int n = s->audio_only ? 43 : s->n;

    av_log_set_level(AV_LOG_QUIET);
    assert_true(avformat_alloc_output_context2(&f, NULL, NULL, path) >= 0);
    c = open_encoder(f, s);
    assert_non_null(avformat_new_stream(f, NULL));
    f->streams[0]->time_base = c->time_base;
    assert_true(avcodec_parameters_from_context(f->streams[0]->codecpar, c) >= 0);
    assert_true(avio_open(&f->pb, path, AVIO_FLAG_WRITE) >= 0);
    assert_true(avformat_write_header(f, NULL) >= 0);
    frame = make_frame(c);
    for (int i = 0; i < n; i++) {
        fill_frame(frame, c, i);
        frame->pts = s->audio_only ? (int64_t)i * frame->nb_samples : s->pts ? s->pts[i] : i;
        encode(f, c, frame);
    }
    encode(f, c, NULL);
    assert_true(av_write_trailer(f) >= 0);
    avio_closep(&f->pb);
    av_frame_free(&frame);
    avcodec_free_context(&c);
    avformat_free_context(f);
}

void media_damage(const char *to, const char *from, int keep, int every)
{
    char *bytes;
    size_t n;

    assert_ok(um_file_read(&bytes, &n, from, (size_t)1 << 30));
    n = n * (size_t)keep / 100;
    for (size_t i = (size_t)every; every && i < n; i += (size_t)every) bytes[i] ^= 0x55;
    assert_ok(um_file_write(to, bytes, n));
    free(bytes);
}

int media_count(const char *path, const um_video_options *o)
{
    double last = -1;
    um_video *v;
    um_frame *f;
    int n = 0;

    assert_ok(um_video_open(&v, path, o));
    for (;;) {
        assert_ok(um_video_next(v, &f));
        if (!f) break;
        assert_int_equal(um_frame_index(f), n);
        assert_true(um_frame_time(f) > last);
        last = um_frame_time(f);
        um_frame_unref(f);
        n++;
    }
    um_video_close(v);
    return n;
}
