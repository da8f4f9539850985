/*
 * What rendered people do over time: head, eyes, mouth, heart and light as pure functions of the
 * time in seconds. Periodic parts are sums of sinusoids; events (blinks, syllables, glances) live
 * in numbered slots of time, whose random numbers come from the slot's number.
 */
#ifndef UM_DATA_SYNTH_MOTION_H
#define UM_DATA_SYNTH_MOTION_H

#include "data/synth.h"
#include "data/synth_look.h"

/** Motion of a person around (0, 0) at scale 1: x, y in cm; px_per_cm is the relative scale. */
um_synth_state um_synth_motion_at(const um_synth_options *options, const um_synth_look *look,
                                  double t);

/** Blood volume, about -1..1, of a heart that beats `bpm` times a minute on average. */
double um_synth_heart_at(const um_synth_look *look, double bpm, double variation, double t);

typedef struct um_synth_light {
    float gain;   /* exposure, about 0.84 */
    float key[3]; /* unit vector to the main light; z to the camera */
} um_synth_light;

um_synth_light um_synth_light_at(const um_synth_options *options, double t);

#endif
