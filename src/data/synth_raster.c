#include "data/synth_raster.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

umcl_status um_synth_raster_init(um_synth_raster *raster, int width, int height)
{
    *raster = (um_synth_raster){.width = width, .height = height};
    return um_calloc(&raster->sample, 4 * (size_t)width * (size_t)height, sizeof *raster->sample);
}

void um_synth_raster_clear(um_synth_raster *raster)
{
    free(raster->sample);
    *raster = (um_synth_raster){0};
}

static int clamp_int(float v, int lo, int hi)
{
    return v <= (float)lo ? lo : v >= (float)hi ? hi : (int)v;
}

static void find_region(um_synth_raster *raster, const um_synth_body *body)
{
    float x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;

    for (int p = 0; p < UM_PART_COUNT; p++) {
        const um_synth_part *part = &body->part[p];
        for (int i = 0; i < part->rows * part->cols; i++) {
            x0 = fminf(x0, part->vertex[i].x);
            x1 = fmaxf(x1, part->vertex[i].x);
            y0 = fminf(y0, part->vertex[i].y);
            y1 = fmaxf(y1, part->vertex[i].y);
        }
    }
    raster->x0 = clamp_int(floorf(x0), 0, raster->width);
    raster->y0 = clamp_int(floorf(y0), 0, raster->height);
    raster->x1 = clamp_int(ceilf(x1), 0, raster->width);
    raster->y1 = clamp_int(ceilf(y1), 0, raster->height);
}

/* Barycentric coordinates are linear: b(x, y) = at + dx (x - ax) + dy (y - ay). */
typedef struct plane {
    float b1_dx, b1_dy, b2_dx, b2_dy, area;
} plane;

static plane plane_of(const um_synth_vertex *a, const um_synth_vertex *b, const um_synth_vertex *c)
{
    float abx = b->x - a->x, aby = b->y - a->y, acx = c->x - a->x, acy = c->y - a->y;
    float area = abx * acy - aby * acx;
    float inv = fabsf(area) > 1e-12f ? 1 / area : 0.0f;

    return (plane){acy * inv, -acx * inv, -aby * inv, abx * inv, area};
}

/* Comparisons: fminf, which must honour NaN, is a call. */
static float least(float a, float b, float c)
{
    float m = a < b ? a : b;

    return m < c ? m : c;
}

static float most(float a, float b, float c)
{
    float m = a > b ? a : b;

    return m > c ? m : c;
}

static void draw_triangle(um_synth_raster *raster, const um_synth_vertex *a,
                          const um_synth_vertex *b, const um_synth_vertex *c, uint32_t id)
{
    plane p = plane_of(a, b, c);
    const float slack = -1e-4f; /* neighbours overlap rather than leave cracks */

    if (p.area == 0) return;
    int x0 = clamp_int(2 * least(a->x, b->x, c->x) - 0.5f, 2 * raster->x0, 2 * raster->x1);
    int y0 = clamp_int(2 * least(a->y, b->y, c->y) - 0.5f, 2 * raster->y0, 2 * raster->y1);
    int x1 = clamp_int(2 * most(a->x, b->x, c->x) + 0.5f, 2 * raster->x0, 2 * raster->x1);
    int y1 = clamp_int(2 * most(a->y, b->y, c->y) + 0.5f, 2 * raster->y0, 2 * raster->y1);
    for (int y = y0; y < y1; y++) {
        um_synth_sample *row = raster->sample + (size_t)y * 2 * (size_t)raster->width;
        float dy = 0.5f * (float)y + 0.25f - a->y;
        for (int x = x0; x < x1; x++) {
            float dx = 0.5f * (float)x + 0.25f - a->x;
            float b1 = p.b1_dx * dx + p.b1_dy * dy, b2 = p.b2_dx * dx + p.b2_dy * dy;
            if (b1 < slack || b2 < slack || 1 - b1 - b2 < slack) continue;
            float iz = a->iz + b1 * (b->iz - a->iz) + b2 * (c->iz - a->iz);
            if (iz > row[x].iz) row[x] = (um_synth_sample){iz, id};
        }
    }
}

/* Corners of a triangle's number: the upper half holds the cell's upper left corner. */
static void corners(const um_synth_part *part, uint32_t number, const um_synth_vertex *out[3])
{
    uint32_t cell = number >> 1, cols = (uint32_t)part->cols - 1;
    const um_synth_vertex *v = part->vertex + (cell / cols) * (uint32_t)part->cols + cell % cols;

    out[0] = number & 1 ? v + part->cols + 1 : v;
    out[1] = number & 1 ? v + part->cols : v + 1;
    out[2] = number & 1 ? v + 1 : v + part->cols;
}

void um_synth_raster_draw(um_synth_raster *raster, const um_synth_body *body)
{
    find_region(raster, body);
    for (int y = 2 * raster->y0; y < 2 * raster->y1; y++) {
        um_synth_sample *row = raster->sample + (size_t)y * 2 * (size_t)raster->width;
        for (int x = 2 * raster->x0; x < 2 * raster->x1; x++)
            row[x] = (um_synth_sample){0.0f, UM_SYNTH_NO_TRIANGLE};
    }
    for (int p = 0; p < UM_PART_COUNT; p++) {
        const um_synth_part *part = &body->part[p];
        if (part->rows == 0) continue;
        uint32_t n = 2 * (uint32_t)((part->rows - 1) * (part->cols - 1));
        for (uint32_t i = 0; i < n; i++) {
            const um_synth_vertex *v[3];
            corners(part, i, v);
            float area = (v[1]->x - v[0]->x) * (v[2]->y - v[0]->y) -
                         (v[1]->y - v[0]->y) * (v[2]->x - v[0]->x);
            if (area <= 0 && p != UM_PART_CURTAIN) continue; /* hair is seen from inside too */
            draw_triangle(raster, v[0], v[1], v[2], (uint32_t)p << 24 | i);
        }
    }
}

um_synth_vertex um_synth_raster_at(const um_synth_body *body, uint32_t triangle, float x, float y)
{
    const um_synth_vertex *v[3];

    corners(&body->part[triangle >> 24], triangle & 0xFFFFFF, v);
    plane p = plane_of(v[0], v[1], v[2]);
    float dx = x - v[0]->x, dy = y - v[0]->y;
    float b1 = p.b1_dx * dx + p.b1_dy * dy, b2 = p.b2_dx * dx + p.b2_dy * dy, b0 = 1 - b1 - b2;
    um_synth_vertex out = {.x = x, .y = y};

    out.iz = b0 * v[0]->iz + b1 * v[1]->iz + b2 * v[2]->iz;
    for (int k = 0; k < 3; k++) out.n[k] = b0 * v[0]->n[k] + b1 * v[1]->n[k] + b2 * v[2]->n[k];
    out.attr.u = b0 * v[0]->attr.u + b1 * v[1]->attr.u + b2 * v[2]->attr.u;
    out.attr.v = b0 * v[0]->attr.v + b1 * v[1]->attr.v + b2 * v[2]->attr.v;
    out.attr.theta = b0 * v[0]->attr.theta + b1 * v[1]->attr.theta + b2 * v[2]->attr.theta;
    out.attr.w = b0 * v[0]->attr.w + b1 * v[1]->attr.w + b2 * v[2]->attr.w;
    return out;
}
