/* Pictures and videos that go out and come back. */
#include "../test.h"

#include "support_media.h"

static void test_pictures_return(void **state)
{
    static const char *const names[] = {"a.png", "a.jpg"};
    static const int tolerance[] = {0, 3};

    (void)state;
    for (int i = 0; i < 2; i++) {
        um_image im = media_bars(90, 64), back;
        assert_ok(um_image_write(&im, media_path(names[i])));
        assert_ok(um_image_read(&back, media_path(names[i])));
        assert_int_equal(back.width, 90);
        assert_int_equal(back.height, 64);
        assert_int_equal(back.channels, 3);
        assert_true(media_bars_error(&back) <= tolerance[i]);
        um_image_clear(&im);
        um_image_clear(&back);
    }
}

static void test_video_colours(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        um_video_writer_options o = {.fps = 30, .crf = 8, .yuv444 = kind & 1};
        int h = kind & 2 ? 720 : 240;
        um_video_options in = UM_VIDEO_OPTIONS_INIT;
        um_video *v;
        um_frame *f;
        um_image im;
        media_write_bars(media_path("c.mp4"), 360, h, 3, &o);
        assert_ok(um_video_open(&v, media_path("c.mp4"), &in));
        assert_string_equal(um_video_get_info(v)->codec, "h264");
        assert_ok(um_video_next(v, &f));
        assert_int_equal(um_frame_width(f), 360);
        assert_int_equal(um_frame_height(f), h);
        assert_ok(um_image_new(&im, 360, h, 3));
        assert_ok(um_frame_crop(f, WHOLE(&im), &im));
        assert_true(media_bars_error(&im) <= 4);
        um_image_clear(&im);
        um_frame_unref(f);
        um_video_close(v);
    }
}

static void test_rates(void **state)
{
    static const struct {
        double from, to;
        int n, expect;
    } cases[] = {{30, 30, 40, 40},    {25, 30, 50, 60}, {60, 30, 61, 31}, {15, 30, 10, 20},
                 {29.97, 30, 90, 90}, {50, 0, 33, 33},  {60, 30, 1, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        um_video_writer_options o = {.fps = cases[i].from, .crf = 30};
        um_video_options in = {.fps = cases[i].to};
        media_write_bars(media_path("r.mp4"), 64, 48, cases[i].n, &o);
        assert_int_equal(media_count(media_path("r.mp4"), &in), cases[i].expect);
    }
}

static void test_start_and_duration(void **state)
{
    um_video_writer_options o = {.fps = 30, .crf = 30};
    um_video_options in = {.fps = 30, .start = 1, .duration = 2};

    (void)state;
    media_write_bars(media_path("s.mp4"), 64, 48, 300, &o);
    assert_int_equal(media_count(media_path("s.mp4"), &in), 60);
    in.start = 9;
    assert_int_equal(media_count(media_path("s.mp4"), &in), 30);
    in.start = 11;
    assert_int_equal(media_count(media_path("s.mp4"), &in), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures_return),
        cmocka_unit_test(test_video_colours),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_start_and_duration),
    };

    return cmocka_run_group_tests(tests, media_setup, media_teardown);
}
