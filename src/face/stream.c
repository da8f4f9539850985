#include "face/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "face/cut.h"
#include "face/followed.h"
#include "face/stabilise.h"
#include "face/track.h"

#define MIN_TRUST 0.5f   /* of landmarks */
#define MIN_OVERLAP 0.3f /* of the box that landmarks give with the one they were looked for in */
#define SAME_FACE_IOU 0.55f
#define SEEN_OFTEN 2 /* detections that make a track worth handing out */

struct um_face_stream {
    um_face_models models;
    um_face_stream_options options;
    um_face_sink sink;
    um_tracker *tracker;
    um_cut_detector cut;
    um_followed *followed[UM_MAX_TRACKS]; /* in no order; by id */
    size_t n_followed;
    int64_t next_detection; /* frame */
    int64_t passed;
    um_image thumbnail, aligned, look;
    /* Scratch of one frame, [UM_MAX_TRACKS] */
    um_box boxes[UM_MAX_TRACKS];
    um_landmarks found[UM_MAX_TRACKS];
    float trust[UM_MAX_TRACKS];
    um_followed *asked[UM_MAX_TRACKS];
    um_face faces[UM_MAX_TRACKS];
    um_appearance looks[UM_MAX_TRACKS];
    um_face_stream_stats stats;
};

umcl_status um_face_stream_new(um_face_stream **out, const um_face_models *models,
                               const um_face_stream_options *o, const um_face_sink *sink)
{
    umcl_status st;
    um_face_stream *s = NULL;
    um_tracker_options tracking = UM_TRACKER_OPTIONS_INIT;

    *out = NULL;
    if (o->every < 1 || o->max_gap < 0 || o->max_faces < 1 || o->max_faces > UM_MAX_TRACKS)
        return um_fail(UMCL_ERR_INVALID,
                       "face stream: expected every >= 1, max_gap >= 0 and max_faces 1..%d, got "
                       "%d, %d and %d",
                       UM_MAX_TRACKS, o->every, o->max_gap, o->max_faces);
    UM_CHECK(um_calloc(&s, 1, sizeof *s));
    s->models = *models;
    s->options = *o;
    s->sink = *sink;
    s->passed = -1;
    tracking.max_gap = o->max_gap;
    UM_CHECK(um_tracker_new(&s->tracker, &tracking));
    UM_CHECK(um_image_new(&s->thumbnail, UM_CUT_WIDTH, UM_CUT_HEIGHT, 1));
    UM_CHECK(um_image_new(&s->aligned, UM_ALIGNED_SIDE, UM_ALIGNED_SIDE, 1));
    UM_CHECK(um_image_new(&s->look, UM_APPEARANCE_SIDE, UM_APPEARANCE_SIDE, 1));
    *out = s;
    s = NULL;
done:
    um_face_stream_free(s);
    return st;
}

void um_face_stream_free(um_face_stream *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->n_followed; i++) um_followed_free(s->followed[i]);
    um_tracker_free(s->tracker);
    um_image_clear(&s->thumbnail);
    um_image_clear(&s->aligned);
    um_image_clear(&s->look);
    free(s);
}

um_face_stream_stats um_face_stream_get_stats(const um_face_stream *s)
{
    return s->stats;
}

static um_followed *followed(um_face_stream *s, int id)
{
    for (size_t i = 0; i < s->n_followed; i++)
        if (s->followed[i]->id == id) return s->followed[i];
    return NULL;
}

/* A track seen once and missed at once was no face; one that just began is kept when the shot or
 * the video ends. */
static umcl_status let_go(um_face_stream *s, const um_track *t, um_track_end why)
{
    umcl_status st = UMCL_OK;
    um_followed *f = followed(s, t->id);

    if (!f) return UMCL_OK;
    if (why != UM_TRACK_LOST && !t->missed) {
        f->confirmed = true;
        st = um_pending_flush(&f->pending, &s->sink);
    }
    if (f->confirmed) {
        s->stats.tracks++;
        if (st == UMCL_OK && s->sink.end) st = s->sink.end(s->sink.user, t->id, why);
    }
    for (size_t i = 0; i < s->n_followed; i++)
        if (s->followed[i] == f) s->followed[i] = s->followed[--s->n_followed];
    um_followed_free(f);
    return st;
}

static umcl_status let_all_go(um_face_stream *s, um_track_end why)
{
    for (size_t i = 0; i < um_tracker_count(s->tracker); i++)
        if (!um_tracker_at(s->tracker, i)->ended)
            UM_TRY(let_go(s, um_tracker_at(s->tracker, i), why));
    um_tracker_cut(s->tracker);
    return UMCL_OK;
}

/* Landmarks of the first `n` of s->boxes, for s->asked; good ones are taken over. */
static umcl_status ask_landmarks(um_face_stream *s, const um_frame *frame, size_t n)
{
    if (n == 0) return UMCL_OK;
    UM_TRY(s->models.landmarks(s->models.ctx, s->found, s->trust, frame, s->boxes, n));
    for (size_t i = 0; i < n; i++) {
        um_followed *f = s->asked[i];

        f->measured = s->trust[i] >= MIN_TRUST && um_landmarks_plausible(&s->found[i]) &&
                      um_box_iou(um_followed_box(f, &s->found[i]), s->boxes[i]) > MIN_OVERLAP;
        if (f->measured) f->now = s->found[i];
    }
    return UMCL_OK;
}

/* Two tracks cannot have one face: the one that had to jump further to it lets go. */
static void part_doubles(um_face_stream *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n && s->asked[i]->measured; j++) {
            um_box a = um_followed_box(s->asked[i], &s->found[i]);
            um_box b = um_followed_box(s->asked[j], &s->found[j]);

            if (j == i || !s->asked[j]->measured || um_box_iou(a, b) < SAME_FACE_IOU) continue;
            if (um_box_iou(a, s->boxes[i]) <= um_box_iou(b, s->boxes[j]))
                s->asked[i]->measured = false;
        }
}

/* Tracks that the detector saw last time go on by their landmarks. */
static umcl_status carry_on(um_face_stream *s, const um_frame *frame)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n_followed; i++) s->followed[i]->measured = false;
    for (size_t i = 0; i < um_tracker_count(s->tracker); i++) {
        const um_track *t = um_tracker_at(s->tracker, i);
        um_followed *f = followed(s, t->id);

        if (!f || t->missed) continue;
        s->boxes[n] = t->box;
        s->asked[n++] = f;
    }
    UM_TRY(ask_landmarks(s, frame, n));
    part_doubles(s, n);
    for (size_t i = 0; i < um_tracker_count(s->tracker); i++) {
        um_followed *f = followed(s, um_tracker_at(s->tracker, i)->id);

        if (f && f->measured) um_tracker_carry(s->tracker, i, um_followed_box(f, &f->now));
    }
    return UMCL_OK;
}

static int by_area(const void *pa, const void *pb)
{
    float a = um_box_area(((const um_face *)pa)->box), b = um_box_area(((const um_face *)pb)->box);

    return (a < b) - (a > b);
}

/* The detections of this frame, at most max_faces, into s->faces and s->looks. */
static umcl_status look_around(um_face_stream *s, const um_frame *frame, size_t *n_faces)
{
    const um_face *faces;
    um_face *sorted = NULL;
    size_t n, n_hints = 0, limit = (size_t)s->options.max_faces;
    umcl_status st;

    for (size_t i = 0; i < um_tracker_count(s->tracker); i++)
        if (!um_tracker_at(s->tracker, i)->ended)
            s->boxes[n_hints++] = um_tracker_at(s->tracker, i)->box;
    UM_TRY(s->models.detect(s->models.ctx, &faces, &n, frame, s->boxes, n_hints));
    s->stats.detections++;
    UM_TRY(um_calloc(&sorted, n, sizeof *sorted));
    if (n) memcpy(sorted, faces, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_area);
    if (n > limit) {
        s->stats.ignored += (int64_t)(n - limit);
        n = limit;
    }
    for (size_t i = 0; i < n; i++) {
        s->faces[i] = sorted[i];
        UM_CHECK(um_frame_crop(frame, sorted[i].box, &s->look));
        um_appearance_set(&s->looks[i], &s->look);
    }
    *n_faces = n;
    st = UMCL_OK;
done:
    free(sorted);
    return st;
}

/* New tracks get their landmarks; so do tracks whose landmarks had strayed from the detection. */
static umcl_status settle(um_face_stream *s, const um_frame *frame, int64_t now)
{
    size_t n = 0;

    for (size_t i = 0; i < um_tracker_count(s->tracker); i++) {
        const um_track *t = um_tracker_at(s->tracker, i);
        um_followed *f = followed(s, t->id);

        if (t->ended || t->last_seen != now) continue;
        if (!f) {
            UM_TRY(um_followed_new(&f, t->id));
            s->followed[s->n_followed++] = f;
        }
        if (f->measured && um_box_iou(um_followed_box(f, &f->now), t->box) > 0.5f) continue;
        f->box_known = false;
        s->boxes[n] = t->box;
        s->asked[n++] = f;
    }
    UM_TRY(ask_landmarks(s, frame, n));
    for (size_t i = 0; i < um_tracker_count(s->tracker); i++) {
        const um_track *t = um_tracker_at(s->tracker, i);
        um_followed *f = followed(s, t->id);

        if (!f || !f->measured || t->last_seen != now) continue;
        um_followed_learn(f, t);
        um_tracker_carry(s->tracker, i, um_followed_box(f, &f->now));
    }
    return UMCL_OK;
}

static umcl_status detect(um_face_stream *s, const um_frame *frame, int64_t now)
{
    size_t n = 0;

    UM_TRY(look_around(s, frame, &n));
    UM_TRY(um_tracker_update(s->tracker, s->faces, s->looks, n));
    for (size_t i = 0; i < um_tracker_count(s->tracker); i++) {
        const um_track *t = um_tracker_at(s->tracker, i);

        if (t->ended) UM_TRY(let_go(s, t, UM_TRACK_LOST));
    }
    return settle(s, frame, now);
}

/* Queues this frame for every track, and hands out what the detection has confirmed. */
static umcl_status hand_out(um_face_stream *s, const um_frame *frame, int64_t now)
{
    int64_t first = now + 1;

    for (size_t i = 0; i < um_tracker_count(s->tracker); i++) {
        const um_track *t = um_tracker_at(s->tracker, i);
        um_followed *f = followed(s, t->id);

        if (!f) continue;
        UM_TRY(um_followed_add(f, t, frame, now, &s->aligned, s->options.crops));
        if (t->last_seen == now && f->measured && t->n_seen >= SEEN_OFTEN) {
            f->confirmed = true;
            UM_TRY(um_pending_flush(&f->pending, &s->sink));
        } else if (f->n_unmeasured > s->options.max_gap) { /* detected, but without landmarks */
            UM_TRY(let_go(s, t, UM_TRACK_LOST));
            um_tracker_end(s->tracker, i);
        }
    }
    for (size_t i = 0; i < s->n_followed; i++) {
        int64_t waits = um_pending_first(&s->followed[i]->pending, now + 1);

        if (waits < first) first = waits;
    }
    if (first - 1 > s->passed) {
        s->passed = first - 1;
        if (s->sink.passed) UM_TRY(s->sink.passed(s->sink.user, s->passed));
    }
    return UMCL_OK;
}

umcl_status um_face_stream_push(um_face_stream *s, const um_frame *frame)
{
    const um_box whole = {0, 0, (float)um_frame_width(frame), (float)um_frame_height(frame)};
    int64_t now = s->stats.frames++;

    UM_TRY(um_frame_crop(frame, whole, &s->thumbnail));
    if (um_cut_step(&s->cut, &s->thumbnail)) {
        s->stats.cuts++;
        UM_TRY(let_all_go(s, UM_TRACK_CUT));
        s->next_detection = now;
    }
    um_tracker_advance(s->tracker, now);
    UM_TRY(carry_on(s, frame));
    if (now >= s->next_detection) {
        UM_TRY(detect(s, frame, now));
        s->next_detection = now + s->options.every;
    }
    return hand_out(s, frame, now);
}

umcl_status um_face_stream_finish(um_face_stream *s)
{
    UM_TRY(let_all_go(s, UM_TRACK_DONE));
    return s->sink.passed ? s->sink.passed(s->sink.user, INT64_MAX) : UMCL_OK;
}
