/* umcl pulse on rendered people whose heart rate is known. */
#include "support_cli.h"

#include <math.h>

static double read_rate(const char *clip)
{
    json_t *doc, *track;
    double bpm;

    cli_ends(0, "pulse --json --stride 160 --threads 1 %s", clip);
    doc = cli_json();
    assert_string_equal(json_string_value(json_object_get(doc, "schema")), "umcl.pulse/1");
    track = json_array_get(
        json_object_get(json_array_get(json_object_get(doc, "files"), 0), "tracks"), 0);
    assert_non_null(track);
    assert_int_equal(json_array_size(json_object_get(track, "windows")), 1);
    assert_int_equal(json_array_size(json_object_get(
                         json_array_get(json_object_get(track, "windows"), 0), "waveform")),
                     160);
    bpm = json_is_null(json_object_get(track, "bpm"))
              ? 0
              : json_number_value(json_object_get(track, "bpm"));
    json_decref(doc);
    return bpm;
}

static void reads_the_rate_that_was_rendered(void **state)
{
    static const int rates[] = {55, 72, 90};

    (void)state;
    for (int i = 0; i < 3; i++) {
        double bpm;

        cli_ends(0, "synth -q -o p.mp4 --width 320 --height 240 --seconds 5.4 --seed %d --pulse %d",
                 i + 3, rates[i]);
        bpm = read_rate("p.mp4");
        if (fabs(bpm - rates[i]) > 5) fail_msg("%d bpm were read as %.1f", rates[i], bpm);
    }
}

static void says_where_there_is_none(void **state)
{
    (void)state;
    cli_ends(0, "synth -q -o none.mp4 --width 320 --height 240 --seconds 5.4 --pulse 0");
    cli_ends(0, "pulse --threads 1 none.mp4");
    assert_says(cli_out(), "no pulse reading");
    cli_ends(0, "synth -q -o short.mp4 --width 320 --height 240 --seconds 2");
    cli_ends(0, "pulse short.mp4");
    assert_says(cli_out(), "too short: a window needs 5.3 s");
    cli_ends(0, "synth -q -o empty.mp4 --no-face --width 320 --height 240 --seconds 1");
    cli_ends(0, "pulse empty.mp4 short.mp4 --json");
    assert_says(cli_out(), "\"status\":\"no_face\"");
    assert_says(cli_out(), "\"status\":\"too_short\"");
}

/* A still face whose skin shows a clean peak near 60 beats a minute (no reference device). */
static void reads_a_real_face(void **state)
{
    static const char clip[] = SHARED("clips/real/rppg_marnixnaber.mp4");
    json_t *doc, *track;
    double bpm;

    (void)state;
    need_shared(clip);
    cli_ends(0, "pulse --json --stride 160 --threads 1 %s", clip);
    doc = cli_json();
    track = json_array_get(
        json_object_get(json_array_get(json_object_get(doc, "files"), 0), "tracks"), 0);
    bpm = json_number_value(json_object_get(track, "bpm"));
    if (fabs(bpm - 60) > 2) fail_msg("60 bpm were read as %.1f", bpm);
    assert_true(json_is_number(json_object_get(json_object_get(track, "skin"), "bpm")));
    json_decref(doc);
}

static void refuses(void **state)
{
    (void)state;
    cli_ends(2, "pulse");
    cli_ends(2, "pulse --stride 0 p.mp4");
    cli_ends(1, "pulse absent.mp4 short.mp4");
    assert_says(cli_err(), "absent.mp4");
    assert_says(cli_out(), "too short");
    cli_ends(1, "pulse --json absent.mp4");
    assert_says(cli_out(), "\"status\":\"unreadable\"");
    cli_ends(1, "pulse -w absent.safetensors short.mp4");
    assert_says(cli_err(), "absent.safetensors");
    cli_ends(0, "pulse --help");
    assert_says(cli_out(), "example: umcl pulse");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_rate_that_was_rendered),
        cmocka_unit_test(says_where_there_is_none),
        cmocka_unit_test(reads_a_real_face),
        cmocka_unit_test(refuses),
    };

    return cmocka_run_group_tests(tests, cli_setup, cli_teardown);
}
