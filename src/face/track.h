/*
 * Faces across frames. Detections come on some frames; between them a track is carried on by its
 * landmarks or, failing that, by its motion. Detections are given to tracks by the Hungarian method
 * over place, size and look, so that faces that cross keep their numbers. A track that is not seen
 * for longer than `max_gap` frames has ended; a cut ends all.
 *
 * Per frame: um_tracker_advance, then um_tracker_carry for the tracks measured otherwise, then,
 * where the detector ran, um_tracker_update.
 */
#ifndef UM_FACE_TRACK_H
#define UM_FACE_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "face/appearance.h"
#include "face/geometry.h"

/** More faces than this are not followed (um_tracker_ignored counts them). */
#define UM_MAX_TRACKS 256

typedef struct um_track {
    int id;                         /* 1, 2, ... never used twice */
    um_box box;                     /* on the current frame: measured or predicted */
    float points[5][2];             /* of the last detection */
    float score;                    /* of the last detection */
    int64_t first_frame, last_seen; /* frames of the first and the last detection */
    int n_seen;                     /* detections so far */
    bool missed;                    /* the last detector run did not find it */
    bool crossing;                  /* overlaps another track: its look is not learnt now */
    bool ended;                     /* given up; the next um_tracker_advance removes it */
    float vx, vy;                   /* motion of the centre, pixels a frame */
    um_appearance look;
} um_track;

typedef struct um_tracker um_tracker;

typedef struct um_tracker_options {
    int max_gap;       /* frames without a detection that a track survives */
    float start_score; /* detections below continue tracks but start none */
} um_tracker_options;

#define UM_TRACKER_OPTIONS_INIT ((um_tracker_options){.max_gap = 15, .start_score = 0.7f})

umcl_status um_tracker_new(um_tracker **out, const um_tracker_options *options);
void um_tracker_free(um_tracker *t);

/** Moves on to `frame` (rising): ended tracks are removed, the others' boxes predicted. */
void um_tracker_advance(um_tracker *t, int64_t frame);

/** Ends every track, unseen frames included. */
void um_tracker_cut(um_tracker *t);

/** Tracks alive, oldest first; borrowed until the next advance or update. */
size_t um_tracker_count(const um_tracker *t);
const um_track *um_tracker_at(const um_tracker *t, size_t i);

/** Sets the box of track `i` as measured on this frame without the detector. */
void um_tracker_carry(um_tracker *t, size_t i, um_box box);

/** Gives up track `i`. */
void um_tracker_end(um_tracker *t, size_t i);

/**
 * Takes in the detections of this frame: continues, starts and ends tracks.
 *
 * @param faces [n]
 * @param looks [n] or NULL
 * @return UMCL_OK or UMCL_ERR_NOMEM
 */
umcl_status um_tracker_update(um_tracker *t, const um_face *faces, const um_appearance *looks,
                              size_t n);

/** Detections that found no room among UM_MAX_TRACKS so far. */
int64_t um_tracker_ignored(const um_tracker *t);

#endif
