/*
 * The shape of a head. Its surface is a stack of horizontal half ellipses (front and back) with
 * bumps in front for brow, sockets, nose, lips and chin. A point of the front is named by its
 * resting frontal coordinates (x, y) in cm (see synth_look.h); the jaw's motion then moves it. Lids
 * and lips are curves in these coordinates that move with the expression: painting and landmarks
 * use the same curves, which makes the landmarks exact.
 */
#ifndef UM_DATA_SYNTH_HEAD_H
#define UM_DATA_SYNTH_HEAD_H

#include "data/synth.h"
#include "data/synth_look.h"

typedef struct um_vec3 {
    float x, y, z; /* cm; x to the right, y down, z to the camera */
} um_vec3;

/** One horizontal slice of a body: half width, and depth of its front, widest place and back. */
typedef struct um_synth_slice {
    float y, rx, front, mid, back;
} um_synth_slice;

/** Smooth curve through `n` slices; t in 0..n-1. */
um_synth_slice um_synth_slice_at(const um_synth_slice *table, int n, float t);

/** Point of a slice at the angle theta around the vertical axis, 0 in front, + to the right. */
um_vec3 um_synth_slice_point(const um_synth_slice *slice, float theta);

#define UM_SYNTH_HEAD_SLICES 16

/** Slices of this person's head, without the bumps of the face. */
void um_synth_head_slices(um_synth_slice out[UM_SYNTH_HEAD_SLICES], const um_synth_look *look);

/** Height of the face's bumps above the slices at (x, y), in cm along z. */
float um_synth_relief(const um_synth_look *look, float x, float y);

/** How far the jaw's opening, 0..1, moves the surface point `at`. */
um_vec3 um_synth_jaw_shift(const um_synth_look *look, float open, um_vec3 at);

/** Point of the face's front at (x, y), the jaw's motion included. */
um_vec3 um_synth_face_point(const um_synth_slice slices[UM_SYNTH_HEAD_SLICES],
                            const um_synth_look *look, float open, float x, float y);

/** Lid edges of either eye: y at the fraction s, -1 (inner corner) .. 1 (outer corner). */
typedef struct um_synth_lids {
    float upper, lower, open; /* open: where the upper lid is when the eye is open */
} um_synth_lids;

um_synth_lids um_synth_lids_at(const um_synth_look *look, float blink, float s);

/** Lip edges, y from top to bottom, at the fraction s of the mouth's half width, -1 .. 1. */
typedef struct um_synth_lips {
    float top, inner_top, inner_bottom, bottom;
} um_synth_lips;

um_synth_lips um_synth_lips_at(const um_synth_look *look, const um_synth_state *state, float s);

/** Half width of the mouth in this state. */
float um_synth_mouth_width(const um_synth_look *look, const um_synth_state *state);

/** Middle line of the brow at |x|, and how far |x| is along it, 0 (inner) .. 1. */
float um_synth_brow_at(const um_synth_look *look, const um_synth_state *state, float x, float *s);

/** The iBUG-68 points on the surface, in the head's own coordinates. */
void um_synth_head_points(um_vec3 out[UM_SYNTH_POINTS],
                          const um_synth_slice slices[UM_SYNTH_HEAD_SLICES],
                          const um_synth_look *look, const um_synth_state *state);

#endif
