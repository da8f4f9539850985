#include "model/heart_rate.h"

#include <math.h>

#define SHARPNESS 4 /* exponent of the power in the soft-argmax */
#define READ_STEP 0.5
#define TINY 1e-6 /* of the band's power: bounds the ratio to 60 dB */

umcl_status um_heart_rate_band(um_spectrum **out, size_t n_frames, double fps)
{
    return um_spectrum_new(out, n_frames, fps, UM_HEART_MIN_BPM, 1,
                           (size_t)(UM_HEART_MAX_BPM - UM_HEART_MIN_BPM) + 1);
}

/* h = sum f w / sum w with w = (power / all)^4: dh/dpower = 4 (f - h) w / (power sum w). */
double um_heart_rate_soft(um_spectrum *band, const float *x, double weight, float *dx)
{
    double all = 0, sum = 0, h = 0;

    um_spectrum_run(band, x);
    for (size_t k = 0; k < band->n_bins; k++) all += band->power[k];
    if (all == 0) return 0;
    for (size_t k = 0; k < band->n_bins; k++) {
        double w = pow(band->power[k] / all, SHARPNESS);
        sum += w;
        h += w * um_spectrum_bpm(band, k) / 60;
    }
    h /= sum;
    if (!dx) return h;
    for (size_t k = 0; k < band->n_bins; k++) {
        double slope = SHARPNESS * pow(band->power[k] / all, SHARPNESS - 1) / (all * sum);
        band->d_power[k] = slope * (um_spectrum_bpm(band, k) / 60 - h);
    }
    um_spectrum_grad(band, weight, dx);
    return h;
}

/* Bins 1 .. n - 2 are the band; one more on either side shows whether its edge is a peak. */
static size_t strongest(const um_spectrum *s)
{
    size_t at = 1;

    for (size_t k = 2; k + 1 < s->n_bins; k++)
        if (s->power[k] > s->power[at]) at = k;
    return at;
}

static double ratio_db(const um_spectrum *s, double bpm)
{
    double half = fmax(6, 60 * s->fps / (double)s->n_frames), near = 0, all = 0;

    for (size_t k = 1; k + 1 < s->n_bins; k++) {
        double at = um_spectrum_bpm(s, k);
        all += s->power[k];
        if (fabs(at - bpm) <= half || fabs(at - 2 * bpm) <= half) near += s->power[k];
    }
    if (!(all > 0)) return 10 * log10(TINY);
    return 10 * log10((near + TINY * all) / (all - near + TINY * all));
}

static void read_peak(um_heart_rate *out, const um_spectrum *s)
{
    size_t k = strongest(s);
    double before = s->power[k - 1], peak = s->power[k], after = s->power[k + 1];
    double bend = before - 2 * peak + after, bpm;
    bool loud;

    bpm = um_spectrum_bpm(s, k) + (bend < 0 ? 0.5 * s->step_bpm * (before - after) / bend : 0);
    bpm = fmin(fmax(bpm, UM_HEART_MIN_BPM), UM_HEART_MAX_BPM);
    out->snr_db = ratio_db(s, bpm);
    loud = out->snr_db >= um_heart_rate_least_snr(s->n_frames, s->fps);
    out->reading = loud && peak >= before && peak >= after;
    out->bpm = out->reading ? bpm : 0;
}

umcl_status um_heart_rate_read(um_heart_rate *out, const float *x, size_t n, double fps)
{
    size_t bins = (size_t)((UM_HEART_MAX_BPM - UM_HEART_MIN_BPM) / READ_STEP) + 3;
    um_spectrum *s;

    *out = (um_heart_rate){0};
    UM_TRY(um_spectrum_new(&s, n, fps, UM_HEART_MIN_BPM - READ_STEP, READ_STEP, bins));
    um_spectrum_run(s, x);
    read_peak(out, s);
    um_spectrum_free(s);
    return UMCL_OK;
}
