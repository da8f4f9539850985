#include "model/loss_physformer.h"

#include <math.h>

#include "model/loss_pearson.h"
#include "model/pulse_spectrum.h"

#define ALPHA 0.1
#define BETA_GROWTH 5.0
#define LABEL_BPM 1.0 /* deviation of the label's distribution */
enum { N_CLASSES = UM_PHYSFORMER_MAX_BPM - UM_PHYSFORMER_MIN_BPM + 1 };

/* Logarithms of the label's distribution over the classes. */
static void label_log(double out[N_CLASSES], double bpm)
{
    double sum = 0;

    for (int k = 0; k < N_CLASSES; k++) {
        double d = (UM_PHYSFORMER_MIN_BPM + k - bpm) / LABEL_BPM;
        out[k] = -0.5 * d * d;
        sum += exp(out[k]);
    }
    for (int k = 0; k < N_CLASSES; k++) out[k] -= log(sum);
}

/*
 * L_CE and L_LD of one clip from its spectrum's power, and their gradient by the power. With the
 * scores p = power / sum, s = softmax(p), label class y and distribution q:
 *     dL_CE/dp = s - onehot(y),  dL_LD/dp = s - q,  dL/dpower = (dL/dp - sum(p dL/dp)) / sum
 */
static void frequency_loss(um_physformer_loss *out, um_spectrum *s, double bpm)
{
    int label = (int)lround(bpm) - UM_PHYSFORMER_MIN_BPM;
    double log_q[N_CLASSES], sum = 0, norm = 0, mean = 0;

    label_log(log_q, bpm);
    for (int k = 0; k < N_CLASSES; k++) sum += s->power[k];
    if (sum == 0) return;
    for (int k = 0; k < N_CLASSES; k++) norm += exp(s->power[k] / sum);
    for (int k = 0; k < N_CLASSES; k++) {
        double p = s->power[k] / sum, log_s = p - log(norm), q = exp(log_q[k]);
        if (k == label) out->frequency -= log_s;
        out->distribution += q * (log_q[k] - log_s);
        s->d_power[k] = 2 * exp(log_s) - (k == label) - q;
        mean += p * s->d_power[k];
    }
    for (int k = 0; k < N_CLASSES; k++) s->d_power[k] = (s->d_power[k] - mean) / sum;
}

static umcl_status check_labels(const um_physformer_batch *b)
{
    for (size_t i = 0; i < b->batch; i++)
        if (!(b->bpm[i] >= UM_PHYSFORMER_MIN_BPM - 0.5 && b->bpm[i] < UM_PHYSFORMER_MAX_BPM + 0.5))
            return um_fail(UMCL_ERR_INVALID,
                           "physformer loss: expected a heart rate of %d to %d bpm, found %g",
                           UM_PHYSFORMER_MIN_BPM, UM_PHYSFORMER_MAX_BPM, b->bpm[i]);
    return UMCL_OK;
}

umcl_status um_loss_physformer(um_physformer_loss *out, const um_physformer_batch *b,
                               double progress, double weight)
{
    double beta = pow(BETA_GROWTH, progress), share = 1 / (double)b->batch;
    um_physformer_loss sum = {0};
    um_spectrum *s;

    *out = sum;
    UM_TRY(check_labels(b));
    UM_TRY(um_spectrum_new(&s, b->n_frames, b->fps, UM_PHYSFORMER_MIN_BPM, 1, N_CLASSES));
    for (size_t i = 0; i < b->batch; i++) {
        const float *x = b->waveform + i * b->n_frames, *y = b->pulse + i * b->n_frames;
        float *dx = b->grad ? b->grad + i * b->n_frames : NULL;
        sum.time += um_loss_npc(x, y, b->n_frames, weight * ALPHA * share, dx, NULL);
        um_spectrum_run(s, x);
        frequency_loss(&sum, s, b->bpm[i]);
        if (dx) um_spectrum_grad(s, weight * beta * share, dx);
    }
    um_spectrum_free(s);
    *out = (um_physformer_loss){share * sum.time, share * sum.frequency, share * sum.distribution};
    out->total = ALPHA * out->time + beta * (out->frequency + out->distribution);
    return UMCL_OK;
}
