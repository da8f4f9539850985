/*
 * Still pictures in and out, through FFmpeg's decoders and encoders.
 */
#include <libavutil/opt.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "media/av.h"

#define JPEG_QUALITY 2 /* 1..31, lower is better */

umcl_status um_image_read(um_image *out, const char *path)
{
    um_video_options options = {.fps = 0, .threads = 1};
    um_video *video = NULL;
    um_frame *frame = NULL;
    umcl_status st;

    memset(out, 0, sizeof *out);
    UM_CHECK(um_video_open(&video, path, &options));
    UM_CHECK(um_video_next(video, &frame));
    if (!frame) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected a picture, found none", path);
        goto done;
    }
    UM_CHECK(um_image_new(out, um_frame_width(frame), um_frame_height(frame), 3));
    st = um_frame_crop(frame, (um_box){0, 0, (float)out->width, (float)out->height}, out);
done:
    if (st != UMCL_OK) um_image_clear(out);
    um_frame_unref(frame);
    um_video_close(video);
    return st;
}

/** 4:4:4 JPEG planes of a picture: full range, BT.601. */
static void fill_jpeg(AVFrame *f, const um_image *image)
{
    for (int y = 0; y < image->height; y++) {
        const uint8_t *in = image->data + (size_t)y * image->stride;
        uint8_t *row[3];
        for (int c = 0; c < 3; c++) row[c] = f->data[c] + (ptrdiff_t)y * f->linesize[c];
        for (int x = 0; x < image->width; x++, in += image->channels) {
            int one = image->channels == 1;
            float r = in[0], g = in[one ? 0 : 1], b = in[one ? 0 : 2];
            float luma = 0.299f * r + 0.587f * g + 0.114f * b;
            float u = 128.5f + (b - luma) / 1.772f, v = 128.5f + (r - luma) / 1.402f;
            row[0][x] = (uint8_t)(luma + 0.5f);
            row[1][x] = (uint8_t)(u > 255 ? 255 : u);
            row[2][x] = (uint8_t)(v > 255 ? 255 : v);
        }
    }
}

static void fill_packed(AVFrame *f, const um_image *image)
{
    size_t n = (size_t)image->width * (size_t)image->channels;

    for (int y = 0; y < image->height; y++)
        memcpy(f->data[0] + (ptrdiff_t)y * f->linesize[0], image->data + (size_t)y * image->stride,
               n);
}

static umcl_status encode(AVCodecContext *codec, AVFrame *frame, AVPacket *packet, const char *path)
{
    int r = avcodec_send_frame(codec, frame);

    if (r >= 0) r = avcodec_send_frame(codec, NULL);
    if (r >= 0) r = avcodec_receive_packet(codec, packet);
    if (r < 0) return um_av_fail(UMCL_ERR_INTERNAL, path, "cannot encode the picture", r);
    return um_file_write(path, packet->data, (size_t)packet->size);
}

static umcl_status write_as(const um_image *image, const char *path, bool jpeg)
{
    const AVCodec *encoder = avcodec_find_encoder(jpeg ? AV_CODEC_ID_MJPEG : AV_CODEC_ID_PNG);
    AVCodecContext *codec = encoder ? avcodec_alloc_context3(encoder) : NULL;
    AVPacket *packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    umcl_status st;
    int r;

    if (!encoder) {
        st = um_fail(UMCL_ERR_UNSUPPORTED, "%s: FFmpeg has no encoder for this kind", path);
        goto done;
    }
    if (!codec || !packet || !frame) {
        st = um_fail(UMCL_ERR_NOMEM, "%s: out of memory", path);
        goto done;
    }
    frame->format = jpeg                   ? AV_PIX_FMT_YUVJ444P
                    : image->channels == 1 ? AV_PIX_FMT_GRAY8
                                           : AV_PIX_FMT_RGB24;
    codec->width = frame->width = image->width;
    codec->height = frame->height = image->height;
    codec->pix_fmt = (enum AVPixelFormat)frame->format;
    codec->time_base = (AVRational){1, 25};
    codec->thread_count = 1;
    if (jpeg) {
        codec->color_range = frame->color_range = AVCOL_RANGE_JPEG;
        codec->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
        codec->global_quality = frame->quality = JPEG_QUALITY * FF_QP2LAMBDA;
        codec->qmin = 1;
    }
    r = avcodec_open2(codec, encoder, NULL);
    if (r >= 0) r = av_frame_get_buffer(frame, 0);
    if (r < 0) {
        st = um_av_fail(UMCL_ERR_UNSUPPORTED, path, "cannot open the encoder", r);
        goto done;
    }
    if (jpeg)
        fill_jpeg(frame, image);
    else
        fill_packed(frame, image);
    st = encode(codec, frame, packet, path);
done:
    av_frame_free(&frame);
    av_packet_free(&packet);
    avcodec_free_context(&codec);
    return st;
}

umcl_status um_image_write(const um_image *image, const char *path)
{
    const char *dot = strrchr(path, '.');

    um_av_quiet();
    if (dot && strcasecmp(dot, ".png") == 0) return write_as(image, path, false);
    if (dot && (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0))
        return write_as(image, path, true);
    return um_fail(UMCL_ERR_INVALID, "%s: expected a name ending in .png, .jpg or .jpeg", path);
}
