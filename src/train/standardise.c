#include "train/standardise.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "model/head.h"
#include "model/physformer.h"

#define TAKES 32 /* of encoders that are trained */

/* Mean and mean square of every value over all rows of both views. */
static void moments(double *mean, double *square, const um_take_store *s, int kind, size_t width)
{
    double share = 1.0 / (double)(UM_N_VIEWS * s->n);

    for (int v = 0; v < UM_N_VIEWS; v++)
        for (size_t i = 0; i < s->n; i++) {
            const float *row = um_take_store_body(s, (um_modality_kind)kind, v, i);

            for (size_t c = 0; c < width; c++) {
                mean[c] += share * row[c];
                square[c] += share * row[c] * row[c];
            }
        }
}

/* One scale for the whole waveform, no shift. */
static void join_waveform(double *mean, double *square)
{
    double all = 0;

    for (int c = 0; c < UM_PHYSFORMER_FRAMES; c++) all += square[c] / UM_PHYSFORMER_FRAMES;
    for (int c = 0; c < UM_PHYSFORMER_FRAMES; c++) {
        mean[c] = 0;
        square[c] = all;
    }
}

static umcl_status standardise(um_params *params, const um_take_store *s, int kind)
{
    size_t width = (size_t)um_modality_get((um_modality_kind)kind)->body;
    double *mean = NULL, *square = NULL, usual = 0;
    float *to_mean = NULL, *to_scale = NULL;
    umcl_status st;

    UM_CHECK(um_calloc(&mean, width, sizeof *mean));
    UM_CHECK(um_calloc(&square, width, sizeof *square));
    UM_CHECK(um_calloc(&to_mean, width, sizeof *to_mean));
    UM_CHECK(um_calloc(&to_scale, width, sizeof *to_scale));
    moments(mean, square, s, kind, width);
    if (kind == UM_PULSE) join_waveform(mean, square);
    for (size_t c = 0; c < width; c++)
        usual += fmax(square[c] - mean[c] * mean[c], 0) / (double)width;
    usual = sqrt(usual);
    for (size_t c = 0; c < width; c++) {
        double deviation = sqrt(fmax(square[c] - mean[c] * mean[c], 0));

        to_mean[c] = (float)mean[c];
        to_scale[c] = (float)(1 / fmax(fmax(deviation, 0.1 * usual), 1e-6));
    }
    UM_CHECK(um_head_standardise(params, (um_modality_kind)kind, to_mean, to_scale));
done:
    free(to_mean);
    free(to_scale);
    free(mean);
    free(square);
    return st;
}

umcl_status um_standardise(um_params *params, const um_take_store *store, um_modalities kinds)
{
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (um_has(kinds, (um_modality_kind)k) && store->body[k][UM_HQ])
            UM_TRY(standardise(params, store, k));
    return UMCL_OK;
}

umcl_status um_standardise_trained(um_params *params, const um_take_plan *plan, size_t n,
                                   um_modalities kinds)
{
    um_take_store_options o = {.n = n < TAKES ? n : TAKES, .frozen = kinds, .recipe = ""};
    um_take_store few;
    umcl_status st;

    if (!kinds) return UMCL_OK;
    for (int k = 0; k < UM_N_MODALITIES; k++) o.weights[k] = "";
    UM_TRY(um_take_store_make(&few, plan, params, &o, NULL, NULL));
    st = um_standardise(params, &few, kinds);
    um_take_store_clear(&few);
    return st;
}
