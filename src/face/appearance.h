/*
 * What a face looks like, in a few numbers: enough to tell apart two faces that cross in one shot,
 * no recognition of persons.
 */
#ifndef UM_FACE_APPEARANCE_H
#define UM_FACE_APPEARANCE_H

#include <stdbool.h>

#include "media/image.h"

#define UM_APPEARANCE_SIDE 16

/** Luma of the face box at 16 x 16, mean 0, length 1. Zeroed: unknown. */
typedef struct um_appearance {
    bool known;
    float v[UM_APPEARANCE_SIDE * UM_APPEARANCE_SIDE];
} um_appearance;

/** From the grey 16 x 16 picture of a face's box; unknown where the picture is flat. */
void um_appearance_set(um_appearance *a, const um_image *grey);

/** Correlation, -1..1; 0 where one is unknown. */
float um_appearance_match(const um_appearance *a, const um_appearance *b);

/** Moves `a` towards `b` by `weight` (0..1); takes b's place where `a` is unknown. */
void um_appearance_learn(um_appearance *a, const um_appearance *b, float weight);

#endif
