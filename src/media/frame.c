#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "media/av.h"
#include "media/frame.h"

static void free_picture(um_picture *p)
{
    if (!p || atomic_fetch_sub(&p->refs, 1) > 1) return;
    av_frame_free(&p->av);
    free(p);
}

/** Components that lie in memory as um_plane describes them. */
static bool is_readable(const AVPixFmtDescriptor *desc)
{
    const uint64_t bad = AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_PAL |
                         AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_FLOAT;
    int colours = desc->nb_components < 3 ? 1 : 3;

    if ((desc->flags & bad) || desc->nb_components < 1 || strncmp(desc->name, "xyz", 3) == 0 ||
        strcmp(desc->name, "uyyvyy411") == 0)
        return false;
    for (int c = 0; c < colours; c++) {
        const AVComponentDescriptor *comp = &desc->comp[c];
        if (comp->depth < 8 || comp->depth + comp->shift > 16) return false;
        if (comp->depth > 8 && comp->step % 2 != 0) return false;
    }
    return true;
}

static umcl_status convert_to_rgb(AVFrame **out, const AVFrame *av)
{
    struct SwsContext *sws = NULL;
    AVFrame *rgb = av_frame_alloc();
    umcl_status st = UMCL_OK;
    int r;

    *out = NULL;
    if (!rgb) return um_fail(UMCL_ERR_NOMEM, "frame: out of memory");
    if (sws_isSupportedInput((enum AVPixelFormat)av->format) > 0)
        sws = sws_getContext(av->width, av->height, (enum AVPixelFormat)av->format, av->width,
                             av->height, AV_PIX_FMT_RGB24, SWS_BILINEAR | SWS_ACCURATE_RND, NULL,
                             NULL, NULL);
    if (!sws) {
        const char *name = av_get_pix_fmt_name((enum AVPixelFormat)av->format);
        st = um_fail(UMCL_ERR_UNSUPPORTED, "frame: cannot read pixel format %s",
                     name ? name : "(unknown)");
        goto done;
    }
    rgb->format = AV_PIX_FMT_RGB24;
    rgb->width = av->width;
    rgb->height = av->height;
    r = av_frame_get_buffer(rgb, 0);
    if (r >= 0)
        r = sws_scale(sws, (const uint8_t *const *)av->data, av->linesize, 0, av->height, rgb->data,
                      rgb->linesize);
    if (r < 0) {
        st = um_av_fail(UMCL_ERR_UNSUPPORTED, "frame", "cannot convert", r);
        goto done;
    }
    *out = rgb;
    rgb = NULL;
done:
    sws_freeContext(sws);
    av_frame_free(&rgb);
    return st;
}

static umcl_status wrap_picture(um_frame **out, um_picture *picture, double time, int64_t index)
{
    um_frame *f;

    UM_TRY(um_calloc(&f, 1, sizeof *f));
    atomic_init(&f->refs, 1);
    atomic_fetch_add(&picture->refs, 1);
    f->picture = picture;
    f->time = time;
    f->index = index;
    *out = f;
    return UMCL_OK;
}

umcl_status um_frame_wrap(um_frame **out, const AVFrame *av, um_orientation orientation)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)av->format);
    um_picture *p = NULL;
    umcl_status st;

    *out = NULL;
    if (!desc || av->width < 1 || av->height < 1)
        return um_fail(UMCL_ERR_FORMAT,
                       "frame: expected a picture, found %d x %d pixels of format %d", av->width,
                       av->height, av->format);
    UM_TRY(um_calloc(&p, 1, sizeof *p));
    atomic_init(&p->refs, 1);
    if (is_readable(desc)) {
        p->av = av_frame_clone(av);
        if (!p->av) {
            st = um_fail(UMCL_ERR_NOMEM, "frame: out of memory");
            goto done;
        }
    } else {
        UM_CHECK(convert_to_rgb(&p->av, av));
    }
    p->orientation = orientation;
    p->width = orientation.transpose ? av->height : av->width;
    p->height = orientation.transpose ? av->width : av->height;
    st = wrap_picture(out, p, 0, 0);
done:
    free_picture(p);
    return st;
}

umcl_status um_frame_again(um_frame **out, const um_frame *frame, double time, int64_t index)
{
    *out = NULL;
    return wrap_picture(out, frame->picture, time, index);
}

umcl_status um_frame_from_image(um_frame **out, const um_image *image, double time)
{
    size_t n = (size_t)image->width * (size_t)image->channels;
    AVFrame *av = av_frame_alloc();
    umcl_status st;

    *out = NULL;
    if (!av) return um_fail(UMCL_ERR_NOMEM, "frame: out of memory");
    av->format = image->channels == 1 ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_RGB24;
    av->width = image->width;
    av->height = image->height;
    if (av_frame_get_buffer(av, 0) < 0) {
        st = um_fail(UMCL_ERR_NOMEM, "frame: out of memory for %d x %d pixels", image->width,
                     image->height);
        goto done;
    }
    for (int y = 0; y < image->height; y++)
        memcpy(av->data[0] + (ptrdiff_t)y * av->linesize[0],
               image->data + (size_t)y * image->stride, n);
    UM_CHECK(um_frame_wrap(out, av, (um_orientation){0}));
    (*out)->time = time;
done:
    av_frame_free(&av);
    return st;
}

um_frame *um_frame_ref(um_frame *frame)
{
    atomic_fetch_add(&frame->refs, 1);
    return frame;
}

void um_frame_unref(um_frame *frame)
{
    if (!frame || atomic_fetch_sub(&frame->refs, 1) > 1) return;
    free_picture(frame->picture);
    free(frame);
}

int um_frame_width(const um_frame *frame)
{
    return frame->picture->width;
}

int um_frame_height(const um_frame *frame)
{
    return frame->picture->height;
}

double um_frame_time(const um_frame *frame)
{
    return frame->time;
}

int64_t um_frame_index(const um_frame *frame)
{
    return frame->index;
}
