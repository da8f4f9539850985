#include "detect/report.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SMALLEST_FACE 40.0  /* pixels across the landmarks; below, points are guesswork */
#define SUREST_NON_FACE 0.9 /* mean detector score; below, the track may be an ear or a shirt */

void umcl_report_clear(umcl_report *report)
{
    if (!report) return;
    for (size_t i = 0; i < report->n_tracks; i++) free(report->tracks[i].windows);
    for (size_t i = 0; i < report->n_warnings; i++) free(report->warnings[i]);
    free(report->tracks);
    free(report->warnings);
    free(report->reason);
    memset(report, 0, sizeof *report);
}

static char *format(const char *fmt, va_list ap)
{
    char text[512];

    vsnprintf(text, sizeof text, fmt, ap);
    return strdup(text);
}

umcl_status um_report_warn(umcl_report *r, const char *fmt, ...)
{
    va_list ap;
    char *text;

    UM_TRY(um_realloc(&r->warnings, r->n_warnings + 1, sizeof *r->warnings));
    va_start(ap, fmt);
    text = format(fmt, ap);
    va_end(ap);
    if (!text) return um_fail(UMCL_ERR_NOMEM, "report: out of memory");
    r->warnings[r->n_warnings++] = text;
    return UMCL_OK;
}

umcl_status um_report_reason(umcl_report *r, const char *fmt, ...)
{
    va_list ap;

    free(r->reason);
    va_start(ap, fmt);
    r->reason = format(fmt, ap);
    va_end(ap);
    return r->reason ? UMCL_OK : um_fail(UMCL_ERR_NOMEM, "report: out of memory");
}

umcl_status um_report_add_track(umcl_report *r, um_track_windows *t)
{
    umcl_track *to;

    UM_TRY(um_realloc(&r->tracks, r->n_tracks + 1, sizeof *r->tracks));
    to = &r->tracks[r->n_tracks++];
    *to = (umcl_track){.id = t->id,
                       .start = t->start,
                       .end = t->end,
                       .face_px = t->face_px_sum / (double)t->n_frames,
                       .face_score = t->face_score_sum / (double)t->n_frames,
                       .score = NAN,
                       .heart_rate = NAN,
                       .pulse_snr = NAN,
                       .n_windows = t->n_windows,
                       .windows = t->windows};
    t->windows = NULL;
    if (t->pulse) {
        um_heart_rate network = um_pulse_agree(t->pulse, t->n_windows), skin, rate;

        UM_TRY(um_skin_trace_read(&skin, &t->skin));
        rate = um_pulse_join(&network, &skin);
        to->pulse_snr = rate.snr_db;
        if (rate.reading) to->heart_rate = rate.bpm;
    }
    if (t->n_windows == 0)
        to->outcome = t->n_dropped ? UMCL_OUTCOME_LOW_QUALITY : UMCL_OUTCOME_TOO_SHORT;
    else if (to->face_px < SMALLEST_FACE || to->face_score < SUREST_NON_FACE)
        to->outcome = UMCL_OUTCOME_LOW_QUALITY;
    else
        to->score = um_windows_score(to->windows, to->n_windows);
    return UMCL_OK;
}

/* The most suspicious of the tracks that were judged. */
static const umcl_track *speaker(const umcl_report *r)
{
    const umcl_track *best = NULL;

    for (size_t i = 0; i < r->n_tracks; i++)
        if (!isnan(r->tracks[i].score) && (!best || r->tracks[i].score > best->score))
            best = &r->tracks[i];
    return best;
}

static umcl_status no_score(umcl_report *r, const um_judge_info *model)
{
    double longest = 0;
    bool low = false;

    for (size_t i = 0; i < r->n_tracks; i++) {
        longest = fmax(longest, r->tracks[i].end - r->tracks[i].start);
        low = low || r->tracks[i].outcome == UMCL_OUTCOME_LOW_QUALITY;
    }
    if (r->n_tracks == 0) {
        r->outcome = UMCL_OUTCOME_NO_FACE;
        return um_report_reason(r, "no face was found in %.1f s of video", r->duration);
    }
    if (low) {
        r->outcome = UMCL_OUTCOME_LOW_QUALITY;
        return um_report_reason(r,
                                "faces are smaller than %.0f px, mostly hidden or not certain "
                                "to be faces",
                                SMALLEST_FACE);
    }
    r->outcome = UMCL_OUTCOME_TOO_SHORT;
    return um_report_reason(r, "the longest face track has %.1f s, a window needs %.1f s", longest,
                            model->least / 30.0);
}

umcl_status um_report_conclude(umcl_report *r, const um_judge_info *model)
{
    const umcl_track *t = speaker(r);

    r->verdict = UMCL_VERDICT_NONE;
    r->score = r->score_low = r->score_high = NAN;
    if (!t) return no_score(r, model);
    r->outcome = UMCL_OUTCOME_OK;
    r->score = t->score;
    um_windows_interval(t->windows, t->n_windows, &r->score_low, &r->score_high);
    if (r->score > model->rule.doubt_low && r->score < model->rule.doubt_high)
        return um_report_reason(r, "the score lies in the model's band of doubt, %.2f to %.2f",
                                model->rule.doubt_low, model->rule.doubt_high);
    r->verdict = r->score >= model->rule.threshold ? UMCL_VERDICT_FAKE : UMCL_VERDICT_REAL;
    return um_report_reason(r, "track %d (%.1f-%.1f s, %zu window%s) is %s the threshold %.2f",
                            t->id, t->start, t->end, t->n_windows, t->n_windows == 1 ? "" : "s",
                            r->verdict == UMCL_VERDICT_FAKE ? "at or above" : "below",
                            model->rule.threshold);
}
