/*
 * Pre-training of the texture encoder on single crops: real ones against pseudo-fakes made of them
 * on the fly (data/pseudo_fake.h) and, where there are any, against real manipulations. Every crop
 * of either kind goes through the same augmentation.
 *
 * Beside real or fake the network is asked which places of its last map are blended in, as Face
 * X-ray (Li et al., CVPR 2020) is: 64 answers a crop instead of one, which a small network that
 * starts from nothing needs to find the traces at all. Manipulations, whose masks nobody knows,
 * are not asked.
 */
#ifndef UM_TRAIN_TEXTURE_FIT_H
#define UM_TRAIN_TEXTURE_FIT_H

#include "autograd/param.h"
#include "data/face_clip.h"

/** Crops to learn from, real or fake. */
typedef struct um_texture_faces {
    um_face_clip *clips; /* [n], one frame of 128 x 128 each; the set's */
    size_t *source;      /* [n], the video or picture it comes from: 0, 1, ... rising */
    size_t n, room;
} um_texture_faces;

/** Takes a clip of one frame over (`clip` is zeroed); crops of one source come one by one. */
umcl_status um_texture_faces_add(um_texture_faces *set, um_face_clip *clip, size_t source);
void um_texture_faces_clear(um_texture_faces *set);

/** What there is to learn from. Pseudo-fakes are made of stills and frames alike. */
typedef struct um_texture_material {
    um_texture_faces stills; /* real pictures, each a source of its own */
    um_texture_faces real;   /* frames of real videos */
    um_texture_faces fake;   /* frames of manipulated ones */
} um_texture_material;

void um_texture_material_clear(um_texture_material *m);

typedef struct um_texture_fit_options {
    int steps, batch;     /* batch: even, half real and half fake */
    double learning_rate; /* falls to zero along a cosine, after a warm-up of 2 % */
    double weight_decay;
    double fakes;    /* share of the fake half drawn from `fake`, beside reals of `real` */
    double stills;   /* share of the pseudo-fakes made of `stills`; the rest of `real` */
    double strength; /* of the augmentation, 0..2 */
    double h264;     /* of the compressed crops: by H.264 instead of JPEG */
    double contrast; /* of pseudo-fakes with their reals: um_pseudo_options.strength, 0..2; it
                        begins at 2 and falls to this over the first third of the steps */
    double blend;    /* weight of the second loss: where is it blended in? */
    uint64_t seed;
} um_texture_fit_options;

#define UM_TEXTURE_FIT_OPTIONS_INIT                                                                \
    ((um_texture_fit_options){.steps = 5000,                                                       \
                              .batch = 32,                                                         \
                              .learning_rate = 1e-3,                                               \
                              .weight_decay = 1e-2,                                                \
                              .fakes = 0.2,                                                        \
                              .stills = 0.5,                                                       \
                              .strength = 1,                                                       \
                              .h264 = 0.5,                                                         \
                              .contrast = 1,                                                       \
                              .blend = 1,                                                          \
                              .seed = 1})

/**
 * Progress: step counted from 1, running means of the cross-entropy of
 * real and fake and of the share judged rightly.
 * `params` may be measured with; false stops.
 */
typedef bool (*um_texture_fit_fn)(void *user, int step, int steps, double loss, double right,
                                  um_params *params);

/**
 * Trains a fresh encoder with its head; `*out` holds the parameters, the caller's.
 *
 * @param material stills or real frames, or both; fakes may be lacking
 * @return UMCL_ERR_INVALID (no real crop), UMCL_ERR_INTERNAL (the loss is no number),
 *         UMCL_ERR_CANCELLED
 */
umcl_status um_texture_fit(um_params **out, const um_texture_material *material,
                           const um_texture_fit_options *options, um_texture_fit_fn progress,
                           void *user);

#endif
