/*
 * One panel on the sheet: where its data lie, its axes and its series.
 */
#ifndef UM_PLOT_PLOT_AREA_H
#define UM_PLOT_PLOT_AREA_H

#include <cairo.h>

#include "plot/figure.h"
#include "plot/ticks.h"

typedef struct um_area {
    const um_panel *panel;
    double left, top;             /* px on the sheet */
    double low[2], high[2];       /* of the x and the y axis, in data */
    um_ticks ticks[2];            /* none where the axis has names */
    double label_space, x_height; /* px that tick texts take left of and below the area */
    double overhang;              /* px that tilted names reach left of the area */
    double tilt;                  /* of the names below, radians; 0: level */
} um_area;

/** Ranges, ticks and the space they take. UMCL_ERR_INVALID: sizes, or a range that is none. */
umcl_status um_area_plan(um_area *out, const um_panel *panel, cairo_t *cr);

/** px on the sheet of a value on the x and the y axis. */
double um_area_x(const um_area *area, double value);
double um_area_y(const um_area *area, double value);

void um_area_draw_axes(const um_area *area, cairo_t *cr);
void um_area_draw_pictures(const um_area *area, cairo_t *cr);
void um_area_draw_series(const um_area *area, cairo_t *cr);

/** The style's number of a series of the panel; UM_STYLE_GUIDE for guides. */
int um_area_style(const um_panel *panel, size_t series);

/** A sample of the series for a legend, 26 px wide from (x, y), centred on y. */
void um_series_sample(cairo_t *cr, const um_panel *panel, size_t series, double x, double y);

#endif
