/*
 * LRNet's coordinates (Sun et al., CVPR 2021, and its public demo): a square as large as 1.2 times
 * the mean face, whose centre stays where it is while the face moves less than 1.42 px, scaled to
 * 400 px; a point p of it becomes (p - 200) / 200.
 */
#ifndef UM_FACE_STABILISE_H
#define UM_FACE_STABILISE_H

#include <stdbool.h>
#include <stddef.h>

#include "face/geometry.h"

#define UM_ALIGNED_SIDE 400   /* pixels */
#define UM_ALIGNED_SCALE 1.2f /* side of the square, in face sizes */
#define UM_CENTRE_SLACK 1.42f /* pixels of the video */

/** Longer side of the landmarks' bounds, pixels. */
float um_landmarks_size(const um_landmarks *lm);

/** Centre of the square; zeroed (UM_CENTRE_INIT) before the first frame. */
typedef struct um_held_centre {
    bool set;
    float x, y;
} um_held_centre;

#define UM_CENTRE_INIT ((um_held_centre){0})

/** The square for one more frame. `face_size`: mean size of the face, pixels, > 0. */
um_box um_stabilised_box(um_held_centre *centre, const um_landmarks *lm, float face_size);

/**
 * Coordinates of consecutive frames of one face as LRNet reads them: face size averaged over these
 * frames, centre held from the first on.
 *
 * @param out    [n, 136], about -1..1
 * @param frames [n] landmarks in pixels of the video
 */
void um_landmarks_normalise(float *out, const um_landmarks *frames, size_t n);

/** Rows [n, 136] of the face in a mirror: x changes its sign, points change places. Twice: as
 * before. */
void um_landmarks_mirror_rows(float *rows, size_t n);

#endif
