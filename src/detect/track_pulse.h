/*
 * The pulse of one followed face: crops go in, windows of 160 frames with their waveform and heart
 * rate come out, beside the reading from the skin's colour; no more than one window of crops is
 * kept (8 MB).
 */
#ifndef UM_DETECT_TRACK_PULSE_H
#define UM_DETECT_TRACK_PULSE_H

#include "detect/pulse_reading.h"
#include "detect/skin_pulse.h"
#include "face/stream.h"
#include "model/pulse_net.h"

#define UM_PULSE_WINDOW UM_PHYSFORMER_FRAMES

typedef struct um_pulse_window {
    double start, end; /* seconds */
    um_heart_rate rate;
    float waveform[UM_PULSE_WINDOW];
} um_pulse_window;

typedef struct um_track_pulse {
    int id;
    double start, end; /* seconds */
    uint8_t *rgb;      /* [160, 128, 128, 3] */
    double times[UM_PULSE_WINDOW];
    int held; /* frames in the buffer */
    um_pulse_window *windows;
    size_t n_windows, room;
    um_skin_trace skin;
} um_track_pulse;

umcl_status um_track_pulse_start(um_track_pulse *t, int id);
void um_track_pulse_clear(um_track_pulse *t);

/** Takes a frame with its crop in; reads a window whenever one is full and moves on by `stride`. */
umcl_status um_track_pulse_add(um_track_pulse *t, um_pulse_net *net, const um_track_frame *f,
                               int stride);

typedef struct um_face_pulse {
    um_heart_rate joint;   /* what the two say together (um_pulse_join) */
    um_heart_rate network; /* of the windows (um_pulse_agree) */
    um_heart_rate skin;    /* um_skin_trace_read */
} um_face_pulse;

/** The face's heart rate. UMCL_ERR_NOMEM. */
umcl_status um_track_pulse_read(um_face_pulse *out, const um_track_pulse *t);

#endif
