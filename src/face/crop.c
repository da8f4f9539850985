#include "face/crop.h"

#include <math.h>

#define FPS 30.0f
#define RATE_CUTOFF 1.0f /* Hz */
#define SPEED_GAIN 6.0f  /* Hz more for each face size a second */

static const float cutoff[3] = {1.0f, 1.0f, 0.4f}; /* Hz, at rest: place, place, size */

/* Weight of a new value in a first-order low pass. */
static float weight(float hz)
{
    float r = 6.2831853f * hz / FPS;

    return r / (r + 1);
}

um_box um_crop_filter_step(um_crop_filter *f, um_box face)
{
    const float in[3] = {0.5f * (face.x0 + face.x1), 0.5f * (face.y0 + face.y1),
                         fmaxf(fmaxf(um_box_width(face), um_box_height(face)), 1)};
    float half;

    for (int i = 0; i < 3; i++) {
        float speed;

        if (!f->started) {
            f->value[i] = in[i];
            f->rate[i] = 0;
            continue;
        }
        f->rate[i] += weight(RATE_CUTOFF) * (in[i] - f->value[i] - f->rate[i]);
        speed = fabsf(f->rate[i]) * FPS / in[2];
        f->value[i] += weight(cutoff[i] + SPEED_GAIN * speed) * (in[i] - f->value[i]);
    }
    f->started = true;
    half = 0.5f * UM_CROP_SCALE * f->value[2];
    return (um_box){f->value[0] - half, f->value[1] - half, f->value[0] + half, f->value[1] + half};
}
