/*
 * Who a rendered person is: proportions and colours drawn from a seed. Lengths are in cm, in the
 * head's own frontal coordinates: x to the picture's right, y down, origin between the eyes.
 * Colours are linear reflectances.
 */
#ifndef UM_DATA_SYNTH_LOOK_H
#define UM_DATA_SYNTH_LOOK_H

#include <stdint.h>

typedef enum um_synth_hair { UM_HAIR_SHORT, UM_HAIR_LONG, UM_HAIR_BALD } um_synth_hair;

typedef struct um_synth_look {
    uint64_t key;                        /* stream of this person's motion */
    float width, jaw, lower;             /* scales: head, jaw, height below the eyes */
    float eye_x, eye_w, eye_h, eye_tilt; /* centre, half width, opening, outer corner up */
    float brow_y, brow_arch, brow_thick, brow_tilt;
    float nose_y, nose_w, nose_h;            /* tip below the eyes, scale of width, height */
    float mouth_y, mouth_w, lip_up, lip_low; /* line, half width, thickness of the lips */
    float hairline;                          /* y of the hairline above the forehead's middle */
    um_synth_hair hair;
    float beard, freckles, age; /* 0..1 */
    float skin[3], lip[3], hair_rgb[3], iris[3], shirt[3];
    float shirt_stripes; /* 0..1 */
} um_synth_look;

/** The person number `p` of a scene. */
void um_synth_look_draw(um_synth_look *look, uint64_t seed, int p);

#endif
