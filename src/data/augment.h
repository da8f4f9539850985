/*
 * Augmentation of a clip: what cameras, networks and croppers do to real and fake faces alike. The
 * parameters are drawn once for a clip; within it light and place drift slowly, below any heart
 * rate, and the noise is new in each frame.
 *
 * Real and fake samples must go through the same distribution, drawn without a look at the label:
 * else a detector learns the augmentation. A pair made from one clip (data/pseudo_fake.h) goes
 * through the same draw.
 */
#ifndef UM_DATA_AUGMENT_H
#define UM_DATA_AUGMENT_H

#include "base/rng.h"
#include "data/degrade.h"
#include "data/face_clip.h"

/** `strength` scales amounts, the others are the shares of the clips that something happens to. */
typedef struct um_augment_options {
    float strength; /* 0: nothing changes but left and right, 1: usual .. 2 */
    float mirror, tone, blur, coarse, noise, compress, place;
    float h264; /* of the compressed clips: H.264 instead of JPEG frame by frame; even sides only */
} um_augment_options;

#define UM_AUGMENT_OPTIONS_INIT                                                                    \
    ((um_augment_options){.strength = 1,                                                           \
                          .mirror = 0.5f,                                                          \
                          .tone = 0.8f,                                                            \
                          .blur = 0.2f,                                                            \
                          .coarse = 0.2f,                                                          \
                          .noise = 0.3f,                                                           \
                          .compress = 0.5f,                                                        \
                          .place = 0.8f,                                                           \
                          .h264 = 0.0f})

/** A slow sinusoid over the clip. */
typedef struct um_drift {
    float amplitude, hz, phase;
} um_drift;

/** What was drawn for one clip. */
typedef struct um_augment {
    uint64_t key; /* of the noise */
    bool mirror;
    um_degrade look; /* without compression, which comes after the noise */
    um_drift light;  /* relative */
    float noise;     /* deviation, grey levels */
    int quality;     /* of JPEG, frame by frame; 0: none */
    int crf;         /* of H.264; 0: none */
    float turn;      /* radians */
    float scale;
    float shift[2];   /* in sides of the crop */
    um_drift sway[2]; /* likewise */
} um_augment;

/** Draws for one clip. */
um_augment um_augment_draw(const um_augment_options *options, um_rng *rng);

/**
 * Applies it to all frames: pixels, landmarks and, where kept, the mask. The same `a` on clips of
 * one shape does the same to both.
 *
 * @return as um_degrade_apply and um_h264_loss
 */
umcl_status um_augment_apply(const um_augment *a, um_face_clip *clip);

#endif
