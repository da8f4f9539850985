#include "model/loss_cpml.h"

#include "model/loss_pearson.h"

/* One sample, which counts `share`. */
static void add_sample(um_cpml_loss *out, const um_cpml_batch *b, size_t i, double share,
                       double weight)
{
    const float *own = b->own + i * b->width, *other = b->other + i * b->width;
    double c[UM_N_VIEWS], gap;

    for (int v = 0; v < UM_N_VIEWS; v++)
        c[v] = um_cosine(um_view_row(&b->unified, v, i, b->width), own, b->width);
    gap = c[UM_HQ] - c[UM_LQ];
    out->views += share * gap * gap;
    for (int v = 0; v < UM_N_VIEWS; v++) {
        const float *f = um_view_row(&b->unified, v, i, b->width);
        float *df = um_view_grad(&b->unified, v, i, b->width);
        double pull = (v == UM_HQ ? 2 * gap : -2 * gap) - 1;
        out->own += share * (1 - c[v]);
        out->other += share * um_cosine(f, other, b->width);
        um_cosine_grad(f, own, b->width, weight * share * pull, df, NULL);
        um_cosine_grad(f, other, b->width, weight * share, df, NULL);
    }
}

void um_loss_cpml(um_cpml_loss *out, const um_cpml_batch *b, double weight)
{
    *out = (um_cpml_loss){0};
    for (size_t i = 0; i < b->batch; i++)
        add_sample(out, b, i, um_class_share(b->fake, b->batch, i), weight);
    out->total = out->own + out->other + out->views;
}
