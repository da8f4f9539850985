/*
 * Which surface is seen where: triangles of the grids of vertices are drawn into a depth buffer of
 * 2 x 2 samples a pixel that remembers the nearest triangle. Colours are made from it afterwards,
 * once a pixel where one smooth surface covers it.
 */
#ifndef UM_DATA_SYNTH_RASTER_H
#define UM_DATA_SYNTH_RASTER_H

#include "data/synth_mesh.h"

#define UM_SYNTH_NO_TRIANGLE UINT32_MAX

typedef struct um_synth_sample {
    float iz;          /* one over the distance; 0: nothing */
    uint32_t triangle; /* part << 24 | 2 * cell + (0: upper, 1: lower half) */
} um_synth_sample;

typedef struct um_synth_raster {
    int width, height;       /* pixels */
    int x0, y0, x1, y1;      /* pixels that may be covered; exclusive x1, y1 */
    um_synth_sample *sample; /* [2 height, 2 width] */
} um_synth_raster;

/** UMCL_ERR_NOMEM. */
umcl_status um_synth_raster_init(um_synth_raster *raster, int width, int height);
void um_synth_raster_clear(um_synth_raster *raster);

/** Forgets everything and draws the posed parts of `body`. */
void um_synth_raster_draw(um_synth_raster *raster, const um_synth_body *body);

/** Vertex interpolated at the picture's (x, y) on a triangle (also just outside of it). */
um_synth_vertex um_synth_raster_at(const um_synth_body *body, uint32_t triangle, float x, float y);

#endif
