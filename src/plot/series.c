/* The series of a panel: bands beneath lines beneath markers. */
#include <math.h>
#include <stdio.h>

#include "plot/canvas.h"
#include "plot/plot_area.h"
#include "plot/style.h"

#define WHISKER 3.5 /* half the width of its ends, px */
#define MANY 600.0  /* markers in a panel; more are smaller */

int um_area_style(const um_panel *panel, size_t series)
{
    int number = 0;

    if (panel->series[series].kind == UM_SERIES_GUIDE) return UM_STYLE_GUIDE;
    for (size_t i = 0; i < series; i++) number += panel->series[i].kind != UM_SERIES_GUIDE;
    return number;
}

static int colour_of(const um_panel *panel, size_t series)
{
    const um_series *s = &panel->series[series];

    return s->colour > 0 ? s->colour - 1 : um_area_style(panel, series);
}

static void draw_marker(cairo_t *cr, const um_panel *panel, size_t series, double size, double x,
                        double y)
{
    const um_series *s = &panel->series[series];

    um_style_marker(cr, colour_of(panel, series),
                    s->marker > 0 ? s->marker - 1 : um_area_style(panel, series), size, x, y);
}

static bool is_there(const um_series *s, size_t i)
{
    return isfinite(s->x[i]) && isfinite(s->y[i]);
}

static bool has_range(const um_series *s, size_t i)
{
    return s->low && s->high && isfinite(s->x[i]) && isfinite(s->low[i]) && isfinite(s->high[i]);
}

static bool is_inside(const um_area *a, double x, double y)
{
    return x >= a->low[0] && x <= a->high[0] && y >= a->low[1] && y <= a->high[1];
}

/* One band for every run of points that have a range. */
static void draw_band(const um_area *a, cairo_t *cr, const um_series *s, int style)
{
    um_style_colour(cr, style, 0.2);
    for (size_t i = 0; i < s->n; i++) {
        size_t end = i;

        for (; end < s->n && has_range(s, end); end++)
            cairo_line_to(cr, um_area_x(a, s->x[end]), um_area_y(a, s->high[end]));
        for (size_t k = end; k > i; k--)
            cairo_line_to(cr, um_area_x(a, s->x[k - 1]), um_area_y(a, s->low[k - 1]));
        cairo_close_path(cr);
        cairo_fill(cr);
        i = end;
    }
}

static void draw_line(const um_area *a, cairo_t *cr, const um_series *s, int style)
{
    bool open = false;

    um_style_line(cr, style, 1);
    for (size_t i = 0; i < s->n; i++) {
        if (!is_there(s, i)) {
            open = false;
            continue;
        }
        if (open)
            cairo_line_to(cr, um_area_x(a, s->x[i]), um_area_y(a, s->y[i]));
        else
            cairo_move_to(cr, um_area_x(a, s->x[i]), um_area_y(a, s->y[i]));
        open = true;
    }
    cairo_stroke(cr);
}

static void draw_whisker(const um_area *a, cairo_t *cr, double x, double low, double high)
{
    double from = um_area_y(a, low), to = um_area_y(a, high);

    cairo_move_to(cr, x, from);
    cairo_line_to(cr, x, to);
    cairo_move_to(cr, x - WHISKER, from);
    cairo_line_to(cr, x + WHISKER, from);
    cairo_move_to(cr, x - WHISKER, to);
    cairo_line_to(cr, x + WHISKER, to);
}

/* `shift` px to the right: bars that stand side by side. */
static void draw_whiskers(const um_area *a, cairo_t *cr, const um_series *s, double shift)
{
    cairo_set_dash(cr, NULL, 0, 0);
    cairo_set_line_width(cr, 1.1);
    for (size_t i = 0; i < s->n; i++)
        if (has_range(s, i) && s->x[i] >= a->low[0] && s->x[i] <= a->high[0])
            draw_whisker(a, cr, um_area_x(a, s->x[i]) + shift, s->low[i], s->high[i]);
    cairo_stroke(cr);
}

/* Not where a reader would need a glass. */
static void draw_number(cairo_t *cr, double value, double x, double y, double width)
{
    const um_text_style style = {.size = 10, .most = width - 1, .align = UM_CENTRE};
    char text[32];

    snprintf(text, sizeof text, "%.6g", value);
    if (um_text_width(cr, text, style) <= 1.6 * style.most) um_text_draw(cr, x, y, text, style);
}

static void draw_bars(const um_area *a, cairo_t *cr, size_t series)
{
    const um_series *s = &a->panel->series[series];
    double all = um_area_x(a, a->panel->bar > 0 ? a->panel->bar : 0.8) - um_area_x(a, 0);
    double width, shift, n = 0, before = 0;

    for (size_t i = 0; i < a->panel->n_series; i++) {
        if (a->panel->series[i].kind != UM_SERIES_BARS) continue;
        before += i < series;
        n++;
    }
    width = all / n;
    shift = width * (before + 0.5) - all / 2;
    for (size_t i = 0; i < s->n; i++) {
        double foot = um_area_y(a, fmax(0, a->low[1])), top, middle;

        if (!is_there(s, i) || s->y[i] == 0) continue;
        top = um_area_y(a, s->y[i]);
        middle = um_area_x(a, s->x[i]) + shift;
        um_style_bar(cr, um_area_style(a->panel, series), middle - width / 2, fmin(top, foot),
                     width, fabs(foot - top));
        if (a->panel->numbers) draw_number(cr, s->y[i], middle, top - 3, width);
    }
    cairo_set_source_rgb(cr, 0.1, 0.1, 0.1);
    draw_whiskers(a, cr, s, shift);
}

static bool has_markers(const um_series *s)
{
    return s->kind == UM_SERIES_MARKED || s->kind == UM_SERIES_POINTS;
}

/* A share of the series' markers, from `part` of `parts` on. Those at the rim are drawn whole, so
   they are not clipped but left out where outside. */
static void draw_markers(const um_area *a, cairo_t *cr, size_t series, double size, size_t part,
                         size_t parts)
{
    const um_series *s = &a->panel->series[series];

    for (size_t i = s->n * part / parts; i < s->n * (part + 1) / parts; i++)
        if (is_there(s, i) && is_inside(a, s->x[i], s->y[i]))
            draw_marker(cr, a->panel, series, size, um_area_x(a, s->x[i]), um_area_y(a, s->y[i]));
}

/* In turns, so that no series lies on top of all others; smaller where there are many. */
static void draw_all_markers(const um_area *a, cairo_t *cr)
{
    const um_panel *p = a->panel;
    size_t all = 0, parts = 0;

    for (size_t i = 0; i < p->n_series; i++) {
        if (!has_markers(&p->series[i])) continue;
        all += p->series[i].n;
        parts = p->series[i].n > parts ? p->series[i].n : parts;
    }
    for (size_t part = 0; part < parts; part++)
        for (size_t i = 0; i < p->n_series; i++)
            if (has_markers(&p->series[i]))
                draw_markers(a, cr, i, fmin(1, fmax(0.4, sqrt(MANY / (double)all))), part, parts);
}

static void draw_clipped(const um_area *a, cairo_t *cr, size_t i)
{
    const um_series *s = &a->panel->series[i];
    const int style = um_area_style(a->panel, i);

    if (s->kind == UM_SERIES_BARS) {
        draw_bars(a, cr, i);
        return;
    }
    if (s->kind != UM_SERIES_POINTS) draw_line(a, cr, s, style);
    if (has_markers(s)) {
        um_style_colour(cr, colour_of(a->panel, i), 1);
        draw_whiskers(a, cr, s, 0);
    }
}

void um_area_draw_series(const um_area *a, cairo_t *cr)
{
    const um_panel *p = a->panel;

    cairo_save(cr);
    cairo_rectangle(cr, a->left, a->top, p->width, p->height);
    cairo_clip(cr);
    for (size_t i = 0; i < p->n_series; i++) {
        if (p->series[i].kind == UM_SERIES_LINE)
            draw_band(a, cr, &p->series[i], um_area_style(p, i));
        if (p->series[i].kind == UM_SERIES_GUIDE) draw_clipped(a, cr, i);
    }
    for (size_t i = 0; i < p->n_series; i++)
        if (p->series[i].kind != UM_SERIES_GUIDE) draw_clipped(a, cr, i);
    cairo_restore(cr);
    draw_all_markers(a, cr);
}

void um_series_sample(cairo_t *cr, const um_panel *panel, size_t series, double x, double y)
{
    const um_series *s = &panel->series[series];
    const int style = um_area_style(panel, series);

    if (s->kind == UM_SERIES_BARS) {
        um_style_bar(cr, style, x + 3, y - 6, 20, 12);
        return;
    }
    if (s->kind == UM_SERIES_LINE && s->low) {
        um_style_colour(cr, style, 0.2);
        cairo_rectangle(cr, x, y - 5, 26, 10);
        cairo_fill(cr);
    }
    if (s->kind != UM_SERIES_POINTS) {
        um_style_line(cr, style, 1);
        cairo_move_to(cr, x, y);
        cairo_line_to(cr, x + 26, y);
        cairo_stroke(cr);
    }
    if (has_markers(s)) draw_marker(cr, panel, series, 1, x + 13, y);
}
