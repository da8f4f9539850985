/* Videos compressed anew: what stays the same, what gets smaller, and what is left after a fault.
 */
#include "../test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "media/reencode.h"
#include "support_media.h"

static off_t size_of(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 ? info.st_size : -1;
}

static void keeps_frames_and_rate(void **state)
{
    const um_video_writer_options good = {.fps = 25, .crf = 5, .yuv444 = true};
    const um_video_options as_is = {.fps = 0};
    um_video *video;

    (void)state;
    media_write_bars(media_path("bars.mp4"), 97, 65, 50, &good);
    assert_ok(um_reencode(media_path("bars.mp4"), media_path("c23.mp4"), 23, NULL, NULL));
    assert_ok(um_reencode(media_path("bars.mp4"), media_path("c51.mp4"), 51, NULL, NULL));
    assert_int_equal(media_count(media_path("c23.mp4"), &as_is), 50);
    assert_ok(um_video_open(&video, media_path("c23.mp4"), &as_is));
    assert_int_equal(um_video_get_info(video)->width, 96);
    assert_int_equal(um_video_get_info(video)->height, 64);
    assert_true(um_video_get_info(video)->fps == 25);
    um_video_close(video);
    assert_true(size_of(media_path("c51.mp4")) < size_of(media_path("c23.mp4")));
}

/* Frames at uneven times: their mean rate, and the length stays. */
static void evens_out_the_rate(void **state)
{
    static const int64_t pts[] = {0, 40, 80, 200, 240, 400};
    const media_stream stream = {.codec = "libx264",
                                 .format = AV_PIX_FMT_YUV420P,
                                 .width = 64,
                                 .height = 48,
                                 .n = 6,
                                 .pts = pts};
    const um_video_options as_is = {.fps = 0};
    um_video *video;
    double fps;
    int n;

    (void)state;
    media_write_stream(media_path("uneven.mkv"), &stream);
    assert_ok(um_reencode(media_path("uneven.mkv"), media_path("even.mp4"), 23, NULL, NULL));
    assert_ok(um_video_open(&video, media_path("even.mp4"), &as_is));
    fps = um_video_get_info(video)->fps;
    um_video_close(video);
    n = media_count(media_path("even.mp4"), &as_is);
    assert_true(n / fps > 0.3 && n / fps < 0.6);
}

static bool stop_at_three(void *user)
{
    return ++*(int *)user < 3;
}

static void leaves_nothing_half_done(void **state)
{
    const um_video_writer_options good = {.fps = 25, .crf = 20};
    int asked = 0;

    (void)state;
    media_write_bars(media_path("bars.mp4"), 64, 64, 10, &good);
    assert_fails(
        UMCL_ERR_CANCELLED, "stopped",
        um_reencode(media_path("bars.mp4"), media_path("out.mp4"), 23, stop_at_three, &asked));
    assert_int_equal(asked, 3);
    assert_int_equal(size_of(media_path("out.mp4")), -1);
    assert_fails(UMCL_ERR_NOT_FOUND, "absent.mp4",
                 um_reencode(media_path("absent.mp4"), media_path("out.mp4"), 23, NULL, NULL));
    assert_fails(UMCL_ERR_INVALID, "CRF",
                 um_reencode(media_path("bars.mp4"), media_path("out.mp4"), 60, NULL, NULL));
    assert_int_equal(size_of(media_path("out.mp4")), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_frames_and_rate),
        cmocka_unit_test(evens_out_the_rate),
        cmocka_unit_test(leaves_nothing_half_done),
    };

    return cmocka_run_group_tests(tests, media_setup, media_teardown);
}
