/*
 * What follows the encoders' bodies: necks, projections, classifier (5)-(7), as one graph on rows
 * of any number (HQ and LQ views of a batch, windows of a video, prompts). In their place CPML's
 * cross-attention (model/fusion_cpml.h), the baseline.
 *
 * Bodies but the prompts' are first standardised: (body - mean) * scale with the fixed vectors
 * standard.<modality>.mean and .scale [body], 0 and 1 unless training sets them.
 */
#ifndef UM_MODEL_HEAD_H
#define UM_MODEL_HEAD_H

#include "model/fusion.h"
#include "model/fusion_cpml.h"
#include "model/modality.h"

typedef enum um_fusion_kind {
    UM_FUSION_UMCL, /* "umcl": projections side by side, of any set */
    UM_FUSION_CPML  /* "cpml": of pulse, landmarks and text */
} um_fusion_kind;

/** By name. UMCL_ERR_INVALID: the sentence lists the names. */
umcl_status um_fusion_parse(um_fusion_kind *out, const char *name);
const char *um_fusion_name(um_fusion_kind fusion);

/** Whether it joins this set. UMCL_ERR_INVALID: the sentence says which it joins. */
umcl_status um_fusion_check(um_fusion_kind fusion, um_modalities set);

typedef struct um_head {
    um_modalities set;
    um_fusion_kind fusion;
    size_t rows;
    um_graph *graph;
    um_node *body[UM_N_MODALITIES];      /* inputs [rows, body]; NULL: not in the set */
    um_node *feature[UM_N_MODALITIES];   /* [rows, K] */
    um_node *projected[UM_N_MODALITIES]; /* [rows, 320]; NULL with CPML */
    um_node *unified;                    /* [rows, 512], CPML's; NULL with UMCL */
    um_node *logits;                     /* [rows, 2]; class 1 is fake */
} um_head;

/**
 * @param params  borrowed; parameters that it lacks are added, initialised by `seed`
 * @param dropout in UM_TRAIN graphs: of the encoders' features, with CPML of what they make jointly
 * @return as um_fusion_check and um_graph_compile
 */
umcl_status um_head_new(um_head **out, um_params *params, um_fusion_kind fusion, um_modalities set,
                        size_t rows, um_mode mode, float dropout, uint64_t seed);
void um_head_free(um_head *h);

/** Sets the vectors that standardise a modality's body, [body] each; UMCL_ERR_NOT_FOUND. */
umcl_status um_head_standardise(um_params *params, um_modality_kind kind, const float *mean,
                                const float *scale);

/** Row `i` of a modality's input, [body]. */
float *um_head_row(um_head *h, um_modality_kind kind, size_t i);

/** Log-odds of fake of row `i` of the last run. */
double um_head_odds(const um_head *h, size_t i);

#endif
