/*
 * The heart rate of a followed face from the colour of its skin (model/pos.h), read over half a
 * minute: a weak pulse stands out of that which no window of 160 frames shows. It stands beside
 * the pulse encoder's reading.
 */
#ifndef UM_DETECT_SKIN_PULSE_H
#define UM_DETECT_SKIN_PULSE_H

#include "face/stream.h"
#include "model/heart_rate.h"

/*
 * What a window's ratio must exceed um_heart_rate_least_snr by: faces without a common pulse are
 * not white noise. Of 3,000 windows of 300, 600 and 900 frames put together from pieces of 103
 * other faces' waves, 1.3 % pass.
 */
#define UM_SKIN_MARGIN 2.0 /* dB */

#define UM_SKIN_LEAST 300 /* frames: 10 s; less is not read */
#define UM_SKIN_WINDOW                                                                             \
    900 /* frames: 30 s; longer tracks are read in windows that overlap by half */

/** Zeroed at the start of a track. */
typedef struct um_skin_trace {
    float (*rgb)[3]; /* [n], mean colour on each frame; the one before where there was none */
    size_t n, room;
    um_image mask;
} um_skin_trace;

/** Takes a frame in, where it has its crop. UMCL_ERR_NOMEM. */
umcl_status um_skin_trace_add(um_skin_trace *t, const um_track_frame *f);
void um_skin_trace_clear(um_skin_trace *t);

/** The face's heart rate (um_pulse_agree over the windows); below UM_SKIN_LEAST no reading and a
 * ratio of NaN. UMCL_ERR_NOMEM. */
umcl_status um_skin_trace_read(um_heart_rate *out, const um_skin_trace *t);

#endif
