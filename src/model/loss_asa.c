#include "model/loss_asa.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/loss_pearson.h"

umcl_status um_affinity_parse(um_affinity *out, const char *name)
{
    static const char *const names[] = {
        [UM_AFFINITY_COSINE] = "cosine",
        [UM_AFFINITY_RELU_COSINE] = "relu-cosine",
        [UM_AFFINITY_SIGMOID] = "sigmoid",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) {
            *out = (um_affinity)i;
            return UMCL_OK;
        }
    return um_fail(UMCL_ERR_INVALID,
                   "affinity: expected cosine, relu-cosine or sigmoid, found \"%s\"", name);
}

static double sigmoid_of_product(const float *u, const float *v, size_t n)
{
    double product = 0;

    for (size_t i = 0; i < n; i++) product += (double)u[i] * v[i];
    return 1 / (1 + exp(-product));
}

static double affinity_of(um_affinity sigma, const float *u, const float *v, size_t n)
{
    double c;

    if (sigma == UM_AFFINITY_SIGMOID) return sigmoid_of_product(u, v, n);
    c = um_cosine(u, v, n);
    if (sigma == UM_AFFINITY_COSINE) return 0.5 + 0.5 * c;
    return c < 0 ? 0 : c;
}

/* Adds weight * dA/du and dA/dv, where A is what affinity_of gave. */
static void add_grad(um_affinity sigma, double a, const float *u, const float *v, size_t n,
                     double weight, float *du, float *dv)
{
    if (sigma == UM_AFFINITY_SIGMOID) {
        weight *= a * (1 - a);
        for (size_t i = 0; i < n; i++) {
            du[i] += (float)(weight * v[i]);
            dv[i] += (float)(weight * u[i]);
        }
    } else if (sigma == UM_AFFINITY_COSINE) {
        um_cosine_grad(u, v, n, 0.5 * weight, du, dv);
    } else if (a > 0) {
        um_cosine_grad(u, v, n, weight, du, dv);
    }
}

/* The mean of both views (9), stacked as (10) means it: row b * m + i is sample b, modality i. */
static void stack(float *u, const um_asa_batch *b)
{
    for (size_t s = 0; s < b->batch; s++)
        for (size_t i = 0; i < b->n_modalities; i++) {
            const float *hq = um_view_row(&b->modality[i], UM_HQ, s, b->width);
            const float *lq = um_view_row(&b->modality[i], UM_LQ, s, b->width);
            for (size_t k = 0; k < b->width; k++) *u++ = 0.5f * (hq[k] + lq[k]);
        }
}

/* Half of each row's gradient goes to either view. */
static void unstack_grad(const um_asa_batch *b, const float *du)
{
    for (size_t s = 0; s < b->batch; s++)
        for (size_t i = 0; i < b->n_modalities; i++, du += b->width)
            for (int view = 0; view < UM_N_VIEWS; view++) {
                float *grad = um_view_grad(&b->modality[i], view, s, b->width);
                for (size_t k = 0; grad && k < b->width; k++) grad[k] += 0.5f * du[k];
            }
}

umcl_status um_loss_asa(double *loss, float *affinity, const um_asa_batch *b, double weight)
{
    size_t m = b->n_modalities, rows = b->batch * m, d = b->width;
    double share = 1 / (double)b->batch, other = b->batch > 1 ? 1 / (double)(b->batch - 1) : 0;
    float *u, *du;

    *loss = 0;
    UM_TRY(um_calloc(&u, 2 * rows * d, sizeof *u));
    du = u + rows * d;
    stack(u, b);
    for (size_t r = 0; r < rows; r++)
        for (size_t q = 0; q < rows; q++) {
            size_t s = r / m, c = q / m, i = r % m, j = q % m;
            double a = affinity_of(b->sigma, u + r * d, u + q * d, d), slope;
            if (affinity) affinity[((s * b->batch + c) * m + i) * m + j] = (float)a;
            if (i == j) continue;
            *loss += share * (s == c ? (1 - a) * (1 - a) : other * a * a);
            slope = share * (s == c ? -2 * (1 - a) : 2 * other * a);
            add_grad(b->sigma, a, u + r * d, u + q * d, d, weight * slope, du + r * d, du + q * d);
        }
    unstack_grad(b, du);
    free(u);
    return UMCL_OK;
}
