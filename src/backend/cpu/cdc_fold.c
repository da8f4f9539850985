/* Folding of the temporal difference convolution into one kernel (autograd/ops.h). */
#include <string.h>

#include "backend/cpu/cpu.h"

#define TAPS 27
#define CENTRE 13

static umcl_status fold_forward(um_call *c)
{
    size_t n = (size_t)um_shape_count(&c->out.shape) / TAPS;
    const float *w = um_f32(&c->in[0]);
    float *out = um_f32(&c->out);

    memcpy(out, w, n * TAPS * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        float sum = 0;
        for (int k = 0; k < 9; k++) sum += w[i * TAPS + k] + w[i * TAPS + 18 + k];
        out[i * TAPS + CENTRE] -= c->attr.cdc_fold.theta * sum;
    }
    return UMCL_OK;
}

static umcl_status fold_backward(um_call *c)
{
    size_t n = (size_t)um_shape_count(&c->out.shape) / TAPS;
    const float *dy = um_f32(&c->dout);
    float *dw = um_f32(&c->din[0]);

    memcpy(dw, dy, n * TAPS * sizeof *dw);
    for (size_t i = 0; i < n; i++) {
        float d = c->attr.cdc_fold.theta * dy[i * TAPS + CENTRE];
        for (int k = 0; k < 9; k++) {
            dw[i * TAPS + k] -= d;
            dw[i * TAPS + 18 + k] -= d;
        }
    }
    return UMCL_OK;
}

const um_kernel um_cpu_cdc_fold = {NULL, fold_forward, fold_backward, NULL};
