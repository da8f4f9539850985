#include "detect/track_windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "face/crop.h"
#include "face/stabilise.h"
#include "model/features.h"
#include "model/lrnet.h"

#define DRAWS 500

umcl_status um_track_windows_start(um_track_windows *t, const um_judge_info *info, int id)
{
    *t = (um_track_windows){.id = id, .start = NAN, .end = NAN};
    if (!info->crop_step) return UMCL_OK;
    return um_calloc(&t->crops, (size_t)(info->window / info->crop_step), UM_CROP_BYTES);
}

void um_track_windows_clear(um_track_windows *t)
{
    free(t->crops);
    free(t->windows);
    free(t->pulse);
    free(t->features);
    um_skin_trace_clear(&t->skin);
    *t = (um_track_windows){0};
}

/* A sum alone: what is kept does not grow with the video. */
static umcl_status add_features(um_track_windows *t, const um_judge *judge)
{
    const um_head *head = um_judge_head(judge);

    if (!head) return UMCL_OK;
    if (!t->features) UM_TRY(um_calloc(&t->features, um_features_width(head), sizeof *t->features));
    um_features_add(t->features, head);
    return UMCL_OK;
}

static umcl_status add_window(um_track_windows *t, const um_judge *judge, umcl_window window)
{
    const float *waveform = um_judge_waveform(judge);

    if (t->n_windows == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : 16;
        UM_TRY(um_realloc(&t->windows, cap, sizeof *t->windows));
        if (waveform) UM_TRY(um_realloc(&t->pulse, cap, sizeof *t->pulse));
        t->cap = cap;
    }
    if (waveform)
        UM_TRY(um_pulse_read(&t->pulse[t->n_windows], waveform,
                             (size_t)um_judge_get_info(judge)->window));
    UM_TRY(add_features(t, judge));
    t->windows[t->n_windows++] = window;
    return UMCL_OK;
}

/* A whole window on its way to the judge. */
typedef struct full_window {
    um_track_windows *track;
    um_judge *judge;
    umcl_window result; /* all but the score */
    um_window given;
    float rows[UM_WINDOW * UM_LRNET_INPUTS];
    uint8_t *crops; /* its own copy, where the track's buffer goes on before it is judged */
} full_window;

static void discard_window(void *task)
{
    full_window *w = task;

    free(w->crops);
    free(w);
}

static umcl_status judge_window(void *task)
{
    full_window *w = task;
    umcl_status st = um_judge_score(w->judge, &w->given, &w->result.score, NULL);

    if (st == UMCL_OK) st = add_window(w->track, w->judge, w->result);
    discard_window(w);
    return st;
}

static umcl_status copy_crops(full_window *w, const um_judge_info *info)
{
    size_t n = (size_t)(info->window / info->crop_step);

    UM_TRY(um_calloc(&w->crops, n, UM_CROP_BYTES));
    memcpy(w->crops, w->given.crops, n * UM_CROP_BYTES);
    w->given.crops = w->crops;
    return UMCL_OK;
}

/* Scores `window` places of the buffer, all of them filled; the first `held` are frames. */
static umcl_status score_window(um_track_windows *t, um_judge *judge)
{
    const um_judge_info *info = um_judge_get_info(judge);
    static const um_worker_task task = {judge_window, discard_window};
    umcl_status st = UMCL_OK;
    full_window *w;
    int guessed = 0;

    for (int i = 0; i < t->held; i++) guessed += t->bridged[i];
    if (2 * guessed > t->held) {
        t->n_dropped++;
        return UMCL_OK;
    }
    UM_TRY(um_calloc(&w, 1, sizeof *w));
    w->track = t;
    w->judge = judge;
    w->result = (umcl_window){t->times[0], t->times[t->held - 1] + 1.0 / 30, NAN};
    w->given = (um_window){w->rows, t->crops, info->crop_step, t->fake};
    um_landmarks_normalise(w->rows, t->frames, (size_t)info->window);
    if (!t->worker) return judge_window(w);
    if (t->crops) st = copy_crops(w, info);
    if (st == UMCL_OK) return um_worker_give(t->worker, &task, w);
    discard_window(w);
    return st;
}

static void keep_crop(um_track_windows *t, size_t place, const um_image *crop)
{
    uint8_t *to = t->crops + place * UM_CROP_BYTES;
    const size_t row = (size_t)UM_CROP_SIDE * 3;

    for (size_t y = 0; y < UM_CROP_SIDE; y++)
        memcpy(to + y * row, crop->data + y * crop->stride, row);
}

static void move_on(um_track_windows *t, const um_judge_info *info, int stride)
{
    size_t by = (size_t)stride, left = (size_t)(t->held - stride);

    memmove(t->frames, t->frames + by, left * sizeof *t->frames);
    memmove(t->times, t->times + by, left * sizeof *t->times);
    memmove(t->bridged, t->bridged + by, left * sizeof *t->bridged);
    if (t->crops) {
        size_t step = (size_t)info->crop_step;

        memmove(t->crops, t->crops + by / step * UM_CROP_BYTES, left / step * UM_CROP_BYTES);
    }
    t->held = (int)left;
}

umcl_status um_track_windows_add(um_track_windows *t, um_judge *judge, const um_track_frame *f,
                                 int stride)
{
    const um_judge_info *info = um_judge_get_info(judge);

    if (isnan(t->start)) t->start = f->time;
    t->end = f->time + 1.0 / 30;
    t->n_frames++;
    t->face_px_sum += (double)um_box_width(um_landmarks_bounds(&f->calibrated));
    t->face_score_sum += (double)f->score;
    t->frames[t->held] = f->calibrated;
    t->times[t->held] = f->time;
    t->bridged[t->held] = f->bridged;
    if (t->crops && t->held % info->crop_step == 0)
        keep_crop(t, (size_t)(t->held / info->crop_step), f->crop);
    if (info->crop_step == 1) UM_TRY(um_skin_trace_add(&t->skin, f));
    if (++t->held < info->window) return UMCL_OK;
    UM_TRY(score_window(t, judge));
    move_on(t, info, stride);
    return UMCL_OK;
}

umcl_status um_track_windows_finish(um_track_windows *t, um_judge *judge)
{
    const um_judge_info *info = um_judge_get_info(judge);
    size_t n = (size_t)t->held, step = (size_t)info->crop_step;

    if (t->n_frames >= info->window || t->held < info->least) return UMCL_OK;
    for (size_t i = n; i < (size_t)info->window; i++) {
        size_t from = um_window_reflect(i, n);

        t->frames[i] = t->frames[from];
        /* where not every crop is kept, the nearest one that is */
        if (t->crops && i % step == 0)
            memcpy(t->crops + i / step * UM_CROP_BYTES, t->crops + from / step * UM_CROP_BYTES,
                   UM_CROP_BYTES);
    }
    t->reflected = true;
    return score_window(t, judge);
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
