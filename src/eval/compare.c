#include "eval/compare.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "eval/resample.h"

#define Z95 1.959963984540054

typedef struct ranked {
    double score;
    size_t item;
} ranked;

static int by_score(const void *a, const void *b)
{
    double x = ((const ranked *)a)->score, y = ((const ranked *)b)->score;

    return (x > y) - (x < y);
}

/* The rank, from 1, of each of `sorted`, equal scores sharing the mean of theirs; added, times
   `sign`, to rank[item]. */
static void add_midranks(double *rank, ranked *sorted, size_t n, double sign)
{
    qsort(sorted, n, sizeof *sorted, by_score);
    for (size_t i = 0; i < n;) {
        size_t j = i;

        while (j < n && sorted[j].score == sorted[i].score) j++;
        for (size_t k = i; k < j; k++) rank[sorted[k].item] += sign * ((double)(i + j + 1) / 2);
        i = j;
    }
}

/*
 * What each item adds to the AUC (DeLong's structural components): of a fake the share of reals
 * below it, of a real the share of fakes above it, ties counting half. An item's rank among all
 * less that among its own class is the number of the others below it. `part` [n]; `sorted` has room
 * for n.
 */
static void components(double *part, ranked *sorted, const um_score_pair *pairs, size_t n,
                       const size_t count[2], bool of_b)
{
    for (size_t i = 0; i < n; i++) {
        part[i] = 0;
        sorted[i] = (ranked){of_b ? pairs[i].b : pairs[i].a, i};
    }
    add_midranks(part, sorted, n, 1);
    for (int fake = 0; fake < 2; fake++) {
        size_t m = 0;

        for (size_t i = 0; i < n; i++)
            if (pairs[i].fake == fake) sorted[m++] = (ranked){of_b ? pairs[i].b : pairs[i].a, i};
        add_midranks(part, sorted, m, -1);
    }
    for (size_t i = 0; i < n; i++) {
        part[i] /= (double)count[!pairs[i].fake];
        if (!pairs[i].fake) part[i] = 1 - part[i];
    }
}

static double mean_of_fakes(const double *part, const um_score_pair *pairs, size_t n,
                            const size_t count[2])
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) sum += pairs[i].fake ? part[i] : 0;
    return sum / (double)count[1];
}

/* Covariance of two AUCs (equal parts: the variance): that of the components within each class,
   over the class's number. */
static double covariance(const double *x, double x_mean, const double *y, double y_mean,
                         const um_score_pair *pairs, size_t n, const size_t count[2])
{
    double sum[2] = {0};

    for (size_t i = 0; i < n; i++) sum[pairs[i].fake] += (x[i] - x_mean) * (y[i] - y_mean);
    return sum[0] / (double)(count[0] - 1) / (double)count[0] +
           sum[1] / (double)(count[1] - 1) / (double)count[1];
}

static um_auc_estimate estimate(double value, double variance, double least)
{
    double error = sqrt(fmax(variance, 0));

    return (um_auc_estimate){
        value, error, {fmax(least, value - Z95 * error), fmin(1, value + Z95 * error)}};
}

static umcl_status check(size_t count[2], const um_score_pair *pairs, size_t n)
{
    count[0] = count[1] = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(pairs[i].a) || !isfinite(pairs[i].b))
            return um_fail(UMCL_ERR_INVALID, "comparison: score %zu is not a number", i);
        count[pairs[i].fake]++;
    }
    if (count[0] >= 2 && count[1] >= 2) return UMCL_OK;
    return um_fail(UMCL_ERR_INVALID,
                   "comparison: expected at least two real and two fake videos, found %zu and %zu",
                   count[0], count[1]);
}

umcl_status um_delong_test(um_delong *out, const um_score_pair *pairs, size_t n)
{
    ranked *sorted = NULL;
    double *a = NULL, *b, mean_a, mean_b, var_a, var_b, both;
    size_t count[2];
    umcl_status st;

    *out = (um_delong){0};
    UM_CHECK(check(count, pairs, n));
    UM_CHECK(um_calloc(&sorted, n, sizeof *sorted));
    UM_CHECK(um_calloc(&a, 2 * n, sizeof *a));
    b = a + n;
    components(a, sorted, pairs, n, count, false);
    components(b, sorted, pairs, n, count, true);
    mean_a = mean_of_fakes(a, pairs, n, count);
    mean_b = mean_of_fakes(b, pairs, n, count);
    var_a = covariance(a, mean_a, a, mean_a, pairs, n, count);
    var_b = covariance(b, mean_b, b, mean_b, pairs, n, count);
    both = covariance(a, mean_a, b, mean_b, pairs, n, count);
    out->a = estimate(mean_a, var_a, 0);
    out->b = estimate(mean_b, var_b, 0);
    out->difference = estimate(mean_a - mean_b, var_a + var_b - 2 * both, -1);
    out->covariance = both;
    if (out->difference.error > 1e-12)
        out->z = out->difference.value / out->difference.error;
    else
        out->z = fabs(out->difference.value) < 1e-12 ? 0 : NAN;
    out->p = erfc(fabs(out->z) / sqrt(2));
done:
    free(sorted);
    free(a);
    return st;
}

/* AUC of one draw; NaN where a class is missing. Reals below a fake are counted on the way up. */
static double auc_of(ranked *sorted, const um_score_pair *pairs, const size_t *picks, size_t n,
                     bool of_b)
{
    double wins = 0, reals = 0, fakes = 0;

    for (size_t i = 0; i < n; i++)
        sorted[i] = (ranked){of_b ? pairs[picks[i]].b : pairs[picks[i]].a, picks[i]};
    qsort(sorted, n, sizeof *sorted, by_score);
    for (size_t i = 0; i < n;) {
        size_t j = i;
        double f = 0;

        for (; j < n && sorted[j].score == sorted[i].score; j++) f += pairs[sorted[j].item].fake;
        wins += f * (reals + ((double)(j - i) - f) / 2);
        reals += (double)(j - i) - f;
        fakes += f;
        i = j;
    }
    return wins / (reals * fakes);
}

/* Twice the smaller share of draws at or beyond 0; one is added to both counts, so that no number
   of draws makes it 0 (Davison and Hinkley, 1997, 4.2). */
static double two_sided(const double *differences, size_t n)
{
    double low = 1, high = 1;

    for (size_t i = 0; i < n; i++) {
        low += differences[i] <= 0;
        high += differences[i] >= 0;
    }
    return fmin(1, 2 * fmin(low, high) / ((double)n + 1));
}

umcl_status um_bootstrap_difference(um_paired_bootstrap *out, const um_score_pair *pairs, size_t n,
                                    int draws, uint64_t seed)
{
    um_rng rng = um_rng_new(seed, "paired bootstrap");
    um_resample r = {0};
    ranked *sorted = NULL;
    size_t *groups = NULL, *picks = NULL, count[2];
    double *differences = NULL;
    umcl_status st;

    *out = (um_paired_bootstrap){{NAN, NAN}, NAN, 0};
    UM_CHECK(check(count, pairs, n));
    UM_CHECK(um_calloc(&groups, n, sizeof *groups));
    for (size_t i = 0; i < n; i++) groups[i] = pairs[i].group;
    UM_CHECK(um_resample_new(&r, groups, n));
    UM_CHECK(um_calloc(&picks, r.most, sizeof *picks));
    UM_CHECK(um_calloc(&sorted, r.most, sizeof *sorted));
    UM_CHECK(um_calloc(&differences, (size_t)draws, sizeof *differences));
    for (int d = 0; d < draws; d++) {
        size_t m = um_resample_draw(&r, &rng, picks);
        double difference =
            auc_of(sorted, pairs, picks, m, false) - auc_of(sorted, pairs, picks, m, true);

        if (!isnan(difference)) differences[out->draws++] = difference;
    }
    if (out->draws >= 20) out->p = two_sided(differences, out->draws);
    out->difference = um_percentile_interval(differences, out->draws);
done:
    um_resample_clear(&r);
    free(groups);
    free(picks);
    free(sorted);
    free(differences);
    return st;
}
