#include "plot/style.h"

#include <math.h>

#define RADIUS 3.6
#define HATCH_STEP 6
#define FIRST_HOLLOW 7 /* markers 7 to 11 are 0 to 4, hollow */
#define TURN 6.283185307179586

/* Okabe and Ito (2008) without yellow, which is lost on white paper. */
static const double colours[][3] = {
    {0x00 / 255.0, 0x72 / 255.0, 0xB2 / 255.0}, /* blue */
    {0xD5 / 255.0, 0x5E / 255.0, 0x00 / 255.0}, /* vermilion */
    {0x00 / 255.0, 0x9E / 255.0, 0x73 / 255.0}, /* bluish green */
    {0xCC / 255.0, 0x79 / 255.0, 0xA7 / 255.0}, /* reddish purple */
    {0xE6 / 255.0, 0x9F / 255.0, 0x00 / 255.0}, /* orange */
    {0x56 / 255.0, 0xB4 / 255.0, 0xE9 / 255.0}, /* sky blue */
    {0, 0, 0},
};
#define N_COLOURS ((int)(sizeof colours / sizeof colours[0]))

/* Five dashes, seven colours and twelve markers: no two of the first 35 lines and 84 markers look
   alike. */
static const struct {
    double on_off[6];
    int n;
} dashes[] = {
    {{0}, 0}, {{7, 3}, 2}, {{2, 2.5}, 2}, {{9, 3, 2, 3}, 4}, {{9, 3, 2, 3, 2, 3}, 6},
};
#define N_DASHES ((int)(sizeof dashes / sizeof dashes[0]))

void um_style_colour(cairo_t *cr, int number, double alpha)
{
    const double *c = colours[number % N_COLOURS];

    cairo_set_source_rgba(cr, c[0], c[1], c[2], alpha);
}

void um_style_line(cairo_t *cr, int number, double alpha)
{
    static const double guide[] = {3, 3};

    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    if (number == UM_STYLE_GUIDE) {
        cairo_set_source_rgba(cr, 0.45, 0.45, 0.45, alpha);
        cairo_set_line_width(cr, 1);
        cairo_set_dash(cr, guide, 2, 0);
        return;
    }
    um_style_colour(cr, number, alpha);
    cairo_set_line_width(cr, 1.8);
    cairo_set_dash(cr, dashes[number % N_DASHES].on_off, dashes[number % N_DASHES].n, 0);
}

/* A polygon with corners at `radius`, the first in direction `turn` (0: right, in turns). */
static void polygon(cairo_t *cr, double x, double y, int corners, double turn, double radius)
{
    for (int i = 0; i < corners; i++) {
        double angle = TURN * (turn + (double)i / corners);

        cairo_line_to(cr, x + radius * cos(angle), y + radius * sin(angle));
    }
    cairo_close_path(cr);
}

static void cross(cairo_t *cr, double x, double y, double turn, double radius)
{
    for (int i = 0; i < 4; i++) {
        double angle = TURN * (turn + i / 4.0);

        cairo_move_to(cr, x, y);
        cairo_line_to(cr, x + radius * cos(angle), y + radius * sin(angle));
    }
}

/* The outline of a filled marker, 0 to 4. */
static void outline(cairo_t *cr, int shape, double r, double x, double y)
{
    switch (shape) {
    case 0: cairo_arc(cr, x, y, r, 0, TURN); break;
    case 1: polygon(cr, x, y, 4, 0.125, 1.3 * r); break;
    case 2: polygon(cr, x, y, 3, -0.25, 1.4 * r); break;
    case 3: polygon(cr, x, y, 4, 0, 1.4 * r); break;
    default: polygon(cr, x, y, 3, 0.25, 1.4 * r); break;
    }
}

void um_style_marker(cairo_t *cr, int colour, int marker, double size, double x, double y)
{
    const int shape = marker % UM_STYLE_MARKERS;
    const double r = size * RADIUS;

    cairo_new_path(cr);
    cairo_set_dash(cr, NULL, 0, 0);
    um_style_colour(cr, colour, 1);
    if (shape == 5 || shape == 6) {
        cross(cr, x, y, shape == 5 ? 0 : 0.125, 1.2 * r);
        cairo_set_line_width(cr, 1.8 * size);
    } else if (shape >= FIRST_HOLLOW) {
        outline(cr, shape - FIRST_HOLLOW, r, x, y);
        cairo_set_source_rgb(cr, 1, 1, 1);
        cairo_fill_preserve(cr);
        um_style_colour(cr, colour, 1);
        cairo_set_line_width(cr, 1.5 * size);
    } else {
        outline(cr, shape, r, x, y);
        cairo_fill_preserve(cr);
        cairo_set_source_rgb(cr, 1, 1, 1); /* a rim keeps neighbours apart */
        cairo_set_line_width(cr, 0.6 * size);
    }
    cairo_stroke(cr);
}

/* Parallel lines over the rectangle; 1: rising, 2: falling, 3: both, 4: level. */
static void hatch(cairo_t *cr, int pattern, double x, double y, double width, double height)
{
    const double to = width + height;

    for (double d = HATCH_STEP / 2.0; d < to; d += HATCH_STEP) {
        if (pattern == 1 || pattern == 3) {
            cairo_move_to(cr, x + d, y);
            cairo_line_to(cr, x + d - height, y + height);
        }
        if (pattern == 2 || pattern == 3) {
            cairo_move_to(cr, x + d - height, y);
            cairo_line_to(cr, x + d, y + height);
        }
        if (pattern == 4 && d < height) {
            cairo_move_to(cr, x, y + height - d);
            cairo_line_to(cr, x + width, y + height - d);
        }
    }
}

void um_style_bar(cairo_t *cr, int number, double x, double y, double width, double height)
{
    cairo_new_path(cr);
    cairo_set_dash(cr, NULL, 0, 0);
    cairo_set_line_width(cr, 1);
    cairo_save(cr);
    cairo_rectangle(cr, x, y, width, height);
    cairo_clip(cr);
    cairo_set_source_rgb(cr, 1, 1, 1); /* the grid stays behind */
    cairo_paint(cr);
    um_style_colour(cr, number, 0.45);
    cairo_paint(cr);
    um_style_colour(cr, number, 1);
    hatch(cr, number % 5, x, y, width, height);
    cairo_stroke(cr);
    cairo_restore(cr);
    um_style_colour(cr, number, 1);
    cairo_rectangle(cr, x, y, width, height);
    cairo_stroke(cr);
}
