/*
 * Times: repairs the presentation times of a stream, and chooses which frame a constant output
 * rate shows at each moment. Knows nothing of decoding.
 */
#ifndef UM_MEDIA_PACE_H
#define UM_MEDIA_PACE_H

#include <stdbool.h>
#include <stdint.h>

/** A repaired clock: seconds from the first frame, always growing. */
typedef struct um_clock {
    double nominal; /* a frame's usual duration, for times that are missing */
    double origin, last;
    bool begun, has_origin;
} um_clock;

/**
 * The time of the next frame from the stream's own (`pts`, NAN: missing). A step backwards of more
 * than a second is a restart of the stream's clock and moves the origin; a smaller one is noise.
 */
double um_clock_next(um_clock *clock, double pts);

/** The clock for a stream that was entered at another frame. */
void um_clock_restart(um_clock *clock);

typedef enum um_pace_choice {
    UM_PACE_SHOW,    /* the held frame belongs to the output's next moment */
    UM_PACE_ADVANCE, /* the frame ahead is nearer: hold that one */
    UM_PACE_END
} um_pace_choice;

/** The grid of output moments start + i / fps, below `end`. */
typedef struct um_pace {
    double fps, start, end;
    int64_t i;
} um_pace;

/** A gap in the stream longer than this (seconds) is not filled with copies to its end. */
#define UM_PACE_MAX_GAP 5.0

double um_pace_time(const um_pace *pace);

/** Chooses for the moment um_pace_time(), with frames shown from `held` and `ahead` on. */
um_pace_choice um_pace_choose(um_pace *pace, double held, double ahead);

/** The same after the last frame, which lasts until `until`. */
um_pace_choice um_pace_choose_last(const um_pace *pace, double held, double until);

#endif
