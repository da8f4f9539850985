/*
 * One followed face on its way to a score: frames go in, windows come out, and no more than one
 * window of frames is kept (with all crops 8 MB).
 */
#ifndef UM_DETECT_TRACK_WINDOWS_H
#define UM_DETECT_TRACK_WINDOWS_H

#include <umcl/umcl.h>

#include "base/worker.h"
#include "detect/pulse_reading.h"
#include "detect/skin_pulse.h"
#include "face/stream.h"
#include "model/judge.h"

typedef struct um_track_windows {
    int id;
    double start, end; /* seconds */
    int64_t n_frames;
    double face_px_sum, face_score_sum;
    um_landmarks frames[UM_WINDOW];
    double times[UM_WINDOW];
    bool bridged[UM_WINDOW];
    uint8_t *crops;    /* every crop_step-th frame's; NULL: the judge looks at none */
    int held;          /* frames in the buffer */
    um_worker *worker; /* borrowed: judges windows, in order. NULL: they are judged as they fill */
    /* What judging fills in: not to be looked at before the worker has come that far. */
    umcl_window *windows;
    um_heart_rate *pulse; /* of every window; empty: the judge does not look for one */
    um_skin_trace skin;   /* of every crop, where the judge looks at all of them */
    double *features;     /* [um_features_width], sum over the windows; NULL: no joint model's */
    size_t n_windows, cap;
    size_t n_dropped; /* windows that were mostly guessed */
    bool fake;        /* its label, for judges that read it (UM_POLICY_ORACLE); else false */
    bool reflected;   /* its one window was extended by reflection in time */
} um_track_windows;

umcl_status um_track_windows_start(um_track_windows *t, const um_judge_info *info, int id);
void um_track_windows_clear(um_track_windows *t);

/**
 * Takes a frame in, with its crop where the judge looks at crops; scores a window whenever one is
 * full and moves on by `stride` frames, a multiple of the judge's crop_step.
 */
umcl_status um_track_windows_add(um_track_windows *t, um_judge *judge, const um_track_frame *f,
                                 int stride);

/** The face has ended: a track too short for a whole window is extended where that may be done. */
umcl_status um_track_windows_finish(um_track_windows *t, um_judge *judge);

/** Mean P(fake) of the windows as the mean of their log-odds; NaN where there are none. */
double um_windows_score(const umcl_window *windows, size_t n);

/** 90 % bootstrap interval of that score (seeded, 500 draws); NaN below three windows. */
void um_windows_interval(const umcl_window *windows, size_t n, double *low, double *high);

#endif
