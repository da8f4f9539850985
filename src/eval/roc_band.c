#include "eval/roc_band.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "eval/curves.h"
#include "eval/resample.h"

#define PLACES 101 /* shares of reals that the band is taken at */

/* A line through points whose x rises; `n` of them, [n] each. */
typedef struct line {
    const double *x, *y;
    size_t n;
} line;

static double place_at(size_t place)
{
    return (double)place / (PLACES - 1);
}

/* Upper end where the line goes straight up. `*from`: a point left of x, moved on. */
static double height_at(const line *l, double x, size_t *from)
{
    size_t i = *from;

    while (i + 1 < l->n && l->x[i + 1] <= x) i++;
    *from = i;
    if (i + 1 == l->n || l->x[i] >= x) return l->y[i];
    return l->y[i] + (x - l->x[i]) / (l->x[i + 1] - l->x[i]) * (l->y[i + 1] - l->y[i]);
}

/* What the draws reach: values[place * draws + draw]. Returns how many had both classes. */
static size_t draw_curves(double *values, const um_scored *items, const um_resample *r,
                          um_scored *sample, size_t *picks, double *points, int draws,
                          uint64_t seed)
{
    um_rng rng = um_rng_new(seed, "ROC bootstrap");
    size_t kept = 0;

    for (int d = 0; d < draws; d++) {
        size_t m = um_resample_draw(r, &rng, picks), from = 0;
        line l = {points, points + r->most + 1, 0};

        for (size_t i = 0; i < m; i++) sample[i] = items[picks[i]];
        l.n = um_roc_curve(points, points + r->most + 1, sample, m);
        if (l.n == 0) continue;
        for (size_t p = 0; p < PLACES; p++)
            values[p * (size_t)draws + kept] = height_at(&l, place_at(p), &from);
        kept++;
    }
    return kept;
}

static umcl_status measure_band(um_interval band[PLACES], const um_scored *items, size_t n,
                                int draws, uint64_t seed)
{
    um_resample r = {0};
    um_scored *sample = NULL;
    size_t *groups = NULL, *picks = NULL, kept;
    double *values = NULL, *points = NULL;
    umcl_status st;

    UM_CHECK(um_calloc(&groups, n, sizeof *groups));
    for (size_t i = 0; i < n; i++) groups[i] = items[i].group;
    UM_CHECK(um_resample_new(&r, groups, n));
    UM_CHECK(um_calloc(&picks, r.most, sizeof *picks));
    UM_CHECK(um_calloc(&sample, r.most, sizeof *sample));
    UM_CHECK(um_calloc(&points, 2 * (r.most + 1), sizeof *points));
    UM_CHECK(um_calloc(&values, (size_t)draws * PLACES, sizeof *values));
    kept = draw_curves(values, items, &r, sample, picks, points, draws, seed);
    for (size_t p = 0; p < PLACES; p++)
        band[p] = um_percentile_interval(values + p * (size_t)draws, kept);
done:
    um_resample_clear(&r);
    free(groups);
    free(picks);
    free(sample);
    free(points);
    free(values);
    return st;
}

/* The band between two places. */
static um_interval between(const um_interval band[PLACES], double x)
{
    size_t p = (size_t)fmin(x * (PLACES - 1), PLACES - 2);
    double part = x * (PLACES - 1) - (double)p;

    return (um_interval){band[p].low + part * (band[p + 1].low - band[p].low),
                         band[p].high + part * (band[p + 1].high - band[p].high)};
}

static void add_point(um_roc *out, double x, double y, const um_interval band[PLACES])
{
    um_interval here = between(band, x);

    out->x[out->n] = x;
    out->y[out->n] = y;
    out->low[out->n] = here.low;
    out->high[out->n++] = here.high;
}

/* The curve's own points and, between them, the places of the band. */
static void merge(um_roc *out, const line *curve, const um_interval band[PLACES])
{
    size_t p = 0, from = 0;

    for (size_t i = 0; i < curve->n; i++) {
        for (; p < PLACES && place_at(p) < curve->x[i]; p++)
            add_point(out, place_at(p), height_at(curve, place_at(p), &from), band);
        if (p < PLACES && place_at(p) == curve->x[i]) p++;
        add_point(out, curve->x[i], curve->y[i], band);
    }
}

umcl_status um_roc_measure(um_roc *out, um_scored *items, size_t n, int draws, uint64_t seed)
{
    um_interval band[PLACES];
    const size_t room = n + 1 + PLACES;
    double *points = NULL;
    line curve;
    umcl_status st;

    *out = (um_roc){0};
    UM_CHECK(um_calloc(&points, 2 * (n + 1), sizeof *points));
    curve = (line){points, points + n + 1, um_roc_curve(points, points + n + 1, items, n)};
    if (curve.n == 0) goto done;
    UM_CHECK(measure_band(band, items, n, draws, seed));
    UM_CHECK(um_calloc(&out->x, room, sizeof *out->x));
    UM_CHECK(um_calloc(&out->y, room, sizeof *out->y));
    UM_CHECK(um_calloc(&out->low, room, sizeof *out->low));
    UM_CHECK(um_calloc(&out->high, room, sizeof *out->high));
    merge(out, &curve, band);
    if (isnan(band[0].low)) {
        free(out->low);
        free(out->high);
        out->low = out->high = NULL;
    }
done:
    free(points);
    if (st != UMCL_OK) um_roc_clear(out);
    return st;
}

void um_roc_clear(um_roc *roc)
{
    free(roc->x);
    free(roc->y);
    free(roc->low);
    free(roc->high);
    *roc = (um_roc){0};
}
