#include "face/followed.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "face/stabilise.h"

#define BOX_MEMORY 0.3f

umcl_status um_followed_new(um_followed **out, int id)
{
    umcl_status st;
    um_followed *f = NULL;

    *out = NULL;
    UM_CHECK(um_calloc(&f, 1, sizeof *f));
    UM_CHECK(um_calibrator_new(&f->calibrator));
    um_calibrator_reset(f->calibrator);
    f->id = id;
    *out = f;
    f = NULL;
done:
    um_followed_free(f);
    return st;
}

void um_followed_free(um_followed *f)
{
    if (!f) return;
    um_calibrator_free(f->calibrator);
    um_pending_clear(&f->pending);
    free(f);
}

/* Centre and size that landmarks give a face. */
static void frame_of(const um_landmarks *lm, float *x, float *y, float *size)
{
    um_box b = um_landmarks_bounds(lm);

    *x = 0.5f * (b.x0 + b.x1);
    *y = 0.5f * (b.y0 + b.y1);
    *size = fmaxf(um_landmarks_size(lm), 1);
}

void um_followed_learn(um_followed *f, const um_track *detected)
{
    float x, y, size, own[5][2], weight = f->box_known ? BOX_MEMORY : 1;
    um_box on, d = detected->box;

    frame_of(&f->now, &x, &y, &size);
    um_landmarks_five(own, &f->now);
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 2; k++) {
            float off = (detected->points[i][k] - own[i][k]) / size;

            f->points_off[i][k] += weight * (off - f->points_off[i][k]);
        }
    on = (um_box){(d.x0 - x) / size, (d.y0 - y) / size, (d.x1 - x) / size, (d.y1 - y) / size};
    f->box_on_face = um_box_lerp(f->box_on_face, on, weight);
    f->box_known = true;
}

um_box um_followed_box(const um_followed *f, const um_landmarks *lm)
{
    float x, y, size;
    um_box on = f->box_on_face;

    if (!f->box_known) return um_landmarks_face_box(lm);
    frame_of(lm, &x, &y, &size);
    return (um_box){x + size * on.x0, y + size * on.y0, x + size * on.x1, y + size * on.y1};
}

static void place_points(const um_followed *f, um_track_frame *t)
{
    float size = fmaxf(um_landmarks_size(&t->calibrated), 1);

    um_landmarks_five(t->points, &t->calibrated);
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 2; k++) t->points[i][k] += size * f->points_off[i][k];
}

umcl_status um_followed_add(um_followed *f, const um_track *track, const um_frame *frame,
                            int64_t index, um_image *aligned, bool crops)
{
    umcl_status st = UMCL_OK;
    um_image crop = {0};
    um_track_frame t = {.track = f->id,
                        .frame = index,
                        .time = um_frame_time(frame),
                        .box = track->box,
                        .score = track->score};

    f->n_unmeasured = f->measured ? 0 : f->n_unmeasured + 1;
    if (f->measured) {
        t.raw = f->now;
        UM_CHECK(um_frame_crop(frame, um_calibrator_box(f->calibrator, &t.raw), aligned));
        um_calibrator_step(f->calibrator, &t.calibrated, &t.raw, aligned);
        place_points(f, &t);
    } else {
        um_calibrator_reset(f->calibrator);
    }
    t.crop_box = um_crop_filter_step(&f->crop_filter, t.box);
    if (crops) {
        UM_CHECK(um_image_new(&crop, UM_CROP_SIDE, UM_CROP_SIDE, 3));
        UM_CHECK(um_frame_crop(frame, t.crop_box, &crop));
    }
    UM_CHECK(um_pending_push(&f->pending, &t, &crop, f->measured));
done:
    um_image_clear(&crop);
    return st;
}
