/*
 * Figures for papers and reports, as SVG or PNG: panels below each other or in columns, each with
 * two axes and its series, and one legend. Colours are Okabe and Ito's, which colour-blind readers
 * tell apart; every series has a dash, a marker and a hatching of its own as well, so that a black
 * and white print reads the same. Text is drawn as outlines of DejaVu Sans: an SVG needs no font
 * where it is shown. The same figure gives the same bytes, with the same cairo and font.
 */
#ifndef UM_PLOT_FIGURE_H
#define UM_PLOT_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

#define UM_FIGURE_COLUMNS 16

typedef enum um_series_kind {
    UM_SERIES_LINE,   /* low and high: a band */
    UM_SERIES_MARKED, /* a line with a marker at every point; low and high: whiskers */
    UM_SERIES_POINTS, /* markers alone; low and high: whiskers */
    UM_SERIES_BARS,   /* from 0, those of several series side by side; low and high: whiskers */
    UM_SERIES_GUIDE   /* a thin grey line beneath the others; takes no colour */
} um_series_kind;

/** Numbers that are not finite leave a gap. */
typedef struct um_series {
    const char *name; /* in the legend; NULL: not there */
    um_series_kind kind;
    size_t n;
    const double *x, *y;      /* [n] */
    const double *low, *high; /* [n], or both NULL */
    int colour, marker;       /* numbers from 1; 0: by its place among the panel's series */
} um_series;

/** A picture in a panel, beneath its series. */
typedef struct um_plot_picture {
    const unsigned char *rgb; /* [height, width, 3] */
    int width, height;
    double x0, y0, x1, y1; /* where its sides lie, in data */
    bool outlined;         /* in the second style's colour */
} um_plot_picture;

typedef struct um_axis {
    const char *label;        /* may be NULL */
    double low, high;         /* equal: from the data, with a margin; bars include 0 */
    const char *const *names; /* [n_names] of the places 0, 1, 2 ...; NULL: numbers */
    size_t n_names;
} um_axis;

typedef struct um_panel {
    um_axis x, y;
    const um_series *series; /* [n_series] */
    size_t n_series;
    double width, height;            /* of the plotting area, in px, 40 to 4000 */
    double bar;                      /* width of a place's bars on the x axis; 0: 0.8 */
    const um_plot_picture *pictures; /* [n_pictures] */
    size_t n_pictures;
    bool numbers;      /* above the bars, where they fit: what they count */
    const char *title; /* above it; NULL: none */
} um_panel;

typedef struct um_figure {
    const char *title, *note; /* one line each, or NULL; longer ones are set smaller */
    const um_panel *panels;   /* [n_panels] */
    size_t n_panels;
    size_t columns; /* panels fill rows of so many, to UM_FIGURE_COLUMNS; 0: one */
} um_figure;

/**
 * Writes `path`, by its ending: .svg, or .png at two pixels per px. Text that is not UTF-8 is drawn
 * with '?' in place of the stray bytes.
 *
 * @return UMCL_ERR_INVALID (another ending, sizes, columns, an axis that is not finite),
 * UMCL_ERR_NOT_FOUND (the folder), UMCL_ERR_IO, UMCL_ERR_NOMEM
 */
umcl_status um_figure_write(const um_figure *figure, const char *path);

#endif
