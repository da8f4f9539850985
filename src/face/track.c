#include "face/track.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "face/assign.h"

#define COST_LIMIT 1.6f   /* of a pair of track and detection, see pair_cost */
#define MAX_DISTANCE 0.8f /* between centres, in face sizes; grows while unseen */
#define MAX_RATIO 2.0f    /* between sizes */
#define CROSSING_IOU 0.15f
#define SAME_FACE_IOU 0.5f /* a detection on a face that already has a track */
#define VELOCITY_MEMORY 0.6f
#define VELOCITY_DECAY 0.97f /* a frame, while unseen */
#define LOOK_MEMORY 0.2f

struct um_tracker {
    um_tracker_options options;
    int64_t frame;
    int next_id;
    int64_t ignored;
    size_t n;
    um_track track[UM_MAX_TRACKS];
    um_box seen_box[UM_MAX_TRACKS]; /* of the last detection */
};

umcl_status um_tracker_new(um_tracker **out, const um_tracker_options *options)
{
    *out = NULL;
    if (options->max_gap < 0)
        return um_fail(UMCL_ERR_INVALID, "tracker: expected max_gap >= 0, got %d",
                       options->max_gap);
    UM_TRY(um_calloc(out, 1, sizeof **out));
    (*out)->options = *options;
    (*out)->next_id = 1;
    return UMCL_OK;
}

void um_tracker_free(um_tracker *t)
{
    free(t);
}

size_t um_tracker_count(const um_tracker *t)
{
    return t->n;
}

const um_track *um_tracker_at(const um_tracker *t, size_t i)
{
    assert(i < t->n);
    return &t->track[i];
}

int64_t um_tracker_ignored(const um_tracker *t)
{
    return t->ignored;
}

static float centre_x(um_box b)
{
    return 0.5f * (b.x0 + b.x1);
}

static float centre_y(um_box b)
{
    return 0.5f * (b.y0 + b.y1);
}

static float size_of(um_box b)
{
    return sqrtf(fmaxf(um_box_area(b), 1));
}

void um_tracker_advance(um_tracker *t, int64_t frame)
{
    size_t kept = 0;
    float frames = (float)(frame - t->frame);

    for (size_t i = 0; i < t->n; i++) {
        um_track *k = &t->track[i];

        if (k->ended) continue;
        k->box = um_box_shift(k->box, k->vx * frames, k->vy * frames);
        if (k->missed) {
            k->vx *= powf(VELOCITY_DECAY, frames);
            k->vy *= powf(VELOCITY_DECAY, frames);
        }
        t->seen_box[kept] = t->seen_box[i];
        t->track[kept++] = *k;
    }
    t->n = kept;
    t->frame = frame;
}

void um_tracker_cut(um_tracker *t)
{
    for (size_t i = 0; i < t->n; i++) t->track[i].ended = true;
}

void um_tracker_end(um_tracker *t, size_t i)
{
    assert(i < t->n);
    t->track[i].ended = true;
}

/*
 * Motion is learnt from one detection to the next alone: what lies between was measured where the
 * motion said, and would confirm any error of it. While two faces cross, the detection may be the
 * other's: motion is then left alone.
 */
static void learn_motion(um_tracker *t, size_t i, um_box box)
{
    um_track *k = &t->track[i];
    float frames = (float)(t->frame - k->last_seen), limit = 0.5f * size_of(box), vx, vy;

    if (frames > 0 && !k->crossing) {
        vx = (centre_x(box) - centre_x(t->seen_box[i])) / frames;
        vy = (centre_y(box) - centre_y(t->seen_box[i])) / frames;
        k->vx += VELOCITY_MEMORY * (fminf(fmaxf(vx, -limit), limit) - k->vx);
        k->vy += VELOCITY_MEMORY * (fminf(fmaxf(vy, -limit), limit) - k->vy);
    }
    t->seen_box[i] = box;
}

void um_tracker_carry(um_tracker *t, size_t i, um_box box)
{
    assert(i < t->n);
    t->track[i].box = box;
}

static void mark_crossings(um_tracker *t)
{
    for (size_t i = 0; i < t->n; i++) t->track[i].crossing = false;
    for (size_t i = 0; i < t->n; i++)
        for (size_t j = i + 1; j < t->n; j++) {
            um_track *a = &t->track[i], *b = &t->track[j];

            if (a->ended || b->ended) continue;
            if (um_box_iou(a->box, b->box) < CROSSING_IOU) continue;
            a->crossing = b->crossing = true;
        }
}

/* Distance in face sizes (0..1), missing overlap (0..1) and difference of looks (0..1, a half
 * where unknown). Beyond reach: above the limit. */
static float pair_cost(const um_track *k, const um_face *f, const um_appearance *look,
                       int64_t unseen)
{
    float size = 0.5f * (size_of(k->box) + size_of(f->box));
    float ratio = size_of(k->box) / size_of(f->box);
    float distance =
        hypotf(centre_x(k->box) - centre_x(f->box), centre_y(k->box) - centre_y(f->box)) / size;
    float reach = fminf(MAX_DISTANCE + 0.03f * (float)unseen, 1.25f);
    float differs = 0.5f;

    if (!(distance < reach) || ratio > MAX_RATIO || ratio * MAX_RATIO < 1) return 2 * COST_LIMIT;
    if (look && look->known && k->look.known)
        differs = fminf(1 - um_appearance_match(&k->look, look), 1);
    return 0.6f * distance / reach + 0.4f * (1 - um_box_iou(k->box, f->box)) + 0.6f * differs;
}

static void see(um_tracker *t, size_t i, const um_face *f, const um_appearance *look)
{
    um_track *k = &t->track[i];

    learn_motion(t, i, f->box);
    k->box = f->box;
    for (int p = 0; p < 5; p++) {
        k->points[p][0] = f->points[p][0];
        k->points[p][1] = f->points[p][1];
    }
    k->score = f->score;
    k->last_seen = t->frame;
    k->n_seen++;
    k->missed = false;
    if (look && !k->crossing) um_appearance_learn(&k->look, look, LOOK_MEMORY);
}

static void start(um_tracker *t, const um_face *f, const um_appearance *look)
{
    um_track *k;

    for (size_t i = 0; i < t->n; i++)
        if (!t->track[i].ended && !t->track[i].missed &&
            um_box_iou(t->track[i].box, f->box) > SAME_FACE_IOU)
            return;
    if (t->n == UM_MAX_TRACKS) {
        t->ignored++;
        return;
    }
    k = &t->track[t->n];
    *k = (um_track){.id = t->next_id++, .first_frame = t->frame, .last_seen = t->frame};
    t->n++;
    see(t, t->n - 1, f, look);
}

umcl_status um_tracker_update(um_tracker *t, const um_face *faces, const um_appearance *looks,
                              size_t n)
{
    umcl_status st;
    size_t n_old = t->n;
    float *cost = NULL;
    int *face_of = NULL;
    bool *used = NULL;

    UM_CHECK(um_calloc(&cost, n_old * n, sizeof *cost));
    UM_CHECK(um_calloc(&face_of, n_old, sizeof *face_of));
    UM_CHECK(um_calloc(&used, n, sizeof *used));
    mark_crossings(t);
    for (size_t i = 0; i < n_old; i++)
        for (size_t j = 0; j < n; j++)
            cost[i * n + j] = t->track[i].ended
                                  ? 2 * COST_LIMIT
                                  : pair_cost(&t->track[i], &faces[j], looks ? &looks[j] : NULL,
                                              t->frame - t->track[i].last_seen);
    UM_CHECK(um_assign(face_of, cost, n_old, n, COST_LIMIT));
    for (size_t i = 0; i < n_old; i++) {
        um_track *k = &t->track[i];
        int j = face_of[i];

        if (k->ended) continue;
        if (j >= 0) {
            see(t, i, &faces[j], looks ? &looks[j] : NULL);
            used[j] = true;
        } else {
            k->missed = true;
            if (t->frame - k->last_seen > t->options.max_gap) k->ended = true;
        }
    }
    for (size_t j = 0; j < n; j++)
        if (!used[j] && faces[j].score >= t->options.start_score)
            start(t, &faces[j], looks ? &looks[j] : NULL);
done:
    free(cost);
    free(face_of);
    free(used);
    return st;
}
