/*
 * The inside of um_frame. Frames that repeat a picture (a rate that was raised) share it.
 */
#ifndef UM_MEDIA_FRAME_H
#define UM_MEDIA_FRAME_H

#include <stdatomic.h>

#include "media/av.h"

typedef struct um_picture {
    atomic_int refs;
    AVFrame *av; /* as decoded, or as RGB24 where the format cannot be read in place */
    um_orientation orientation;
    int width, height; /* as displayed */
} um_picture;

struct um_frame {
    atomic_int refs;
    um_picture *picture;
    double time;
    int64_t index;
};

#endif
