#include "eval/plane_tree.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define MOST_DEPTH 48 /* points that are nearer than 2^-48 of the whole share a leaf */

typedef struct cell {
    double middle[2], half; /* a square */
    double sum[2];          /* of its points; after building: their centre */
    size_t count;
    size_t child; /* the first of four beside each other; 0: a leaf */
    size_t point; /* of a leaf: its first */
} cell;

struct um_plane_tree {
    const double *points;
    size_t *leaf; /* [n] */
    cell *cells;
    size_t n, count, cap;
};

static umcl_status split(um_plane_tree *t, size_t at)
{
    cell *c;

    if (t->count + 4 > t->cap) {
        size_t cap = 2 * t->cap + 4;
        UM_TRY(um_realloc(&t->cells, cap, sizeof *t->cells));
        t->cap = cap;
    }
    c = &t->cells[at];
    c->child = t->count;
    for (size_t k = 0; k < 4; k++)
        t->cells[t->count + k] = (cell){.middle = {c->middle[0] + (k & 1 ? 0.5 : -0.5) * c->half,
                                                   c->middle[1] + (k & 2 ? 0.5 : -0.5) * c->half},
                                        .half = c->half / 2};
    t->count += 4;
    return UMCL_OK;
}

static size_t child_for(const cell *c, const double *p)
{
    return c->child + (p[0] >= c->middle[0] ? 1 : 0) + (p[1] >= c->middle[1] ? 2 : 0);
}

static void take(um_plane_tree *t, size_t at, size_t i)
{
    cell *c = &t->cells[at];

    if (c->count == 0) c->point = i;
    c->sum[0] += t->points[2 * i];
    c->sum[1] += t->points[2 * i + 1];
    c->count++;
}

static umcl_status insert(um_plane_tree *t, size_t i)
{
    const double *p = t->points + 2 * i;
    size_t at = 0;

    for (int depth = 0;; depth++) {
        if (t->cells[at].child == 0 && (t->cells[at].count == 0 || depth == MOST_DEPTH)) break;
        if (t->cells[at].child == 0) {
            size_t first = t->cells[at].point, down;

            UM_TRY(split(t, at));
            down = child_for(&t->cells[at], t->points + 2 * first);
            take(t, down, first);
            t->leaf[first] = down;
        }
        take(t, at, i);
        at = child_for(&t->cells[at], p);
    }
    take(t, at, i);
    t->leaf[i] = at;
    return UMCL_OK;
}

/* The square around all points. */
static cell whole(const double *points, size_t n)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};

    for (size_t i = 0; i < 2 * n; i++) {
        low[i % 2] = fmin(low[i % 2], points[i]);
        high[i % 2] = fmax(high[i % 2], points[i]);
    }
    return (cell){.middle = {(low[0] + high[0]) / 2, (low[1] + high[1]) / 2},
                  .half = fmax(fmax(high[0] - low[0], high[1] - low[1]) / 2, 1e-300)};
}

umcl_status um_plane_tree_new(um_plane_tree **out, const double *points, size_t n)
{
    um_plane_tree *t;
    umcl_status st;

    *out = NULL;
    UM_TRY(um_calloc(&t, 1, sizeof *t));
    t->points = points;
    t->n = n;
    t->cap = 4 * n + 8;
    UM_CHECK(um_calloc(&t->leaf, n, sizeof *t->leaf));
    UM_CHECK(um_calloc(&t->cells, t->cap, sizeof *t->cells));
    t->cells[0] = whole(points, n);
    t->count = 1;
    for (size_t i = 0; i < n; i++) UM_CHECK(insert(t, i));
    for (size_t c = 0; c < t->count; c++)
        for (int k = 0; t->cells[c].count && k < 2; k++)
            t->cells[c].sum[k] /= (double)t->cells[c].count;
    *out = t;
    t = NULL;
done:
    um_plane_tree_free(t);
    return st;
}

void um_plane_tree_free(um_plane_tree *t)
{
    if (!t) return;
    free(t->leaf);
    free(t->cells);
    free(t);
}

double um_plane_tree_repel(const um_plane_tree *t, size_t i, double angle, double force[2])
{
    const double *p = t->points + 2 * i;
    size_t stack[4 * MOST_DEPTH + 8], top = 0;
    double total = 0;

    stack[top++] = 0;
    while (top) {
        size_t at = stack[--top];
        const cell *c = &t->cells[at];
        double dx = p[0] - c->sum[0], dy = p[1] - c->sum[1], d2 = dx * dx + dy * dy, w, m;

        if (c->count == 0) continue;
        if (c->child && 4 * c->half * c->half >= angle * angle * d2) {
            for (size_t k = 4; k-- > 0;) stack[top++] = c->child + k;
            continue;
        }
        m = (double)(c->count - (t->leaf[i] == at)); /* without itself */
        w = 1 / (1 + d2);
        total += m * w;
        force[0] += m * w * w * dx;
        force[1] += m * w * w * dy;
    }
    return total;
}
