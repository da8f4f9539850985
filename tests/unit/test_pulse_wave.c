/* Waves of pulse data sets: each layout gives the beats it holds; what is broken is told. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/str.h"
#include "data/pulse_wave.h"

enum { N = 600, OUT = 75 };
#define HZ 1.2

static double beat(double t)
{
    return sin(2 * M_PI * HZ * t);
}

/* Ten seconds in the layout's own words; the recording begins at 5 s of some clock. */
static um_str write_wave(um_pulse_layout layout)
{
    um_str s = UM_STR_INIT;

    switch (layout) {
    case UM_PULSE_LAYOUT_UBFC2:
        for (int i = 0; i < N; i++) um_str_printf(&s, "  %.7e", 3 + beat(i / 60.0));
        um_str_append(&s, "\n");
        for (int i = 0; i < N; i++) um_str_printf(&s, " %d", 72);
        um_str_append(&s, "\n");
        for (int i = 0; i < N; i++) um_str_printf(&s, " %.7e", 5 + i / 60.0);
        um_str_append(&s, "\n");
        break;
    case UM_PULSE_LAYOUT_UBFC1:
        for (int i = 0; i < N; i++)
            um_str_printf(&s, "%.3f,72,98,%.6f\r\n", 5000 + i / 0.06, 50 + 20 * beat(i / 60.0));
        break;
    case UM_PULSE_LAYOUT_VIPL:
        um_str_append(&s, "Wave\n");
        for (int i = 0; i < N; i++) um_str_printf(&s, "%.3f\n", 80 + 30 * beat(i / 60.0));
        break;
    default:
        um_str_append(&s, "{\"/FullPackage\": [");
        for (int i = 0; i < N; i++)
            um_str_printf(&s,
                          "%s{\"Timestamp\": %lld, \"Value\": {\"o2saturation\": 97, "
                          "\"pulseRate\": 72, \"waveform\": %d}}",
                          i ? ", " : "", 1392643993642815000LL + (long long)(i / 60.0 * 1e9),
                          (int)(500 + 400 * beat(i / 60.0)));
        um_str_append(&s, "], \"/Image\": [");
        for (int i = 0; i < N / 2; i++)
            um_str_printf(&s, "%s{\"Timestamp\": %lld}", i ? ", " : "",
                          1392643993642815000LL + (long long)(i / 30.0 * 1e9));
        um_str_append(&s, "]}");
    }
    assert_ok(um_str_status(&s));
    return s;
}

static void every_layout_gives_its_beats(void **state)
{
    (void)state;
    for (int k = 0; k < UM_PULSE_LAYOUT_COUNT; k++) {
        um_str text = write_wave((um_pulse_layout)k);
        um_pulse_wave wave;
        float out[OUT];

        assert_ok(
            um_pulse_wave_parse(&wave, (um_pulse_layout)k, "wave", text.text, strlen(text.text)));
        assert_int_equal(wave.n, N);
        assert_ok(um_pulse_wave_at(out, OUT, &wave, 30, 2.5, 30));
        for (int i = 0; i < OUT; i++) {
            double want = M_SQRT2 * beat(2.5 + i / 30.0); /* 3 whole periods */
            if (fabs((double)out[i] - want) > 0.12)
                fail_msg("%s: %g, expected %g", um_pulse_layout_name((um_pulse_layout)k),
                         (double)out[i], want);
        }
        assert_fails(UMCL_ERR_INVALID, "lies outside",
                     um_pulse_wave_at(out, OUT, &wave, 30, 8, 30));
        assert_fails(UMCL_ERR_INVALID, "outside", um_pulse_wave_at(out, OUT, &wave, 30, -1, 30));
        um_pulse_wave_clear(&wave);
        um_str_clear(&text);
    }
}

/* A camera of 15 frames a second in a file that says 30. */
static void frames_have_times_of_their_own(void **state)
{
    um_str text = write_wave(UM_PULSE_LAYOUT_VIPL), times = UM_STR_INIT;
    um_pulse_wave wave;
    float out[OUT];

    (void)state;
    for (int i = 0; i < 140; i++) um_str_printf(&times, "%.2f\n", 100 + i / 0.015);
    assert_ok(
        um_pulse_wave_parse(&wave, UM_PULSE_LAYOUT_VIPL, "wave.csv", text.text, strlen(text.text)));
    assert_ok(um_pulse_frames_parse(&wave, "time.txt", times.text, strlen(times.text)));
    assert_int_equal(wave.n_frames, 140);
    assert_ok(um_pulse_wave_at(out, OUT, &wave, 30, 1, 30));
    for (int i = 0; i < OUT; i++) assert_float_equal(out[i], M_SQRT2 * beat(2 + i / 15.0), 0.15);
    assert_fails(UMCL_ERR_FORMAT, "time.txt: expected rising times",
                 um_pulse_frames_parse(&wave, "time.txt", "0\n40\n30\n", 8));
    assert_int_equal(wave.n_frames, 140);
    um_pulse_wave_clear(&wave);
    um_str_clear(&text);
    um_str_clear(&times);
}

static void refuse(um_pulse_layout layout, const char *text, const char *sentence)
{
    um_pulse_wave wave;

    assert_fails(UMCL_ERR_FORMAT, sentence,
                 um_pulse_wave_parse(&wave, layout, "w", text, strlen(text)));
    assert_null(wave.values);
}

static void what_is_broken_is_told(void **state)
{
    um_pulse_wave wave;

    (void)state;
    refuse(UM_PULSE_LAYOUT_UBFC2, "1 2 3\n72 72 72\n0 1\n", "expected three lines");
    refuse(UM_PULSE_LAYOUT_UBFC2, "", "expected three lines");
    refuse(UM_PULSE_LAYOUT_UBFC2, "1 2\n72 72\n1 1\n", "expected rising times");
    refuse(UM_PULSE_LAYOUT_UBFC1, "0,72,98,1\n17,72,98\n", "record 2: expected time");
    refuse(UM_PULSE_LAYOUT_UBFC1, "0,72,98,1\n", "two values or more, found 1");
    refuse(UM_PULSE_LAYOUT_VIPL, "Wave\n1\nx\n", "line 3: expected a number, found 'x'");
    refuse(UM_PULSE_LAYOUT_VIPL, "Wave\n1 2\n3\n", "expected one number a line");
    refuse(UM_PULSE_LAYOUT_VIPL, "Wave\n1\nnan\n", "line 3: expected a number");
    refuse(UM_PULSE_LAYOUT_PURE, "{}", "expected the lists /FullPackage and /Image");
    refuse(UM_PULSE_LAYOUT_PURE,
           "{\"/FullPackage\":[{},{}],\"/Image\":[{\"Timestamp\":1},{\"Timestamp\":2}]}",
           "/FullPackage[0]: expected Timestamp");
    assert_fails(UMCL_ERR_FORMAT, "zero byte",
                 um_pulse_wave_parse(&wave, UM_PULSE_LAYOUT_VIPL, "w", "1\0002", 3));
    assert_ok(um_pulse_wave_parse(&wave, UM_PULSE_LAYOUT_VIPL, "w", "5\n5\n5\n", 6));
    assert_fails(UMCL_ERR_INVALID, "found a constant",
                 um_pulse_wave_at((float[2]){0}, 2, &wave, 30, 0, 60));
    um_pulse_wave_clear(&wave);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_gives_its_beats),
        cmocka_unit_test(frames_have_times_of_their_own),
        cmocka_unit_test(what_is_broken_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
