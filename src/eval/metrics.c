#include "eval/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "eval/resample.h"

static int by_score(const void *a, const void *b)
{
    const um_scored *x = a, *y = b;

    return (x->score > y->score) - (x->score < y->score);
}

/* Walks up the scores; items of equal score count together. */
static void rank_measures(um_metrics *m, const um_scored *s, size_t n)
{
    double reals_below = 0, fakes_below = 0, wins = 0, best_gap = INFINITY;
    double fakes = (double)m->n_fake, reals = (double)(n - m->n_fake);

    m->eer = NAN;
    for (size_t i = 0; i < n;) {
        size_t j = i, f = 0;
        for (; j < n && s[j].score == s[i].score; j++) f += s[j].fake;
        double r = (double)(j - i - f);
        /* Threshold at this score: fakes below are misses, reals from here on false alarms. */
        double miss = fakes_below / fakes, alarm = (reals - reals_below) / reals;
        if (fabs(miss - alarm) < best_gap) {
            best_gap = fabs(miss - alarm);
            m->eer = (miss + alarm) / 2;
        }
        wins += (double)f * (reals_below + r / 2);
        reals_below += r;
        fakes_below += (double)f;
        i = j;
    }
    m->auc = wins / (fakes * reals);
}

/* Mean over fakes of the precision at their score. */
static double average_precision(const um_scored *s, size_t n, size_t n_fake)
{
    double sum = 0, taken = 0, fakes = 0;

    for (size_t i = n; i-- > 0;) {
        size_t j = i, f = 0;
        while (j > 0 && s[j - 1].score == s[i].score) j--;
        for (size_t k = j; k <= i; k++) f += s[k].fake;
        taken += (double)(i - j + 1);
        fakes += (double)f;
        sum += (double)f * fakes / taken;
        i = j;
    }
    return sum / (double)n_fake;
}

void um_calibration_curve(um_curve_bin bins[UM_CURVE_BINS], const um_scored *items, size_t n)
{
    for (int b = 0; b < UM_CURVE_BINS; b++) bins[b] = (um_curve_bin){0};
    for (size_t i = 0; i < n; i++) {
        int at = (int)(items[i].score * UM_CURVE_BINS);
        um_curve_bin *b = &bins[at < 0 ? 0 : at >= UM_CURVE_BINS ? UM_CURVE_BINS - 1 : at];

        b->n++;
        b->score += items[i].score;
        b->fakes += items[i].fake;
    }
    for (int b = 0; b < UM_CURVE_BINS; b++) {
        bins[b].score /= (double)bins[b].n;
        bins[b].fakes /= (double)bins[b].n;
    }
}

static double calibration_error(const um_scored *items, size_t n)
{
    um_curve_bin bins[UM_CURVE_BINS];
    double error = 0;

    um_calibration_curve(bins, items, n);
    for (int b = 0; b < UM_CURVE_BINS; b++)
        if (bins[b].n) error += (double)bins[b].n * fabs(bins[b].score - bins[b].fakes);
    return error / (double)n;
}

double um_metrics_get(const um_metrics *m, um_measure which)
{
    const double value[UM_N_MEASURES] = {[UM_AUC] = m->auc,
                                         [UM_ACCURACY] = m->accuracy,
                                         [UM_ACCURACY_HALF] = m->accuracy_half,
                                         [UM_EER] = m->eer,
                                         [UM_AP] = m->ap,
                                         [UM_BALANCED] = m->balanced,
                                         [UM_ECE] = m->ece};

    return value[which];
}

umcl_status um_metrics_compute(um_metrics *out, um_scored *items, size_t n, double threshold)
{
    size_t right[2] = {0}, right_half = 0;

    *out = (um_metrics){.n = n};
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(items[i].score))
            return um_fail(UMCL_ERR_INVALID, "metrics: score %zu is not a number", i);
        out->n_fake += items[i].fake;
        right[items[i].fake] += (items[i].score >= threshold) == items[i].fake;
        right_half += (items[i].score >= 0.5) == items[i].fake;
    }
    out->auc = out->eer = out->ap = out->balanced = NAN;
    out->accuracy = n ? (double)(right[0] + right[1]) / (double)n : NAN;
    out->accuracy_half = n ? (double)right_half / (double)n : NAN;
    out->ece = n ? calibration_error(items, n) : NAN;
    if (out->n_fake == 0 || out->n_fake == n) return UMCL_OK;
    qsort(items, n, sizeof *items, by_score);
    rank_measures(out, items, n);
    out->ap = average_precision(items, n, out->n_fake);
    out->balanced =
        ((double)right[1] / (double)out->n_fake + (double)right[0] / (double)(n - out->n_fake)) / 2;
    return UMCL_OK;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

um_interval um_percentile_interval(double *values, size_t n)
{
    size_t cut = (size_t)(0.025 * (double)n);

    if (n < 20) return (um_interval){NAN, NAN};
    qsort(values, n, sizeof *values, by_value);
    return (um_interval){values[cut], values[n - 1 - cut]};
}

/* `picks` and `sample` have room for a draw. */
static umcl_status measure_draws(um_interval out[UM_N_MEASURES], const um_scored *items,
                                 const um_resample *r, double threshold, int draws, uint64_t seed,
                                 size_t *picks, um_scored *sample, double *values)
{
    um_rng rng = um_rng_new(seed, "metric bootstrap");
    size_t kept = 0;

    for (int d = 0; d < draws; d++) {
        um_metrics m;
        size_t count = um_resample_draw(r, &rng, picks);

        for (size_t i = 0; i < count; i++) sample[i] = items[picks[i]];
        UM_TRY(um_metrics_compute(&m, sample, count, threshold));
        if (isnan(m.auc)) continue;
        for (int k = 0; k < UM_N_MEASURES; k++)
            values[(size_t)k * (size_t)draws + kept] = um_metrics_get(&m, (um_measure)k);
        kept++;
    }
    for (int k = 0; k < UM_N_MEASURES; k++)
        out[k] = um_percentile_interval(values + (size_t)k * (size_t)draws, kept);
    return UMCL_OK;
}

umcl_status um_metrics_bootstrap(um_interval out[UM_N_MEASURES], const um_scored *items, size_t n,
                                 double threshold, int draws, uint64_t seed)
{
    um_resample r = {0};
    um_scored *sample = NULL;
    size_t *groups = NULL, *picks = NULL;
    double *values = NULL;
    umcl_status st;

    for (int k = 0; k < UM_N_MEASURES; k++) out[k] = (um_interval){NAN, NAN};
    if (n == 0) return UMCL_OK;
    UM_CHECK(um_calloc(&groups, n, sizeof *groups));
    for (size_t i = 0; i < n; i++) groups[i] = items[i].group;
    UM_CHECK(um_resample_new(&r, groups, n));
    UM_CHECK(um_calloc(&picks, r.most, sizeof *picks));
    UM_CHECK(um_calloc(&sample, r.most, sizeof *sample));
    UM_CHECK(um_calloc(&values, UM_N_MEASURES * (size_t)draws, sizeof *values));
    st = measure_draws(out, items, &r, threshold, draws, seed, picks, sample, values);
done:
    um_resample_clear(&r);
    free(groups);
    free(picks);
    free(sample);
    free(values);
    return st;
}
