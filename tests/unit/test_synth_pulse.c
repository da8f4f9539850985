/* The pulse that was put into the skin is found again, before and after encoding. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "data/synth.h"
#include "media/video.h"

#define FRAMES 150
#define FPS 15.0

typedef double trace[FRAMES][3];

static um_synth_options scene(void)
{
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;

    o.width = 240;
    o.height = 192;
    o.fps = FPS;
    return o;
}

/* Mean R, G, B of both cheeks, halfway between the eye and the mouth's corner. */
static void read_cheeks(const um_synth *s, int64_t i, const um_image *im, double rgb[3])
{
    static const int pair[2][2] = {{40, 48}, {47, 54}};
    double n = 0;
    float xy[136];

    assert_true(um_synth_landmarks(s, i, 0, xy));
    double r = 0.13 * hypot((double)(xy[90] - xy[72]), (double)(xy[91] - xy[73]));
    rgb[0] = rgb[1] = rgb[2] = 0;
    for (int k = 0; k < 2; k++) {
        const float *eye = xy + 2 * pair[k][0], *lip = xy + 2 * pair[k][1], *nose = xy + 60;
        double x = 0.5 * (double)(eye[0] + lip[0]), y = 0.5 * (double)(eye[1] + lip[1]);
        x += 0.25 * (x - (double)nose[0]);
        for (int py = (int)(y - r); py <= (int)(y + r); py++)
            for (int px = (int)(x - r); px <= (int)(x + r); px++, n++)
                for (int c = 0; c < 3; c++)
                    rgb[c] += im->data[(size_t)py * im->stride + 3 * (size_t)px + (size_t)c];
    }
    for (int c = 0; c < 3; c++) rgb[c] /= n;
}

/* Amplitude of channel c at `bpm`: mean and trend removed, Hann window. */
static double amplitude(trace t, int c, double bpm)
{
    double mean = 0, slope = 0, weight = 0, re = 0, im = 0, half = 0.5 * (FRAMES - 1);

    for (int i = 0; i < FRAMES; i++) mean += t[i][c] / FRAMES;
    for (int i = 0; i < FRAMES; i++) {
        slope += (i - half) * (t[i][c] - mean);
        weight += (i - half) * (i - half);
    }
    for (int i = 0; i < FRAMES; i++) {
        double window = 0.5 - 0.5 * cos(2 * M_PI * i / (FRAMES - 1));
        double v = (t[i][c] - mean - slope / weight * (i - half)) * window;
        re += v * cos(2 * M_PI * bpm / 60 * i / FPS);
        im += v * sin(2 * M_PI * bpm / 60 * i / FPS);
    }
    return hypot(re, im) * 4 / FRAMES;
}

static double peak(trace t)
{
    double best = 0, at = 0;

    for (int half = 90; half <= 400; half++) {
        double bpm = 0.5 * half, a = amplitude(t, 1, bpm);
        if (a > best) {
            best = a;
            at = bpm;
        }
    }
    return at;
}

static void render(const um_synth_options *o, trace t, const char *path)
{
    um_synth *s;
    um_image im;
    um_video_writer *w = NULL;
    um_video_writer_options v = {.width = o->width, .height = o->height, .fps = FPS, .crf = 23};

    assert_ok(um_synth_new(&s, o));
    assert_ok(um_image_new(&im, o->width, o->height, 3));
    if (path) assert_ok(um_video_writer_open(&w, path, &v));
    for (int i = 0; i < FRAMES; i++) {
        assert_ok(um_synth_frame(s, i, &im));
        read_cheeks(s, i, &im, t[i]);
        if (w) assert_ok(um_video_writer_add(w, &im));
    }
    if (w) assert_ok(um_video_writer_finish(w));
    um_image_clear(&im);
    um_synth_free(s);
}

static void decode(const um_synth_options *o, trace t, const char *path)
{
    um_video_options vo = {.fps = FPS};
    um_synth *s;
    um_video *video;
    um_image im;

    assert_ok(um_synth_new(&s, o));
    assert_ok(um_image_new(&im, o->width, o->height, 3));
    assert_ok(um_video_open(&video, path, &vo));
    for (int i = 0; i < FRAMES; i++) {
        um_frame *frame;
        assert_ok(um_video_next(video, &frame));
        assert_non_null(frame);
        assert_ok(um_frame_crop(frame, (um_box){0, 0, (float)o->width, (float)o->height}, &im));
        read_cheeks(s, i, &im, t[i]);
        um_frame_unref(frame);
    }
    um_video_close(video);
    um_image_clear(&im);
    um_synth_free(s);
}

static void rate_is_found_before_and_after_encoding(void **state)
{
    um_synth_options o = scene();
    trace before, after;

    (void)state;
    o.pulse_bpm = 94;
    o.seed = 4;
    render(&o, before, "synth_pulse.mp4");
    assert_true(fabs(peak(before) - 94) <= 3);
    decode(&o, after, "synth_pulse.mp4");
    assert_true(fabs(peak(after) - 94) <= 3);
    remove("synth_pulse.mp4");
}

/* On a still face the amplitude is the one asked for, in the ratio of the three colours. */
static void amplitude_and_colours_are_as_documented(void **state)
{
    um_synth_options o = scene();
    trace with, without;

    (void)state;
    o.motion = o.talk = o.blink_rate = o.light_drift = o.pulse_variation = 0;
    o.pulse_strength = 2;
    render(&o, with, NULL);
    double g = amplitude(with, 1, 72), expected = 0.86 * 2 * with[0][1] / 140;
    assert_true(fabs(g / expected - 1) < 0.12);
    assert_true(fabs(amplitude(with, 0, 72) / g - 0.35) < 0.06);
    assert_true(fabs(amplitude(with, 2, 72) / g - 0.60) < 0.06);
    o.pulse_bpm = 0;
    render(&o, without, NULL);
    assert_true(amplitude(without, 1, 72) < 0.05 * g);
}

static void waveform_matches_the_skin(void **state)
{
    um_synth_options o = scene();
    um_synth *s;
    double dot = 0, a = 0, b = 0, mean = 0;
    trace t;

    (void)state;
    o.motion = o.talk = o.blink_rate = o.light_drift = 0;
    o.noise = 0;
    o.pulse_strength = 3;
    render(&o, t, NULL);
    assert_ok(um_synth_new(&s, &o));
    for (int i = 0; i < FRAMES; i++) mean += t[i][1] / FRAMES;
    for (int i = 0; i < FRAMES; i++) {
        double x = t[i][1] - mean, y = um_synth_pulse(s, i, 0);
        dot += x * y;
        a += x * x;
        b += y * y;
    }
    assert_true(dot / sqrt(a * b) < -0.98); /* more blood, darker skin */
    um_synth_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_is_found_before_and_after_encoding),
        cmocka_unit_test(amplitude_and_colours_are_as_documented),
        cmocka_unit_test(waveform_matches_the_skin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
