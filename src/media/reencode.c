#include "media/reencode.h"

#include <math.h>

#define USUAL_FPS 30.0  /* where the file does not tell */
#define LEAST_SIDE 16   /* that every encoder takes */
#define LEAST_RATE 8000 /* bits a second */

/* Opened so that frames come at the file's mean rate, also where its own is not constant. */
static umcl_status open_even(um_video **out, const char *path, double *fps)
{
    um_video_options options = {.threads = 1};

    UM_TRY(um_video_open(out, path, &options));
    *fps = um_video_get_info(*out)->fps;
    um_video_close(*out);
    *out = NULL;
    if (!(*fps > 0)) *fps = USUAL_FPS;
    options.fps = *fps;
    return um_video_open(out, path, &options);
}

static umcl_status copy_frames(um_video *video, um_video_writer *writer, um_image *rgb, um_box part,
                               um_go_on_fn go_on, void *user, size_t *n)
{
    for (*n = 0;; ++*n) {
        um_frame *frame;
        umcl_status st;

        if (go_on && !go_on(user)) return um_fail(UMCL_ERR_CANCELLED, "stopped");
        UM_TRY(um_video_next(video, &frame));
        if (!frame) return UMCL_OK;
        st = um_frame_crop(frame, part, rgb);
        if (st == UMCL_OK) st = um_video_writer_add(writer, rgb);
        um_frame_unref(frame);
        UM_TRY(st);
    }
}

/* Writes the part `part` of every frame in the size that `options` tell. */
static umcl_status write_all(um_video *video, const char *from, const char *to,
                             const um_video_writer_options *options, um_box part, um_go_on_fn go_on,
                             void *user)
{
    um_video_writer *writer = NULL;
    um_image rgb = {0};
    umcl_status st;
    size_t n;

    UM_CHECK(um_image_new(&rgb, options->width, options->height, 3));
    UM_CHECK(um_video_writer_open(&writer, to, options));
    UM_CHECK(copy_frames(video, writer, &rgb, part, go_on, user, &n));
    if (n == 0) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: no frame of the video can be decoded", from);
        goto done;
    }
    st = um_video_writer_finish(writer);
    writer = NULL;
done:
    um_video_writer_abort(writer);
    um_image_clear(&rgb);
    return st;
}

umcl_status um_reencode(const char *from, const char *to, int crf, um_go_on_fn go_on, void *user)
{
    um_video_writer_options options = {.crf = crf, .preset = "medium"};
    um_video *video = NULL;
    umcl_status st;

    UM_CHECK(open_even(&video, from, &options.fps));
    options.width = um_video_get_info(video)->width & ~1;
    options.height = um_video_get_info(video)->height & ~1;
    if (!options.width || !options.height) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected at least 2 x 2 pixels", from);
        goto done;
    }
    st = write_all(video, from, to, &options,
                   (um_box){0, 0, (float)options.width, (float)options.height}, go_on, user);
done:
    um_video_close(video);
    return st;
}

static int even_side(int side, double part)
{
    int even = 2 * (int)lrint(side * part / 2);

    return even > LEAST_SIDE ? even : LEAST_SIDE;
}

umcl_status um_recode(const char *from, const char *to, const um_recoding *how, um_go_on_fn go_on,
                      void *user)
{
    um_video_writer_options o = {
        .codec = how->codec, .crf = how->crf, .preset = "medium", .threads = 1};
    const um_video_info *info;
    um_video *video = NULL;
    umcl_status st;

    if (!(how->side > 0 && how->side <= 1) || !(how->bits >= 0 && how->bits <= 24))
        return um_fail(UMCL_ERR_INVALID,
                       "recode: expected a side in (0, 1] and 0..24 bits a pixel, found %g and %g",
                       how->side, how->bits);
    if (how->codec == UM_CODEC_HEVC) o.preset = "veryfast"; /* as slow as x264's medium */
    UM_CHECK(open_even(&video, from, &o.fps));
    info = um_video_get_info(video);
    o.width = even_side(info->width, how->side);
    o.height = even_side(info->height, how->side);
    if (how->bits > 0) {
        o.bitrate = llrint(how->bits * o.width * o.height * o.fps);
        if (o.bitrate < LEAST_RATE) o.bitrate = LEAST_RATE;
    }
    st = write_all(video, from, to, &o, (um_box){0, 0, (float)info->width, (float)info->height},
                   go_on, user);
done:
    um_video_close(video);
    return st;
}
