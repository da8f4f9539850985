/*
 * A sheet to draw on, as SVG or PNG, and the text on it.
 */
#ifndef UM_PLOT_CANVAS_H
#define UM_PLOT_CANVAS_H

#include <cairo.h>

#include "base/status.h"
#include "base/str.h"

typedef struct um_canvas {
    cairo_surface_t *surface;
    cairo_t *cr; /* 1 unit is 1 px */
    um_str bytes;
    bool svg;
} um_canvas;

/** White paper of `width` by `height` px. UMCL_ERR_INVALID (too large), UMCL_ERR_NOMEM. */
umcl_status um_canvas_open(um_canvas *out, bool svg, double width, double height);

/** Writes what was drawn, atomically. UMCL_ERR_IO, UMCL_ERR_NOMEM. */
umcl_status um_canvas_save(um_canvas *canvas, const char *path);
void um_canvas_close(um_canvas *canvas);

typedef enum um_align { UM_LEFT, UM_CENTRE, UM_RIGHT } um_align;

typedef struct um_text_style {
    double size; /* px */
    bool bold;
    double most;  /* set smaller where it is wider, px; 0: never */
    double angle; /* radians, clockwise */
    um_align align;
} um_text_style;

/** Width in px before it is set smaller. */
double um_text_width(cairo_t *cr, const char *text, um_text_style style);

/** Draws with the baseline through (x, y), in near black. */
void um_text_draw(cairo_t *cr, double x, double y, const char *text, um_text_style style);

#endif
