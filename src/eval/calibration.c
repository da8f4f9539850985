#include "eval/calibration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PULL 0.01 /* towards scale 1, shift 0 */
#define STEPS 500
#define SLACK 1e-9 /* rises of the loss that are rounding */
#define MIN_SCALE 1e-3
#define DOUBT_SHARE 5 /* one of so many videos */
#define DOUBT_MOST 0.25

/* Gradient and second derivatives of the weighted cross-entropy and the pull. */
typedef struct slope {
    double a, b, aa, ab, bb;
} slope;

static slope slope_at(double a, double b, const um_window_score *scores, size_t n,
                      const double count[2])
{
    slope s = {PULL * (a - 1), PULL * b, PULL, 0, PULL};

    for (size_t i = 0; i < n; i++) {
        double x = scores[i].logit, p = 1 / (1 + exp(-(a * x + b)));
        double w = 0.5 / count[scores[i].fake], d = w * (p - scores[i].fake);
        double h = w * p * (1 - p);

        s.a += d * x;
        s.b += d;
        s.aa += h * x * x;
        s.ab += h * x;
        s.bb += h;
    }
    return s;
}

static double loss_at(double a, double b, const um_window_score *scores, size_t n,
                      const double count[2])
{
    double loss = PULL / 2 * ((a - 1) * (a - 1) + b * b);

    for (size_t i = 0; i < n; i++) {
        double z = a * scores[i].logit + b, margin = scores[i].fake ? z : -z;

        loss += 0.5 / count[scores[i].fake] * (fmax(-margin, 0) + log1p(exp(-fabs(margin))));
    }
    return loss;
}

/* Half of Newton's step, or less of it where the loss would rise: far from the minimum the curve
   is flat and a whole step leads away. With `free_shift` b moves too. */
static void fit_line(double *a, double *b, bool free_shift, const um_window_score *scores, size_t n)
{
    double count[2] = {0}, loss;

    for (size_t i = 0; i < n; i++) count[scores[i].fake]++;
    loss = loss_at(*a, *b, scores, n, count);
    for (int step = 0; step < STEPS; step++) {
        slope s = slope_at(*a, *b, scores, n, count);
        double det = s.aa * s.bb - s.ab * s.ab, part = 0.5, next;
        double da = free_shift ? (s.bb * s.a - s.ab * s.b) / det : s.a / s.aa;
        double db = free_shift ? (s.aa * s.b - s.ab * s.a) / det : 0;

        while ((next = loss_at(*a - part * da, *b - part * db, scores, n, count)) > loss + SLACK &&
               part > 1e-9)
            part /= 2;
        loss = next;
        *a -= part * da;
        *b -= part * db;
    }
}

void um_calibrate(double *scale, double *shift, const um_window_score *scores, size_t n)
{
    double a = 1, b = 0;

    fit_line(&a, &b, true, scores, n);
    *scale = fmax(a, MIN_SCALE);
    *shift = b;
}

double um_calibrate_temperature(const um_window_score *scores, size_t n)
{
    double a = 1, b = 0;

    fit_line(&a, &b, false, scores, n);
    return fmax(a, MIN_SCALE);
}

static int by_score(const void *a, const void *b)
{
    double x = ((const um_scored *)a)->score, y = ((const um_scored *)b)->score;

    return (x > y) - (x < y);
}

double um_threshold_choose(um_scored *items, size_t n)
{
    double best = -1, threshold = 0.5, fakes = 0, below[2] = {0};

    for (size_t i = 0; i < n; i++) fakes += items[i].fake;
    if (fakes == 0 || fakes == (double)n) return 0.5;
    if (n) qsort(items, n, sizeof *items, by_score);
    for (size_t i = 0; i <= n; i++) {
        /* Between items i - 1 and i; 0.5 itself where it lies there. */
        double low = i ? items[i - 1].score : 0, high = i < n ? items[i].score : 1;
        double at = low < 0.5 && 0.5 <= high ? 0.5 : (low + high) / 2;
        double rate = below[0] / ((double)n - fakes) + 1 - below[1] / fakes;

        if (i < n) below[items[i].fake]++;
        if (i && low >= high) continue; /* equal scores stay together */
        if (rate > best + 1e-12 ||
            (rate > best - 1e-12 && fabs(at - 0.5) < fabs(threshold - 0.5))) {
            best = fmax(rate, best);
            threshold = at;
        }
    }
    return threshold;
}

umcl_status um_doubt_band(um_interval *band, double threshold, const um_scored *items, size_t n)
{
    um_scored *distance = NULL;
    double width = 0;

    *band = (um_interval){threshold, threshold};
    if (n == 0) return UMCL_OK;
    UM_TRY(um_calloc(&distance, n, sizeof *distance));
    for (size_t i = 0; i < n; i++) distance[i].score = fabs(items[i].score - threshold);
    qsort(distance, n, sizeof *distance, by_score);
    width = fmin(distance[n / DOUBT_SHARE].score, DOUBT_MOST);
    free(distance);
    *band = (um_interval){fmax(threshold - width, 0), fmin(threshold + width, 1)};
    return UMCL_OK;
}

static int by_video(const void *a, const void *b)
{
    size_t x = ((const um_window_score *)a)->video, y = ((const um_window_score *)b)->video;

    return (x > y) - (x < y);
}

/* P(fake) of each video; `sorted` by video. Returns their number. */
static size_t join_windows(um_scored *videos, const um_window_score *sorted, size_t n,
                           const um_rule *rule)
{
    size_t count = 0;

    for (size_t i = 0; i < n;) {
        size_t j = i;
        double sum = 0;

        for (; j < n && sorted[j].video == sorted[i].video; j++) sum += sorted[j].logit;
        videos[count++] = (um_scored){um_rule_probability(rule, sum / (double)(j - i)),
                                      sorted[i].fake, sorted[i].person};
        i = j;
    }
    return count;
}

static umcl_status check_scores(const um_window_score *scores, size_t n)
{
    size_t fakes = 0;

    for (size_t i = 0; i < n; i++) {
        if (!isfinite(scores[i].logit))
            return um_fail(UMCL_ERR_INVALID, "calibration: score %zu is not a number", i);
        fakes += scores[i].fake;
    }
    return fakes && fakes < n ? UMCL_OK
                              : um_fail(UMCL_ERR_INVALID,
                                        "calibration: expected scores of both classes, found %zu "
                                        "real and %zu fake ones",
                                        n - fakes, fakes);
}

umcl_status um_calibration_fit(um_calibration *out, um_calibration_method method,
                               const um_window_score *scores, size_t n)
{
    um_rule *rule = &out->rule;
    um_window_score *sorted = NULL;
    um_scored *videos = NULL;
    um_interval band;
    um_metrics m;
    size_t count;
    umcl_status st;

    *out = (um_calibration){.rule = UM_RULE_INIT};
    UM_TRY(check_scores(scores, n));
    if (method == UM_CALIBRATE_PLATT)
        um_calibrate(&rule->scale, &rule->shift, scores, n);
    else
        rule->scale = um_calibrate_temperature(scores, n);
    UM_CHECK(um_calloc(&sorted, n, sizeof *sorted));
    UM_CHECK(um_calloc(&videos, n, sizeof *videos));
    memcpy(sorted, scores, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_video);
    count = join_windows(videos, sorted, n, rule);
    rule->threshold = um_threshold_choose(videos, count);
    UM_CHECK(um_doubt_band(&band, rule->threshold, videos, count));
    rule->doubt_low = band.low;
    rule->doubt_high = band.high;
    UM_CHECK(um_metrics_compute(&m, videos, count, rule->threshold));
    out->auc = m.auc;
done:
    free(sorted);
    free(videos);
    return st;
}
