#include "media/h264_loss.h"

#include <libswscale/swscale.h>

#include "media/av.h"

#define NAME "H.264 loss"

/* Encoder and decoder, mouth to ear. */
typedef struct loop {
    AVCodecContext *encoder, *decoder;
    AVFrame *in, *out;
    AVPacket *packet;
    struct SwsContext *sws;
    um_image *pictures;
    size_t n, done; /* pictures, and how many came back */
} loop;

static umcl_status open_encoder(loop *l, int crf)
{
    const AVCodec *x264 = avcodec_find_encoder_by_name("libx264");
    AVDictionary *dict = NULL;
    AVCodecContext *c;
    int r;

    if (!x264) return um_fail(UMCL_ERR_UNSUPPORTED, NAME ": this FFmpeg has no libx264");
    c = l->encoder = avcodec_alloc_context3(x264);
    if (!c) return um_fail(UMCL_ERR_NOMEM, NAME ": out of memory");
    c->width = l->pictures->width;
    c->height = l->pictures->height;
    c->pix_fmt = AV_PIX_FMT_YUV420P;
    c->time_base = (AVRational){1, 30};
    c->thread_count = 1;
    av_dict_set(&dict, "preset", "veryfast", 0);
    av_dict_set_int(&dict, "crf", crf, 0);
    r = avcodec_open2(c, x264, &dict);
    av_dict_free(&dict);
    return r < 0 ? um_av_fail(UMCL_ERR_UNSUPPORTED, NAME, "cannot open the encoder", r) : UMCL_OK;
}

static umcl_status open_decoder(loop *l)
{
    const AVCodec *h264 = avcodec_find_decoder(AV_CODEC_ID_H264);
    int r;

    if (!h264) return um_fail(UMCL_ERR_UNSUPPORTED, NAME ": this FFmpeg has no H.264 decoder");
    l->decoder = avcodec_alloc_context3(h264);
    if (!l->decoder) return um_fail(UMCL_ERR_NOMEM, NAME ": out of memory");
    l->decoder->thread_count = 1;
    r = avcodec_open2(l->decoder, h264, NULL);
    return r < 0 ? um_av_fail(UMCL_ERR_UNSUPPORTED, NAME, "cannot open the decoder", r) : UMCL_OK;
}

static umcl_status open_loop(loop *l, int crf)
{
    int width = l->pictures->width, height = l->pictures->height;

    UM_TRY(open_encoder(l, crf));
    UM_TRY(open_decoder(l));
    l->in = av_frame_alloc();
    l->out = av_frame_alloc();
    l->packet = av_packet_alloc();
    /* Without tags it is BT.601 in limited range, for swscale as for our own reader. */
    l->sws = sws_getContext(width, height, AV_PIX_FMT_RGB24, width, height, AV_PIX_FMT_YUV420P,
                            SWS_BILINEAR | SWS_ACCURATE_RND, NULL, NULL, NULL);
    if (!l->in || !l->out || !l->packet || !l->sws)
        return um_fail(UMCL_ERR_NOMEM, NAME ": out of memory");
    l->in->format = AV_PIX_FMT_YUV420P;
    l->in->width = width;
    l->in->height = height;
    return av_frame_get_buffer(l->in, 0) < 0 ? um_fail(UMCL_ERR_NOMEM, NAME ": out of memory")
                                             : UMCL_OK;
}

/* Never overtakes the encoder: a picture comes back after it was sent. */
static umcl_status take_pictures(loop *l)
{
    while (avcodec_receive_frame(l->decoder, l->out) >= 0) {
        um_frame *frame = NULL;
        umcl_status st = um_frame_wrap(&frame, l->out, (um_orientation){0});

        if (st == UMCL_OK && l->done < l->n) {
            um_image *to = &l->pictures[l->done++];
            st = um_frame_crop(frame, (um_box){0, 0, (float)to->width, (float)to->height}, to);
        }
        um_frame_unref(frame);
        av_frame_unref(l->out);
        UM_TRY(st);
    }
    return UMCL_OK;
}

/* Sends a picture (NULL: the last was sent) and takes what comes back. */
static umcl_status pass(loop *l, const AVFrame *frame)
{
    int r = avcodec_send_frame(l->encoder, frame);

    while (r >= 0) {
        r = avcodec_receive_packet(l->encoder, l->packet);
        if (r == AVERROR(EAGAIN)) return UMCL_OK;
        if (r < 0 && r != AVERROR_EOF) break;
        r = avcodec_send_packet(l->decoder, r == AVERROR_EOF ? NULL : l->packet);
        av_packet_unref(l->packet);
        if (r < 0) break;
        UM_TRY(take_pictures(l));
        if (l->done == l->n) return UMCL_OK;
    }
    return um_av_fail(UMCL_ERR_INTERNAL, NAME, "cannot pass a picture through", r);
}

static umcl_status check_pictures(const um_image *pictures, size_t n, int crf)
{
    for (size_t i = 0; i < n; i++)
        if (pictures[i].channels != 3 || pictures[i].width != pictures->width ||
            pictures[i].height != pictures->height || pictures->width % 2 || pictures->height % 2)
            return um_fail(UMCL_ERR_INVALID,
                           NAME ": expected pictures of one even size and 3 channels, found %d x "
                                "%d x %d",
                           pictures[i].width, pictures[i].height, pictures[i].channels);
    if (crf < 0 || crf > 51)
        return um_fail(UMCL_ERR_INVALID, NAME ": expected a CRF of 0..51, found %d", crf);
    return UMCL_OK;
}

umcl_status um_h264_loss(um_image *pictures, size_t n, int crf)
{
    loop l = {.pictures = pictures, .n = n};
    umcl_status st;

    um_av_quiet();
    UM_TRY(check_pictures(pictures, n, crf));
    if (n == 0) return UMCL_OK;
    UM_CHECK(open_loop(&l, crf));
    for (size_t i = 0; i < n; i++) {
        const uint8_t *data[1] = {pictures[i].data};
        int stride[1] = {(int)pictures[i].stride};

        if (av_frame_make_writable(l.in) < 0) {
            st = um_fail(UMCL_ERR_NOMEM, NAME ": out of memory");
            goto done;
        }
        sws_scale(l.sws, data, stride, 0, l.in->height, l.in->data, l.in->linesize);
        l.in->pts = (int64_t)i;
        UM_CHECK(pass(&l, l.in));
    }
    UM_CHECK(pass(&l, NULL));
done:
    sws_freeContext(l.sws);
    av_packet_free(&l.packet);
    av_frame_free(&l.out);
    av_frame_free(&l.in);
    avcodec_free_context(&l.decoder);
    avcodec_free_context(&l.encoder);
    return st;
}
