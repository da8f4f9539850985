#include "model/pulse_spectrum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/loss_views.h"

umcl_status um_spectrum_new(um_spectrum **out, size_t n_frames, double fps, double first_bpm,
                            double step_bpm, size_t n_bins)
{
    double last_bpm = first_bpm + (double)(n_bins - 1) * step_bpm, *block = NULL;
    um_spectrum *s = NULL;
    umcl_status st;

    *out = NULL;
    if (n_frames < UM_PULSE_MIN_FRAMES)
        return um_fail(UMCL_ERR_INVALID, "pulse: expected at least %d frames, found %zu",
                       UM_PULSE_MIN_FRAMES, n_frames);
    if (!(fps >= last_bpm / 30))
        return um_fail(UMCL_ERR_INVALID, "pulse: %g bpm needs %g frames a second, found %g",
                       last_bpm, last_bpm / 30, fps);
    UM_CHECK(um_calloc(&s, 1, sizeof *s));
    UM_CHECK(um_calloc(&block, 3 * n_frames + 8 * n_bins, sizeof *block));
    *s = (um_spectrum){n_frames, n_bins, fps, first_bpm, step_bpm};
    s->window = block;
    s->wave = s->window + n_frames;
    s->d_wave = s->wave + n_frames;
    s->power = s->d_wave + n_frames;
    s->d_power = s->power + n_bins;
    s->re = s->d_power + n_bins;
    s->im = s->re + n_bins;
    s->cosine = s->im + n_bins;
    s->sine = s->cosine + n_bins;
    s->turn_cosine = s->sine + n_bins;
    s->turn_sine = s->turn_cosine + n_bins;
    for (size_t k = 0; k < n_bins; k++) {
        double turn = 2 * M_PI * um_spectrum_bpm(s, k) / 60 / fps;
        s->turn_cosine[k] = cos(turn);
        s->turn_sine[k] = sin(turn);
    }
    for (size_t i = 0; i < n_frames; i++) {
        s->window[i] = 0.5 - 0.5 * cos(2 * M_PI * (double)i / (double)(n_frames - 1));
        s->window_sum += s->window[i];
    }
    *out = s;
    return UMCL_OK;
done:
    free(s);
    return st;
}

void um_spectrum_free(um_spectrum *s)
{
    if (!s) return;
    free(s->window);
    free(s);
}

/* Each bin's cosine and sine at frame 0, and one frame further by the bin's angle. */
static void first_frame(um_spectrum *s)
{
    for (size_t k = 0; k < s->n_bins; k++) {
        s->cosine[k] = 1;
        s->sine[k] = 0;
    }
}

static void next_frame(um_spectrum *s)
{
    for (size_t k = 0; k < s->n_bins; k++) {
        double c = s->cosine[k] * s->turn_cosine[k] - s->sine[k] * s->turn_sine[k];
        s->sine[k] = s->sine[k] * s->turn_cosine[k] + s->cosine[k] * s->turn_sine[k];
        s->cosine[k] = c;
    }
}

static void window_signal(um_spectrum *s, const float *x)
{
    double mean = 0, size = 0, variation = 0;

    for (size_t i = 0; i < s->n_frames; i++) mean += s->window[i] * x[i] / s->window_sum;
    for (size_t i = 0; i < s->n_frames; i++) {
        double whole = s->window[i] * x[i];
        s->wave[i] = s->window[i] * (x[i] - mean);
        size += whole * whole;
        variation += s->wave[i] * s->wave[i];
    }
    if (um_is_flat(variation, size)) memset(s->wave, 0, s->n_frames * sizeof *s->wave);
}

void um_spectrum_run(um_spectrum *s, const float *x)
{
    window_signal(s, x);
    memset(s->re, 0, s->n_bins * sizeof *s->re);
    memset(s->im, 0, s->n_bins * sizeof *s->im);
    first_frame(s);
    for (size_t i = 0; i < s->n_frames; i++, next_frame(s))
        for (size_t k = 0; k < s->n_bins; k++) {
            s->re[k] += s->wave[i] * s->cosine[k];
            s->im[k] += s->wave[i] * s->sine[k];
        }
    for (size_t k = 0; k < s->n_bins; k++) s->power[k] = s->re[k] * s->re[k] + s->im[k] * s->im[k];
}

void um_spectrum_grad(um_spectrum *s, double weight, float *dx)
{
    double mean = 0;

    first_frame(s);
    for (size_t i = 0; i < s->n_frames; i++, next_frame(s)) {
        s->d_wave[i] = 0;
        for (size_t k = 0; k < s->n_bins; k++)
            s->d_wave[i] += 2 * s->d_power[k] * (s->re[k] * s->cosine[k] + s->im[k] * s->sine[k]);
        mean += s->window[i] * s->d_wave[i] / s->window_sum;
    }
    for (size_t i = 0; i < s->n_frames; i++)
        dx[i] += (float)(weight * s->window[i] * (s->d_wave[i] - mean));
}
