#include "model/head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/physformer.h"

#define CPML_SET (1u << UM_PULSE | 1u << UM_LANDMARKS | 1u << UM_TEXT)

static const char *const fusion_names[] = {"umcl", "cpml"};

umcl_status um_fusion_parse(um_fusion_kind *out, const char *name)
{
    for (int i = 0; i <= UM_FUSION_CPML; i++)
        if (!strcmp(name, fusion_names[i])) {
            *out = (um_fusion_kind)i;
            return UMCL_OK;
        }
    return um_fail(UMCL_ERR_INVALID, "fusion: expected umcl or cpml, found '%s'", name);
}

const char *um_fusion_name(um_fusion_kind fusion)
{
    return fusion_names[fusion];
}

umcl_status um_fusion_check(um_fusion_kind fusion, um_modalities set)
{
    char letters[UM_N_MODALITIES + 1];

    if (fusion == UM_FUSION_UMCL || set == CPML_SET) return UMCL_OK;
    um_modalities_text(letters, set);
    return um_fail(UMCL_ERR_INVALID, "fusion cpml: expected the modalities plt, found %s", letters);
}

static void standard_name(char name[64], um_modality_kind kind, const char *what)
{
    snprintf(name, 64, "standard.%s.%s", um_modality_get(kind)->name, what);
}

/* (body - mean) * scale; prompts stay as they are. */
static um_node *standard(um_nn *nn, um_modality_kind kind, um_node *body)
{
    int width = um_modality_get(kind)->body;
    um_node *mean, *scale;
    char name[64];

    if (kind == UM_TEXT) return body;
    standard_name(name, kind, "mean");
    mean = um_nn_buffer(nn, name, UM_SHAPE(width), 0);
    standard_name(name, kind, "scale");
    scale = um_nn_buffer(nn, name, UM_SHAPE(width), 1);
    return um_mul(nn->g, um_sub(nn->g, body, mean), scale);
}

static umcl_status set_standard(um_params *params, um_modality_kind kind, const char *what,
                                const float *values)
{
    char name[64];
    um_param *p;

    standard_name(name, kind, what);
    p = um_params_find(params, name);
    if (!p) return um_fail(UMCL_ERR_NOT_FOUND, "%s: not among the parameters", name);
    return um_param_set(params, p, values);
}

umcl_status um_head_standardise(um_params *params, um_modality_kind kind, const float *mean,
                                const float *scale)
{
    UM_TRY(set_standard(params, kind, "mean", mean));
    return set_standard(params, kind, "scale", scale);
}

static um_node *neck(um_nn *nn, um_modality_kind kind, um_node *body)
{
    um_nn own = *nn;

    if (kind != UM_PULSE) return body;
    own.prefix = "pulse.";
    return um_physformer_neck(&own, body);
}

/* Projections side by side. */
static void fuse_umcl(um_head *h, um_nn *nn, float dropout)
{
    um_modality part[UM_N_MODALITIES];
    um_fusion_out out;
    size_t n = 0;

    for (int kind = 0; kind < UM_N_MODALITIES; kind++)
        if (um_has(h->set, (um_modality_kind)kind))
            part[n++] = (um_modality){um_modality_get((um_modality_kind)kind)->name,
                                      um_dropout(h->graph, h->feature[kind], dropout, 1)};
    um_fusion(&out, nn, part, n);
    n = 0;
    for (int kind = 0; kind < UM_N_MODALITIES; kind++) {
        if (!um_has(h->set, (um_modality_kind)kind)) continue;
        h->projected[kind] = out.projected[n++];
        um_output(h->graph, h->projected[kind]);
    }
    h->logits = out.logits;
}

static void fuse_cpml(um_head *h, um_nn *nn, float dropout)
{
    um_cpml_out out;

    um_cpml(&out, nn, h->feature[UM_PULSE], h->feature[UM_LANDMARKS], h->feature[UM_TEXT], dropout);
    h->unified = out.unified;
    um_output(h->graph, h->unified);
    h->logits = out.logits;
}

static void record(um_head *h, um_nn *nn, float dropout)
{
    for (int kind = 0; kind < UM_N_MODALITIES; kind++) {
        const um_modality_info *info = um_modality_get((um_modality_kind)kind);

        if (!um_has(h->set, (um_modality_kind)kind)) continue;
        h->body[kind] =
            um_input(h->graph, info->name, UM_F32, UM_SHAPE((int64_t)h->rows, info->body));
        if (um_graph_mode(h->graph) == UM_TRAIN) um_want_grad(h->graph, h->body[kind]);
        h->feature[kind] =
            neck(nn, (um_modality_kind)kind, standard(nn, (um_modality_kind)kind, h->body[kind]));
        um_output(h->graph, h->feature[kind]);
    }
    if (h->fusion == UM_FUSION_CPML)
        fuse_cpml(h, nn, dropout);
    else
        fuse_umcl(h, nn, dropout);
    um_output(h->graph, h->logits);
}

umcl_status um_head_new(um_head **out, um_params *params, um_fusion_kind fusion, um_modalities set,
                        size_t rows, um_mode mode, float dropout, uint64_t seed)
{
    um_nn nn = {.set = params, .prefix = "", .seed = seed};
    um_head *h = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_fusion_check(fusion, set));
    UM_CHECK(um_calloc(&h, 1, sizeof *h));
    h->set = set;
    h->fusion = fusion;
    h->rows = rows;
    UM_CHECK(um_graph_new(&h->graph, um_params_backend(params), mode));
    um_graph_scope(h->graph, "head");
    nn.g = h->graph;
    record(h, &nn, dropout);
    UM_CHECK(um_graph_compile(h->graph));
    *out = h;
    h = NULL;
done:
    um_head_free(h);
    return st;
}

void um_head_free(um_head *h)
{
    if (!h) return;
    um_graph_free(h->graph);
    free(h);
}

float *um_head_row(um_head *h, um_modality_kind kind, size_t i)
{
    return (float *)um_data(h->body[kind]) + i * (size_t)um_modality_get(kind)->body;
}

double um_head_odds(const um_head *h, size_t i)
{
    const float *x = (const float *)um_data(h->logits) + 2 * i;

    return (double)x[1] - (double)x[0];
}
