#include "model/loss_cqsl.h"

#include <math.h>

#include "model/heart_rate.h"
#include "model/loss_pearson.h"

double um_cqsl_pull(const um_cqsl_batch *b, double weight)
{
    double loss = 0;

    for (size_t i = 0; i < b->batch; i++) {
        double share = um_class_share(b->fake, b->batch, i);
        loss += share * um_loss_npc(um_view_row(&b->z, UM_HQ, i, b->width),
                                    um_view_row(&b->z, UM_LQ, i, b->width), b->width,
                                    weight * share, um_view_grad(&b->z, UM_HQ, i, b->width),
                                    um_view_grad(&b->z, UM_LQ, i, b->width));
    }
    return loss;
}

/* The four combinations of views of one real and one fake sample. */
static double push_pair(const um_cqsl_batch *b, size_t real, size_t fake, double weight)
{
    double loss = 0;

    for (int v = 0; v < UM_N_VIEWS; v++)
        for (int w = 0; w < UM_N_VIEWS; w++)
            loss += um_loss_mpc(um_view_row(&b->z, v, real, b->width),
                                um_view_row(&b->z, w, fake, b->width), b->width, weight,
                                um_view_grad(&b->z, v, real, b->width),
                                um_view_grad(&b->z, w, fake, b->width));
    return loss;
}

double um_cqsl_push(const um_cqsl_batch *b, double weight)
{
    double loss = 0;

    for (size_t r = 0; r < b->batch; r++)
        for (size_t f = 0; f < b->batch; f++) {
            double share;
            if (b->fake[r] || !b->fake[f]) continue;
            share = um_class_share(b->fake, b->batch, r) * um_class_share(b->fake, b->batch, f);
            loss += share * push_pair(b, r, f, weight * share);
        }
    return loss;
}

static double rate_gap(um_spectrum *band, const um_cqsl_batch *b, size_t i, double weight)
{
    double hz[UM_N_VIEWS], gap;

    for (int v = 0; v < UM_N_VIEWS; v++)
        hz[v] = um_heart_rate_soft(band, um_view_row(&b->z, v, i, b->width), 0, NULL);
    if (hz[UM_HQ] == 0 || hz[UM_LQ] == 0) return 0;
    gap = hz[UM_HQ] - hz[UM_LQ];
    if (gap < 0) weight = -weight;
    for (int v = 0; v < UM_N_VIEWS && gap != 0; v++)
        um_heart_rate_soft(band, um_view_row(&b->z, v, i, b->width), v == UM_HQ ? weight : -weight,
                           um_view_grad(&b->z, v, i, b->width));
    return fabs(gap);
}

umcl_status um_cqsl_heart_rate(double *loss, const um_cqsl_batch *b, double weight)
{
    um_spectrum *band;

    *loss = 0;
    UM_TRY(um_heart_rate_band(&band, b->n_frames, b->fps));
    for (size_t i = 0; i < b->batch; i++) {
        double share = um_class_share(b->fake, b->batch, i);
        *loss += share * rate_gap(band, b, i, weight * share);
    }
    um_spectrum_free(band);
    return UMCL_OK;
}

umcl_status um_loss_cqsl(um_cqsl_loss *out, const um_cqsl_batch *b, double weight)
{
    *out = (um_cqsl_loss){0};
    if (b->n_frames > b->width)
        return um_fail(UMCL_ERR_SHAPE, "cqsl: a waveform of %zu frames in features of width %zu",
                       b->n_frames, b->width);
    UM_TRY(um_cqsl_heart_rate(&out->heart_rate, b, weight));
    out->pull = um_cqsl_pull(b, weight);
    out->push = um_cqsl_push(b, weight);
    out->total = out->heart_rate + out->pull + out->push;
    return UMCL_OK;
}
