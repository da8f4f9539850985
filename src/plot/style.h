/*
 * How the series of a figure are told apart: by number, in colour, dash, marker and hatching.
 */
#ifndef UM_PLOT_STYLE_H
#define UM_PLOT_STYLE_H

#include <cairo.h>

#include "plot/figure.h"

#define UM_STYLE_GUIDE (-1) /* the number of a guide */

/** Sets colour (with `alpha`), width and dash for lines of style `number`. */
void um_style_line(cairo_t *cr, int number, double alpha);

/** Sets the colour alone. */
void um_style_colour(cairo_t *cr, int number, double alpha);

#define UM_STYLE_MARKERS 12 /* eight of their own, then hollow ones */

/** Marker number `marker` around (x, y), about 7 px wide times `size`. */
void um_style_marker(cairo_t *cr, int colour, int marker, double size, double x, double y);

/** A bar: light fill, hatching, outline. */
void um_style_bar(cairo_t *cr, int number, double x, double y, double width, double height);

#endif
