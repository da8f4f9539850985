/*
 * Drawing on pictures: lines two pixels wide with soft edges, boxes, discs and labels.
 */
#include <math.h>
#include <stdbool.h>

#include "media/font.h"
#include "media/image.h"

#define LINE_RADIUS 1.0f
#define MAX_COORDINATE 1e6f

/** Mixes the colour into one pixel; `cover` 0..1. */
static void blend(um_image *image, int x, int y, uint32_t colour, float cover)
{
    float rgb[3] = {(float)(colour >> 16 & 255), (float)(colour >> 8 & 255), (float)(colour & 255)};
    uint8_t *p = image->data + (size_t)y * image->stride + (size_t)x * (size_t)image->channels;

    if (image->channels == 1) rgb[0] = 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
    for (int c = 0; c < image->channels && c < 3; c++)
        p[c] = (uint8_t)((float)p[c] + (rgb[c] - (float)p[c]) * cover + 0.5f);
}

static int clampi(float v, int lo, int hi)
{
    return v < (float)lo ? lo : v > (float)hi ? hi : (int)v;
}

static float clampf(float v, float lo, float hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

static bool is_drawable(float a, float b)
{
    return fabsf(a) < MAX_COORDINATE && fabsf(b) < MAX_COORDINATE; /* false for NaN */
}

/** Distance from (px, py) to the segment from (x, y) along (dx, dy). */
static float distance(float px, float py, float x, float y, float dx, float dy)
{
    float len2 = dx * dx + dy * dy;
    float t = len2 > 0 ? clampf(((px - x) * dx + (py - y) * dy) / len2, 0, 1) : 0;

    return hypotf(px - x - t * dx, py - y - t * dy);
}

/** Everything within `radius` of the segment, the last pixel of the edge soft. */
static void draw_capsule(um_image *image, float x0, float y0, float x1, float y1, float radius,
                         uint32_t colour)
{
    float reach = radius + 1, dx = x1 - x0, dy = y1 - y0;
    int top, bottom;

    if (!is_drawable(x0, y0) || !is_drawable(x1, y1) || !(radius > 0)) return;
    if (fminf(y0, y1) - reach >= (float)image->height || fmaxf(y0, y1) + reach < 0) return;
    top = clampi(fminf(y0, y1) - reach, 0, image->height - 1);
    bottom = clampi(fmaxf(y0, y1) + reach, 0, image->height - 1);
    for (int y = top; y <= bottom; y++) {
        float cy = (float)y + 0.5f, lo = fminf(x0, x1) - reach, hi = fmaxf(x0, x1) + reach;
        if (fabsf(dy) > 1) {
            /* Where the line passes this row, so that long slanted lines stay cheap. */
            float half = reach * hypotf(dx, dy) / fabsf(dy), at = x0 + dx * (cy - y0) / dy;
            lo = fmaxf(lo, at - half - 1);
            hi = fminf(hi, at + half + 1);
        }
        if (lo >= (float)image->width || hi < 0) continue;
        for (int x = clampi(lo, 0, image->width - 1), end = clampi(hi, 0, image->width - 1);
             x <= end; x++) {
            float d = distance((float)x + 0.5f, cy, x0, y0, dx, dy);
            if (d < radius + 0.5f) blend(image, x, y, colour, fminf(radius + 0.5f - d, 1));
        }
    }
}

static void fill(um_image *image, int x0, int y0, int x1, int y1, uint32_t colour)
{
    x0 = x0 < 0 ? 0 : x0;
    y0 = y0 < 0 ? 0 : y0;
    x1 = x1 > image->width ? image->width : x1;
    y1 = y1 > image->height ? image->height : y1;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) blend(image, x, y, colour, 1);
}

void um_draw_line(um_image *image, float x0, float y0, float x1, float y1, uint32_t colour)
{
    draw_capsule(image, x0, y0, x1, y1, LINE_RADIUS, colour);
}

void um_draw_box(um_image *image, um_box box, int thickness, uint32_t colour)
{
    int x0, y0, x1, y1, t = thickness;

    if (!is_drawable(box.x0, box.y0) || !is_drawable(box.x1, box.y1) || t < 1) return;
    x0 = (int)lrintf(box.x0);
    y0 = (int)lrintf(box.y0);
    x1 = (int)lrintf(box.x1);
    y1 = (int)lrintf(box.y1);
    if (t > image->width + image->height) t = image->width + image->height;
    if (2 * t >= x1 - x0 || 2 * t >= y1 - y0) {
        fill(image, x0, y0, x1, y1, colour);
        return;
    }
    fill(image, x0, y0, x1, y0 + t, colour);
    fill(image, x0, y1 - t, x1, y1, colour);
    fill(image, x0, y0 + t, x0 + t, y1 - t, colour);
    fill(image, x1 - t, y0 + t, x1, y1 - t, colour);
}

void um_draw_disc(um_image *image, float x, float y, float radius, uint32_t colour)
{
    draw_capsule(image, x, y, x, y, radius, colour);
}

void um_draw_text(um_image *image, int x, int y, int scale, uint32_t colour, const char *text)
{
    if (scale < 1 || scale > 1000) return;
    for (; *text && x < image->width; text++) {
        const uint8_t *glyph = um_font_glyph(*text);
        for (int row = 0; row < UM_FONT_HEIGHT; row++)
            for (int col = 0; col < UM_FONT_WIDTH; col++)
                if (glyph[row] >> (UM_FONT_WIDTH - 1 - col) & 1)
                    fill(image, x + col * scale, y + row * scale, x + (col + 1) * scale,
                         y + (row + 1) * scale, colour);
        x += (UM_FONT_WIDTH + 1) * scale;
    }
}
