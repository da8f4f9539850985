#include "support_cli.h"

#include "media/image.h"
#include "media/video.h"

static void help_teaches(void **state)
{
    (void)state;
    cli_ends(0, "synth --help");
    assert_says(cli_out(), "usage: umcl synth");
    assert_says(cli_out(), "examples:");
    assert_says(cli_out(), "Exit codes:");
}

static void usage_errors_name_the_option(void **state)
{
    (void)state;
    cli_ends(2, "synth");
    assert_says(cli_err(), "expected -o OUT");
    cli_ends(2, "synth -o synth.mp4 --pulse fast");
    assert_says(cli_err(), "--pulse: expected a number, got 'fast'");
    cli_ends(2, "synth -o synth.mp4 --people 1.5");
    assert_says(cli_err(), "--people: expected a whole number");
    cli_ends(2, "synth -o synth.mp4 --width 1000000");
    assert_says(cli_err(), "width: expected 16 to 4096");
    cli_ends(2, "synth -o synth.mp4 --seconds 0");
    cli_ends(2, "synth -o synth.mp4 --seed -1");
    cli_ends(2, "synth -o synth.mp4 --twin evil");
    assert_says(cli_err(),
                "--twin: expected none, no-pulse, desync, jitter or patch, found 'evil'");
    cli_ends(2, "synth -o synth.mp4 --nonsense");
    cli_ends(2, "synth -o synth.mp4 left over");
}

static void failures_are_told_and_leave_nothing(void **state)
{
    struct stat info;

    (void)state;
    cli_ends(1, "synth -o /no/such/folder/a.mp4 --seconds 0.1");
    assert_says(cli_err(), "umcl synth: ");
    cli_ends(1, "synth -o synth_left.mp4 --seconds 0.1 --truth /no/such/folder/a.json");
    assert_int_not_equal(stat("synth_left.mp4", &info), 0);
    cli_ends(1, "synth -o synth_odd.mp4 --seconds 0.1 --width 321");
    assert_says(cli_err(), "even");
}

static void renders_a_clip_and_its_truth(void **state)
{
    um_video_options vo = UM_VIDEO_OPTIONS_INIT;
    um_video *video;
    int n = 0;

    (void)state;
    cli_ends(0, "synth -o synth.mp4 --truth synth.json --seconds 0.5 --width 320 --height 240 "
                "--people 2 --pulse 66 --json");
    assert_says(cli_out(), "\"frames\":15");
    assert_says(cli_out(), "\"pulse_bpm\":[66,75]");
    assert_ok(um_video_open(&video, "synth.mp4", &vo));
    assert_int_equal(um_video_get_info(video)->width, 320);
    for (um_frame *frame;; n++) {
        assert_ok(um_video_next(video, &frame));
        if (!frame) break;
        um_frame_unref(frame);
    }
    um_video_close(video);
    assert_int_equal(n, 15);

    json_error_t error;
    json_t *truth = json_load_file("synth.json", 0, &error);
    assert_non_null(truth);
    assert_string_equal(json_string_value(json_object_get(truth, "schema")), "umcl.synth/1");
    json_t *frames = json_object_get(truth, "frames");
    assert_int_equal(json_array_size(frames), 15);
    json_t *faces = json_object_get(json_array_get(frames, 14), "faces");
    assert_int_equal(json_array_size(faces), 2);
    json_t *points = json_object_get(json_array_get(faces, 1), "landmarks");
    assert_int_equal(json_array_size(points), 68);
    double x = json_number_value(json_array_get(json_array_get(points, 30), 0));
    assert_true(x > 160 && x < 320);
    json_decref(truth);
}

static void a_twin_tells_its_truth(void **state)
{
    json_error_t error;
    json_t *truth, *face;

    (void)state;
    cli_ends(0, "synth -o twin.mp4 --truth twin.json --seconds 0.1 --width 128 --height 96 "
                "--twin no-pulse --json");
    assert_says(cli_out(), "\"pulse_bpm\":[0]");
    cli_ends(0, "synth -o twin.mp4 --truth twin.json --seconds 0.1 --width 128 --height 96 "
                "--twin desync");
    truth = json_load_file("twin.json", 0, &error);
    assert_non_null(truth);
    assert_string_equal(json_string_value(json_object_get(truth, "twin")), "desync");
    face = json_array_get(
        json_object_get(json_array_get(json_object_get(truth, "frames"), 1), "faces"), 0);
    assert_true(json_number_value(json_object_get(face, "pulse")) !=
                json_number_value(json_object_get(face, "pulse_inside")));
    json_decref(truth);
}

static void renders_a_picture(void **state)
{
    um_image im;

    (void)state;
    cli_ends(0, "synth -o synth.png --no-face --width 65 --height 33");
    assert_ok(um_image_read(&im, "synth.png"));
    assert_int_equal(im.width, 65);
    assert_int_equal(im.height, 33);
    um_image_clear(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_teaches),
        cmocka_unit_test(usage_errors_name_the_option),
        cmocka_unit_test(failures_are_told_and_leave_nothing),
        cmocka_unit_test(renders_a_clip_and_its_truth),
        cmocka_unit_test(a_twin_tells_its_truth),
        cmocka_unit_test(renders_a_picture),
    };
    return cmocka_run_group_tests(tests, cli_setup, cli_teardown);
}
