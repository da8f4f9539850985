#include "detect/track_windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "face/stabilise.h"
#include "model/lrnet.h"

#define DRAWS 500

void um_track_windows_start(um_track_windows *t, int id)
{
    *t = (um_track_windows){.id = id, .start = NAN, .end = NAN};
}

void um_track_windows_clear(um_track_windows *t)
{
    free(t->windows);
    *t = (um_track_windows){0};
}

static umcl_status add_window(um_track_windows *t, double score)
{
    if (t->n_windows == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : 16;
        UM_TRY(um_realloc(&t->windows, cap, sizeof *t->windows));
        t->cap = cap;
    }
    t->windows[t->n_windows++] =
        (umcl_window){t->times[0], t->times[UM_JUDGE_WINDOW - 1] + 1.0 / 30, score};
    return UMCL_OK;
}

static umcl_status score_window(um_track_windows *t, um_judge *judge)
{
    float rows[UM_JUDGE_WINDOW * UM_LRNET_INPUTS];
    int guessed = 0;
    double score;

    for (int i = 0; i < UM_JUDGE_WINDOW; i++) guessed += t->bridged[i];
    if (2 * guessed > UM_JUDGE_WINDOW) {
        t->n_dropped++;
        return UMCL_OK;
    }
    um_landmarks_normalise(rows, t->frames, UM_JUDGE_WINDOW);
    UM_TRY(um_judge_score(judge, rows, 1, &score, NULL));
    return add_window(t, score);
}

umcl_status um_track_windows_add(um_track_windows *t, um_judge *judge, const um_track_frame *f,
                                 int stride)
{
    if (isnan(t->start)) t->start = f->time;
    t->end = f->time + 1.0 / 30;
    t->n_frames++;
    t->face_px_sum += (double)um_box_width(um_landmarks_bounds(&f->calibrated));
    t->face_score_sum += (double)f->score;
    t->frames[t->held] = f->calibrated;
    t->times[t->held] = f->time;
    t->bridged[t->held] = f->bridged;
    if (++t->held < UM_JUDGE_WINDOW) return UMCL_OK;
    UM_TRY(score_window(t, judge));
    t->held -= stride;
    memmove(t->frames, t->frames + stride, (size_t)t->held * sizeof *t->frames);
    memmove(t->times, t->times + stride, (size_t)t->held * sizeof *t->times);
    memmove(t->bridged, t->bridged + stride, (size_t)t->held * sizeof *t->bridged);
    return UMCL_OK;
}

static double log_odds(double p)
{
    p = fmin(fmax(p, 1e-6), 1 - 1e-6);
    return log(p / (1 - p));
}

double um_windows_score(const umcl_window *windows, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) sum += log_odds(windows[i].score);
    return n ? 1 / (1 + exp(-sum / (double)n)) : NAN;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void um_windows_interval(const umcl_window *windows, size_t n, double *low, double *high)
{
    um_rng rng = um_rng_new(1, "window bootstrap");
    double draws[DRAWS];

    *low = *high = NAN;
    if (n < 3) return;
    for (int d = 0; d < DRAWS; d++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) sum += log_odds(windows[um_rng_below(&rng, n)].score);
        draws[d] = 1 / (1 + exp(-sum / (double)n));
    }
    qsort(draws, DRAWS, sizeof *draws, by_value);
    *low = draws[DRAWS / 20];
    *high = draws[DRAWS - 1 - DRAWS / 20];
}
