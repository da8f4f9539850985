/*
 * Power of a pulse waveform at chosen rates, with its gradient: the mean under a Hann window is
 * taken away, then the windowed signal is projected on each rate (what zero-padding and a Fourier
 * transform would give there). Rates are in beats per minute.
 */
#ifndef UM_MODEL_PULSE_SPECTRUM_H
#define UM_MODEL_PULSE_SPECTRUM_H

#include <stddef.h>

#include "base/status.h"

#define UM_PULSE_MIN_FRAMES 60

typedef struct um_spectrum {
    size_t n_frames, n_bins;
    double fps, first_bpm, step_bpm; /* bin k is first + k * step */
    double *power;                   /* [n_bins], of the last run; all 0 for a constant signal */
    double *d_power;                 /* [n_bins], the caller's: gradient by the power */
    double *re, *im;                 /* [n_bins], of the last run */
    double *cosine, *sine;           /* [n_bins], at the frame at hand */
    double *turn_cosine, *turn_sine; /* [n_bins], of one frame's step */
    double *window, *wave, *d_wave;  /* [n_frames] */
    double window_sum;
} um_spectrum;

/**
 * @return UMCL_ERR_INVALID (fewer than 60 frames, or a rate that `fps` cannot show),
 *         UMCL_ERR_NOMEM
 */
umcl_status um_spectrum_new(um_spectrum **out, size_t n_frames, double fps, double first_bpm,
                            double step_bpm, size_t n_bins);
void um_spectrum_free(um_spectrum *s);

/** Fills s->power from x [n_frames]. */
void um_spectrum_run(um_spectrum *s, const float *x);

/** Adds weight * the gradient of sum(d_power * power) by the x of the last run to dx [n_frames]. */
void um_spectrum_grad(um_spectrum *s, double weight, float *dx);

/** Rate of bin `k`. */
static inline double um_spectrum_bpm(const um_spectrum *s, size_t k)
{
    return s->first_bpm + (double)k * s->step_bpm;
}

#endif
