#include "eval/separation.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"

typedef struct work {
    const float *points;
    size_t n, d, n_classes;
    const size_t *class_of, *thing_of;
    double *count;      /* [n_classes] */
    double *sums;       /* [n, n_classes]: distances from each point to each class */
    double *silhouette; /* [n] */
    bool *own;          /* [n]: whether the nearest point of another thing is of the same class */
    double *centre;     /* [n_classes, d] */
} work;

static double distance(const work *w, size_t i, size_t j)
{
    const float *x = w->points + i * w->d, *y = w->points + j * w->d;
    double sum = 0;

    for (size_t c = 0; c < w->d; c++) {
        double away = (double)x[c] - (double)y[c];
        sum += away * away;
    }
    return sqrt(sum);
}

/* (b - a) / max(a, b): a, the mean distance to one's own class; b, that to the nearest other. */
static double silhouette_of(const work *w, size_t i, const double *sums)
{
    const size_t own = w->class_of[i];
    double a, b = INFINITY;

    if (w->count[own] < 2) return 0;
    a = sums[own] / (w->count[own] - 1);
    for (size_t k = 0; k < w->n_classes; k++)
        if (k != own && w->count[k] > 0) b = fmin(b, sums[k] / w->count[k]);
    return fmax(a, b) > 0 ? (b - a) / fmax(a, b) : 0;
}

static void measure_points(void *ctx, size_t begin, size_t end)
{
    work *w = ctx;

    for (size_t i = begin; i < end; i++) {
        double *sums = w->sums + i * w->n_classes, nearest = INFINITY;

        for (size_t j = 0; j < w->n; j++) {
            double away = j == i ? 0 : distance(w, i, j);

            if (j == i) continue;
            sums[w->class_of[j]] += away;
            if (away < nearest && !(w->thing_of && w->thing_of[i] == w->thing_of[j])) {
                nearest = away;
                w->own[i] = w->class_of[j] == w->class_of[i];
            }
        }
        w->silhouette[i] = silhouette_of(w, i, sums);
    }
}

/* Mean distance of a class' points to its centre, and all squares within classes. */
static void find_spread(double *spread, double *within, const work *w)
{
    for (size_t i = 0; i < w->n; i++) {
        const double *centre = w->centre + w->class_of[i] * w->d;
        double sum = 0;

        for (size_t c = 0; c < w->d; c++) {
            double away = (double)w->points[i * w->d + c] - centre[c];
            sum += away * away;
        }
        *within += sum;
        spread[w->class_of[i]] += sqrt(sum) / w->count[w->class_of[i]];
    }
}

static double between_centres(const work *w, size_t a, size_t b)
{
    double sum = 0;

    for (size_t c = 0; c < w->d; c++) {
        double away = w->centre[a * w->d + c] - w->centre[b * w->d + c];
        sum += away * away;
    }
    return sqrt(sum);
}

static double davies_bouldin(const work *w, const double *spread)
{
    double sum = 0, classes = 0;

    for (size_t a = 0; a < w->n_classes; a++) {
        double worst = 0;

        if (w->count[a] == 0) continue;
        for (size_t b = 0; b < w->n_classes; b++)
            if (b != a && w->count[b] > 0)
                worst = fmax(worst, (spread[a] + spread[b]) / between_centres(w, a, b));
        sum += worst;
        classes++;
    }
    return sum / classes;
}

/* Squares between centres: over pairs of classes, which needs no mean of everything. */
static double squares_between(const work *w)
{
    double sum = 0;

    for (size_t a = 0; a < w->n_classes; a++)
        for (size_t b = 0; b < a; b++)
            sum += w->count[a] * w->count[b] * pow(between_centres(w, a, b), 2) / (double)w->n;
    return sum;
}

static umcl_status measure_classes(um_separation *out, const work *w)
{
    double *spread, *right, within = 0, between, classes = 0;

    UM_TRY(um_calloc(&spread, 2 * w->n_classes, sizeof *spread));
    right = spread + w->n_classes;
    for (size_t i = 0; i < w->n; i++) {
        out->silhouette += w->silhouette[i] / (double)w->n;
        right[w->class_of[i]] += w->own[i];
    }
    for (size_t k = 0; k < w->n_classes; k++) {
        if (w->count[k] == 0) continue;
        out->neighbour += right[k] / w->count[k];
        classes++;
    }
    out->neighbour /= classes;
    find_spread(spread, &within, w);
    between = squares_between(w);
    out->explained = within + between > 0 ? between / (within + between) : 0;
    out->davies_bouldin = davies_bouldin(w, spread);
    if (isnan(out->davies_bouldin)) out->davies_bouldin = INFINITY; /* 0 / 0: all points are one */
    free(spread);
    return UMCL_OK;
}

static umcl_status check(const work *w)
{
    size_t classes = 0;

    for (size_t i = 0; i < w->n * w->d; i++)
        if (!isfinite(w->points[i]))
            return um_fail(UMCL_ERR_INVALID, "point %zu has a number that is not finite", i / w->d);
    for (size_t i = 0; i < w->n; i++) {
        if (w->class_of[i] >= w->n_classes)
            return um_fail(UMCL_ERR_INVALID, "point %zu: expected a class below %zu, found %zu", i,
                           w->n_classes, w->class_of[i]);
        w->count[w->class_of[i]]++;
    }
    for (size_t k = 0; k < w->n_classes; k++) classes += w->count[k] > 0;
    if (classes >= 2) return UMCL_OK;
    return um_fail(UMCL_ERR_INVALID, "expected points of at least two classes, found %zu", classes);
}

umcl_status um_separation_measure(um_separation *out, double *silhouette, const float *points,
                                  size_t n, size_t d, const size_t *class_of, size_t n_classes,
                                  const size_t *thing_of)
{
    work w = {.points = points,
              .n = n,
              .d = d,
              .n_classes = n_classes,
              .class_of = class_of,
              .thing_of = thing_of};
    umcl_status st;

    *out = (um_separation){0};
    UM_CHECK(um_calloc(&w.count, n_classes, sizeof *w.count));
    UM_CHECK(check(&w));
    UM_CHECK(um_calloc(&w.sums, n * n_classes, sizeof *w.sums));
    UM_CHECK(um_calloc(&w.silhouette, n, sizeof *w.silhouette));
    UM_CHECK(um_calloc(&w.own, n, sizeof *w.own));
    UM_CHECK(um_calloc(&w.centre, n_classes * d, sizeof *w.centre));
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < d; c++)
            w.centre[class_of[i] * d + c] += (double)points[i * d + c] / w.count[class_of[i]];
    um_parallel_for(n, 8, measure_points, &w);
    for (size_t i = 0; silhouette && i < n; i++) silhouette[i] = w.silhouette[i];
    st = measure_classes(out, &w);
done:
    free(w.count);
    free(w.sums);
    free(w.silhouette);
    free(w.own);
    free(w.centre);
    return st;
}

/* Distances from one point to those after it: of its own thing, and of others. */
typedef struct pairs {
    const float *points;
    size_t n, d;
    const size_t *thing_of;
    double *own, *other; /* [n] */
} pairs;

static void measure_pairs(void *ctx, size_t begin, size_t end)
{
    pairs *p = ctx;
    const work w = {.points = p->points, .d = p->d};

    for (size_t i = begin; i < end; i++)
        for (size_t j = i + 1; j < p->n; j++)
            *(p->thing_of[i] == p->thing_of[j] ? &p->own[i] : &p->other[i]) += distance(&w, i, j);
}

umcl_status um_separation_pairs(double *out, const float *points, size_t n, size_t d,
                                const size_t *thing_of)
{
    pairs p = {points, n, d, thing_of, NULL, NULL};
    double *count = NULL, *sum, own = 0, other = 0, others = (double)n * ((double)n - 1) / 2;
    double things = 0;
    umcl_status st;

    *out = NAN;
    for (size_t i = 0; i < n; i++)
        if (thing_of[i] >= n)
            return um_fail(UMCL_ERR_INVALID, "point %zu: expected a thing below %zu, found %zu", i,
                           n, thing_of[i]);
    UM_CHECK(um_calloc(&p.own, 2 * n, sizeof *p.own));
    UM_CHECK(um_calloc(&count, 2 * n, sizeof *count));
    p.other = p.own + n;
    sum = count + n;
    um_parallel_for(n, 8, measure_pairs, &p);
    for (size_t i = 0; i < n; i++) {
        count[thing_of[i]]++;
        sum[thing_of[i]] += p.own[i];
        other += p.other[i];
    }
    for (size_t k = 0; k < n; k++) {
        double each = count[k] * (count[k] - 1) / 2;

        if (each < 1) continue;
        own += sum[k] / each;
        others -= each;
        things++;
    }
    if (things > 0 && others > 0 && other > 0) *out = own / things / (other / others);
done:
    free(p.own);
    free(count);
    return st;
}
