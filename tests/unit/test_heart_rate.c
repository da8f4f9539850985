/* Heart rates of made-up waveforms: differentiable, and as readings. */
#include "../test.h"

#include <math.h>

#include "base/rng.h"
#include "model/heart_rate.h"
#include "support_slope.h"

#define MAX_T 300
#define T 160
#define FPS 30.0

/* A pulse with its first harmonic, drifting a little, in white noise. */
static void make_pulse(float *x, size_t n, double fps, double bpm, double noise, um_rng *rng)
{
    double phase = um_rng_range(rng, 0, 2 * M_PI);

    for (size_t i = 0; i < n; i++) {
        double a = 2 * M_PI * bpm / 60 * (double)i / fps + phase;
        x[i] = (float)(5 + 0.2 * sin(a) + 0.04 * sin(2 * a + 1) + 0.05 * (double)i / (double)n +
                       0.2 * noise * um_rng_normal(rng));
    }
}

static um_heart_rate read_rate(const float *x, size_t n, double fps)
{
    um_heart_rate r;

    assert_ok(um_heart_rate_read(&r, x, n, fps));
    return r;
}

/* 42 to 230 bpm from 160 frames. */
static void test_clean_readings(void **state)
{
    um_rng rng = um_rng_new(1, "clean");
    float x[T];

    (void)state;
    for (double bpm = 42; bpm <= 230; bpm += 0.5) {
        um_heart_rate r;
        double phase = um_rng_range(&rng, 0, 2 * M_PI);
        for (int i = 0; i < T; i++) x[i] = (float)sin(2 * M_PI * bpm / 60 * i / FPS + phase);
        r = read_rate(x, T, FPS);
        if (!r.reading || !(fabs(r.bpm - bpm) <= 0.1) || !(r.snr_db > 10))
            fail_msg("%g bpm: read %d, %g bpm, %g dB", bpm, r.reading, r.bpm, r.snr_db);
    }
}

/* With noise of a quarter of the amplitude, harmonics and drift. */
static void test_noisy_readings(void **state)
{
    um_rng rng = um_rng_new(2, "noisy");
    float x[T];

    (void)state;
    for (int i = 0; i < 300; i++) {
        double bpm = um_rng_range(&rng, 50, 230);
        um_heart_rate r;
        make_pulse(x, T, FPS, bpm, 0.25, &rng);
        r = read_rate(x, T, FPS);
        if (!r.reading || !(fabs(r.bpm - bpm) <= 3))
            fail_msg("%g bpm: read %d, %g bpm, %g dB", bpm, r.reading, r.bpm, r.snr_db);
    }
}

static void test_other_lengths(void **state)
{
    static const struct {
        size_t n;
        double fps;
    } clip[] = {{60, 30}, {90, 30}, {161, 30}, {300, 30}, {160, 25}, {100, 10}};
    um_rng rng = um_rng_new(3, "lengths");
    float x[MAX_T];

    (void)state;
    for (size_t c = 0; c < sizeof clip / sizeof *clip; c++)
        for (double bpm = 75; bpm <= 180; bpm += 15) {
            um_heart_rate r;
            make_pulse(x, clip[c].n, clip[c].fps, bpm, 0.02, &rng);
            r = read_rate(x, clip[c].n, clip[c].fps);
            if (!r.reading || !(fabs(r.bpm - bpm) <= 3))
                fail_msg("%zu frames, %g bpm: read %d, %g bpm, %g dB", clip[c].n, bpm, r.reading,
                         r.bpm, r.snr_db);
        }
}

/* The least ratio lets less than 1 % of white noise pass, at any length. */
static void test_noise_is_no_reading(void **state)
{
    static const size_t length[] = {60, 90, T};
    um_rng rng = um_rng_new(4, "noise");
    float x[MAX_T];

    (void)state;
    for (size_t k = 0; k < sizeof length / sizeof *length; k++) {
        int passed = 0;
        for (int i = 0; i < 1000; i++) {
            for (size_t j = 0; j < length[k]; j++) x[j] = (float)um_rng_normal(&rng);
            passed += read_rate(x, length[k], FPS).reading;
        }
        if (passed > 10) fail_msg("%zu frames: %d of 1000 pass", length[k], passed);
    }
}

static void test_no_reading(void **state)
{
    um_heart_rate r;
    float x[T];

    (void)state;
    for (int i = 0; i < T; i++) x[i] = 3.7f;
    r = read_rate(x, T, FPS);
    assert_true(!r.reading && r.bpm == 0 && r.snr_db == -60);
    for (double bpm = 26; bpm <= 41; bpm += 3) { /* too slow: power falls off within the band */
        for (int i = 0; i < T; i++) x[i] = (float)sin(2 * M_PI * bpm / 60 * i / FPS);
        r = read_rate(x, T, FPS);
        assert_true(!r.reading && r.bpm == 0 && isfinite(r.snr_db));
    }
    x[5] = NAN;
    r = read_rate(x, T, FPS);
    assert_true(!r.reading && r.bpm == 0 && r.snr_db == -60);
}

static void test_refusals(void **state)
{
    um_heart_rate r;
    um_spectrum *s;
    float x[59] = {0};

    (void)state;
    assert_fails(UMCL_ERR_INVALID, "expected at least 60 frames, found 59",
                 um_heart_rate_read(&r, x, 59, FPS));
    assert_fails(UMCL_ERR_INVALID, "240 bpm needs 8 frames a second, found 7",
                 um_heart_rate_band(&s, T, 7));
    assert_null(s);
    assert_fails(UMCL_ERR_INVALID, "found nan", um_heart_rate_band(&s, T, NAN));
}

/* The soft rate follows the pulse, whatever its scale and offset. */
static void test_soft_rate(void **state)
{
    um_rng rng = um_rng_new(5, "soft");
    um_spectrum *band;
    float x[T], moved[T];

    (void)state;
    assert_ok(um_heart_rate_band(&band, T, FPS));
    for (double bpm = 50; bpm <= 230; bpm += 5) {
        double hz;
        make_pulse(x, T, FPS, bpm, 0.1, &rng);
        hz = um_heart_rate_soft(band, x, 0, NULL);
        if (!(fabs(60 * hz - bpm) <= 2)) fail_msg("%g bpm: soft rate %g", bpm, 60 * hz);
        for (int i = 0; i < T; i++) moved[i] = 100 * x[i] - 30;
        assert_true(fabs(um_heart_rate_soft(band, moved, 0, NULL) - hz) < 1e-5);
    }
    um_spectrum_free(band);
}

typedef struct soft {
    um_spectrum *band;
    float x[MAX_T];
} soft;

static double soft_value(void *ctx)
{
    soft *s = ctx;

    return um_heart_rate_soft(s->band, s->x, 0, NULL);
}

static void test_soft_slopes(void **state)
{
    static const size_t length[] = {60, T, MAX_T};
    um_rng rng = um_rng_new(6, "slopes");
    soft s;

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        float dx[MAX_T] = {0};
        make_pulse(s.x, length[k], FPS, 80, 0.7, &rng);
        assert_ok(um_heart_rate_band(&s.band, length[k], FPS));
        um_heart_rate_soft(s.band, s.x, 1, dx);
        check_slope("soft rate", soft_value, &s, s.x, dx, length[k], 1e-4);
        um_spectrum_free(s.band);
    }
}

static void test_soft_constant(void **state)
{
    um_spectrum *band;
    float x[T], dx[T] = {0}, none[T] = {0};

    (void)state;
    for (int i = 0; i < T; i++) x[i] = 0.3f;
    assert_ok(um_heart_rate_band(&band, T, FPS));
    assert_true(um_heart_rate_soft(band, x, 1, dx) == 0);
    assert_memory_equal(dx, none, sizeof none);
    x[9] = NAN;
    assert_true(isnan(um_heart_rate_soft(band, x, 0, NULL)));
    um_spectrum_free(band);
}

/* Against the sum written out, at a rate between the bins of a Fourier transform. */
static void test_power_by_definition(void **state)
{
    um_spectrum *s;
    double re = 0, im = 0, mean = 0, sum = 0;
    float x[T];

    (void)state;
    fill_random(x, T, "power");
    assert_ok(um_spectrum_new(&s, T, FPS, 61.7, 1, 1));
    um_spectrum_run(s, x);
    for (int i = 0; i < T; i++) {
        double w = pow(sin(M_PI * i / (T - 1)), 2);
        mean += w * (double)x[i];
        sum += w;
    }
    for (int i = 0; i < T; i++) {
        double w = pow(sin(M_PI * i / (T - 1)), 2), a = 2 * M_PI * 61.7 / 60 * i / FPS;
        re += w * ((double)x[i] - mean / sum) * cos(a);
        im += w * ((double)x[i] - mean / sum) * sin(a);
    }
    assert_true(fabs(s->power[0] - (re * re + im * im)) < 1e-9 * s->power[0]);
    um_spectrum_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean_readings), cmocka_unit_test(test_noisy_readings),
        cmocka_unit_test(test_other_lengths),  cmocka_unit_test(test_noise_is_no_reading),
        cmocka_unit_test(test_no_reading),     cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_soft_rate),      cmocka_unit_test(test_soft_slopes),
        cmocka_unit_test(test_soft_constant),  cmocka_unit_test(test_power_by_definition),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
