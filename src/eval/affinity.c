#include "eval/affinity.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"

#define HALVINGS 200 /* of the search for a width */
#define NEAR 1e-8    /* of the entropy that is wanted, in nats */

typedef struct neighbour {
    double distance; /* squared */
    size_t point;
} neighbour;

typedef struct search {
    um_affinity *out;
    const float *points;
    size_t d, k;
    double entropy;
    bool failed;
} search;

static int by_distance(const void *a, const void *b)
{
    const neighbour *x = a, *y = b;

    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return (x->point > y->point) - (x->point < y->point);
}

static int by_point(const void *a, const void *b)
{
    size_t x = ((const neighbour *)a)->point, y = ((const neighbour *)b)->point;

    return (x > y) - (x < y);
}

/* exp(-beta * (distance - nearest)), summing to 1; returns the entropy. */
static double gaussian(double *p, const neighbour *near, size_t k, double nearest, double beta)
{
    double sum = 0, dot = 0;

    for (size_t i = 0; i < k; i++) {
        double away = near[i].distance - nearest;

        p[i] = exp(-beta * away);
        sum += p[i];
        dot += p[i] * away;
    }
    for (size_t i = 0; i < k; i++) p[i] /= sum;
    return log(sum) + beta * dot / sum;
}

/* The precision beta at which the entropy is the wanted one, by doubling and halving. Where several
   points are nearest no beta may get so low; the largest tried is kept then. */
static void fit_width(double *p, const neighbour *near, size_t k, double entropy)
{
    double low = 0, high = INFINITY, beta, nearest = INFINITY, mean = 0;

    for (size_t i = 0; i < k; i++) {
        nearest = fmin(nearest, near[i].distance);
        mean += near[i].distance / (double)k;
    }
    beta = mean > nearest ? 1 / (mean - nearest) : 1;
    for (int step = 0; step < HALVINGS; step++) {
        double h = gaussian(p, near, k, nearest, beta);

        if (fabs(h - entropy) < NEAR) break;
        if (h > entropy)
            low = beta;
        else
            high = beta;
        beta = isinf(high) ? 2 * beta : (low + high) / 2;
        if (!isfinite(beta)) break;
    }
}

static void fit_rows(void *ctx, size_t begin, size_t end)
{
    search *s = ctx;
    const size_t n = s->out->n;
    neighbour *near = malloc(n * sizeof *near);

    if (!near) {
        s->failed = true; /* only ever set, so threads need no order */
        return;
    }
    for (size_t i = begin; i < end; i++) {
        const float *x = s->points + i * s->d;
        size_t m = 0;

        for (size_t j = 0; j < n; j++) {
            const float *y = s->points + j * s->d;
            double sum = 0;

            if (j == i) continue;
            for (size_t c = 0; c < s->d; c++) {
                double away = (double)x[c] - (double)y[c];
                sum += away * away;
            }
            near[m++] = (neighbour){sum, j};
        }
        if (s->k < m) qsort(near, m, sizeof *near, by_distance);
        qsort(near, s->k, sizeof *near, by_point);
        fit_width(s->out->value + i * s->k, near, s->k, s->entropy);
        for (size_t j = 0; j < s->k; j++) s->out->index[i * s->k + j] = near[j].point;
    }
    free(near);
}

static umcl_status check(const float *points, size_t n, size_t d, double perplexity, size_t k)
{
    if (n < 3 || d < 1)
        return um_fail(UMCL_ERR_INVALID, "expected at least three points, found %zu of %zu numbers",
                       n, d);
    if (!(perplexity >= 1 && perplexity <= (double)k))
        return um_fail(UMCL_ERR_INVALID,
                       "expected a perplexity from 1 to the %zu neighbours of %zu points, found %g",
                       k, n, perplexity);
    for (size_t i = 0; i < n * d; i++)
        if (!isfinite(points[i]))
            return um_fail(UMCL_ERR_INVALID, "point %zu has a number that is not finite", i / d);
    return UMCL_OK;
}

umcl_status um_affinity_conditional(um_affinity *out, const float *points, size_t n, size_t d,
                                    double perplexity, size_t neighbours)
{
    size_t others = n ? n - 1 : 0;
    search s = {.out = out,
                .points = points,
                .d = d,
                .k = neighbours && neighbours < others ? neighbours : others,
                .entropy = log(perplexity)};
    umcl_status st;

    *out = (um_affinity){.n = n};
    UM_CHECK(check(points, n, d, perplexity, s.k));
    UM_CHECK(um_calloc(&out->start, n + 1, sizeof *out->start));
    UM_CHECK(um_calloc(&out->index, n * s.k, sizeof *out->index));
    UM_CHECK(um_calloc(&out->value, n * s.k, sizeof *out->value));
    for (size_t i = 0; i <= n; i++) out->start[i] = i * s.k;
    um_parallel_for(n, 8, fit_rows, &s);
    if (s.failed) st = um_fail(UMCL_ERR_NOMEM, "neighbours: out of memory");
done:
    if (st != UMCL_OK) um_affinity_clear(out);
    return st;
}

/* value[i, j], 0 where it is not there. `at` gets its place. */
static double look_up(const um_affinity *a, size_t i, size_t j, bool *found)
{
    size_t low = a->start[i], high = a->start[i + 1];

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (a->index[middle] < j)
            low = middle + 1;
        else
            high = middle;
    }
    *found = low < a->start[i + 1] && a->index[low] == j;
    return *found ? a->value[low] : 0;
}

/* start[i + 1] - start[i]: the row's own entries and those of others that it lacks. */
static void count_rows(size_t *start, const um_affinity *c)
{
    for (size_t i = 0; i < c->n; i++)
        for (size_t e = c->start[i]; e < c->start[i + 1]; e++) {
            bool mutual;

            look_up(c, c->index[e], i, &mutual);
            start[i + 1]++;
            start[c->index[e] + 1] += !mutual;
        }
    for (size_t i = 0; i < c->n; i++) start[i + 1] += start[i];
}

umcl_status um_affinity_joint(um_affinity *out, const um_affinity *c)
{
    size_t *fill = NULL;
    umcl_status st;

    *out = (um_affinity){.n = c->n};
    UM_CHECK(um_calloc(&out->start, c->n + 1, sizeof *out->start));
    count_rows(out->start, c);
    UM_CHECK(um_calloc(&fill, c->n, sizeof *fill));
    UM_CHECK(um_calloc(&out->index, out->start[c->n], sizeof *out->index));
    UM_CHECK(um_calloc(&out->value, out->start[c->n], sizeof *out->value));
    memcpy(fill, out->start, c->n * sizeof *fill);
    /* Row by row of the smaller of both points, so that columns rise: first j < i, given by j's
       turn, then j > i in i's own turn - hence all pairs (i, j), j > i, in order. */
    for (size_t i = 0; i < c->n; i++)
        for (size_t j = i + 1; j < c->n; j++) {
            bool there, back;
            double p = look_up(c, i, j, &there) + look_up(c, j, i, &back);

            if (!there && !back) continue;
            out->index[fill[i]] = j;
            out->index[fill[j]] = i;
            out->value[fill[i]++] = out->value[fill[j]++] = p / (2 * (double)c->n);
        }
done:
    free(fill);
    if (st != UMCL_OK) um_affinity_clear(out);
    return st;
}

void um_affinity_clear(um_affinity *a)
{
    free(a->start);
    free(a->index);
    free(a->value);
    *a = (um_affinity){0};
}
