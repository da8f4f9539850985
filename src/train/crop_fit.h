/*
 * Training of a network on single crops (model/crop_net.h) as a detector of its own, half of each
 * batch real and half fake, every crop through the same augmentation.
 */
#ifndef UM_TRAIN_CROP_FIT_H
#define UM_TRAIN_CROP_FIT_H

#include "model/crop_net.h"
#include "train/texture_fit.h"

typedef struct um_crop_fit_options {
    const um_crop_net *net;
    int side;                     /* pixels of a crop as it reads them */
    const um_st_file *pretrained; /* all but its head (um_weights_open); NULL: begins fresh */
    int epochs, steps;            /* steps: batches to an epoch */
    int batch;                    /* even */
    double learning_rate;         /* falls to zero along a cosine */
    double weight_decay;
    double strength; /* of the augmentation, 0..2 */
    uint64_t seed;
} um_crop_fit_options;

#define UM_CROP_FIT_OPTIONS_INIT                                                                   \
    ((um_crop_fit_options){.side = UM_CROP_SIDE,                                                   \
                           .epochs = 20,                                                           \
                           .steps = 100,                                                           \
                           .batch = 32,                                                            \
                           .learning_rate = 1e-3,                                                  \
                           .weight_decay = 1e-2,                                                   \
                           .strength = 0.5,                                                        \
                           .seed = 1})

/** What an epoch came to. */
typedef struct um_crop_epoch {
    int epoch, epochs;  /* counted from 1 */
    double loss, right; /* means: cross-entropy, share of the crops judged rightly */
    um_params *params;  /* to measure with */
} um_crop_epoch;

/** Called after every epoch; the epoch of the greatest `value` is kept, of equal ones the first. */
typedef umcl_status (*um_crop_epoch_fn)(void *user, const um_crop_epoch *epoch, double *value);

/**
 * Trains a network; `*out` holds the parameters, the caller's.
 *
 * @param call NULL: the last epoch is kept
 * @return UMCL_ERR_INVALID (a class is missing; um_crop_net_check's), UMCL_ERR_INTERNAL (the
 *         loss is no number), um_params_load's, and what `call` returns
 */
umcl_status um_crop_fit(um_params **out, const um_texture_faces *real, const um_texture_faces *fake,
                        const um_crop_fit_options *options, um_crop_epoch_fn call, void *user);

#endif
