/*
 * One step of joint training: a batch in both views through encoders and head, the losses, and
 * back. Encoders that are trained run in chunks: first all of them forward, for the losses need
 * the whole batch's embeddings; then, chunk by chunk, forward again and back with the gradient of
 * its embeddings (gradient caching: Gao et al., RepL4NLP 2021). Dropout draws the same masks both
 * times and batch norms take running statistics, so that the gradient is that of the whole batch.
 */
#ifndef UM_TRAIN_JOINT_STEP_H
#define UM_TRAIN_JOINT_STEP_H

#include "model/head.h"
#include "model/loss_umcl.h"
#include "model/prompt_table.h"
#include "train/take_store.h"

typedef struct um_joint_options {
    um_modalities set, trained; /* trained: encoders that are not frozen; not UM_TEXT */
    int batch;                  /* B, even: half real, half fake */
    um_fusion_kind fusion;
    bool asa, cqsl; /* asa: with CPML its consistency in ASA's place */
    um_affinity affinity;
    double alpha, beta;
    um_prompt_set prompts; /* that stand for a class */
    double class_prompt;   /* share of the views that get one; the others get an invalid one */
    double dropout;        /* as um_head_new's */
    uint64_t seed;
} um_joint_options;

#define UM_JOINT_OPTIONS_INIT                                                                      \
    ((um_joint_options){.batch = 8,                                                                \
                        .asa = true,                                                               \
                        .cqsl = true,                                                              \
                        .alpha = UM_UMCL_ALPHA,                                                    \
                        .beta = UM_UMCL_BETA,                                                      \
                        .prompts = UM_PROMPTS_DESCRIPTION,                                         \
                        .class_prompt = 0.5,                                                       \
                        .seed = 1})

typedef struct um_joint um_joint;

/**
 * @param params borrowed: pre-trained encoders; what is missing is added
 * @param store  borrowed: bodies of the frozen encoders
 * @param plan   borrowed: makes takes again for trained encoders that look at crops
 * @param table  borrowed; NULL: no text
 */
umcl_status um_joint_new(um_joint **out, um_params *params, const um_take_store *store,
                         const um_take_plan *plan, const um_prompt_table *table,
                         const um_joint_options *options);
void um_joint_free(um_joint *j);

/** Bytes of all graphs. */
size_t um_joint_memory(const um_joint *j);

/**
 * Runs a batch and ADDS `weight` times its gradients to the parameters'.
 *
 * @param couples [B / 2] of the store: takes 2k and 2k + 1
 * @param step    of dropout, noise and prompts: the same step, the same gradient
 * @return UMCL_ERR_INTERNAL (a term of the loss is not finite: the sentence names it)
 */
umcl_status um_joint_step(um_umcl_loss *loss, um_joint *j, const size_t *couples, uint64_t step,
                          double weight);

/* Affinity of two modalities of the same sample, as in the paper's Fig. 9. */
#define UM_MAX_PAIRS (UM_N_MODALITIES * (UM_N_MODALITIES - 1) / 2)

typedef struct um_joint_affinity {
    um_modality_kind first, second;
    double mean[UM_N_VIEWS][2]; /* over the last batch's real and fake samples */
} um_joint_affinity;

/** Of the last batch; returns the number of pairs: with CPML, which projects nothing, 0. */
size_t um_joint_affinities(const um_joint *j, um_joint_affinity out[UM_MAX_PAIRS]);

#endif
