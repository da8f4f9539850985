/*
 * Shapes on a face: boxes, five points, 68 landmarks, and the similarity that carries one set of
 * points onto another. Coordinates are pixels as in media/image.h.
 */
#ifndef UM_FACE_GEOMETRY_H
#define UM_FACE_GEOMETRY_H

#include <stdbool.h>
#include <stddef.h>

#include "media/image.h"

#define UM_N_LANDMARKS 68

/** A detected face. Points: left eye, right eye, nose tip, left and right corner of the mouth,
 * where left is the picture's left. */
typedef struct um_face {
    um_box box;
    float score; /* 0..1 */
    float points[5][2];
} um_face;

/** 68 landmarks in iBUG/300-W order; 136 floats x0 y0 x1 y1 ... in memory. */
typedef struct um_landmarks {
    float p[UM_N_LANDMARKS][2];
} um_landmarks;

/** Index of the point that takes the place of point i when the picture is mirrored. */
extern const unsigned char um_landmark_mirror[UM_N_LANDMARKS];

/** The five points of um_face from 68: eye centres, nose tip, corners of the mouth. */
void um_landmarks_five(float five[5][2], const um_landmarks *lm);

/** Smallest box around the points. */
um_box um_landmarks_bounds(const um_landmarks *lm);

/** The box that the detector would draw around these landmarks: their bounds, raised to take in
 * the forehead as MTCNN's boxes do. */
um_box um_landmarks_face_box(const um_landmarks *lm);

/** False where a coordinate is not finite or the points have collapsed (under 4 px across). */
bool um_landmarks_plausible(const um_landmarks *lm);

/** a + t (b - a), point by point. */
um_landmarks um_landmarks_lerp(const um_landmarks *a, const um_landmarks *b, float t);

float um_box_width(um_box b);
float um_box_height(um_box b);
float um_box_area(um_box b); /* 0 for an empty or inverted box */

/** Intersection over union, 0..1; 0 where both are empty. */
float um_box_iou(um_box a, um_box b);

/** Square with the box's centre; side: the longer side times `scale`. */
um_box um_box_square(um_box b, float scale);

um_box um_box_lerp(um_box a, um_box b, float t);
um_box um_box_shift(um_box b, float dx, float dy);

/** (x, y) -> (a x - b y + tx, b x + a y + ty). */
typedef struct um_similarity {
    float a, b, tx, ty;
} um_similarity;

/**
 * Least-squares similarity (rotation, uniform scale, translation; no mirroring) that carries `from`
 * onto `to` (Umeyama 1991). The identity's scale is used where `from` is a single place.
 */
um_similarity um_similarity_fit(const float (*from)[2], const float (*to)[2], size_t n);

/** `s` must have a scale other than 0. */
um_similarity um_similarity_inverse(um_similarity s);
void um_similarity_apply(um_similarity s, float (*to)[2], const float (*from)[2], size_t n);

#endif
