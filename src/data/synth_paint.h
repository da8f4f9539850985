/*
 * Colours of a rendered person: reflectance from the resting coordinates of a surface point (skin,
 * brows, eyes, lips, hair, cloth), then light, then the pulse. Edges are blended over one pixel.
 */
#ifndef UM_DATA_SYNTH_PAINT_H
#define UM_DATA_SYNTH_PAINT_H

#include "data/synth_mesh.h"
#include "data/synth_motion.h"

/** What is constant while one person is painted in one frame. */
typedef struct um_synth_brush {
    const um_synth_look *look;
    const um_synth_state *state;
    const float *tile; /* noise, see synth_scene.h */
    um_synth_light light;
    float half[3]; /* unit vector between the light and the camera */
    float pixel;   /* a pixel's size on the face in cm */
    float pulse;   /* fall of the green level at a skin of level 140 */
    float inside;  /* ... inside the face */
    float mouth_w; /* half width of the mouth in this state */
} um_synth_brush;

um_synth_brush um_synth_brush_make(const um_synth_look *look, const um_synth_state *state,
                                   const float *tile, const um_synth_light *light,
                                   const double pulse[2]);

/** Surface before light. */
typedef struct um_synth_paint {
    float rgb[3]; /* linear reflectance */
    float blood;  /* how strongly the pulse shows, 1: cheek */
    float gloss;  /* 0..1 */
    float shade;  /* light that arrives, 0..1 */
} um_synth_paint;

/** The face in front of the head, for a point of resting frontal coordinates (x, y). */
void um_synth_paint_face(um_synth_paint *paint, const um_synth_brush *brush, float x, float y,
                         float arc);

/** Grey levels 0..255 of a surface point of `part`. */
void um_synth_paint_point(const um_synth_brush *brush, um_synth_part_kind part,
                          const um_synth_vertex *at, float rgb[3]);

#endif
