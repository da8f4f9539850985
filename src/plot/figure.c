#include "plot/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "plot/canvas.h"
#include "plot/plot_area.h"

#define EDGE 14 /* px of paper around everything */
#define TITLE 34
#define LABEL 26 /* an axis label below, and the gap after it */
#define ROW 21   /* of the legend */
#define SAMPLE 32
#define BETWEEN 18 /* of two entries */
#define NOTE 20
#define PANEL_TITLE 22

static const um_text_style entry_text = {.size = 12};

/* Where everything lies, before the sheet is made: its size follows from it. */
typedef struct sheet {
    const um_figure *figure;
    um_area *areas; /* [n_panels] */
    double width, height, legend_top;
} sheet;

/* The legend's entries from left to right, as many in a row as fit; draws them where `draw`.
   Returns its height. */
static double legend(const sheet *s, cairo_t *cr, bool draw)
{
    const double right = s->width - EDGE;
    double x = EDGE, y = s->legend_top;
    bool any = false;

    for (size_t p = 0; p < s->figure->n_panels; p++) {
        const um_panel *panel = &s->figure->panels[p];

        for (size_t i = 0; i < panel->n_series; i++) {
            um_text_style style = entry_text;
            double width;

            if (!panel->series[i].name) continue;
            width = SAMPLE + um_text_width(cr, panel->series[i].name, style);
            if (any && x > EDGE && x + width > right) {
                x = EDGE;
                y += ROW;
            }
            if (draw) {
                style.most = right - x - SAMPLE;
                um_series_sample(cr, panel, i, x, y + ROW / 2.0);
                um_text_draw(cr, x + SAMPLE, y + ROW / 2.0 + 4.3, panel->series[i].name, style);
            }
            x += width + BETWEEN;
            any = true;
        }
    }
    return any ? y + ROW - s->legend_top : 0;
}

static size_t columns_of(const um_figure *f)
{
    return f->columns ? f->columns : 1;
}

/* What a column takes to the left of its panels, and their width. */
static void plan_columns(sheet *s, double left[UM_FIGURE_COLUMNS], double width[UM_FIGURE_COLUMNS])
{
    const um_figure *f = s->figure;

    for (size_t p = 0; p < f->n_panels; p++) {
        size_t c = p % columns_of(f);

        left[c] = fmax(left[c], s->areas[p].label_space + (f->panels[p].y.label ? 22 : 0));
        left[c] = fmax(left[c], s->areas[p].overhang); /* the edge is beyond */
        width[c] = fmax(width[c], f->panels[p].width);
    }
    s->width = EDGE;
    for (size_t c = 0; c < columns_of(f); c++) {
        left[c] += s->width;
        s->width = left[c] + width[c] + (c + 1 < columns_of(f) ? EDGE : 0);
    }
    s->width = ceil(s->width + 1.5 * EDGE);
}

/* Puts a row of panels below `y`; returns where it ends. */
static double plan_row(sheet *s, size_t first, const double left[UM_FIGURE_COLUMNS], double y)
{
    const um_figure *f = s->figure;
    double height = 0;

    for (size_t p = first; p < f->n_panels && p < first + columns_of(f); p++)
        if (f->panels[p].title) {
            y += PANEL_TITLE;
            break;
        }
    for (size_t p = first; p < f->n_panels && p < first + columns_of(f); p++) {
        s->areas[p].left = left[p - first];
        s->areas[p].top = y;
        height = fmax(height, f->panels[p].height + s->areas[p].x_height +
                                  (f->panels[p].x.label ? LABEL : 10));
    }
    return y + height;
}

static umcl_status plan(sheet *s, cairo_t *cr)
{
    const um_figure *f = s->figure;
    double left[UM_FIGURE_COLUMNS] = {0}, width[UM_FIGURE_COLUMNS] = {0};
    double y = EDGE + (f->title ? TITLE - EDGE / 2.0 : 0);

    if (f->columns > UM_FIGURE_COLUMNS)
        return um_fail(UMCL_ERR_INVALID, "figure: expected at most %d columns, found %zu",
                       UM_FIGURE_COLUMNS, f->columns);
    for (size_t p = 0; p < f->n_panels; p++) UM_TRY(um_area_plan(&s->areas[p], &f->panels[p], cr));
    plan_columns(s, left, width);
    for (size_t p = 0; p < f->n_panels; p += columns_of(f)) y = plan_row(s, p, left, y);
    s->legend_top = y;
    y += legend(s, cr, false) + (f->note ? NOTE : 0);
    s->height = ceil(y + EDGE / 2.0);
    return UMCL_OK;
}

static void draw(const sheet *s, cairo_t *cr)
{
    const um_figure *f = s->figure;
    const double most = s->width - 2 * EDGE;

    if (f->title)
        um_text_draw(cr, s->width / 2, EDGE + 12, f->title,
                     (um_text_style){.size = 15, .bold = true, .most = most, .align = UM_CENTRE});
    for (size_t p = 0; p < f->n_panels; p++) {
        const um_panel *panel = &f->panels[p];

        if (panel->title)
            um_text_draw(cr, s->areas[p].left + panel->width / 2, s->areas[p].top - 8, panel->title,
                         (um_text_style){.size = 13, .most = panel->width, .align = UM_CENTRE});
        um_area_draw_axes(&s->areas[p], cr);
        um_area_draw_pictures(&s->areas[p], cr);
        um_area_draw_series(&s->areas[p], cr);
    }
    legend(s, cr, true);
    if (f->note)
        um_text_draw(cr, EDGE, s->height - EDGE / 2.0 - 5, f->note,
                     (um_text_style){.size = 11, .most = most});
}

umcl_status um_figure_write(const um_figure *figure, const char *path)
{
    const char *dot = strrchr(path, '.');
    bool svg = dot && !strcasecmp(dot, ".svg");
    sheet s = {.figure = figure};
    um_canvas scratch = {0}, canvas = {0};
    umcl_status st;

    if (!svg && (!dot || strcasecmp(dot, ".png") != 0))
        return um_fail(UMCL_ERR_INVALID, "%s: expected a name ending in .svg or .png", path);
    UM_CHECK(um_calloc(&s.areas, figure->n_panels, sizeof *s.areas));
    UM_CHECK(um_canvas_open(&scratch, false, 1, 1)); /* to measure texts with */
    UM_CHECK(plan(&s, scratch.cr));
    UM_CHECK(um_canvas_open(&canvas, svg, s.width, s.height));
    draw(&s, canvas.cr);
    UM_CHECK(um_canvas_save(&canvas, path));
done:
    um_canvas_close(&canvas);
    um_canvas_close(&scratch);
    free(s.areas);
    return st;
}
