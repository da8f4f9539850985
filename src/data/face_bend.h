/*
 * Small displacements of a face's parts: a shift and a scale of the whole, and random pulls at
 * anchors among the landmarks that fade out around them. Follows the landmarks from frame to frame.
 */
#ifndef UM_DATA_FACE_BEND_H
#define UM_DATA_FACE_BEND_H

#include "base/rng.h"
#include "face/geometry.h"
#include "media/warp.h"

#define UM_BEND_ANCHORS 10

typedef struct um_face_bend {
    float shift[2];                 /* in face sizes (um_face_unit) */
    float scale;                    /* about the nose */
    float pull[UM_BEND_ANCHORS][2]; /* in face sizes */
} um_face_bend;

/** `strength` 1: shifts up to 2 %, scales up to 4 %, pulls up to 2 % of the face. */
um_face_bend um_face_bend_draw(float strength, um_rng *rng);

/** Where the parts of a face with these landmarks go: points [n] are moved in place. */
void um_face_bend_points(const um_face_bend *bend, const um_landmarks *face, float (*points)[2],
                         size_t n);

/** The same for a picture of side x side pixels, to be used with um_image_warp. */
void um_face_bend_warp(um_warp *warp, const um_face_bend *bend, const um_landmarks *face, int side);

#endif
