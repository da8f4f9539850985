#include "model/umcl_net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct um_umcl_net {
    um_umcl_spec spec;
    um_encoder *encoder[UM_N_MODALITIES];
    float *body[UM_N_MODALITIES]; /* of um_umcl_score */
    um_head *head;
};

static const char *const policy_names[] = {"neutral", "marginal", "oracle"};

umcl_status um_prompt_policy_parse(um_prompt_policy *out, const char *name)
{
    for (int i = 0; i <= UM_POLICY_ORACLE; i++)
        if (!strcmp(name, policy_names[i])) {
            *out = (um_prompt_policy)i;
            return UMCL_OK;
        }
    return um_fail(UMCL_ERR_INVALID,
                   "prompt policy: expected neutral, marginal or oracle, found '%s'", name);
}

const char *um_prompt_policy_name(um_prompt_policy policy)
{
    return policy_names[policy];
}

/* Prompts that a window is judged with. */
static size_t row_count(const um_umcl_spec *spec)
{
    size_t n = um_prompt_count(spec->prompts);

    if (!um_has(spec->set, UM_TEXT) || spec->policy == UM_POLICY_NEUTRAL) return 1;
    return spec->policy == UM_POLICY_MARGINAL ? 2 * n : n;
}

static const float *row_prompt(const um_umcl_spec *spec, size_t row, bool fake)
{
    if (spec->policy == UM_POLICY_NEUTRAL)
        return um_prompt_embedding(spec->table, UM_PROMPTS_NEUTRAL, false, 0);
    if (spec->policy == UM_POLICY_MARGINAL) {
        size_t n = um_prompt_count(spec->prompts);

        fake = row >= n;
        if (fake) row -= n;
    }
    return um_prompt_embedding(spec->table, spec->prompts, fake, row);
}

umcl_status um_umcl_net_new(um_umcl_net **out, um_params *params, const um_umcl_spec *spec,
                            uint64_t seed)
{
    um_umcl_net *net = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&net, 1, sizeof *net));
    net->spec = *spec;
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        um_modality_kind kind = (um_modality_kind)k;

        if (!um_has(spec->set, kind) || kind == UM_TEXT) continue;
        UM_CHECK(um_encoder_new(&net->encoder[k], params, kind, 1, um_modalities_window(spec->set),
                                UM_INFER, seed));
        UM_CHECK(um_calloc(&net->body[k], (size_t)um_modality_get(kind)->body, sizeof(float)));
    }
    UM_CHECK(um_head_new(&net->head, params, spec->fusion, spec->set, row_count(spec), UM_INFER, 0,
                         seed));
    *out = net;
    net = NULL;
done:
    um_umcl_net_free(net);
    return st;
}

void um_umcl_net_free(um_umcl_net *net)
{
    if (!net) return;
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        um_encoder_free(net->encoder[k]);
        free(net->body[k]);
    }
    um_head_free(net->head);
    free(net);
}

umcl_status um_umcl_body(um_umcl_net *net, um_modality_kind kind, const um_window *window,
                         float *body)
{
    um_encoder *e = net->encoder[kind];

    UM_TRY(um_encoder_fill(e, 0, window));
    UM_TRY(um_encoder_run(e, 0));
    memcpy(body, um_encoder_body(e, 0), (size_t)um_modality_get(kind)->body * sizeof *body);
    return UMCL_OK;
}

/* Log-odds of the mean probability over the rows. */
static double mean_odds(const um_head *h)
{
    double p = 0;

    if (h->rows == 1) return um_head_odds(h, 0);
    for (size_t i = 0; i < h->rows; i++) p += 1 / (1 + exp(-um_head_odds(h, i))) / (double)h->rows;
    p = fmin(fmax(p, 1e-9), 1 - 1e-9);
    return log(p / (1 - p));
}

umcl_status um_umcl_odds(um_umcl_net *net, const float *const body[UM_N_MODALITIES], bool fake,
                         double *odds)
{
    um_head *h = net->head;

    for (size_t row = 0; row < h->rows; row++)
        for (int k = 0; k < UM_N_MODALITIES; k++) {
            um_modality_kind kind = (um_modality_kind)k;
            const float *from;

            if (!um_has(net->spec.set, kind)) continue;
            from = kind == UM_TEXT ? row_prompt(&net->spec, row, fake) : body[k];
            memcpy(um_head_row(h, kind, row), from,
                   (size_t)um_modality_get(kind)->body * sizeof *from);
        }
    UM_TRY(um_graph_forward(h->graph));
    *odds = mean_odds(h);
    return UMCL_OK;
}

umcl_status um_umcl_score(um_umcl_net *net, const um_window *window, double *odds)
{
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (net->encoder[k]) UM_TRY(um_umcl_body(net, (um_modality_kind)k, window, net->body[k]));
    return um_umcl_odds(net, (const float *const *)net->body, window->fake, odds);
}

const float *um_umcl_waveform(const um_umcl_net *net)
{
    return net->body[UM_PULSE];
}

const um_head *um_umcl_net_head(const um_umcl_net *net)
{
    return net->head;
}

void um_umcl_body_flops(um_flops *sum, const um_umcl_net *net, um_modality_kind kind)
{
    if (net->encoder[kind]) um_encoder_flops(sum, net->encoder[kind]);
}

void um_umcl_odds_flops(um_flops *sum, const um_umcl_net *net)
{
    um_graph_flops(sum, net->head->graph);
}
