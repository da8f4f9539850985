/*
 * Training samples for the landmark network: a face once cut out of its picture with room around
 * it, then seen again and again turned, shifted, scaled, mirrored, relit, blurred and half hidden.
 */
#ifndef UM_TRAIN_LANDMARK_SAMPLE_H
#define UM_TRAIN_LANDMARK_SAMPLE_H

#include "base/rng.h"
#include "face/geometry.h"

#define UM_PATCH_SIDE 160 /* pixels; the network's square is its middle half */

/** A face with room around it. Landmarks in the patch's pixels. */
typedef struct um_face_patch {
    uint8_t grey[UM_PATCH_SIDE * UM_PATCH_SIDE];
    um_landmarks landmarks;
} um_face_patch;

/** Cuts the patch of one face out of a grey or RGB picture; landmarks in the picture's pixels. */
umcl_status um_face_patch_cut(um_face_patch *out, const um_image *picture, const um_landmarks *lm);

/**
 * One sample: the network's input [80 * 80] and target [136] (face/landmark_net.h). With `rng` NULL
 * the plain square around the face, else a random variant.
 */
void um_landmark_sample(float *input, float *target, const um_face_patch *patch, um_rng *rng);

#endif
