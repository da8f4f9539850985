#include "model/umcl_net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/sha256.h"
#include "model/lrnet.h"
#include "model/physformer.h"

#define CROP_BYTES ((size_t)UM_PHYSFORMER_SIZE * UM_PHYSFORMER_SIZE * 3)

struct um_umcl_net {
    um_umcl_spec spec;
    um_encoder *encoder[UM_N_MODALITIES];
    float *body[UM_N_MODALITIES]; /* of um_umcl_score */
    um_head *head;
    um_body_store *store;              /* NULL: none */
    char weights[UM_N_MODALITIES][65]; /* the encoders' hashes, with a store */
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

/* The neck, which is trained with the head, makes no part of a body. */
static bool is_of_body(const char *name, const char *modality)
{
    size_t n = strlen(modality);

    return !strncmp(name, modality, n) && name[n] == '.' &&
           strncmp(name + n + 1, UM_PHYSFORMER_NECK, sizeof UM_PHYSFORMER_NECK - 1) != 0;
}

static umcl_status hash_weights(char hex[65], const um_params *params, const char *modality)
{
    um_sha256 hash;

    um_sha256_start(&hash);
    for (size_t i = 0; i < um_params_count(params); i++) {
        const um_param *p = um_params_at(params, i);
        size_t n = (size_t)um_shape_count(&p->value.shape);
        float *values;
        umcl_status st;

        if (!is_of_body(p->name, modality)) continue;
        UM_TRY(um_calloc(&values, n, sizeof *values));
        st = um_param_get(params, p, values);
        um_sha256_add(&hash, values, n * sizeof *values);
        um_sha256_add(&hash, p->name, strlen(p->name));
        free(values);
        UM_TRY(st);
    }
    um_sha256_finish(&hash, hex);
    return UMCL_OK;
}

umcl_status um_umcl_net_keep(um_umcl_net *net, const um_params *params, um_body_store *store)
{
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (net->encoder[k])
            UM_TRY(
                hash_weights(net->weights[k], params, um_modality_get((um_modality_kind)k)->name));
    net->store = store;
    return UMCL_OK;
}

static void hash_window(char hex[65], const um_window *window, um_modalities set)
{
    size_t frames = (size_t)um_modalities_window(set);
    um_sha256 hash;

    um_sha256_start(&hash);
    um_sha256_add(&hash, window->landmarks, frames * UM_LRNET_INPUTS * sizeof(float));
    um_sha256_add(&hash, &window->crop_step, sizeof window->crop_step);
    if (window->crop_step)
        um_sha256_add(&hash, window->crops, frames / (size_t)window->crop_step * CROP_BYTES);
    um_sha256_finish(&hash, hex);
}

/* The body of a window, of which a hash is given, by the store or by the encoder. */
static umcl_status find_body(um_umcl_net *net, um_modality_kind kind, const um_window *window,
                             const char *window_hash)
{
    const int threads = um_threads();
    um_sha256 hash;
    char key[65];

    um_sha256_start(&hash);
    um_sha256_add(&hash, net->weights[kind], 64);
    um_sha256_add(&hash, window_hash, 64);
    um_sha256_add(&hash, &threads, sizeof threads);
    um_sha256_finish(&hash, key);
    if (um_body_store_find(net->store, kind, key, net->body[kind])) return UMCL_OK;
    UM_TRY(um_umcl_body(net, kind, window, net->body[kind]));
    return um_body_store_add(net->store, kind, key, net->body[kind]);
}

umcl_status um_umcl_score(um_umcl_net *net, const um_window *window, double *odds)
{
    char hash[65];

    if (net->store) hash_window(hash, window, net->spec.set);
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        um_modality_kind kind = (um_modality_kind)k;

        if (!net->encoder[k]) continue;
        if (net->store)
            UM_TRY(find_body(net, kind, window, hash));
        else
            UM_TRY(um_umcl_body(net, kind, window, net->body[k]));
    }
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
