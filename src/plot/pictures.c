/* The pictures of a panel. */
#include "plot/plot_area.h"
#include "plot/style.h"

#define OUTLINE 2.5 /* px */

/* A copy as cairo keeps pixels: 0x00RRGGBB in the machine's order. */
static cairo_surface_t *surface_of(const um_plot_picture *p)
{
    cairo_surface_t *out = cairo_image_surface_create(CAIRO_FORMAT_RGB24, p->width, p->height);
    unsigned char *data = cairo_image_surface_get_data(out);

    if (!data) return out; /* its error reaches whoever draws with it */
    cairo_surface_flush(out);
    for (int y = 0; y < p->height; y++) {
        const unsigned char *from = p->rgb + (size_t)y * (size_t)p->width * 3;
        unsigned *to = (unsigned *)(void *)(data + y * cairo_image_surface_get_stride(out));

        for (int x = 0; x < p->width; x++, from += 3)
            to[x] = (unsigned)from[0] << 16 | (unsigned)from[1] << 8 | from[2];
    }
    cairo_surface_mark_dirty(out);
    return out;
}

static void draw_picture(const um_area *a, cairo_t *cr, const um_plot_picture *p)
{
    double left = um_area_x(a, p->x0), right = um_area_x(a, p->x1);
    double top = um_area_y(a, p->y1), bottom = um_area_y(a, p->y0);
    bool vector = cairo_surface_get_type(cairo_get_target(cr)) == CAIRO_SURFACE_TYPE_SVG;
    cairo_surface_t *surface = surface_of(p);

    cairo_save(cr);
    cairo_translate(cr, left, top);
    cairo_scale(cr, (right - left) / p->width, (bottom - top) / p->height);
    cairo_set_source_surface(cr, surface, 0, 0);
    if (!vector) /* else its edges fade into the paper; in an SVG the viewer scales it */
        cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_rectangle(cr, 0, 0, p->width, p->height);
    cairo_fill(cr);
    cairo_restore(cr);
    cairo_surface_destroy(surface);
    if (!p->outlined) return;
    um_style_line(cr, 1, 1);
    cairo_set_dash(cr, NULL, 0, 0);
    cairo_set_line_width(cr, OUTLINE);
    cairo_rectangle(cr, left, top, right - left, bottom - top);
    cairo_stroke(cr);
}

void um_area_draw_pictures(const um_area *a, cairo_t *cr)
{
    const um_panel *p = a->panel;

    cairo_save(cr);
    cairo_rectangle(cr, a->left, a->top, p->width, p->height);
    cairo_clip(cr);
    for (size_t i = 0; i < p->n_pictures; i++) draw_picture(a, cr, &p->pictures[i]);
    cairo_restore(cr);
}
