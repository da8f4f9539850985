/*
 * Pre-training of the pulse encoder (model/physformer.h) on clips whose pulse is known, with
 * PhysFormer's loss. Everything that a step does is a function of the options, its number and the
 * state (weights, running statistics, moments), so that training continues from a checkpoint bit by
 * bit.
 */
#ifndef UM_TRAIN_PULSE_FIT_H
#define UM_TRAIN_PULSE_FIT_H

#include "autograd/param.h"
#include "data/pulse_clips.h"
#include "model/loss_physformer.h"

typedef struct um_pulse_fit_options {
    int steps, batch;
    int frames;           /* of a clip: a multiple of 4, 60 or more */
    double learning_rate; /* falls to zero along a cosine, after a warm-up of 5 % */
    double weight_decay, dropout;
    uint64_t seed;
    const char *init;       /* weights to begin with (model/model_file.h); NULL: fresh ones */
    const char *checkpoint; /* file to keep the state in; NULL: none */
    int save_every;         /* steps from one checkpoint to the next */
    bool resume;            /* from `checkpoint`, which must be there and of these options */
    int report_every;       /* steps */
    const char *made_by;    /* for the checkpoint, which is a model file too */
} um_pulse_fit_options;

#define UM_PULSE_FIT_OPTIONS_INIT                                                                  \
    ((um_pulse_fit_options){.steps = 20000,                                                        \
                            .batch = 4,                                                            \
                            .frames = 160,                                                         \
                            .learning_rate = 3e-4,                                                 \
                            .weight_decay = 5e-5,                                                  \
                            .dropout = 0.1,                                                        \
                            .seed = 1,                                                             \
                            .save_every = 200,                                                     \
                            .report_every = 20,                                                    \
                            .made_by = ""})

typedef struct um_pulse_fit_report {
    int step, steps;         /* counted from 1 */
    um_physformer_loss loss; /* means since the last report */
    size_t memory;           /* bytes of the training graph */
} um_pulse_fit_report;

/** False stops the training; a checkpoint of this step has been written where one was due. */
typedef bool (*um_pulse_fit_fn)(void *user, const um_pulse_fit_report *report);

/**
 * Trains on clips from `draw`; `*out` holds the parameters, the caller's.
 *
 * @return UMCL_ERR_INVALID (frames), UMCL_ERR_MISMATCH (a checkpoint of other options),
 *         UMCL_ERR_INTERNAL (a term of the loss is not finite: the sentence names step and term),
 *         UMCL_ERR_CANCELLED, and as `draw`, um_weights_open and um_model_file_write
 */
umcl_status um_pulse_fit(um_params **out, um_pulse_draw_fn draw, const void *source,
                         const um_pulse_fit_options *options, um_pulse_fit_fn progress, void *user);

/** The network's parameters (and nothing else), from a file of the kind "physformer". */
umcl_status um_pulse_params_read(um_params **out, const char *path);

/** Writes a model file of the kind "physformer". */
umcl_status um_pulse_params_write(const um_params *params, const char *path, const char *made_by);

#endif
