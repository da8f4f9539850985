/*
 * Cuts in the footage: the picture changes at once, much more than it has been changing. Looks at a
 * thumbnail of the luma; changes of brightness alone (flashes, fades, automatic exposure) are none.
 */
#ifndef UM_FACE_CUT_H
#define UM_FACE_CUT_H

#include <stdbool.h>

#include "media/image.h"

#define UM_CUT_WIDTH 48 /* size of the thumbnail, pixels */
#define UM_CUT_HEIGHT 27

/** Zeroed (UM_CUT_INIT) before the first frame. */
typedef struct um_cut_detector {
    bool started;
    float usual; /* running mean of the change from frame to frame, grey levels */
    float last[UM_CUT_WIDTH * UM_CUT_HEIGHT]; /* less its mean */
    float last_deviation;
} um_cut_detector;

#define UM_CUT_INIT ((um_cut_detector){0})

/** True where `thumbnail` (grey, UM_CUT_WIDTH x UM_CUT_HEIGHT) begins a new shot. */
bool um_cut_step(um_cut_detector *cut, const um_image *thumbnail);

#endif
