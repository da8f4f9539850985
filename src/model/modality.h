/*
 * UMCL's modalities as data: what is fused, trained, measured and reported is a set of them.
 *
 * An encoder comes in two steps: its body, which may stay as it was pre-trained, and a neck that is
 * trained with the head (for the pulse the linear layer on the tokens, for the others nothing).
 */
#ifndef UM_MODEL_MODALITY_H
#define UM_MODEL_MODALITY_H

#include <stdbool.h>

#include "base/status.h"

/* In the order in which they are fused. */
typedef enum um_modality_kind {
    UM_PULSE,     /* PhysFormer */
    UM_LANDMARKS, /* LRNet */
    UM_TEXT,      /* prompts, embedded once (model/prompt_table.h) */
    UM_TEXTURE,   /* model/texture.h */
    UM_N_MODALITIES
} um_modality_kind;

/** A set: bit `kind` is set for its members. */
typedef unsigned um_modalities;

typedef struct um_modality_info {
    char letter;      /* in "plt" */
    const char *name; /* in the names of parameters: "pulse" */
    int body;         /* values that its body gives, [B, body] */
    int feature;      /* width K of its feature */
    int crop_step;    /* every so many-th crop of a window is looked at; 0: none */
} um_modality_info;

const um_modality_info *um_modality_get(um_modality_kind kind);

static inline bool um_has(um_modalities set, um_modality_kind kind)
{
    return set >> kind & 1;
}

/** From letters in any order. UMCL_ERR_INVALID: none, unknown, twice, or text alone. */
umcl_status um_modalities_parse(um_modalities *out, const char *letters);

/** Letters in the order of fusion, e.g. "plt". */
void um_modalities_text(char out[UM_N_MODALITIES + 1], um_modalities set);

/** The step of the crops that the set looks at: the smallest of its members'; 0: none. */
int um_modalities_crop_step(um_modalities set);

/*
 * What a window is: 160 frames at 30 fps, where crops are looked at no fewer than 90 (the rest by
 * reflection in time); landmarks alone do with 60.
 */
#define UM_WINDOW 160
#define UM_WINDOW_LEAST 90
#define UM_WINDOW_LANDMARKS 60

int um_modalities_window(um_modalities set);

#endif
