/*
 * What the stream keeps of one face that it follows, beyond what the tracker knows: calibration,
 * crop, the frames that wait, and how the detector's box sits on the landmarks.
 */
#ifndef UM_FACE_FOLLOWED_H
#define UM_FACE_FOLLOWED_H

#include "face/calibrate.h"
#include "face/crop.h"
#include "face/pending.h"
#include "face/track.h"

typedef struct um_followed {
    int id;
    um_calibrator *calibrator;
    um_crop_filter crop_filter;
    um_pending pending;
    bool confirmed; /* seen often enough to be handed out */
    bool box_known;
    um_box box_on_face;     /* corners in landmark sizes from the landmarks' centre */
    float points_off[5][2]; /* detector's points less the landmarks' own, in landmark sizes */
    bool measured;          /* on the current frame */
    int n_unmeasured;       /* frames since it last was */
    um_landmarks now;       /* this frame's, as measured */
} um_followed;

umcl_status um_followed_new(um_followed **out, int id);
void um_followed_free(um_followed *f);

/** Learns how the detector's box and points sit on this frame's landmarks. */
void um_followed_learn(um_followed *f, const um_track *detected);

/** The detector's box as these landmarks suggest it. */
um_box um_followed_box(const um_followed *f, const um_landmarks *lm);

/**
 * Calibrates, crops and queues the current frame, which is number `index`. `aligned` is scratch: a
 * grey picture of UM_ALIGNED_SIDE squared.
 */
umcl_status um_followed_add(um_followed *f, const um_track *track, const um_frame *frame,
                            int64_t index, um_image *aligned, bool crops);

#endif
