/*
 * A person as meshes: grids of vertices for head, ears, body and long hair, built once, then posed
 * and projected for each frame.
 */
#ifndef UM_DATA_SYNTH_MESH_H
#define UM_DATA_SYNTH_MESH_H

#include <stddef.h>

#include "data/synth_head.h"

typedef enum um_synth_part_kind {
    UM_PART_HEAD,
    UM_PART_EAR_LEFT,
    UM_PART_EAR_RIGHT,
    UM_PART_BODY,
    UM_PART_CURTAIN, /* long hair */
    UM_PART_COUNT
} um_synth_part_kind;

/** What painting needs to know of a surface point, interpolated between vertices. */
typedef struct um_synth_attr {
    float u, v;  /* resting frontal coordinates in cm; ears: -1..1 */
    float theta; /* angle around the vertical axis */
    float w;     /* head: amount of hair, body: cm below the collar */
} um_synth_attr;

typedef struct um_synth_vertex {
    float x, y, iz; /* pixels; one over the distance to the camera in cm */
    float n[3];     /* outward unit normal, z to the camera */
    um_synth_attr attr;
} um_synth_vertex;

typedef struct um_synth_part {
    int rows, cols; /* 0: this person has no such part */
    um_vec3 *rest;  /* [rows, cols] */
    um_synth_attr *attr;
    float *jaw; /* [rows, cols], how much of the jaw's drop a vertex follows; NULL: none */
    um_synth_vertex *vertex; /* [rows, cols], posed; filled by um_synth_body_pose */
} um_synth_part;

typedef struct um_synth_body {
    um_synth_look look;
    um_synth_slice slices[UM_SYNTH_HEAD_SLICES];
    um_synth_part part[UM_PART_COUNT];
    um_vec3 *posed; /* scratch, as many as the largest part has vertices */
} um_synth_body;

/** Builds the meshes of a look; `px_per_cm` decides how fine. UMCL_ERR_NOMEM. */
umcl_status um_synth_body_build(um_synth_body *body, const um_synth_look *look, float px_per_cm);
void um_synth_body_clear(um_synth_body *body);

/** Vertices of all parts in the given state. */
void um_synth_body_pose(um_synth_body *body, const um_synth_state *state);

/** Pixel of a point in the head's own coordinates. */
void um_synth_project_head(const um_synth_state *state, um_vec3 at, float xy[2]);

#endif
