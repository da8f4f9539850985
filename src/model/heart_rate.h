/*
 * The heart rate of a pulse waveform, within 0.7 to 4 Hz (42 to 240 bpm): differentiable for the
 * losses, and as a reading with its signal-to-noise ratio for reports.
 */
#ifndef UM_MODEL_HEART_RATE_H
#define UM_MODEL_HEART_RATE_H

#include <stdbool.h>

#include "model/pulse_spectrum.h"

#define UM_HEART_MIN_BPM 42.0
#define UM_HEART_MAX_BPM 240.0

/** A spectrum for um_heart_rate_soft: the band in steps of 1 bpm. Errors: um_spectrum_new's. */
umcl_status um_heart_rate_band(um_spectrum **out, size_t n_frames, double fps);

/**
 * Soft-argmax in Hz: the mean of the band's frequencies under weights proportional to power^4, that
 * is a softmax of 4 log(power): it does not depend on the waveform's scale. A pure tone of 160
 * frames gives its own rate from 54 to 228 bpm; nearer the edges it is drawn inwards, by 2.5 bpm at
 * 42 and 240.
 *
 * @param band from um_heart_rate_band
 * @param x    [n_frames]
 * @param dx   [n_frames]: gets weight * the gradient added; may be NULL
 * @return 0 (and no gradient) for a constant signal
 */
double um_heart_rate_soft(um_spectrum *band, const float *x, double weight, float *dx);

typedef struct um_heart_rate {
    bool reading;  /* false: constant, too noisy, or the strongest rate lies outside the band */
    double bpm;    /* the strongest rate; 0 without a reading */
    double snr_db; /* -60 to 60 */
} um_heart_rate;

/**
 * Least ratio for a reading, in dB: 1.4 for 160 frames at 30 fps, 9.5 for 60, since short clips
 * reach high ratios by chance. Less than one clip of white noise in a hundred passes, at any length
 * from 2 s on (tests/unit/test_heart_rate.c).
 */
static inline double um_heart_rate_least_snr(size_t n_frames, double fps)
{
    return 26 * fps / (double)n_frames - 3.5;
}

/**
 * The peak of the spectrum (Hann window, steps of 0.5 bpm), refined by a parabola, and its ratio
 * after de Haan and Jeanne (2013): power within `half` of the peak and of its double, over the
 * rest of the band. They took 6 bpm for long recordings; `half` is 60 fps / n bpm where that is
 * more (11.25 for 160 frames), the half width of the window's main lobe at a quarter of its power.
 * A pure tone of 160 frames reaches 10 dB.
 *
 * @return as um_spectrum_new
 */
umcl_status um_heart_rate_read(um_heart_rate *out, const float *x, size_t n, double fps);

#endif
