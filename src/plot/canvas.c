#include "plot/canvas.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <cairo-svg.h>

#include "base/file.h"

#define PNG_SCALE 2
#define FONT "DejaVu Sans"
#define MOST_TEXT 256 /* bytes of one line; the rest is cut off */

static cairo_status_t append(void *to, const unsigned char *bytes, unsigned int n)
{
    um_str *s = to;

    um_str_append_n(s, (const char *)bytes, n);
    return s->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

static umcl_status check(cairo_status_t status, const char *what)
{
    if (status == CAIRO_STATUS_SUCCESS) return UMCL_OK;
    return um_fail(status == CAIRO_STATUS_NO_MEMORY ? UMCL_ERR_NOMEM : UMCL_ERR_INVALID,
                   "%s: cannot draw: %s", what, cairo_status_to_string(status));
}

/* What a desktop sets for its screens (hinting, subpixels) would change the bytes. */
static void plain_text(cairo_t *cr)
{
    cairo_font_options_t *o = cairo_font_options_create();

    cairo_font_options_set_antialias(o, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(cr, o);
    cairo_font_options_destroy(o);
}

umcl_status um_canvas_open(um_canvas *out, bool svg, double width, double height)
{
    *out = (um_canvas){.bytes = UM_STR_INIT, .svg = svg};
    if (svg) {
        /* The stream is written to when the surface is finished, by um_canvas_save. */
        out->surface = cairo_svg_surface_create_for_stream(append, &out->bytes, width, height);
        cairo_svg_surface_set_document_unit(out->surface, CAIRO_SVG_UNIT_PX);
    } else {
        out->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(PNG_SCALE * width),
                                                  (int)(PNG_SCALE * height));
    }
    out->cr = cairo_create(out->surface);
    if (!svg) cairo_scale(out->cr, PNG_SCALE, PNG_SCALE);
    plain_text(out->cr);
    cairo_set_source_rgb(out->cr, 1, 1, 1);
    cairo_paint(out->cr);
    return check(cairo_status(out->cr), "figure");
}

/* cairo before 1.18 counts the surfaces of the whole program and names the drawing by that. */
static void name_evenly(um_str *svg)
{
    static const char mark[] = "<g id=\"surface";
    char *at = svg->len ? strstr(svg->text, mark) : NULL, *digits, *rest;

    if (!at) return;
    digits = at + sizeof mark - 1;
    for (rest = digits; isdigit((unsigned char)*rest);) rest++;
    if (rest == digits) return;
    *digits = '0';
    memmove(digits + 1, rest, strlen(rest) + 1);
    svg->len -= (size_t)(rest - digits) - 1;
}

/* It names pictures by the same count, each where it stands and where it is used. */
static umcl_status name_pictures_evenly(um_str *svg)
{
    static const char mark[] = "image";
    um_str out = UM_STR_INIT;
    const char *at = svg->text, *from = at;
    long first = -1;

    for (; at && (at = strstr(at, mark)); from = at) {
        bool named = at > svg->text && (at[-1] == '"' || at[-1] == '#') &&
                     isdigit((unsigned char)at[sizeof mark - 1]);
        char *rest;
        long number;

        at += sizeof mark - 1;
        um_str_append_n(&out, from, (size_t)(at - from));
        if (!named) continue;
        number = strtol(at, &rest, 10);
        if (first < 0) first = number;
        um_str_printf(&out, "%ld", number - first);
        at = rest;
    }
    if (from) um_str_append(&out, from);
    um_str_clear(svg);
    *svg = out;
    return um_str_status(svg);
}

umcl_status um_canvas_save(um_canvas *canvas, const char *path)
{
    cairo_status_t status = cairo_status(canvas->cr);

    if (status == CAIRO_STATUS_SUCCESS && canvas->svg) {
        cairo_surface_finish(canvas->surface);
        status = cairo_surface_status(canvas->surface);
        name_evenly(&canvas->bytes);
        UM_TRY(name_pictures_evenly(&canvas->bytes));
    } else if (status == CAIRO_STATUS_SUCCESS) {
        cairo_surface_flush(canvas->surface);
        status = cairo_surface_write_to_png_stream(canvas->surface, append, &canvas->bytes);
    }
    UM_TRY(um_str_status(&canvas->bytes));
    UM_TRY(check(status, path));
    return um_file_write(path, canvas->bytes.text, canvas->bytes.len);
}

void um_canvas_close(um_canvas *canvas)
{
    if (canvas->cr) cairo_destroy(canvas->cr);
    if (canvas->surface) cairo_surface_destroy(canvas->surface);
    um_str_clear(&canvas->bytes);
    *canvas = (um_canvas){.bytes = UM_STR_INIT};
}

/* Bytes of the UTF-8 character at `s`, 0 where there is none that cairo would take. */
static size_t utf8_length(const unsigned char *s)
{
    size_t n = *s < 0x80 ? 1 : *s < 0xC2 ? 0 : *s < 0xE0 ? 2 : *s < 0xF0 ? 3 : *s < 0xF5 ? 4 : 0;

    if (*s < 0x20 || *s == 0x7F) return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80) return 0;
    if (n == 3 && ((*s == 0xE0 && s[1] < 0xA0) || (*s == 0xED && s[1] > 0x9F))) return 0;
    if (n == 4 && ((*s == 0xF0 && s[1] < 0x90) || (*s == 0xF4 && s[1] > 0x8F))) return 0;
    return n;
}

static void take_text(char out[MOST_TEXT], const char *text)
{
    size_t at = 0;

    while (*text && at + 5 < MOST_TEXT) {
        size_t n = utf8_length((const unsigned char *)text);

        if (n == 0) {
            out[at++] = '?';
            text++;
            continue;
        }
        memcpy(out + at, text, n);
        at += n;
        text += n;
    }
    out[at] = '\0';
}

static void set_font(cairo_t *cr, um_text_style style)
{
    cairo_select_font_face(cr, FONT, CAIRO_FONT_SLANT_NORMAL,
                           style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, style.size);
}

static double width_of(cairo_t *cr, const char *clean)
{
    cairo_text_extents_t e;

    cairo_text_extents(cr, clean, &e);
    return e.x_advance;
}

double um_text_width(cairo_t *cr, const char *text, um_text_style style)
{
    char clean[MOST_TEXT];

    take_text(clean, text);
    set_font(cr, style);
    return width_of(cr, clean);
}

void um_text_draw(cairo_t *cr, double x, double y, const char *text, um_text_style style)
{
    char clean[MOST_TEXT];
    double width;

    take_text(clean, text);
    set_font(cr, style);
    width = width_of(cr, clean);
    if (style.most > 0 && width > style.most) {
        cairo_set_font_size(cr, style.size * style.most / width);
        width = style.most;
    }
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_rotate(cr, style.angle);
    cairo_move_to(cr,
                  style.align == UM_LEFT    ? 0
                  : style.align == UM_RIGHT ? -width
                                            : -width / 2,
                  0);
    cairo_set_source_rgb(cr, 0.1, 0.1, 0.1);
    cairo_show_text(cr, clean);
    cairo_new_path(cr);
    cairo_restore(cr);
}
