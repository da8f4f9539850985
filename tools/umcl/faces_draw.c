#include "faces_draw.h"

#include <math.h>
#include <stdio.h>

static uint32_t colour_of(int track)
{
    static const uint32_t colours[] = {0x40E040, 0xFFB020, 0x40B0FF, 0xFF60C0,
                                       0xE0E040, 0x40E0D0, 0xFF5040, 0xB080FF};

    return colours[track % 8];
}

static void draw_face(um_image *im, const um_track_frame *f)
{
    float unit = fmaxf(1, fmaxf(um_box_width(f->box), 1) / 120);
    uint32_t colour = colour_of(f->track);
    char text[48];

    um_draw_box(im, f->box, (int)lrintf(fminf(unit, 4)), f->bridged ? 0x808080 : colour);
    for (int i = 0; i < UM_N_LANDMARKS; i++)
        um_draw_disc(im, f->calibrated.p[i][0], f->calibrated.p[i][1], fminf(unit, 4), colour);
    for (int i = 0; i < 5; i++)
        um_draw_disc(im, f->points[i][0], f->points[i][1], 0.7f * fminf(unit, 4), 0xFF0000);
    snprintf(text, sizeof text, "%d  %.2f", f->track, (double)f->score);
    um_draw_text(im, (int)f->box.x0, (int)f->box.y0 - 12 * (unit > 2 ? 2 : 1), unit > 2 ? 2 : 1,
                 colour, text);
}

static umcl_status draw_frame(um_image *im, const um_frame *frame, const faces_row *row)
{
    const um_box whole = {0, 0, (float)im->width, (float)im->height};

    UM_TRY(um_frame_crop(frame, whole, im));
    for (size_t i = 0; row && i < row->n; i++) draw_face(im, &row->faces[i]);
    return UMCL_OK;
}

static umcl_status draw_video(um_video_writer *w, um_image *im, um_video *video,
                              const faces_rows *rows)
{
    for (int64_t i = 0;; i++) {
        um_frame *frame;
        umcl_status st;

        UM_TRY(um_video_next(video, &frame));
        if (!frame) return UMCL_OK;
        st = draw_frame(im, frame, faces_rows_get(rows, i));
        um_frame_unref(frame);
        UM_TRY(st);
        UM_TRY(um_video_writer_add(w, im));
    }
}

static umcl_status draw_picture(const char *out_path, um_image *im, um_video *video,
                                const faces_rows *rows)
{
    um_frame *frame;
    umcl_status st;

    UM_TRY(um_video_next(video, &frame));
    if (!frame) return um_fail(UMCL_ERR_FORMAT, "%s: the picture is gone", out_path);
    st = draw_frame(im, frame, faces_rows_get(rows, 0));
    um_frame_unref(frame);
    UM_TRY(st);
    return um_image_write(im, out_path);
}

umcl_status faces_draw(const char *out_path, const char *path, const um_video_options *options,
                       const faces_rows *rows)
{
    umcl_status st;
    um_video *video = NULL;
    um_video_writer *w = NULL;
    um_image im = {0};
    const um_video_info *info;

    UM_CHECK(um_video_open(&video, path, options));
    info = um_video_get_info(video);
    if (info->is_picture) {
        UM_CHECK(um_image_new(&im, info->width, info->height, 3));
        st = draw_picture(out_path, &im, video, rows);
    } else {
        /* H.264 wants even sides; an odd one is stretched by a pixel. */
        um_video_writer_options o = {.width = (info->width + 1) & ~1,
                                     .height = (info->height + 1) & ~1,
                                     .fps = options->fps,
                                     .crf = 20};

        UM_CHECK(um_image_new(&im, o.width, o.height, 3));
        UM_CHECK(um_video_writer_open(&w, out_path, &o));
        UM_CHECK(draw_video(w, &im, video, rows));
        st = um_video_writer_finish(w);
        w = NULL;
    }
done:
    um_video_writer_abort(w);
    um_image_clear(&im);
    um_video_close(video);
    return st;
}
