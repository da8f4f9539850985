#include "plot/plot_area.h"

#include <math.h>

#include "plot/canvas.h"
#include "plot/style.h"

#define TEXT 12
#define GRID 0.88
#define GAP 7 /* px between the area and its tick texts */
#define TILT 0.6

static const um_text_style right_text = {.size = TEXT, .align = UM_RIGHT};
static const um_text_style middle_text = {.size = TEXT, .align = UM_CENTRE};

static void stretch(double *low, double *high, const double *values, size_t n)
{
    for (size_t i = 0; values && i < n; i++) {
        if (!isfinite(values[i])) continue;
        *low = fmin(*low, values[i]);
        *high = fmax(*high, values[i]);
    }
}

/* What the data of the panel span on an axis; 0 to 1 where there are none. */
static void span_of(const um_panel *panel, bool y_axis, double *low, double *high)
{
    double bars = panel->bar > 0 ? panel->bar / 2 : 0.4;

    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < panel->n_series; i++) {
        const um_series *s = &panel->series[i];
        double from = INFINITY, to = -INFINITY;

        if (s->kind == UM_SERIES_GUIDE) continue;
        stretch(&from, &to, y_axis ? s->y : s->x, s->n);
        if (y_axis) {
            stretch(&from, &to, s->low, s->n);
            stretch(&from, &to, s->high, s->n);
            if (s->kind == UM_SERIES_BARS) from = fmin(from, 0);
        } else if (s->kind == UM_SERIES_BARS) {
            from -= bars;
            to += bars;
        }
        *low = fmin(*low, from);
        *high = fmax(*high, to);
    }
    for (size_t i = 0; i < panel->n_pictures; i++) {
        const um_plot_picture *picture = &panel->pictures[i];

        *low = fmin(*low, y_axis ? picture->y0 : picture->x0);
        *high = fmax(*high, y_axis ? picture->y1 : picture->x1);
    }
    if (*low > *high) {
        *low = 0;
        *high = 1;
    }
}

static umcl_status plan_axis(um_area *a, int which, const um_axis *axis)
{
    double low = axis->low, high = axis->high;
    double px = which ? a->panel->height : a->panel->width;

    if (!isfinite(low) || !isfinite(high) || low > high)
        return um_fail(UMCL_ERR_INVALID,
                       "figure: expected an axis from low to high, found %g to %g", low, high);
    if (low == high && axis->names) {
        low = -0.6;
        high = (double)axis->n_names - 0.4;
    } else if (low == high) {
        span_of(a->panel, which, &low, &high);
        bool floor = which && low == 0; /* bars stand on the axis */
        um_ticks_margin(&low, &high);
        if (floor) low = 0;
    }
    if (!isfinite(high - low))
        return um_fail(UMCL_ERR_INVALID, "figure: an axis from %g to %g is too long", low, high);
    a->low[which] = low;
    a->high[which] = high;
    if (!axis->names)
        um_ticks_choose(&a->ticks[which], low, high,
                        (int)fmin(10, fmax(2, px / (which ? 45 : 70))));
    return UMCL_OK;
}

/* Names that do not fit beside each other are tilted. */
static void plan_names(um_area *a, cairo_t *cr)
{
    const um_axis *x = &a->panel->x;
    double widest = 0, place = a->panel->width / (a->high[0] - a->low[0]);

    for (size_t i = 0; i < x->n_names; i++)
        widest = fmax(widest, um_text_width(cr, x->names[i], middle_text));
    a->x_height = TEXT + GAP;
    a->tilt = widest > place - 6 ? TILT : 0;
    if (a->tilt == 0) return;
    a->x_height += widest * sin(TILT);
    for (size_t i = 0; i < x->n_names; i++)
        a->overhang = fmax(a->overhang, um_text_width(cr, x->names[i], middle_text) * cos(TILT) -
                                            ((double)i - a->low[0]) * place);
}

umcl_status um_area_plan(um_area *out, const um_panel *panel, cairo_t *cr)
{
    *out = (um_area){.panel = panel, .x_height = TEXT + GAP};
    if (!(panel->width >= 40 && panel->width <= 4000 && panel->height >= 40 &&
          panel->height <= 4000))
        return um_fail(UMCL_ERR_INVALID, "figure: expected a panel of 40 to 4000 px, found %g x %g",
                       panel->width, panel->height);
    UM_TRY(plan_axis(out, 0, &panel->x));
    UM_TRY(plan_axis(out, 1, &panel->y));
    if (panel->x.names) plan_names(out, cr);
    for (size_t i = 0; i < out->ticks[1].n; i++)
        out->label_space =
            fmax(out->label_space, um_text_width(cr, out->ticks[1].text[i], right_text));
    for (size_t i = 0; panel->y.names && i < panel->y.n_names; i++)
        out->label_space = fmax(out->label_space, um_text_width(cr, panel->y.names[i], right_text));
    out->label_space += GAP;
    return UMCL_OK;
}

double um_area_x(const um_area *a, double value)
{
    return a->left + a->panel->width * (value - a->low[0]) / (a->high[0] - a->low[0]);
}

double um_area_y(const um_area *a, double value)
{
    return a->top + a->panel->height * (a->high[1] - value) / (a->high[1] - a->low[1]);
}

static size_t n_marks(const um_area *a, int which)
{
    const um_axis *axis = which ? &a->panel->y : &a->panel->x;

    return axis->names ? axis->n_names : a->ticks[which].n;
}

static double mark_at(const um_area *a, int which, size_t i)
{
    const um_axis *axis = which ? &a->panel->y : &a->panel->x;

    return axis->names ? (double)i : a->ticks[which].value[i];
}

static void draw_grid(const um_area *a, cairo_t *cr)
{
    const double right = a->left + a->panel->width, bottom = a->top + a->panel->height;

    cairo_set_dash(cr, NULL, 0, 0);
    cairo_set_line_width(cr, 0.8);
    cairo_set_source_rgb(cr, GRID, GRID, GRID);
    for (size_t i = 0; i < n_marks(a, 1); i++) {
        double y = um_area_y(a, mark_at(a, 1, i));

        cairo_move_to(cr, a->left, y);
        cairo_line_to(cr, right, y);
    }
    for (size_t i = 0; !a->panel->x.names && i < n_marks(a, 0); i++) {
        double x = um_area_x(a, mark_at(a, 0, i));

        cairo_move_to(cr, x, a->top);
        cairo_line_to(cr, x, bottom);
    }
    cairo_stroke(cr);
    cairo_set_source_rgb(cr, 0.3, 0.3, 0.3);
    cairo_rectangle(cr, a->left, a->top, a->panel->width, a->panel->height);
    cairo_stroke(cr);
}

static void draw_marks(const um_area *a, cairo_t *cr)
{
    const um_panel *p = a->panel;
    const double bottom = a->top + p->height;

    for (size_t i = 0; i < n_marks(a, 0); i++) {
        um_text_style style = middle_text;

        if (a->tilt > 0) {
            style.align = UM_RIGHT;
            style.angle = -a->tilt;
        }
        um_text_draw(cr, um_area_x(a, mark_at(a, 0, i)) + (a->tilt > 0 ? 4 : 0),
                     bottom + GAP + 0.8 * TEXT, p->x.names ? p->x.names[i] : a->ticks[0].text[i],
                     style);
    }
    for (size_t i = 0; i < n_marks(a, 1); i++)
        um_text_draw(cr, a->left - GAP, um_area_y(a, mark_at(a, 1, i)) + 0.36 * TEXT,
                     p->y.names ? p->y.names[i] : a->ticks[1].text[i], right_text);
}

void um_area_draw_axes(const um_area *a, cairo_t *cr)
{
    const um_panel *p = a->panel;
    um_text_style style = {.size = TEXT + 1, .align = UM_CENTRE};

    draw_grid(a, cr);
    draw_marks(a, cr);
    style.most = p->width;
    if (p->x.label)
        um_text_draw(cr, a->left + p->width / 2, a->top + p->height + a->x_height + 16, p->x.label,
                     style);
    style.most = p->height;
    style.angle = -M_PI / 2;
    if (p->y.label)
        um_text_draw(cr, a->left - a->label_space - 8, a->top + p->height / 2, p->y.label, style);
}
