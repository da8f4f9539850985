/*
 * From frames to followed faces: detection every few frames, landmarks on every frame, tracking,
 * calibration, crops. Memory is bounded: a frame of a track is handed out as soon as the next
 * detection confirms the track, at the latest about max_gap + every frames later.
 */
#ifndef UM_FACE_STREAM_H
#define UM_FACE_STREAM_H

#include "face/face_models.h"

/** One face on one frame. */
typedef struct um_track_frame {
    int track;     /* 1, 2, ... */
    int64_t frame; /* counted from 0 as they were pushed */
    double time;   /* seconds */
    um_box box;    /* as the detector draws it, carried on by the landmarks between detections */
    float score;   /* of the last detection */
    um_landmarks raw, calibrated; /* pixels of the video */
    float points[5][2];           /* likewise */
    const um_image *crop;         /* R, G, B, UM_CROP_SIDE squared; NULL unless asked for */
    um_box crop_box;              /* the square that it shows */
    bool bridged;                 /* inside a gap: box and landmarks are interpolated */
} um_track_frame;

typedef enum um_track_end {
    UM_TRACK_LOST, /* the face left, or was not found for too long */
    UM_TRACK_CUT,  /* the shot ended */
    UM_TRACK_DONE  /* the video ended */
} um_track_end;

/** Where the results go. A call that fails ends the stream with its status. */
typedef struct um_face_sink {
    void *user;

    /** Frames of one track come in order, without holes; those of several tracks interleave. */
    umcl_status (*frame)(void *user, const um_track_frame *f);

    /** No more of this track will come. Optional. */
    umcl_status (*end)(void *user, int track, um_track_end why);

    /** No more of frames up to and including this one will come. Optional. */
    umcl_status (*passed)(void *user, int64_t frame);
} um_face_sink;

typedef struct um_face_stream_options {
    int every;     /* frames from one detection to the next */
    int max_gap;   /* frames without a detection that a track survives */
    int max_faces; /* the largest faces are followed, others ignored and counted */
    bool crops;    /* cut out the 128 x 128 crops */
} um_face_stream_options;

#define UM_FACE_STREAM_OPTIONS_INIT                                                                \
    ((um_face_stream_options){.every = 5, .max_gap = 15, .max_faces = 32, .crops = true})

typedef struct um_face_stream um_face_stream;

/** `models` and `sink` are copied, what they point to is borrowed. UMCL_ERR_INVALID, NOMEM. */
umcl_status um_face_stream_new(um_face_stream **out, const um_face_models *models,
                               const um_face_stream_options *options, const um_face_sink *sink);
void um_face_stream_free(um_face_stream *s);

/** The next frame. Fails as the models and the sink do. */
umcl_status um_face_stream_push(um_face_stream *s, const um_frame *frame);

/** The video has ended: hands out what is left. */
umcl_status um_face_stream_finish(um_face_stream *s);

typedef struct um_face_stream_stats {
    int64_t frames, detections; /* frames seen; times the detector ran */
    int64_t ignored;            /* faces beyond max_faces, summed over detector runs */
    int cuts, tracks;
} um_face_stream_stats;

um_face_stream_stats um_face_stream_get_stats(const um_face_stream *s);

#endif
