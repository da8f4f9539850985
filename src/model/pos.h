/*
 * POS, "plane orthogonal to skin" (Wang et al., IEEE TBME 2017): the pulse from the mean colour of
 * skin over time, without a network. Changes of brightness fall out, changes in the ratio of the
 * colours that blood makes remain.
 */
#ifndef UM_MODEL_POS_H
#define UM_MODEL_POS_H

#include <stddef.h>

/** Frames of the window that the colours are made relative to: 1.6 s at 30 fps, as the paper. */
#define UM_POS_WINDOW 48

/**
 * @param out [n], of no particular scale, mean about 0; all 0 where n < UM_POS_WINDOW
 * @param rgb [n, 3], means of R, G, B at 30 fps; a window with a mean of 0 adds nothing
 */
void um_pos(float *out, const float (*rgb)[3], size_t n);

#endif
