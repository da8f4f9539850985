/*
 * Rendered faces: a scene whose truth is known. Heads that move, blink and talk are drawn frame by
 * frame with exact iBUG-68 landmarks and a blood-volume pulse of known rate in their skin, under
 * drifting light and camera noise. Everything is a pure function of the options and the frame's
 * number: the same seed gives the same pixels on the same machine, in any order of frames and for
 * any number of threads.
 */
#ifndef UM_DATA_SYNTH_H
#define UM_DATA_SYNTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "media/image.h"

#define UM_SYNTH_POINTS 68
#define UM_SYNTH_MAX_PEOPLE 256

/*
 * Broken twins: the same person at the same moments, with one thing wrong. Truth is told of what is
 * drawn.
 *
 *      enum, name */
#define UM_SYNTH_TWINS(X)                                                                          \
    X(NONE, "none")         /* the person */                                                       \
    X(NO_PULSE, "no-pulse") /* nobody has a pulse */                                               \
    X(DESYNC, "desync")     /* the inside of the face beats half a mean beat after the rest */     \
    X(JITTER, "jitter")     /* head and features tremble from frame to frame */                    \
    X(PATCH, "patch")       /* the inside of the face is coarser and of another colour */

#define X(id, name) UM_SYNTH_TWIN_##id,
typedef enum um_synth_twin { UM_SYNTH_TWINS(X) UM_SYNTH_TWIN_COUNT } um_synth_twin;
#undef X

const char *um_synth_twin_name(um_synth_twin twin);

typedef struct um_synth_options {
    int width, height;      /* 16..4096 */
    double fps;             /* 1..240 */
    uint64_t seed;          /* identities, background, motion, noise */
    int people;             /* 0: the background alone .. UM_SYNTH_MAX_PEOPLE */
    double face_px;         /* mean width of a face, ear to ear, in pixels; 0: fitted */
    double motion;          /* 0: a still head; 1: a talking head; 2: up to +-25 degrees .. 3 */
    double blink_rate;      /* per minute, 0..60 */
    double talk;            /* mouth motion, 0: none .. 1 */
    double pulse_bpm;       /* person 0; 0: nobody has a pulse; else 30..200 */
    double pulse_strength;  /* amplitude in green, grey levels at a skin of level 140, 0..20 */
    double pulse_variation; /* relative swing of the rate with breathing, 0..0.2 */
    double light_drift;     /* 0: constant light, 1: ordinary, 0..4 */
    double noise;           /* standard deviation of the camera noise, grey levels, 0..30 */
    double appear, vanish;  /* seconds during which people are in the picture; vanish 0: always */
    bool walk;              /* people walk through the picture and cross one another */
    um_synth_twin twin;     /* what is wrong with everybody */
} um_synth_options;

#define UM_SYNTH_OPTIONS_INIT                                                                      \
    ((um_synth_options){.width = 640,                                                              \
                        .height = 480,                                                             \
                        .fps = 30.0,                                                               \
                        .seed = 1,                                                                 \
                        .people = 1,                                                               \
                        .motion = 1.0,                                                             \
                        .blink_rate = 17.0,                                                        \
                        .talk = 1.0,                                                               \
                        .pulse_bpm = 72.0,                                                         \
                        .pulse_strength = 1.0,                                                     \
                        .pulse_variation = 0.02,                                                   \
                        .light_drift = 1.0,                                                        \
                        .noise = 1.5})

/** What a person does at one moment. */
typedef struct um_synth_state {
    bool present;           /* in the scene at all (see appear, vanish) */
    float x, y;             /* where the point between the eyes rests, in pixels */
    float px_per_cm;        /* scale at that point */
    float yaw, pitch, roll; /* radians; positive: to the picture's right, down, clockwise */
    float blink;            /* 0: open .. 1: closed */
    float mouth;            /* 0: closed .. 1: open */
    float wide;             /* -1: pursed .. 1: stretched */
    float brow;             /* -1: lowered .. 1: raised */
    float gaze_x, gaze_y;   /* shift of the iris in cm */
} um_synth_state;

typedef struct um_synth um_synth;

/** UMCL_ERR_INVALID (the sentence names the option), UMCL_ERR_NOMEM. `options` is copied. */
umcl_status um_synth_new(um_synth **out, const um_synth_options *options);
void um_synth_free(um_synth *synth); /* NULL is accepted */

const um_synth_options *um_synth_get_options(const um_synth *synth);

/**
 * Draws frame `i` >= 0 (time i / fps) into `rgb`, a picture of the scene's size and 3 channels that
 * the caller has allocated. Uses um_threads() threads. One frame at a time per `synth`.
 *
 * @return UMCL_ERR_INVALID where the picture's size does not fit
 */
umcl_status um_synth_frame(um_synth *synth, int64_t i, um_image *rgb);

/** State of person `p` (0 .. people-1) in frame `i`. */
um_synth_state um_synth_get_state(const um_synth *synth, int64_t i, int p);

/**
 * The 68 points of person `p` in frame `i`, x0 y0 x1 y1 ... in pixels, iBUG order. They are points
 * of the drawn surface, so those on the far side of a turned head are hidden, and points may lie
 * outside of the picture.
 *
 * @return false, and zeroes, where the person is not present
 */
bool um_synth_landmarks(const um_synth *synth, int64_t i, int p, float xy[2 * UM_SYNTH_POINTS]);

/** Box of the face from the upper forehead to the chin; false, and zeroes, where not present. */
bool um_synth_box(const um_synth *synth, int64_t i, int p, um_box *box);

/**
 * Blood volume in the skin of person `p`, about -1..1; 0 without a pulse. The skin darkens by
 * pulse_strength * this, in the ratio R 0.35 : G 1 : B 0.6.
 */
double um_synth_pulse(const um_synth *synth, int64_t i, int p);

/** The same of the inside of the face, from brows to mouth and from cheek to cheek; it differs from
 * um_synth_pulse in the twin UM_SYNTH_TWIN_DESYNC. */
double um_synth_pulse_inside(const um_synth *synth, int64_t i, int p);

/**
 * Mean heart rate of person `p` in beats a minute: pulse_bpm for the first, 9 more for each next
 * (back into 48..120 by whole turns of 72), so that neighbours differ. 0 without a pulse.
 */
double um_synth_rate(const um_synth *synth, int p);

#endif
