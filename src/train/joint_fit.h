/*
 * Joint training of UMCL: epochs over a store of takes, validation after each, the best and the
 * last state as files. What a step does is a function of the options, its number and the state, so
 * that training goes on from a checkpoint bit by bit.
 */
#ifndef UM_TRAIN_JOINT_FIT_H
#define UM_TRAIN_JOINT_FIT_H

#include "model/umcl_net.h"
#include "nn/schedule.h"
#include "train/joint_step.h"

typedef struct um_joint_fit_options {
    um_joint_options joint;
    int epochs;
    int accumulate; /* batches to an update */
    um_schedule schedule;
    double weight_decay, clip_norm;
    double rate_scale[UM_N_MODALITIES]; /* of an encoder's learning rate; 1: as the head's */
    bool standardise;                   /* the encoders' bodies (train/standardise.h) */
    double start; /* initial classifier, relative to a fresh layer's: 0 begins without opinions */
    int patience; /* epochs without a better validation before training ends; 0: to the end */
    const char *last, *best;      /* files; NULL: none */
    bool resume;                  /* from `last`, which must be there and of these options */
    const char *made_by, *recipe; /* recipe: of the takes and encoders, part of the checkpoint's */
    const char *content;          /* a hash of what the takes are cut from; NULL: not looked at */
} um_joint_fit_options;

#define UM_JOINT_FIT_OPTIONS_INIT                                                                  \
    ((um_joint_fit_options){.joint = UM_JOINT_OPTIONS_INIT,                                        \
                            .epochs = 30,                                                          \
                            .accumulate = 1,                                                       \
                            .weight_decay = 0.01,                                                  \
                            .clip_norm = 5,                                                        \
                            .rate_scale = {1, 1, 1, 1},                                            \
                            .start = 1,                                                            \
                            .made_by = "",                                                         \
                            .recipe = ""})

/** What happened since the last report. */
typedef struct um_joint_report {
    int64_t step, steps; /* updates, counted from 1 */
    int epoch, epochs;
    um_fusion_kind fusion;
    um_umcl_loss loss; /* means */
    double rate, grad_norm;
    size_t n_pairs;
    um_joint_affinity affinity[UM_MAX_PAIRS];
    bool epoch_ended;
    double validation; /* after an epoch: the greater, the better; NaN: none */
    bool is_best;
} um_joint_report;

/** False stops; a checkpoint of the epochs done is there where asked for. */
typedef bool (*um_joint_report_fn)(void *user, const um_joint_report *report);

/** Measures the parameters as they are. NaN: cannot be said. */
typedef umcl_status (*um_joint_validate_fn)(void *user, double *value);

typedef struct um_joint_calls {
    void *user;
    um_joint_report_fn report;     /* NULL: none */
    um_joint_validate_fn validate; /* NULL: none; the last epoch is the best then */
} um_joint_calls;

/**
 * Trains `params` (pre-trained encoders; the head's are added).
 *
 * @param spec how the result judges, for the files; its table has the prompts
 * @return UMCL_ERR_INVALID (fewer takes than a batch), UMCL_ERR_MISMATCH (a checkpoint of other
 *         options), UMCL_ERR_INTERNAL (a loss or gradient is not finite), UMCL_ERR_CANCELLED, and
 *         as um_joint_new and um_model_file_write
 */
umcl_status um_joint_fit(um_params *params, const um_take_store *store, const um_take_plan *plan,
                         const um_umcl_spec *spec, const um_joint_fit_options *options,
                         const um_joint_calls *calls);

/**
 * What um_joint_fit would say of the checkpoint that it is to go on from, without the takes: those
 * may take hours. Without `resume`: UMCL_OK.
 *
 * @return UMCL_ERR_MISMATCH (a checkpoint of other options), and as um_model_file_open
 */
umcl_status um_joint_fit_check(const um_joint_fit_options *options);

/** Values of all parameters that are trained and of those that are kept as they are. */
void um_joint_count(const um_params *params, int64_t *trained, int64_t *frozen);

#endif
