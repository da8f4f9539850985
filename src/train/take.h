/*
 * What joint training is shown: takes, windows of a followed face in two views of different
 * quality. Take i of a plan is a function of the plan and i alone, so that it can be made again.
 *
 * Takes come in couples, 2k real and 2k + 1 fake: either windows of two labelled tracks, or both
 * halves of a pseudo-fake made from one real track (data/pseudo_fake.h), which differ in the
 * blending alone.
 */
#ifndef UM_TRAIN_TAKE_H
#define UM_TRAIN_TAKE_H

#include "base/rng.h"
#include "data/augment.h"
#include "data/face_clip.h"
#include "data/track_store.h"
#include "model/loss_views.h"
#include "model/modality.h"
#include "model/window.h"

/** A cached track with its label; everything is borrowed. */
typedef struct um_take_track {
    const char *cache, *video;
    const um_stored_track *track;
    bool fake;
    size_t number, person; /* of the video and of who is in it, for grouping */
} um_take_track;

typedef enum um_lq_view {
    UM_LQ_SYNTHETIC, /* crops down and up again, noise on landmarks: equation (2) */
    UM_LQ_CODEC      /* crops re-encoded by H.264 at CRF 23 or 40: Table 11; landmarks as above */
} um_lq_view;

typedef struct um_take_options {
    int window;    /* frames */
    int crop_step; /* 0: no crops are read */
    float sigma;   /* noise of the LQ view's landmarks */
    float factor;  /* loss of resolution of the LQ view's crops */
    um_lq_view lq;
    double pseudo;   /* share of couples that are pseudo-fakes */
    double contrast; /* of pseudo-fakes with their reals */
    double strength; /* of the augmentation of all crops; 0: left and right alone */
    uint64_t seed;
} um_take_options;

#define UM_TAKE_OPTIONS_INIT                                                                       \
    ((um_take_options){.window = UM_WINDOW,                                                        \
                       .crop_step = 1,                                                             \
                       .sigma = 0.01f,                                                             \
                       .factor = 4,                                                                \
                       .pseudo = 0.5,                                                              \
                       .contrast = 1,                                                              \
                       .strength = 0.5,                                                            \
                       .seed = 1})

typedef struct um_take_plan {
    const um_take_track *tracks; /* borrowed */
    size_t *of_class[2], n_class[2];
    um_take_options options;
} um_take_plan;

/** UMCL_ERR_INVALID: no real track; no fake one while couples of labelled tracks are asked for. */
umcl_status um_take_plan_new(um_take_plan *out, const um_take_track *tracks, size_t n,
                             const um_take_options *options);
void um_take_plan_clear(um_take_plan *p);

/** A take: buffers are kept from one to the next. */
typedef struct um_take {
    bool fake;
    float *landmarks;               /* [window, 136] of the HQ view, normalised */
    um_face_clip crops[UM_N_VIEWS]; /* every crop_step-th frame's; none where none are read */
} um_take;

umcl_status um_take_new(um_take *out, const um_take_options *options);
void um_take_clear(um_take *t);

/** Makes take `i`. Fails as the crop reader, augmentation and pseudo-fakes do. */
umcl_status um_take_make(um_take *out, const um_take_plan *plan, size_t i);

/** Landmarks of the LQ view: `out` [window, 136] gets the HQ view's with noise drawn by `key`. */
void um_take_shake(float *out, const float *landmarks, const um_take_options *options,
                   uint64_t key);

#endif
