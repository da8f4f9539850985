/*
 * The picture that `umcl pseudo-fake` shows: cells of real | mask | fake, with a caption each.
 */
#ifndef UM_TOOLS_PSEUDO_SHEET_H
#define UM_TOOLS_PSEUDO_SHEET_H

#include "data/pseudo_fake.h"

/** A made pair. */
typedef struct pseudo_sample {
    um_face_clip real, fake;
    char caption[96];
} pseudo_sample;

/** Says in a few words what was drawn; `moving`: with what only a clip shows. */
void pseudo_caption(char *out, size_t size, const um_pseudo *p, bool moving);

/** Empty sheet for `cells` cells. The caller's. UMCL_ERR_NOMEM. */
umcl_status pseudo_sheet_new(um_image *sheet, int cells, int side);

/** Draws frame `frame` of a sample into a cell. */
void pseudo_sheet_draw(um_image *sheet, int cell, const pseudo_sample *sample, size_t frame);

/** Cells in a row. */
int pseudo_sheet_columns(void);

#endif
