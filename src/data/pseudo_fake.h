/*
 * Fakes made from real faces: self-blended images (Shiohara & Yamasaki, "Detecting Deepfakes with
 * Self-Blended Images", CVPR 2022), here of clips. Of two versions of a picture one is changed a
 * little (colours, sharpness, resolution, compression); the one, slightly bent, is blended into the
 * other where a soft mask says so. What is left to see is what face swaps have in common: an inside
 * that does not quite belong to its outside. In a clip everything follows the landmarks, steadily
 * or flickering from frame to frame, and the pulse of the blended region may be taken away, delayed
 * or exchanged.
 *
 * How to train with them: make a pair from each real clip and show both halves. The real half
 * carries the change of the outside, and every augmentation, that its fake carries, so that the
 * blending alone tells them apart. Other samples of either label go through um_augment_draw with
 * the same options.
 */
#ifndef UM_DATA_PSEUDO_FAKE_H
#define UM_DATA_PSEUDO_FAKE_H

#include "base/rng.h"
#include "data/augment.h"
#include "data/degrade.h"
#include "data/face_bend.h"
#include "data/face_clip.h"
#include "data/pseudo_mask.h"
#include "data/pulse_edit.h"

typedef struct um_pseudo_options {
    float strength;                     /* of all but the pulse; 1: usual, 0: nothing changes */
    float region[UM_MASK_REGION_COUNT]; /* relative frequencies, 0 or more */
    float pulse[UM_PULSE_KIND_COUNT];   /* likewise */
    float flicker;                      /* share of the clips that flicker */
} um_pseudo_options;

#define UM_PSEUDO_OPTIONS_INIT                                                                     \
    ((um_pseudo_options){.strength = 1,                                                            \
                         .region = {0.35f, 0.3f, 0.1f, 0.1f, 0.15f},                               \
                         .pulse = {0.4f, 0.3f, 0.15f, 0.15f},                                      \
                         .flicker = 0.4f})

/** How one clip's fake is made. */
typedef struct um_pseudo {
    uint64_t key; /* of what is random in each frame */
    um_mask_shape mask;
    um_face_bend bend;
    um_degrade change;
    bool change_outside; /* of the two versions, else that of the inside is changed */
    float flicker;       /* 0: steady; else how much of the usual jitter */
    int hold;            /* frames from one value of the jitter to the next */
    um_pulse_edit pulse;
} um_pseudo;

um_pseudo um_pseudo_draw(const um_pseudo_options *options, um_rng *rng);

/**
 * Makes the pair that `p` describes.
 *
 * @param real holds the clip; gets the change of the outside
 * @param fake gets `real` with its inside replaced: equal pixels where its mask is 0. Its
 *             landmarks move with the inside. Same shape as `real`, with a mask
 * @return UMCL_ERR_INVALID (shapes, landmarks that are no face), UMCL_ERR_NOMEM
 */
umcl_status um_pseudo_blend(const um_pseudo *p, um_face_clip *real, um_face_clip *fake);

/**
 * Draws and makes a pair from a clip (or a picture: n = 1), both halves augmented alike.
 *
 * @param real, fake as um_pseudo_blend's, of the clip's shape; what they hold is overwritten
 * @param augment NULL: none
 */
umcl_status um_pseudo_pair(um_face_clip *real, um_face_clip *fake, const um_face_clip *clip,
                           const um_pseudo_options *options, const um_augment_options *augment,
                           um_rng *rng);

#endif
