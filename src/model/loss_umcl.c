#include "model/loss_umcl.h"

#include <math.h>

/* -log softmax(x)[c] = log(1 + exp(x[!c] - x[c])), without overflow. */
static double softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

double um_loss_bce(const um_views *logits, const bool *fake, size_t batch, double weight)
{
    double share = 1 / (double)(UM_N_VIEWS * batch), loss = 0;

    for (int v = 0; v < UM_N_VIEWS; v++)
        for (size_t i = 0; i < batch; i++) {
            const float *x = um_view_row(logits, v, i, 2);
            float *dx = um_view_grad(logits, v, i, 2);
            double margin = (double)x[!fake[i]] - x[fake[i]], wrong = 1 / (1 + exp(-margin));
            loss += share * softplus(margin);
            if (!dx) continue;
            dx[!fake[i]] += (float)(weight * share * wrong);
            dx[fake[i]] -= (float)(weight * share * wrong);
        }
    return loss;
}

umcl_status um_loss_umcl(um_umcl_loss *out, const um_umcl_batch *b)
{
    *out = (um_umcl_loss){0};
    if (b->pulse) UM_TRY(um_loss_cqsl(&out->phy, b->pulse, b->alpha));
    if (b->fused) UM_TRY(um_loss_asa(&out->aff, NULL, b->fused, b->beta));
    if (b->cpml) um_loss_cpml(&out->cpml, b->cpml, b->beta);
    out->bce = um_loss_bce(&b->logits, b->fake, b->batch, 1);
    out->total = out->bce + b->alpha * out->phy.total + b->beta * (out->aff + out->cpml.total);
    return UMCL_OK;
}
