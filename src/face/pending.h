/*
 * Frames of one track that wait for the next detection to confirm it. Frames on which the face
 * could not be measured are filled in between their neighbours when that happens.
 */
#ifndef UM_FACE_PENDING_H
#define UM_FACE_PENDING_H

#include "face/stream.h"

typedef struct um_pending_frame {
    um_track_frame f;
    um_image crop;
    bool measured;
} um_pending_frame;

/** Zeroed (UM_PENDING_INIT) at the start of a track. */
typedef struct um_pending {
    um_pending_frame *at;
    size_t n, room;
    um_track_frame last; /* measured frame before the first one here */
    bool has_last;
} um_pending;

#define UM_PENDING_INIT ((um_pending){0})

/** Appends a frame; `crop` becomes the queue's and is zeroed (it may be empty). */
umcl_status um_pending_push(um_pending *p, const um_track_frame *f, um_image *crop, bool measured);

/** Hands all frames to the sink up to the last measured one, gaps filled in, and drops the rest. */
umcl_status um_pending_flush(um_pending *p, const um_face_sink *sink);

/** Frame number of the first frame that waits; `otherwise` where none does. */
int64_t um_pending_first(const um_pending *p, int64_t otherwise);

/** Drops everything and releases the memory. */
void um_pending_clear(um_pending *p);

#endif
