/*
 * um_frame_crop: each component of the box is resampled straight to the output's size, then rows
 * of components become colours. A pixel of the video outside of the box is never read.
 */
#include <libavutil/pixdesc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "media/colour.h"
#include "media/frame.h"
#include "media/plane.h"

typedef struct crop {
    const AVPixFmtDescriptor *desc;
    int n;            /* components to read */
    bool rgb;         /* they are R, G, B */
    um_colour colour; /* for Y, U, V */
    um_scaler scaler[3];
    uint16_t *in[3];   /* a row of each component */
    uint8_t *out[3];   /* a row of each output channel */
    int width, height; /* of the output, before the orientation */
    uint8_t *first;    /* the output's pixel for the stored picture's first one */
    ptrdiff_t dx, dy;  /* bytes to its neighbours */
} crop;

static um_plane component_plane(const AVFrame *av, const AVPixFmtDescriptor *desc, int c)
{
    const AVComponentDescriptor *comp = &desc->comp[c];
    bool chroma = (c == 1 || c == 2) && !(desc->flags & AV_PIX_FMT_FLAG_RGB);
    bool wide = comp->depth + comp->shift > 8;

    return (um_plane){
        .data = av->data[comp->plane] + comp->offset,
        .stride = av->linesize[comp->plane],
        .width = chroma ? AV_CEIL_RSHIFT(av->width, desc->log2_chroma_w) : av->width,
        .height = chroma ? AV_CEIL_RSHIFT(av->height, desc->log2_chroma_h) : av->height,
        .step = comp->step,
        .depth = comp->depth,
        .shift = comp->shift,
        .wide = wide,
        .big_endian = wide && (desc->flags & AV_PIX_FMT_FLAG_BE),
    };
}

/** Position, in luma samples, of the centre of the first chroma sample. */
static void chroma_site(const AVFrame *av, const AVPixFmtDescriptor *desc, double *x, double *y)
{
    enum AVChromaLocation at = av->chroma_location;
    bool centred = av->format == AV_PIX_FMT_YUVJ420P || av->format == AV_PIX_FMT_YUVJ422P;

    if (at == AVCHROMA_LOC_UNSPECIFIED) at = centred ? AVCHROMA_LOC_CENTER : AVCHROMA_LOC_LEFT;
    *x = at == AVCHROMA_LOC_CENTER || at == AVCHROMA_LOC_TOP || at == AVCHROMA_LOC_BOTTOM
             ? (1 << desc->log2_chroma_w) * 0.5
             : 0.5;
    *y = (1 << desc->log2_chroma_h) * 0.5;
    if (at == AVCHROMA_LOC_TOPLEFT || at == AVCHROMA_LOC_TOP) *y = 0.5;
    if (at == AVCHROMA_LOC_BOTTOMLEFT || at == AVCHROMA_LOC_BOTTOM)
        *y = (1 << desc->log2_chroma_h) - 0.5;
}

static um_colour frame_colour(const AVFrame *av, const AVPixFmtDescriptor *desc)
{
    bool grey = desc->nb_components < 3;
    bool full = av->color_range == AVCOL_RANGE_JPEG || strncmp(desc->name, "yuvj", 4) == 0 ||
                (grey && av->color_range != AVCOL_RANGE_MPEG);

    switch (av->colorspace) {
    case AVCOL_SPC_BT709: return um_colour_make(0.2126, 0.0722, full);
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL: return um_colour_make(0.2627, 0.0593, full);
    case AVCOL_SPC_FCC: return um_colour_make(0.30, 0.11, full);
    case AVCOL_SPC_SMPTE240M: return um_colour_make(0.212, 0.087, full);
    default: return um_colour_make(0.299, 0.114, full);
    }
}

/** Turns the box to the stored picture's axes and finds where its pixels go in `dst`. */
static um_box orient(crop *c, const um_picture *p, um_box box, um_image *dst)
{
    um_orientation o = p->orientation;
    ptrdiff_t sx = dst->channels, sy = (ptrdiff_t)dst->stride;
    um_box b = box;

    c->first = dst->data;
    if (o.flip_x) {
        b.x0 = (float)p->width - box.x1;
        b.x1 = (float)p->width - box.x0;
        c->first += sx * (dst->width - 1);
        sx = -sx;
    }
    if (o.flip_y) {
        b.y0 = (float)p->height - box.y1;
        b.y1 = (float)p->height - box.y0;
        c->first += sy * (dst->height - 1);
        sy = -sy;
    }
    c->dx = o.transpose ? sy : sx;
    c->dy = o.transpose ? sx : sy;
    c->width = o.transpose ? dst->height : dst->width;
    c->height = o.transpose ? dst->width : dst->height;
    return o.transpose ? (um_box){b.y0, b.x0, b.y1, b.x1} : b;
}

static umcl_status open_scalers(crop *c, const AVFrame *av, um_box box)
{
    double site_x, site_y;

    chroma_site(av, c->desc, &site_x, &site_y);
    for (int i = 0; i < c->n; i++) {
        um_plane plane = component_plane(av, c->desc, i);
        double x0 = (double)box.x0, x1 = (double)box.x1;
        double y0 = (double)box.y0, y1 = (double)box.y1;
        if (i > 0 && !c->rgb) {
            int w = 1 << c->desc->log2_chroma_w, h = 1 << c->desc->log2_chroma_h;
            x0 = (x0 - site_x) / w + 0.5;
            x1 = (x1 - site_x) / w + 0.5;
            y0 = (y0 - site_y) / h + 0.5;
            y1 = (y1 - site_y) / h + 0.5;
        }
        UM_TRY(um_scaler_init(&c->scaler[i], &plane, x0, y0, x1, y1, c->width, c->height));
    }
    return UMCL_OK;
}

static void store_row(const crop *c, int channels, int row)
{
    uint8_t *p = c->first + row * c->dy;
    const uint8_t *restrict r = c->out[0], *restrict g = c->out[1], *restrict b = c->out[2];

    if (channels == 1) {
        for (int i = 0; i < c->width; i++, p += c->dx) *p = r[i];
        return;
    }
    for (int i = 0; i < c->width; i++, p += c->dx) {
        p[0] = r[i];
        p[1] = g[i];
        p[2] = b[i];
    }
}

static void convert_row(const crop *c, int channels, int row)
{
    const uint16_t *in[3] = {c->in[0], c->in[1], c->in[2]};
    uint8_t *out[3] = {c->out[0], c->out[1], c->out[2]};
    int n = c->width;

    if (channels == 1 && c->rgb) {
        um_colour_grey(in, out[0], n);
    } else if (channels == 1) {
        um_colour_luma(&c->colour, in[0], out[0], n);
    } else if (c->rgb) {
        for (int i = 0; i < 3; i++) um_colour_round(in[i], out[i], n);
    } else if (c->n == 3) {
        um_colour_rgb(&c->colour, in, out, n);
    } else {
        um_colour_luma(&c->colour, in[0], out[0], n);
        for (int i = 1; i < 3; i++) memcpy(out[i], out[0], (size_t)n);
    }
    store_row(c, channels, row);
}

umcl_status um_frame_crop(const um_frame *frame, um_box box, um_image *dst)
{
    const AVFrame *av = frame->picture->av;
    uint16_t *words = NULL;
    uint8_t *bytes = NULL;
    crop c = {0};
    umcl_status st;

    if (!(isfinite(box.x0) && isfinite(box.y0) && isfinite(box.x1) && isfinite(box.y1)) ||
        box.x1 <= box.x0 || box.y1 <= box.y0)
        return um_fail(UMCL_ERR_INVALID, "crop: expected a box with an area, found %g %g %g %g",
                       (double)box.x0, (double)box.y0, (double)box.x1, (double)box.y1);
    c.desc = av_pix_fmt_desc_get((enum AVPixelFormat)av->format);
    c.rgb = c.desc->flags & AV_PIX_FMT_FLAG_RGB;
    c.n = c.desc->nb_components < 3 || (dst->channels == 1 && !c.rgb) ? 1 : 3;
    c.colour = frame_colour(av, c.desc);
    box = orient(&c, frame->picture, box, dst);
    UM_CHECK(open_scalers(&c, av, box));
    UM_CHECK(um_calloc(&words, 3 * (size_t)c.width, sizeof *words));
    UM_CHECK(um_calloc(&bytes, 3 * (size_t)c.width, 1));
    for (int i = 0; i < 3; i++) {
        c.in[i] = words + (size_t)i * (size_t)c.width;
        c.out[i] = bytes + (size_t)i * (size_t)c.width;
    }
    for (int row = 0; row < c.height; row++) {
        for (int i = 0; i < c.n; i++) um_scaler_row(&c.scaler[i], row, c.in[i]);
        convert_row(&c, dst->channels, row);
    }
done:
    for (int i = 0; i < 3; i++) um_scaler_clear(&c.scaler[i]);
    free(words);
    free(bytes);
    return st;
}
