#include "media/reencode.h"

#define USUAL_FPS 30.0 /* where the file does not tell */

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

static umcl_status copy_frames(um_video *video, um_video_writer *writer, um_image *rgb,
                               um_go_on_fn go_on, void *user, size_t *n)
{
    const um_box whole = {0, 0, (float)rgb->width, (float)rgb->height};

    for (*n = 0;; ++*n) {
        um_frame *frame;
        umcl_status st;

        if (go_on && !go_on(user)) return um_fail(UMCL_ERR_CANCELLED, "stopped");
        UM_TRY(um_video_next(video, &frame));
        if (!frame) return UMCL_OK;
        st = um_frame_crop(frame, whole, rgb);
        if (st == UMCL_OK) st = um_video_writer_add(writer, rgb);
        um_frame_unref(frame);
        UM_TRY(st);
    }
}

umcl_status um_reencode(const char *from, const char *to, int crf, um_go_on_fn go_on, void *user)
{
    um_video_writer_options options = {.crf = crf, .preset = "medium"};
    um_video_writer *writer = NULL;
    um_video *video = NULL;
    um_image rgb = {0};
    umcl_status st;
    size_t n;

    UM_CHECK(open_even(&video, from, &options.fps));
    options.width = um_video_get_info(video)->width & ~1;
    options.height = um_video_get_info(video)->height & ~1;
    if (!options.width || !options.height) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected at least 2 x 2 pixels", from);
        goto done;
    }
    UM_CHECK(um_image_new(&rgb, options.width, options.height, 3));
    UM_CHECK(um_video_writer_open(&writer, to, &options));
    UM_CHECK(copy_frames(video, writer, &rgb, go_on, user, &n));
    if (n == 0) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: no frame of the video can be decoded", from);
        goto done;
    }
    st = um_video_writer_finish(writer);
    writer = NULL;
done:
    um_video_writer_abort(writer);
    um_video_close(video);
    um_image_clear(&rgb);
    return st;
}
