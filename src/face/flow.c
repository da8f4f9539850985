#include "face/flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define WIN UM_FLOW_WINDOW
#define LANES 16             /* a window's row with one idle lane, so that rows fill vectors */
#define PATCH_ROWS (WIN + 2) /* the window with the ring that its derivatives need */
#define PATCH_COLS 20        /* the same across, rounded up; the rest is idle */
#define BORDER 24            /* window, ring and idle lanes, starting at most WIN/2 outside */
#define MAX_STEPS 10
#define EPSILON 0.03f
#define MIN_EIGENVALUE 0.1024f /* OpenCV's 1e-4 in its units: gradients x 32, sums x 2^-20 */

typedef struct level {
    int width, height;
    size_t stride;
    float *data;   /* with border */
    float *origin; /* pixel (0, 0) */
} level;

struct um_pyramid {
    level at[UM_FLOW_LEVELS];
    float *row; /* scratch: one row filtered downwards */
};

umcl_status um_pyramid_new(um_pyramid **out, int width, int height)
{
    umcl_status st;
    um_pyramid *p = NULL;

    *out = NULL;
    if (width < 16 || height < 16 || width > 1 << 14 || height > 1 << 14)
        return um_fail(UMCL_ERR_INVALID, "pyramid: expected sides of 16..16384, got %d x %d", width,
                       height);
    UM_CHECK(um_calloc(&p, 1, sizeof *p));
    UM_CHECK(um_calloc(&p->row, (size_t)width + 4, sizeof *p->row));
    for (int i = 0; i < UM_FLOW_LEVELS; i++) {
        level *l = &p->at[i];

        l->width = i ? (p->at[i - 1].width + 1) / 2 : width;
        l->height = i ? (p->at[i - 1].height + 1) / 2 : height;
        l->stride = ((size_t)l->width + 2 * BORDER + 15) / 16 * 16;
        UM_CHECK(um_alloc_aligned(&l->data,
                                  l->stride * (size_t)(l->height + 2 * BORDER) * sizeof *l->data));
        l->origin = l->data + BORDER * l->stride + BORDER;
    }
    *out = p;
    p = NULL;
done:
    um_pyramid_free(p);
    return st;
}

void um_pyramid_free(um_pyramid *p)
{
    if (!p) return;
    for (int i = 0; i < UM_FLOW_LEVELS; i++) free(p->at[i].data);
    free(p->row);
    free(p);
}

/* Repeats the outermost pixels into the border. */
static void extend(level *l)
{
    size_t whole = ((size_t)l->width + 2 * BORDER) * sizeof(float);

    for (int y = 0; y < l->height; y++) {
        float *row = l->origin + (size_t)y * l->stride;

        for (int x = 1; x <= BORDER; x++) {
            row[-x] = row[0];
            row[l->width - 1 + x] = row[l->width - 1];
        }
    }
    for (size_t y = 0; y < BORDER; y++) {
        memcpy(l->data + y * l->stride, l->data + BORDER * l->stride, whole);
        memcpy(l->data + (BORDER + (size_t)l->height + y) * l->stride,
               l->data + (BORDER + (size_t)l->height - 1) * l->stride, whole);
    }
}

/* Burt and Adelson's [1 4 6 4 1] / 16 both ways, every second pixel: (x, y) -> (x / 2, y / 2). */
static void halve(level *to, const level *from, float *scratch)
{
    for (int y = 0; y < to->height; y++) {
        const float *c = from->origin + (size_t)(2 * y) * from->stride;
        const float *a = c - 2 * from->stride, *b = c - from->stride;
        const float *d = c + from->stride, *e = c + 2 * from->stride;
        float *row = scratch + 2, *out = to->origin + (size_t)y * to->stride;

        for (int x = -2; x < from->width + 2; x++)
            row[x] = a[x] + e[x] + 4 * (b[x] + d[x]) + 6 * c[x];
        for (int x = 0; x < to->width; x++) {
            const float *r = row + 2 * x;

            out[x] = (r[-2] + r[2] + 4 * (r[-1] + r[1]) + 6 * r[0]) * (1.0f / 256);
        }
    }
}

void um_pyramid_set(um_pyramid *p, const um_image *grey)
{
    level *l = &p->at[0];

    for (int y = 0; y < l->height; y++) {
        const unsigned char *in = grey->data + (size_t)y * grey->stride;
        float *out = l->origin + (size_t)y * l->stride;

        for (int x = 0; x < l->width; x++) out[x] = in[x];
    }
    extend(l);
    for (int i = 1; i < UM_FLOW_LEVELS; i++) {
        halve(&p->at[i], &p->at[i - 1], p->row);
        extend(&p->at[i]);
    }
}

/* Place of a window's upper left pixel: whole part, and weights of the four neighbours. */
typedef struct corner {
    int x, y;
    float w00, w01, w10, w11;
} corner;

/* False where the window's centre leaves the picture by more than half a window. */
static bool corner_at(corner *c, const level *l, float cx, float cy)
{
    float x = cx - WIN / 2, y = cy - WIN / 2, fx, fy;

    /* Written so that NaN is outside. */
    if (!(x >= -WIN && y >= -WIN && x < (float)l->width && y < (float)l->height)) return false;
    c->x = (int)floorf(x);
    c->y = (int)floorf(y);
    fx = x - (float)c->x;
    fy = y - (float)c->y;
    c->w00 = (1 - fx) * (1 - fy);
    c->w01 = fx * (1 - fy);
    c->w10 = (1 - fx) * fy;
    c->w11 = fx * fy;
    return true;
}

typedef struct patch {
    float value[WIN][LANES], dx[WIN][LANES], dy[WIN][LANES]; /* idle lane: gradients of 0 */
    float xx, xy, yy;                                        /* sums of gradient products */
} patch;

static float sum(const float *lane)
{
    float s = 0;

    for (int i = 0; i < LANES; i++) s += lane[i];
    return s;
}

/* The window and its gradients. Derivatives of an interpolated picture are interpolated
 * derivatives, so Scharr's kernel runs on the small patch instead of the whole picture. */
static void take_patch(patch *p, const level *l, corner c)
{
    float v[PATCH_ROWS][PATCH_COLS], xx[LANES] = {0}, xy[LANES] = {0}, yy[LANES] = {0};

    for (int y = 0; y < PATCH_ROWS; y++) {
        const float *r0 = l->origin + (ptrdiff_t)(c.y - 1 + y) * (ptrdiff_t)l->stride + (c.x - 1);
        const float *r1 = r0 + l->stride;

        for (int x = 0; x < PATCH_COLS; x++)
            v[y][x] = c.w00 * r0[x] + c.w01 * r0[x + 1] + c.w10 * r1[x] + c.w11 * r1[x + 1];
    }
    for (int y = 0; y < WIN; y++) {
        const float *a = v[y], *b = v[y + 1], *d = v[y + 2];

        for (int x = 0; x < LANES; x++) {
            float on = x < WIN ? 1.0f / 32 : 0;

            p->value[y][x] = b[x + 1];
            p->dx[y][x] = on * (3 * (a[x + 2] - a[x] + d[x + 2] - d[x]) + 10 * (b[x + 2] - b[x]));
            p->dy[y][x] =
                on * (3 * (d[x] - a[x] + d[x + 2] - a[x + 2]) + 10 * (d[x + 1] - a[x + 1]));
        }
        for (int x = 0; x < LANES; x++) {
            xx[x] += p->dx[y][x] * p->dx[y][x];
            xy[x] += p->dx[y][x] * p->dy[y][x];
            yy[x] += p->dy[y][x] * p->dy[y][x];
        }
    }
    p->xx = sum(xx);
    p->xy = sum(xy);
    p->yy = sum(yy);
}

/* Sums of difference times gradient between the patch and the picture at a corner. */
static void mismatch(float *bx, float *by, const patch *p, const level *l, corner c)
{
    float sx[LANES] = {0}, sy[LANES] = {0};

    for (int y = 0; y < WIN; y++) {
        const float *r0 = l->origin + (ptrdiff_t)(c.y + y) * (ptrdiff_t)l->stride + c.x;
        const float *r1 = r0 + l->stride;

        for (int x = 0; x < LANES; x++) {
            float v = c.w00 * r0[x] + c.w01 * r0[x + 1] + c.w10 * r1[x] + c.w11 * r1[x + 1];
            float diff = v - p->value[y][x];

            sx[x] += diff * p->dx[y][x];
            sy[x] += diff * p->dy[y][x];
        }
    }
    *bx = sum(sx);
    *by = sum(sy);
}

/* Gauss-Newton on one level; false where the point is lost. `to` is kept where there is no
 * texture, so that coarse levels without any do no harm. */
static bool refine(const level *from, const level *other, const float at[2], float to[2])
{
    patch p;
    corner c;
    float det, min_eigenvalue, before[2] = {0, 0};

    if (!corner_at(&c, from, at[0], at[1])) return false;
    take_patch(&p, from, c);
    det = p.xx * p.yy - p.xy * p.xy;
    min_eigenvalue = 0.5f * (p.xx + p.yy - sqrtf((p.xx - p.yy) * (p.xx - p.yy) + 4 * p.xy * p.xy));
    if (min_eigenvalue < MIN_EIGENVALUE * WIN * WIN || det < 1e-7f) return false;
    for (int step = 0; step < MAX_STEPS; step++) {
        float bx, by, d[2];

        if (!corner_at(&c, other, to[0], to[1])) return false;
        mismatch(&bx, &by, &p, other, c);
        d[0] = (p.xy * by - p.yy * bx) / det;
        d[1] = (p.xy * bx - p.xx * by) / det;
        to[0] += d[0];
        to[1] += d[1];
        if (d[0] * d[0] + d[1] * d[1] <= EPSILON * EPSILON) break;
        /* A step that undoes the last one: the minimum lies between the two. */
        if (step > 0 && fabsf(d[0] + before[0]) < 0.01f && fabsf(d[1] + before[1]) < 0.01f) {
            to[0] -= 0.5f * d[0];
            to[1] -= 0.5f * d[1];
            break;
        }
        before[0] = d[0];
        before[1] = d[1];
    }
    return true;
}

void um_flow_track(const um_pyramid *from_picture, const um_pyramid *to_picture,
                   const float (*point)[2], float (*to)[2], bool *found, size_t n)
{
    const float top = 1.0f / (1 << (UM_FLOW_LEVELS - 1));

    for (size_t i = 0; i < n; i++) {
        /* Inside, the centre of the first pixel is (0, 0): it is the same place on every level. */
        float at[2] = {point[i][0] - 0.5f, point[i][1] - 0.5f};
        float now[2] = {(to[i][0] - 0.5f) * top, (to[i][1] - 0.5f) * top};

        for (int k = UM_FLOW_LEVELS - 1; k >= 0; k--) {
            const level *l = &from_picture->at[k];
            float scale = 1.0f / (float)(1 << k), here[2] = {at[0] * scale, at[1] * scale};

            found[i] = refine(l, &to_picture->at[k], here, now);
            if (k) {
                now[0] *= 2;
                now[1] *= 2;
            }
        }
        to[i][0] = now[0] + 0.5f;
        to[i][1] = now[1] + 0.5f;
    }
}

void um_flow_round_trip(const um_pyramid *from_picture, const um_pyramid *to_picture,
                        const float (*point)[2], float (*to)[2], float *error, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool there, back;
        float home[1][2] = {{point[i][0], point[i][1]}};

        um_flow_track(from_picture, to_picture, point + i, to + i, &there, 1);
        um_flow_track(to_picture, from_picture, (const float(*)[2])(to + i), home, &back, 1);
        error[i] =
            there && back ? hypotf(home[0][0] - point[i][0], home[0][1] - point[i][1]) : HUGE_VALF;
    }
}
