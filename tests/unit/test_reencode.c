/* Videos compressed anew: what stays the same, what gets smaller, and what is left after a fault.
 */
#include "../test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
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

static double error_of(const char *path, const um_image *want, int width, int height)
{
    const um_video_options as_is = {.fps = 0, .threads = 1};
    um_image got;
    um_frame *frame;
    um_video *video;
    double sum = 0;

    assert_ok(um_video_open(&video, path, &as_is));
    assert_int_equal(um_video_get_info(video)->width, width);
    assert_int_equal(um_video_get_info(video)->height, height);
    assert_ok(um_video_next(video, &frame));
    assert_ok(um_image_new(&got, want->width, want->height, 3));
    assert_ok(um_frame_crop(frame, (um_box){0, 0, (float)width, (float)height}, &got));
    for (size_t i = 0; i < want->stride * (size_t)want->height; i++) {
        double d = (double)got.data[i] - want->data[i];
        sum += d * d;
    }
    um_image_clear(&got);
    um_frame_unref(frame);
    um_video_close(video);
    return sum / (3 * want->width * want->height);
}

/* Grain that every encoder loses more and more of. */
static um_image write_grain(const char *path)
{
    const um_video_writer_options good = {
        .width = 96, .height = 72, .fps = 25, .crf = 1, .threads = 1};
    um_video_writer *w;
    um_image im;

    assert_ok(um_image_new(&im, 96, 72, 3));
    assert_ok(um_video_writer_open(&w, path, &good));
    for (int frame = 0; frame < 25; frame++) {
        uint32_t drawn = 1;

        for (size_t i = 0; i < 96 * 72; i++) {
            drawn = drawn * 1664525 + 1013904223;
            for (int c = 0; c < 3; c++)
                im.data[3 * i + (size_t)c] = (uint8_t)(90 + (drawn >> 26) + i / 96);
        }
        assert_ok(um_video_writer_add(w, &im));
    }
    assert_ok(um_video_writer_finish(w));
    return im;
}

static void every_encoder_loses_more(void **state)
{
    static const um_codec codecs[] = {UM_CODEC_H264, UM_CODEC_HEVC, UM_CODEC_VP9, UM_CODEC_AV1};
    um_image im = write_grain(media_path("grain.mp4"));

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        double before = -1;

        if (!um_codec_available(codecs[i])) {
            print_message("%s: not available\n", um_codec_encoder(codecs[i]));
            continue;
        }
        for (int crf = 20; crf <= 50; crf += 15) {
            const um_recoding how = {.codec = codecs[i], .crf = crf, .side = 1};
            double error;

            assert_ok(um_recode(media_path("grain.mp4"), media_path("r.mp4"), &how, NULL, NULL));
            error = error_of(media_path("r.mp4"), &im, 96, 72);
            if (!(error > before))
                fail_msg("%s at %d: %g after %g", um_codec_encoder(codecs[i]), crf, error, before);
            before = error;
        }
    }
    um_image_clear(&im);
}

static void rates_and_sides(void **state)
{
    const um_recoding rich = {.bits = 1, .side = 1}, poor = {.bits = 0.05, .side = 1};
    const um_recoding half = {.crf = 23, .side = 0.5}, tiny = {.crf = 23, .side = 0.01};
    um_image im = write_grain(media_path("grain.mp4"));
    um_image_clear(&im);

    (void)state;
    assert_ok(um_recode(media_path("grain.mp4"), media_path("rich.mp4"), &rich, NULL, NULL));
    assert_ok(um_recode(media_path("grain.mp4"), media_path("poor.mp4"), &poor, NULL, NULL));
    assert_true(size_of(media_path("poor.mp4")) < size_of(media_path("rich.mp4")) / 2);
    im = media_bars(48, 36);
    assert_ok(um_recode(media_path("grain.mp4"), media_path("half.mp4"), &half, NULL, NULL));
    assert_true(error_of(media_path("half.mp4"), &im, 48, 36) > 0);
    assert_ok(um_recode(media_path("grain.mp4"), media_path("tiny.mp4"), &tiny, NULL, NULL));
    assert_true(error_of(media_path("tiny.mp4"), &im, 16, 16) > 0);
    um_image_clear(&im);
    assert_fails(UMCL_ERR_INVALID, "side",
                 um_recode(media_path("grain.mp4"), media_path("x.mp4"),
                           &(um_recoding){.crf = 23, .side = 1.5}, NULL, NULL));
    assert_fails(UMCL_ERR_INVALID, "CRF",
                 um_recode(media_path("grain.mp4"), media_path("x.mp4"),
                           &(um_recoding){.codec = UM_CODEC_HEVC, .crf = 60, .side = 1}, NULL,
                           NULL));
    assert_int_equal(size_of(media_path("x.mp4")), -1);
}

static void odd_sizes(void **state)
{
    static const um_codec codecs[] = {UM_CODEC_H264, UM_CODEC_HEVC, UM_CODEC_VP9, UM_CODEC_AV1};
    const um_video_writer_options good = {.fps = 25, .crf = 5, .yuv444 = true};
    um_image im = media_bars(98, 64);

    (void)state;
    media_write_bars(media_path("odd.mp4"), 97, 65, 5, &good);
    for (size_t i = 0; i < 4; i++) {
        const um_recoding how = {.codec = codecs[i], .crf = 30, .side = 1};

        if (!um_codec_available(codecs[i])) continue;
        assert_ok(um_recode(media_path("odd.mp4"), media_path("even.mp4"), &how, NULL, NULL));
        assert_true(error_of(media_path("even.mp4"), &im, 96, 64) > 0);
    }
    um_image_clear(&im);
}

/* Two runs, the same bytes. */
static void bytes_repeat(void **state)
{
    um_image im = write_grain(media_path("grain.mp4"));
    const um_recoding how = {.bits = 0.2, .side = 1};
    char *a, *b;
    size_t n, m;

    (void)state;
    um_image_clear(&im);
    assert_ok(um_recode(media_path("grain.mp4"), media_path("one.mp4"), &how, NULL, NULL));
    assert_ok(um_recode(media_path("grain.mp4"), media_path("two.mp4"), &how, NULL, NULL));
    assert_ok(um_file_read(&a, &n, media_path("one.mp4"), 1 << 24));
    assert_ok(um_file_read(&b, &m, media_path("two.mp4"), 1 << 24));
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    free(a);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_frames_and_rate),
        cmocka_unit_test(evens_out_the_rate),
        cmocka_unit_test(leaves_nothing_half_done),
        cmocka_unit_test(every_encoder_loses_more),
        cmocka_unit_test(rates_and_sides),
        cmocka_unit_test(odd_sizes),
        cmocka_unit_test(bytes_repeat),
    };

    return cmocka_run_group_tests(tests, media_setup, media_teardown);
}
