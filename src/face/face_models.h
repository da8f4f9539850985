/*
 * What the face stream needs of networks: where the faces of a frame are, and where the landmarks
 * of a face are. face_nets.h has the real ones; tests bring their own.
 */
#ifndef UM_FACE_MODELS_H
#define UM_FACE_MODELS_H

#include "face/geometry.h"
#include "media/video.h"

typedef struct um_face_models {
    void *ctx;

    /**
     * Faces of a frame, pixels as displayed. `hints`: boxes where faces are expected, to be judged
     * as well. `*faces` is borrowed, valid until the next call.
     */
    umcl_status (*detect)(void *ctx, const um_face **faces, size_t *n_faces, const um_frame *frame,
                          const um_box *hints, size_t n_hints);

    /**
     * Landmarks of the faces in `boxes` [n] (as the detector draws them), pixels as displayed.
     * `trust` [n]: 0..1, below 0.5 where there does not seem to be a face.
     */
    umcl_status (*landmarks)(void *ctx, um_landmarks *out, float *trust, const um_frame *frame,
                             const um_box *boxes, size_t n);
} um_face_models;

#endif
