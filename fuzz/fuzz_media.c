/*
 * Any bytes as a video or a picture, read as a program would: opened, frames cropped, closed.
 * corpus/media holds videos and pictures of colour bars, some of them damaged.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/str.h"
#include "media/video.h"
#include "replay.h"

#define MAX_FRAMES 60

static void read_video(const char *path, const um_video_options *options)
{
    um_video *video;
    um_frame *frame;
    um_image rgb, grey;

    if (um_video_open(&video, path, options) != UMCL_OK) return;
    if (um_image_new(&rgb, 24, 16, 3) != UMCL_OK || um_image_new(&grey, 9, 40, 1) != UMCL_OK)
        abort();
    for (int i = 0; i < MAX_FRAMES; i++) {
        float w, h;
        if (um_video_next(video, &frame) != UMCL_OK || !frame) break;
        w = (float)um_frame_width(frame);
        h = (float)um_frame_height(frame);
        if (um_frame_crop(frame, (um_box){0, 0, w, h}, &rgb) != UMCL_OK ||
            um_frame_crop(frame, (um_box){w / 2, h / 2, w + 9.5F, h + 3}, &grey) != UMCL_OK)
            abort();
        um_frame_unref(frame);
    }
    um_image_clear(&rgb);
    um_image_clear(&grey);
    um_video_close(video);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    um_str path = UM_STR_INIT;

    um_str_printf(&path, "/proc/self/fd/%d", fd);
    if (fd < 0 || um_str_status(&path) != UMCL_OK) abort();
    if (write(fd, data, size) == (ssize_t)size) {
        read_video(path.text, &(um_video_options){.fps = 30, .threads = 1});
        read_video(path.text, &(um_video_options){.start = 2.5, .threads = 1});
    }
    um_str_clear(&path);
    close(fd);
    return 0;
}
