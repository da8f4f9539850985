#include "model/texture_runner.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BATCH 8
#define PLACES ((size_t)UM_TEXTURE_MAP * UM_TEXTURE_MAP)
#define BYTES (UM_TEXTURE_SIDE * UM_TEXTURE_SIDE * 3)

struct um_texture_runner {
    um_graph *graph;
    um_node *in, *feature, *logits, *places; /* places: the head on the last map */
};

umcl_status um_texture_runner_new(um_texture_runner **out, um_params *params)
{
    um_nn nn = {.set = params, .prefix = ""};
    um_texture_runner *r = NULL;
    um_node *map;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&r, 1, sizeof *r));
    UM_CHECK(um_graph_new(&r->graph, um_params_backend(params), UM_INFER));
    nn.g = r->graph;
    r->in = um_input(r->graph, "crops", UM_F32,
                     UM_SHAPE(BATCH, 1, UM_TEXTURE_SIDE, UM_TEXTURE_SIDE, 3));
    r->feature = um_texture(&nn, r->in, &map);
    r->logits = um_texture_head(&nn, r->feature, 0);
    r->places = um_texture_head(&nn, map, 0);
    um_output(r->graph, r->feature);
    um_output(r->graph, r->places);
    um_output(r->graph, r->logits);
    UM_CHECK(um_graph_compile(r->graph));
    *out = r;
    r = NULL;
done:
    um_texture_runner_free(r);
    return st;
}

void um_texture_runner_free(um_texture_runner *r)
{
    if (!r) return;
    um_graph_free(r->graph);
    free(r);
}

/* Runs up to BATCH crops of n - at; `some` gets how many. */
static umcl_status run_some(um_texture_runner *r, const uint8_t *rgb, size_t at, size_t n,
                            size_t *some)
{
    float *in = um_data(r->in);

    *some = n - at < BATCH ? n - at : BATCH;
    for (size_t i = 0; i < *some; i++) um_texture_input(in + i * BYTES, rgb + (at + i) * BYTES);
    return um_graph_forward(r->graph);
}

umcl_status um_texture_run(um_texture_runner *r, const uint8_t *rgb, size_t n, float *feature,
                           double *logit)
{
    double sum = 0, mean[UM_TEXTURE_FEATURE] = {0};

    for (size_t at = 0; at < n; at += BATCH) {
        const float *f, *l;
        size_t some;

        UM_TRY(run_some(r, rgb, at, n, &some));
        f = um_data(r->feature);
        l = um_data(r->logits);
        for (size_t i = 0; i < some; i++) {
            sum += (double)l[2 * i + 1] - l[2 * i];
            for (int k = 0; k < UM_TEXTURE_FEATURE; k++)
                mean[k] += f[i * UM_TEXTURE_FEATURE + (size_t)k];
        }
    }
    if (logit) *logit = sum / (double)n;
    for (int k = 0; feature && k < UM_TEXTURE_FEATURE; k++)
        feature[k] = (float)(mean[k] / (double)n);
    return UMCL_OK;
}

umcl_status um_texture_evidence(um_texture_runner *r, const uint8_t *rgb, size_t n, float *map)
{
    for (size_t at = 0; at < n; at += BATCH) {
        const float *l;
        size_t some;

        UM_TRY(run_some(r, rgb, at, n, &some));
        l = um_data(r->places);
        for (size_t i = 0; i < some * PLACES; i++) *map++ = l[2 * i + 1] - l[2 * i];
    }
    return UMCL_OK;
}
