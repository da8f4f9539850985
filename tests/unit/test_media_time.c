/* Presentation times: broken clocks, changing rates, starts and ends. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/decoder.h"
#include "media/pace.h"
#include "support_media.h"

static void check_clock(const double *pts, const double *expect, int n)
{
    um_clock c = {.nominal = 0.04};

    for (int i = 0; i < n; i++) {
        double t = um_clock_next(&c, pts[i]);
        if (fabs(t - expect[i]) > 1e-9) fail_msg("frame %d: expected %g, got %g", i, expect[i], t);
    }
}

static void test_clock_repairs(void **state)
{
    (void)state;
    /* An origin that is not zero, and a negative one. */
    check_clock((double[]){7, 7.04, 7.1}, (double[]){0, 0.04, 0.1}, 3);
    check_clock((double[]){-0.5, -0.46, 0}, (double[]){0, 0.04, 0.5}, 3);
    /* Missing and absurd times go on at the usual rate. */
    check_clock((double[]){1, NAN, 1.08, 1e18}, (double[]){0, 0.04, 0.08, 0.12}, 4);
    check_clock((double[]){NAN, NAN, 5, 5.04}, (double[]){0, 0.04, 0.08, 0.12}, 4);
    /* A repeated time and a small step back move on by half a frame. */
    check_clock((double[]){0, 0.04, 0.04, 0.08}, (double[]){0, 0.04, 0.06, 0.08}, 4);
    check_clock((double[]){0, 0.08, 0.04, 0.12}, (double[]){0, 0.08, 0.1, 0.12}, 4);
    /* A restart of the clock is bridged. */
    check_clock((double[]){90, 95, 0, 0.04, 2}, (double[]){0, 5, 5.04, 5.08, 7.04}, 5);
}

/** Runs the pace over frames at `times`, writes which frame each moment shows. */
static int run_pace(double fps, const double *times, int n, double until, int *shown)
{
    um_pace p = {.fps = fps, .end = INFINITY};
    int held = 0, out = 0;

    for (;;) {
        um_pace_choice choice = held + 1 < n ? um_pace_choose(&p, times[held], times[held + 1])
                                             : um_pace_choose_last(&p, times[held], until);
        if (choice == UM_PACE_END) return out;
        if (choice == UM_PACE_ADVANCE) {
            held++;
        } else {
            shown[out++] = held;
            p.i++;
        }
    }
}

static void test_pace_is_nearest(void **state)
{
    const double times[] = {0, 0.1, 0.15, 0.16, 0.5}, until = 0.6;
    int shown[64], n = run_pace(30, times, 5, until, shown);

    (void)state;
    assert_int_equal(n, 18);
    for (int i = 0; i < n; i++) {
        double best = INFINITY, d = fabs(times[shown[i]] - i / 30.0);
        for (int k = 0; k < 5; k++) best = fmin(best, fabs(times[k] - i / 30.0));
        assert_true(d <= best + 2e-6);
    }
}

static void test_gaps_are_not_filled(void **state)
{
    const double times[] = {0, 1e8, 1e8 + 0.04};
    int shown[1000], n = run_pace(30, times, 3, 1e8 + 0.08, shown);

    (void)state;
    assert_in_range(n, 150, 156);
    assert_int_equal(shown[n - 1], 2);
}

/** Which frame (by its grey, see media_write_stream) each output shows. */
static int shown_frames(const char *path, const um_video_options *o, int *shown)
{
    um_video *v;
    um_frame *f;
    um_image im;
    int n = 0;

    assert_ok(um_image_new(&im, 1, 1, 1));
    assert_ok(um_video_open(&v, path, o));
    for (;;) {
        assert_ok(um_video_next(v, &f));
        if (!f) break;
        assert_ok(um_frame_crop(
            f, (um_box){0, 0, (float)um_frame_width(f), (float)um_frame_height(f)}, &im));
        shown[n++] = (int)lrint(im.data[0] * 219.0 / 255 / 8);
        um_frame_unref(f);
    }
    um_video_close(v);
    um_image_clear(&im);
    return n;
}

static void test_variable_rate(void **state)
{
    static const int64_t pts[] = {0, 100, 133, 167, 400, 410, 420, 600};
    media_stream s = {.codec = "ffv1",
                      .format = AV_PIX_FMT_YUV420P,
                      .width = 32,
                      .height = 16,
                      .n = 8,
                      .pts = pts};
    um_video_options o = UM_VIDEO_OPTIONS_INIT;
    int shown[100], n;

    (void)state;
    media_write_stream(media_path("v.mkv"), &s);
    n = shown_frames(media_path("v.mkv"), &o, shown);
    assert_in_range(n, 19, 20);
    for (int i = 0; i < n; i++) {
        double t = i * 1000 / 30.0, best = INFINITY;
        for (int k = 0; k < 8; k++) best = fmin(best, fabs((double)pts[k] - t));
        assert_true(fabs((double)pts[shown[i]] - t) <= best + 0.01);
    }
    o.fps = 0;
    n = shown_frames(media_path("v.mkv"), &o, shown);
    assert_int_equal(n, 8);
    for (int i = 0; i < n; i++) assert_int_equal(shown[i], i);
}

static void test_first_time_is_zero(void **state)
{
    static const int64_t pts[] = {5000, 5040, 5080, 5120};
    media_stream s = {.codec = "ffv1",
                      .format = AV_PIX_FMT_YUV420P,
                      .width = 32,
                      .height = 16,
                      .n = 4,
                      .pts = pts};
    um_video_options o = {.fps = 25, .start = 0.08};
    int shown[100];

    (void)state;
    media_write_stream(media_path("z.mkv"), &s);
    assert_int_equal(shown_frames(media_path("z.mkv"), &o, shown), 2);
    assert_int_equal(shown[0], 2);
}

/* A start is met exactly, whether by seeking or by reading up to it. */
static void test_start_is_exact(void **state)
{
    media_stream s = {
        .codec = "mpeg4", .format = AV_PIX_FMT_YUV420P, .width = 64, .height = 48, .n = 24 * 25};
    int all[1000], some[1000];

    (void)state;
    media_write_stream(media_path("x.mp4"), &s);
    assert_int_equal(shown_frames(media_path("x.mp4"), &(um_video_options){.fps = 30}, all),
                     24 * 30);
    for (double start = 0.5; start < 22; start += 4.5) {
        um_video_options o = {.fps = 30, .start = start, .duration = 1};
        assert_int_equal(shown_frames(media_path("x.mp4"), &o, some), 30);
        assert_memory_equal(some, all + (int)(start * 30), 30 * sizeof *some);
    }
}

/** Reads the rest; returns the number of frames and the first one's time. */
static int drain(um_decoder *d, double *first)
{
    AVFrame *av;

    for (int n = 0;; n++) {
        assert_ok(um_decoder_next(d, &av));
        if (!av) return n;
        if (n == 0) *first = um_decoder_time(d, av);
        av_frame_free(&av);
    }
}

static void test_seek_and_restart(void **state)
{
    media_stream s = {
        .codec = "mpeg4", .format = AV_PIX_FMT_YUV420P, .width = 64, .height = 48, .n = 100};
    um_decoder *d;
    double first = NAN;
    int n;

    (void)state;
    media_write_stream(media_path("k.mp4"), &s);
    assert_ok(um_decoder_open(&d, media_path("k.mp4"), 0));
    assert_int_equal(drain(d, &first), 100);
    assert_true(um_decoder_is_seekable(d));
    assert_true(um_decoder_seek(d, 2.1));
    n = drain(d, &first);
    assert_true(first <= 2.1 && first >= 1.9); /* key frames are at most 5 apart */
    assert_int_equal(n, 100 - (int)lrint(first * 25));
    assert_ok(um_decoder_restart(d));
    assert_int_equal(drain(d, &first), 100);
    assert_true(fabs(first) < 1e-6);
    um_decoder_close(d);
}

static void test_bad_options(void **state)
{
    um_video *v;

    (void)state;
    assert_fails(UMCL_ERR_INVALID, "start",
                 um_video_open(&v, "x", &(um_video_options){.start = -1}));
    assert_fails(UMCL_ERR_INVALID, "fps", um_video_open(&v, "x", &(um_video_options){.fps = NAN}));
    assert_fails(UMCL_ERR_INVALID, "duration",
                 um_video_open(&v, "x", &(um_video_options){.duration = INFINITY}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_repairs),       cmocka_unit_test(test_pace_is_nearest),
        cmocka_unit_test(test_gaps_are_not_filled), cmocka_unit_test(test_variable_rate),
        cmocka_unit_test(test_first_time_is_zero),  cmocka_unit_test(test_start_is_exact),
        cmocka_unit_test(test_seek_and_restart),    cmocka_unit_test(test_bad_options),
    };

    return cmocka_run_group_tests(tests, media_setup, media_teardown);
}
