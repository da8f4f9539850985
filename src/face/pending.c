#include "face/pending.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

umcl_status um_pending_push(um_pending *p, const um_track_frame *f, um_image *crop, bool measured)
{
    if (p->n == p->room) {
        size_t room = p->room ? 2 * p->room : 8;

        UM_TRY(um_realloc(&p->at, room, sizeof *p->at));
        p->room = room;
    }
    p->at[p->n++] = (um_pending_frame){*f, *crop, measured};
    memset(crop, 0, sizeof *crop);
    return UMCL_OK;
}

/* Between the measured frames a and b; the frame's own number, time and crop stay. */
static void fill(um_track_frame *f, const um_track_frame *a, const um_track_frame *b)
{
    float t = (float)(f->frame - a->frame) / (float)(b->frame - a->frame);

    f->box = um_box_lerp(a->box, b->box, t);
    f->raw = um_landmarks_lerp(&a->raw, &b->raw, t);
    f->calibrated = um_landmarks_lerp(&a->calibrated, &b->calibrated, t);
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 2; k++)
            f->points[i][k] = a->points[i][k] + t * (b->points[i][k] - a->points[i][k]);
    f->bridged = true;
}

static void fill_gaps(um_pending *p)
{
    const um_track_frame *before = p->has_last ? &p->last : NULL;

    for (size_t i = 0; i < p->n; i++) {
        size_t next = i;

        if (p->at[i].measured) {
            before = &p->at[i].f;
            continue;
        }
        while (!p->at[next].measured) next++;
        fill(&p->at[i].f, before, &p->at[next].f);
    }
}

umcl_status um_pending_flush(um_pending *p, const um_face_sink *sink)
{
    umcl_status st = UMCL_OK;
    size_t first = 0;

    while (p->n && !p->at[p->n - 1].measured) um_image_clear(&p->at[--p->n].crop);
    /* A track begins with its first measured frame. */
    while (!p->has_last && first < p->n && !p->at[first].measured) first++;
    for (size_t i = 0; i < first; i++) um_image_clear(&p->at[i].crop);
    memmove(p->at, p->at + first, (p->n - first) * sizeof *p->at);
    p->n -= first;
    fill_gaps(p);
    for (size_t i = 0; i < p->n; i++) {
        um_track_frame f = p->at[i].f;

        f.crop = p->at[i].crop.data ? &p->at[i].crop : NULL;
        if (st == UMCL_OK) st = sink->frame(sink->user, &f);
        um_image_clear(&p->at[i].crop);
    }
    if (p->n) {
        p->last = p->at[p->n - 1].f;
        p->has_last = true;
    }
    p->n = 0;
    return st;
}

int64_t um_pending_first(const um_pending *p, int64_t otherwise)
{
    return p->n ? p->at[0].f.frame : otherwise;
}

void um_pending_clear(um_pending *p)
{
    for (size_t i = 0; i < p->n; i++) um_image_clear(&p->at[i].crop);
    free(p->at);
    *p = UM_PENDING_INIT;
}
