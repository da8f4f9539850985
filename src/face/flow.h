/*
 * Where did a point go from one picture to the next? Pyramidal Lucas-Kanade after Bouguet
 * ("Pyramidal implementation of the affine Lucas Kanade feature tracker", 2000), with the
 * derivatives (Scharr), stopping rules and rejection thresholds that OpenCV's implementation has
 * made the common ones.
 */
#ifndef UM_FACE_FLOW_H
#define UM_FACE_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "media/image.h"

#define UM_FLOW_WINDOW 15
#define UM_FLOW_LEVELS 4 /* the picture itself and three halvings */

/** A picture with its halvings, as floats 0..255 with a border, ready for tracking. */
typedef struct um_pyramid um_pyramid;

/**
 * Makes a pyramid of pictures of one size; filled by um_pyramid_set.
 *
 * @return UMCL_ERR_INVALID (a side under 16), UMCL_ERR_NOMEM
 */
umcl_status um_pyramid_new(um_pyramid **out, int width, int height);
void um_pyramid_free(um_pyramid *p);

/** Takes in a grey picture of the pyramid's size. */
void um_pyramid_set(um_pyramid *p, const um_image *grey);

/**
 * Follows points from one picture into another of the same size.
 *
 * @param to    [n] on entry the first guess (often `point` itself), on return the new places;
 *              where `found` is false, the best guess so far
 * @param found [n] false where the point left the picture or its surroundings have no texture
 *              (smallest eigenvalue of the mean gradient matrix under 0.1 grey levels squared)
 */
void um_flow_track(const um_pyramid *from_picture, const um_pyramid *to_picture,
                   const float (*point)[2], float (*to)[2], bool *found, size_t n);

/**
 * Follows points forward and back again.
 *
 * @param to    as um_flow_track
 * @param error [n] distance in pixels between each point and where following it there and back
 *              ends; HUGE_VALF where it was lost on the way
 */
void um_flow_round_trip(const um_pyramid *from_picture, const um_pyramid *to_picture,
                        const float (*point)[2], float (*to)[2], float *error, size_t n);

#endif
