#include "detect/detector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/paths.h"
#include "base/worker.h"
#include "detect/report.h"
#include "face/face_nets.h"

#define MAX_THREADS 1024
#define SLOWEST_FPS 14.9 /* that is judged without a warning */
#define WINDOWS_AHEAD 2  /* that wait for the judge: each holds 8 MB of crops */
#define MAX_DECODERS 4   /* threads: enough to stay ahead of the nets, and each holds a frame */

struct um_detector {
    um_judge *judge;
    um_face_nets *nets;
    int threads;
};

umcl_status um_detector_new(um_detector **out, const umcl_detector_options *options)
{
    um_face_nets_options nets = UM_FACE_NETS_VIDEO;
    um_str shipped = UM_STR_INIT;
    um_detector *d = NULL;
    umcl_status st;

    *out = NULL;
    if (options->version != UMCL_DETECTOR_OPTIONS_VERSION)
        return um_fail(UMCL_ERR_INVALID, "detector options: expected version %d, found %u",
                       UMCL_DETECTOR_OPTIONS_VERSION, options->version);
    if (options->threads < 0 || options->threads > MAX_THREADS)
        return um_fail(UMCL_ERR_INVALID, "detector options: expected 0 to %d threads, found %d",
                       MAX_THREADS, options->threads);
    UM_CHECK(um_calloc(&d, 1, sizeof *d));
    d->threads = options->threads;
    nets.detector = options->face_model;
    nets.landmarks = options->points_model;
    if (!options->model) UM_CHECK(um_find_data(&shipped, UM_DETECTOR_MODEL));
    UM_CHECK(um_judge_open(&d->judge, options->model ? options->model : shipped.text));
    UM_CHECK(um_face_nets_open(&d->nets, &nets));
    *out = d;
    d = NULL;
done:
    um_detector_free(d);
    um_str_clear(&shipped);
    return st;
}

void um_detector_free(um_detector *d)
{
    if (!d) return;
    um_judge_free(d->judge);
    um_face_nets_free(d->nets);
    free(d);
}

const um_judge_info *um_detector_model(const um_detector *d)
{
    return um_judge_get_info(d->judge);
}

/*
 * One video in work: the tracks that are still followed, and the report they end up in. Frames are
 * decoded and faces followed by the calling thread; the worker judges windows and closes tracks.
 */
typedef struct job {
    um_detector *d;
    umcl_report *report; /* its tracks and warnings are the worker's until it has finished */
    int stride;
    um_worker *worker;
    um_track_windows **open;
    size_t n_open, cap;
} job;

static void free_track(um_track_windows *t)
{
    um_track_windows_clear(t);
    free(t);
}

static umcl_status find_track(job *j, um_track_windows **out, int id)
{
    um_track_windows *t;
    umcl_status st;

    for (size_t i = 0; i < j->n_open; i++)
        if (j->open[i]->id == id) {
            *out = j->open[i];
            return UMCL_OK;
        }
    if (j->n_open == j->cap) {
        size_t cap = j->cap ? 2 * j->cap : 4;
        UM_TRY(um_realloc(&j->open, cap, sizeof(um_track_windows *)));
        j->cap = cap;
    }
    UM_TRY(um_calloc(&t, 1, sizeof *t));
    st = um_track_windows_start(t, um_judge_get_info(j->d->judge), id);
    if (st != UMCL_OK) {
        free_track(t);
        return st;
    }
    t->worker = j->worker;
    *out = j->open[j->n_open++] = t;
    return UMCL_OK;
}

static umcl_status on_frame(void *user, const um_track_frame *f)
{
    job *j = user;
    um_track_windows *t;

    UM_TRY(find_track(j, &t, f->track));
    return um_track_windows_add(t, j->d->judge, f, j->stride);
}

/* A track whose windows have been given to the worker. */
typedef struct ended {
    umcl_report *report;
    um_track_windows *track;
} ended;

static void discard_ended(void *task)
{
    ended *e = task;

    free_track(e->track);
    free(e);
}

static umcl_status report_ended(void *task)
{
    ended *e = task;
    um_track_windows *t = e->track;
    umcl_status st = UMCL_OK;

    if (t->reflected)
        st = um_report_warn(e->report,
                            "track %d has only %.1f s: judged on one window extended by reflection "
                            "in time",
                            t->id, t->end - t->start);
    if (st == UMCL_OK) st = um_report_add_track(e->report, t);
    discard_ended(e);
    return st;
}

static umcl_status close_track(job *j, size_t i)
{
    static const um_worker_task task = {report_ended, discard_ended};
    ended *e;

    UM_TRY(um_track_windows_finish(j->open[i], j->d->judge));
    UM_TRY(um_calloc(&e, 1, sizeof *e));
    *e = (ended){j->report, j->open[i]};
    j->open[i] = j->open[--j->n_open];
    return um_worker_give(j->worker, &task, e);
}

static umcl_status on_end(void *user, int track, um_track_end why)
{
    job *j = user;

    (void)why;
    for (size_t i = 0; i < j->n_open; i++)
        if (j->open[i]->id == track) return close_track(j, i);
    return UMCL_OK;
}

static umcl_status show_progress(const umcl_score_options *o, const um_video *video, double time)
{
    double length = o->duration > 0 ? o->duration : um_video_get_info(video)->duration - o->start;
    double done = time - o->start;

    if (!o->progress) return UMCL_OK;
    if (o->progress(o->user, length > 0 ? fmin(done / length, 1) : -1, done) == 0) return UMCL_OK;
    return um_fail(UMCL_ERR_CANCELLED, "stopped after %.1f s of video", done);
}

/* Frames that a slow video repeats show no movement. */
static umcl_status check_rate(umcl_report *r, const um_video *video)
{
    double fps = um_video_get_info(video)->fps;

    if (fps == 0 || fps >= SLOWEST_FPS) return UMCL_OK;
    return um_report_warn(r, "%.1f frames a second show little of how a face moves", fps);
}

static umcl_status follow(job *j, um_video *video, const umcl_score_options *o)
{
    const um_face_models models = um_face_nets_models(j->d->nets);
    const um_face_sink sink = {j, on_frame, on_end, NULL};
    um_face_stream_options stream_options = UM_FACE_STREAM_OPTIONS_INIT;
    um_face_stream *stream = NULL;
    um_frame *frame = NULL;
    umcl_report *r = j->report;
    umcl_status st;

    stream_options.crops = um_judge_get_info(j->d->judge)->crop_step > 0;
    UM_CHECK(um_worker_new(&j->worker, um_threads(), WINDOWS_AHEAD));
    UM_CHECK(um_face_stream_new(&stream, &models, &stream_options, &sink));
    for (;;) {
        UM_CHECK(um_video_next(video, &frame));
        if (!frame) break;
        if (r->n_frames++ % 10 == 0) UM_CHECK(show_progress(o, video, um_frame_time(frame)));
        UM_CHECK(um_face_stream_push(stream, frame));
        um_frame_unref(frame);
        frame = NULL;
    }
    UM_CHECK(um_face_stream_finish(stream));
    while (j->n_open) UM_CHECK(close_track(j, 0));
    UM_CHECK(um_worker_finish(j->worker));
    r->n_skipped = um_video_skipped(video);
    r->duration = (double)r->n_frames / 30.0;
    if (um_face_stream_get_stats(stream).ignored)
        st = um_report_warn(r, "more than %d faces at once: the smallest were not judged",
                            stream_options.max_faces);
done:
    um_worker_free(j->worker); /* its windows are of tracks that are cleared below */
    j->worker = NULL;
    while (j->n_open) free_track(j->open[--j->n_open]);
    free(j->open);
    um_frame_unref(frame);
    um_face_stream_free(stream);
    return st;
}

/* What a file does that is its own fault, not the program's. */
static bool is_bad_file(umcl_status st)
{
    return st == UMCL_ERR_NOT_FOUND || st == UMCL_ERR_IO || st == UMCL_ERR_FORMAT ||
           st == UMCL_ERR_UNSUPPORTED;
}

static umcl_status unreadable(umcl_report *r)
{
    r->outcome = UMCL_OUTCOME_UNREADABLE;
    return um_report_reason(r, "%s", umcl_last_error());
}

static umcl_status conclude(umcl_report *r, const um_judge_info *model, double start)
{
    if (r->n_frames == 0 && start > 0) {
        r->outcome = UMCL_OUTCOME_TOO_SHORT;
        return um_report_reason(r, "nothing to look at: the video ends before second %.1f", start);
    }
    if (r->n_frames == 0) {
        um_fail(UMCL_ERR_FORMAT, "no frame of the video can be decoded");
        return unreadable(r);
    }
    if (r->n_skipped)
        UM_TRY(um_report_warn(r, "%lld damaged packets or frames were skipped",
                              (long long)r->n_skipped));
    return um_report_conclude(r, model);
}

static int by_id(const void *a, const void *b)
{
    return ((const umcl_track *)a)->id - ((const umcl_track *)b)->id;
}

static umcl_status check_options(const umcl_score_options *o, const um_judge_info *info, int stride)
{
    int step = info->crop_step ? info->crop_step : 1;

    if (o->version != UMCL_SCORE_OPTIONS_VERSION || !(o->start >= 0) || !(o->duration >= 0))
        return um_fail(UMCL_ERR_INVALID,
                       "score options: expected version %d and times of at least 0",
                       UMCL_SCORE_OPTIONS_VERSION);
    if (stride < 1 || stride > info->window || stride % step)
        return um_fail(
            UMCL_ERR_INVALID,
            "score options: expected a stride of at most %d frames in steps of %d, found "
            "%d",
            info->window, step, stride);
    return UMCL_OK;
}

umcl_status um_detector_score(umcl_report *out, um_detector *d, const char *path,
                              const umcl_score_options *options)
{
    um_video_options video_options = UM_VIDEO_OPTIONS_INIT;
    const um_judge_info *info = um_judge_get_info(d->judge);
    job j = {.d = d, .report = out, .stride = options->stride ? options->stride : info->stride};
    um_video *video = NULL;
    umcl_status st;

    memset(out, 0, sizeof *out);
    UM_TRY(check_options(options, info, j.stride));
    out->score = out->score_low = out->score_high = NAN;
    um_threads_set(d->threads);
    video_options.start = options->start;
    video_options.duration = options->duration;
    video_options.threads = um_threads() < MAX_DECODERS ? um_threads() : MAX_DECODERS;
    st = um_video_open(&video, path, &video_options);
    if (st == UMCL_OK) {
        out->width = um_video_get_info(video)->width;
        out->height = um_video_get_info(video)->height;
        st = check_rate(out, video);
        if (st == UMCL_OK) st = follow(&j, video, options);
    }
    if (is_bad_file(st))
        st = unreadable(out);
    else if (st == UMCL_OK)
        st = conclude(out, info, options->start);
    if (out->n_tracks) qsort(out->tracks, out->n_tracks, sizeof *out->tracks, by_id);
    um_video_close(video);
    if (st != UMCL_OK) umcl_report_clear(out);
    return st;
}
