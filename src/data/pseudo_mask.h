/*
 * Which part of a face a pseudo-fake replaces: a polygon around landmarks, deformed, with a soft
 * edge. The mask follows the landmarks, so that one shape serves all frames of a clip.
 */
#ifndef UM_DATA_PSEUDO_MASK_H
#define UM_DATA_PSEUDO_MASK_H

#include "base/rng.h"
#include "face/geometry.h"

/*      enum, name */
#define UM_MASK_REGIONS(X)                                                                         \
    X(FACE, "face")   /* with the forehead */                                                      \
    X(INNER, "inner") /* hull of the 68 points */                                                  \
    X(LOWER, "lower") /* from the nose down */                                                     \
    X(MOUTH, "mouth") /* the lips and a little around them */                                      \
    X(EYES_NOSE, "eyes+nose")

#define X(id, name) UM_MASK_##id,
typedef enum um_mask_region { UM_MASK_REGIONS(X) UM_MASK_REGION_COUNT } um_mask_region;
#undef X

#define UM_MASK_WAVES 3

typedef struct um_mask_shape {
    um_mask_region region;
    float scale;                /* about the polygon's middle, 1: as the points lie */
    float wave[UM_MASK_WAVES];  /* relative swing of the radius, 2, 3, 4 waves around */
    float phase[UM_MASK_WAVES]; /* radians */
    float soft;                 /* deviation of the edge's blur, in face sizes (um_face_unit) */
    float lean;                 /* 0: the soft edge lies astride the outline .. 1: inside of it */
    float ratio;                /* of blending in the middle, 0..1 */
} um_mask_shape;

const char *um_mask_region_name(um_mask_region region);

/** Length that sizes on a face are measured in: from the bridge of the nose to the chin, times 1.4,
 * about the face's height without the forehead; at least a pixel. */
float um_face_unit(const um_landmarks *lm);

/** Random edges, deformation and ratio (0.25, 0.5, 0.75, 1, 1, 1) for a region. */
um_mask_shape um_mask_shape_draw(um_mask_region region, float strength, um_rng *rng);

/** Draws the mask: 1 channel, 255 where all is replaced. UMCL_ERR_NOMEM. */
umcl_status um_pseudo_mask(um_image *mask, const um_landmarks *lm, const um_mask_shape *shape);

#endif
