/*
 * Noise and background of a rendered scene: a textured wall with shelves and frames, nothing on it
 * that looks like a face.
 */
#ifndef UM_DATA_SYNTH_SCENE_H
#define UM_DATA_SYNTH_SCENE_H

#include <stdint.h>

#include "base/status.h"

#define UM_SYNTH_TILE 128
#define UM_SYNTH_GRAIN 65536

typedef struct um_synth_scene {
    int width, height;
    float tile[UM_SYNTH_TILE * UM_SYNTH_TILE]; /* white noise, -1..1, repeats */
    float grain[UM_SYNTH_GRAIN];               /* normal deviates, for the camera's noise */
    float *background;                         /* [height, width, 3], grey levels */
} um_synth_scene;

/** UMCL_ERR_NOMEM. */
umcl_status um_synth_scene_new(um_synth_scene **out, uint64_t seed, int width, int height);
void um_synth_scene_free(um_synth_scene *scene);

/** Smooth noise, about -1..1, with one feature a unit. */
float um_synth_noise(const float *tile, float x, float y);

/** Grey level 0..255 of a linear intensity; 1 is white. */
float um_synth_level(float linear);

#endif
