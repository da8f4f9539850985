#include "face/calibrate.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "face/flow.h"
#include "face/stabilise.h"

#define PROCESS_VARIANCE 0.3f
#define MAX_ROUND_TRIP 2.0f /* pixels of the aligned crop */
#define SIZE_SLACK 0.1f
#define SIZE_MEMORY 0.05f /* weight of a new frame in the running mean of the face's size */

struct um_calibrator {
    bool started;
    um_held_centre centre;
    float size, mean_size; /* held; running mean */
    um_box box;            /* of the frame in work */
    um_pyramid *last, *now;
    um_landmarks detected; /* last frame's, in its crop's pixels */
    um_landmarks merged;   /* likewise */
    float variance[UM_N_LANDMARKS];
};

umcl_status um_calibrator_new(um_calibrator **out)
{
    umcl_status st;
    um_calibrator *c = NULL;

    *out = NULL;
    UM_CHECK(um_calloc(&c, 1, sizeof *c));
    UM_CHECK(um_pyramid_new(&c->last, UM_ALIGNED_SIDE, UM_ALIGNED_SIDE));
    UM_CHECK(um_pyramid_new(&c->now, UM_ALIGNED_SIDE, UM_ALIGNED_SIDE));
    *out = c;
    c = NULL;
done:
    um_calibrator_free(c);
    return st;
}

void um_calibrator_free(um_calibrator *c)
{
    if (!c) return;
    um_pyramid_free(c->last);
    um_pyramid_free(c->now);
    free(c);
}

void um_calibrator_reset(um_calibrator *c)
{
    c->started = false;
    c->centre = UM_CENTRE_INIT;
    c->size = c->mean_size = 0;
    for (int i = 0; i < UM_N_LANDMARKS; i++) c->variance[i] = 0;
}

um_box um_calibrator_box(um_calibrator *c, const um_landmarks *detected)
{
    float size = fmaxf(um_landmarks_size(detected), 1);

    if (c->size <= 0)
        c->size = c->mean_size = size;
    else
        c->mean_size += SIZE_MEMORY * (size - c->mean_size);
    if (fabsf(c->mean_size - c->size) > SIZE_SLACK * c->size) c->size = c->mean_size;
    c->box = um_stabilised_box(&c->centre, detected, c->size);
    return c->box;
}

/* From pixels of the video to pixels of the crop, or back. */
static void to_crop(um_landmarks *out, const um_landmarks *in, um_box box)
{
    float scale = UM_ALIGNED_SIDE / um_box_width(box);

    for (int i = 0; i < UM_N_LANDMARKS; i++) {
        out->p[i][0] = (in->p[i][0] - box.x0) * scale;
        out->p[i][1] = (in->p[i][1] - box.y0) * scale;
    }
}

static void from_crop(um_landmarks *out, const um_landmarks *in, um_box box)
{
    float scale = um_box_width(box) / UM_ALIGNED_SIDE;

    for (int i = 0; i < UM_N_LANDMARKS; i++) {
        out->p[i][0] = in->p[i][0] * scale + box.x0;
        out->p[i][1] = in->p[i][1] * scale + box.y0;
    }
}

static float distance(const float a[2], const float b[2])
{
    return hypotf(a[0] - b[0], a[1] - b[1]);
}

/*
 * One Kalman step of one point. The prediction is where flow carried the point. The detector's
 * variance is how far it claims the point went over how far flow saw it go (at least 1 px: LRNet
 * works in whole pixels and takes 1 for 0), so that a detector that jumps on a still face is
 * distrusted.
 */
static void merge(float out[2], float *variance, const float followed[2], const float detected[2],
                  float detected_move, float followed_move)
{
    float noise = detected_move / fmaxf(followed_move, 1);
    float predicted = *variance + PROCESS_VARIANCE;
    float gain = predicted / (predicted + noise);

    for (int k = 0; k < 2; k++) out[k] = followed[k] + gain * (detected[k] - followed[k]);
    *variance = (1 - gain) * predicted;
}

int um_calibrator_step(um_calibrator *c, um_landmarks *out, const um_landmarks *detected,
                       const um_image *crop)
{
    um_landmarks now, followed;
    float error[UM_N_LANDMARKS];
    um_pyramid *swap = c->last;
    int merged = 0;

    assert(crop->width == UM_ALIGNED_SIDE && crop->height == UM_ALIGNED_SIDE);
    assert(crop->channels == 1);
    to_crop(&now, detected, c->box);
    um_pyramid_set(c->now, crop);
    followed = now; /* the first guess */
    if (c->started) {
        um_landmarks last = c->merged;

        um_flow_round_trip(c->last, c->now, (const float(*)[2])last.p, followed.p, error,
                           UM_N_LANDMARKS);
        c->merged = now;
        for (int i = 0; i < UM_N_LANDMARKS; i++) {
            if (!(error[i] <= MAX_ROUND_TRIP)) continue;
            merge(c->merged.p[i], &c->variance[i], followed.p[i], now.p[i],
                  distance(now.p[i], c->detected.p[i]), distance(followed.p[i], last.p[i]));
            merged++;
        }
    } else {
        c->merged = now;
    }
    c->started = true;
    c->detected = now;
    c->last = c->now;
    c->now = swap;
    from_crop(out, &c->merged, c->box);
    return merged;
}
