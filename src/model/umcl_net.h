/*
 * UMCL in use: windows of a face in, log-odds of fake out. Bodies of encoders can be run by
 * themselves and kept, so that validation during training runs the frozen ones once.
 *
 * The prompt of a training sample is chosen by its label. Here no label is known: the text modality
 * gets a neutral prompt, or the verdict is averaged over both classes' prompts. UM_POLICY_ORACLE,
 * which looks at the label, exists for the paper's Table 8 and must be asked for by name.
 */
#ifndef UM_MODEL_UMCL_NET_H
#define UM_MODEL_UMCL_NET_H

#include "model/body_store.h"
#include "model/encoder.h"
#include "model/head.h"
#include "model/prompt_table.h"

#define UM_UMCL_KIND "umcl"

typedef enum um_prompt_policy {
    UM_POLICY_NEUTRAL,  /* "neutral": one fixed sentence */
    UM_POLICY_MARGINAL, /* "marginal": mean probability over both classes' prompts */
    UM_POLICY_ORACLE    /* "oracle": the prompts of the sample's own class */
} um_prompt_policy;

/** By name. UMCL_ERR_INVALID: the sentence lists the names. */
umcl_status um_prompt_policy_parse(um_prompt_policy *out, const char *name);
const char *um_prompt_policy_name(um_prompt_policy policy);

typedef struct um_umcl_spec {
    um_modalities set;
    um_prompt_policy policy;
    um_prompt_set prompts;        /* of marginal and oracle */
    const um_prompt_table *table; /* NULL: the set has no text */
    um_fusion_kind fusion;
} um_umcl_spec;

typedef struct um_umcl_net um_umcl_net;

/** `params` and spec->table are borrowed; parameters that are missing are added, by `seed`. */
umcl_status um_umcl_net_new(um_umcl_net **out, um_params *params, const um_umcl_spec *spec,
                            uint64_t seed);
void um_umcl_net_free(um_umcl_net *net);

/**
 * From now on um_umcl_score looks for bodies in `store` (borrowed) before it runs an encoder, and
 * keeps what it made. Bodies of other weights, or made with another number of threads, are others.
 * `params` are the net's; they must not change any more.
 */
umcl_status um_umcl_net_keep(um_umcl_net *net, const um_params *params, um_body_store *store);

/** One modality's body [body] of a window; not UM_TEXT. */
umcl_status um_umcl_body(um_umcl_net *net, um_modality_kind kind, const um_window *window,
                         float *body);

/** Log-odds from bodies (those in the set but UM_TEXT). `fake`: looked at by the oracle alone. */
umcl_status um_umcl_odds(um_umcl_net *net, const float *const body[UM_N_MODALITIES], bool fake,
                         double *odds);

/** Both in one. */
umcl_status um_umcl_score(um_umcl_net *net, const um_window *window, double *odds);

/** Adds the operations of um_umcl_body to *sum; nothing where the set lacks it, or of UM_TEXT. */
void um_umcl_body_flops(um_flops *sum, const um_umcl_net *net, um_modality_kind kind);

/** Adds the operations of um_umcl_odds to *sum. */
void um_umcl_odds_flops(um_flops *sum, const um_umcl_net *net);

/** The pulse's waveform [160] of the last um_umcl_score; NULL: the set has no pulse. */
const float *um_umcl_waveform(const um_umcl_net *net);

/** The head after the last um_umcl_odds: features, projections or CPML's unified feature. */
const um_head *um_umcl_net_head(const um_umcl_net *net);

#endif
