/*
 * 68 landmarks from a picture of one face: a plain convolutional network of our own, trained by
 * `umcl train-face landmarks`. It sees grey levels, standardised per crop, in a square around the
 * face; the answer is refined once on a square around the first answer.
 */
#ifndef UM_FACE_LANDMARK_NET_H
#define UM_FACE_LANDMARK_NET_H

#include "face/geometry.h"
#include "media/video.h"
#include "nn/layers.h"

#define UM_LANDMARK_SIDE 80     /* pixels of the network's input */
#define UM_LANDMARK_SCALE 1.15f /* side of the square, in longer sides of the face's box */
#define UM_LANDMARK_KIND "landmarks68"

/** The square that the network looks at, for a face's box as the detector draws it. */
um_box um_landmark_square(um_box face);

/**
 * Records the network: x [B, 1, 80, 80, 1] -> [B, 136], each coordinate as
 * (p - centre of the square) / side of the square.
 */
um_node *um_landmark_net(um_nn *nn, um_node *x);

/** Grey levels [80 * 80] to mean 0 and deviation 1 (a flat crop gives zeros). */
void um_landmark_standardise(float *out, const uint8_t *grey, size_t n);

/** A trained network, ready for one thread. */
typedef struct um_landmarker um_landmarker;

/** Reads a model file. UMCL_ERR_MISMATCH for another kind, else as um_params_load. */
umcl_status um_landmarker_open(um_landmarker **out, const char *path);
void um_landmarker_free(um_landmarker *lm);

/** Locates the landmarks of `n` faces, given their boxes in the frame's pixels. */
umcl_status um_landmarker_locate(um_landmarker *lm, const um_frame *frame, const um_box *faces,
                                 size_t n, um_landmarks *out);

#endif
