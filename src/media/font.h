/*
 * A small bitmap font for labels on pictures.
 */
#ifndef UM_MEDIA_FONT_H
#define UM_MEDIA_FONT_H

#include <stdint.h>

#define UM_FONT_WIDTH 5
#define UM_FONT_HEIGHT 7

/** Rows from top to bottom, bit 4 is the left pixel. What is not printable ASCII is a box. */
const uint8_t *um_font_glyph(char c);

#endif
