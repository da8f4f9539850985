/*
 * A clip of one face as training changes it: square crops and their landmarks, in memory.
 */
#ifndef UM_DATA_FACE_CLIP_H
#define UM_DATA_FACE_CLIP_H

#include <stdbool.h>

#include "face/geometry.h"

#define UM_CLIP_FPS 30.0f

typedef struct um_face_clip {
    size_t n;                /* frames, UM_CLIP_FPS a second; 1: a still picture */
    int side;                /* pixels */
    uint8_t *rgb;            /* [n, side, side, 3] */
    um_landmarks *landmarks; /* [n], pixels of the crop */
    uint8_t *mask; /* [n, side, side], how much of a pixel is fake, 255: all; NULL: not kept */
} um_face_clip;

/** Zeroed clip; release with um_face_clip_clear. UMCL_ERR_INVALID (n or side of 0), NOMEM. */
umcl_status um_face_clip_new(um_face_clip *out, size_t n, int side, bool with_mask);
void um_face_clip_clear(um_face_clip *clip);

/** Copies pixels and landmarks between clips of one shape; the mask becomes 0. */
void um_face_clip_copy(um_face_clip *to, const um_face_clip *from);

/** Frame `i` as a picture, and its mask; the pixels remain the clip's. */
um_image um_face_clip_crop(const um_face_clip *clip, size_t i);
um_image um_face_clip_mask(const um_face_clip *clip, size_t i);

/** Mirrors left and right; landmarks change their places (um_landmark_mirror). Twice: as before. */
void um_face_clip_mirror(um_face_clip *clip);

#endif
