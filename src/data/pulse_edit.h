/*
 * Changing the pulse in a clip's masked region. What a pulse moves is the region's mean colour; the
 * region is brightened and darkened as a whole until its mean follows another course.
 */
#ifndef UM_DATA_PULSE_EDIT_H
#define UM_DATA_PULSE_EDIT_H

#include "data/face_clip.h"

/*      enum, name */
#define UM_PULSE_KINDS(X)                                                                          \
    X(KEPT, "kept")                                                                                \
    X(REMOVED, "removed")   /* little stays of its fast course, above a third of a hertz */        \
    X(DELAYED, "delayed")   /* its fast course comes later */                                      \
    X(REPLACED, "replaced") /* as removed, and a made pulse of another rate added */

#define X(id, name) UM_PULSE_##id,
typedef enum um_pulse_kind { UM_PULSE_KINDS(X) UM_PULSE_KIND_COUNT } um_pulse_kind;
#undef X

typedef struct um_pulse_edit {
    um_pulse_kind kind;
    float left;  /* UM_PULSE_REMOVED and _REPLACED: part of the fast course that stays, 0..1 */
    int delay;   /* frames; UM_PULSE_DELAYED */
    float bpm;   /* UM_PULSE_REPLACED, as the next two */
    float level; /* amplitude in green, grey levels at a skin of level 140 */
    float phase; /* radians */
} um_pulse_edit;

const char *um_pulse_kind_name(um_pulse_kind kind);

/** Blood volume that UM_PULSE_REPLACED gives frame `i`, -1.1..1.1: the skin darkens by `level`
 * times this, in the ratio R 0.35 : G 1 : B 0.6. */
float um_pulse_edit_beat(const um_pulse_edit *edit, size_t i);

/**
 * Edits the region that clip->mask weighs (which must be kept). Means are reached to within the
 * rounding of pixels, which `key` dithers; where the mask is 0 pixels stay as they are.
 *
 * @return UMCL_ERR_NOMEM
 */
umcl_status um_pulse_edit_apply(const um_pulse_edit *edit, um_face_clip *clip, uint64_t key);

#endif
