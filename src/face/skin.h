/*
 * The colour of a face's skin on one frame, from which heart rates are read without a network.
 */
#ifndef UM_FACE_SKIN_H
#define UM_FACE_SKIN_H

#include "face/stream.h"

/**
 * Mean R, G, B (0..255) of the frame's crop within the convex hull of the face's landmarks.
 *
 * @param mask scratch: 1 channel, UM_CROP_SIDE squared
 * @param f    with its crop
 * @return false, and `out` is left alone, where the hull covers less than a hundredth of the crop,
 * or the crop's square is empty or a landmark not finite
 */
bool um_skin_colour(float out[3], um_image *mask, const um_track_frame *f);

#endif
