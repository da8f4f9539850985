#include "face/cut.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define PIXELS (UM_CUT_WIDTH * UM_CUT_HEIGHT)
#define MIN_CHANGE 8.0f      /* mean change of a cut, grey levels */
#define UNUSUAL 3.0f         /* ... and in terms of what is usual here */
#define MAX_CORRELATION 0.7f /* of the pictures on both sides of a cut */
#define FLAT 2.0f            /* deviation below which a picture shows nothing */
#define MEMORY 0.1f

/* Pictures that show nothing resemble each other, and nothing else. */
static float correlation(const float *a, float da, const float *b, float db)
{
    double ab = 0;

    if (da < FLAT || db < FLAT) return da < FLAT && db < FLAT ? 1 : 0;
    for (int i = 0; i < PIXELS; i++) ab += (double)a[i] * b[i];
    return (float)(ab / PIXELS / ((double)da * db));
}

bool um_cut_step(um_cut_detector *cut, const um_image *thumbnail)
{
    float now[PIXELS], mean = 0, change = 0;
    double square = 0;
    bool is_cut = false;
    float deviation;

    assert(thumbnail->width == UM_CUT_WIDTH && thumbnail->height == UM_CUT_HEIGHT);
    assert(thumbnail->channels == 1);
    for (int i = 0; i < PIXELS; i++) {
        now[i] =
            thumbnail
                ->data[(size_t)(i / UM_CUT_WIDTH) * thumbnail->stride + (size_t)(i % UM_CUT_WIDTH)];
        mean += now[i] / PIXELS;
    }
    for (int i = 0; i < PIXELS; i++) {
        now[i] -= mean;
        square += (double)now[i] * now[i];
        change += fabsf(now[i] - cut->last[i]) / PIXELS;
    }
    deviation = (float)sqrt(square / PIXELS);
    if (cut->started) {
        is_cut = change > MIN_CHANGE && change > UNUSUAL * cut->usual &&
                 correlation(now, deviation, cut->last, cut->last_deviation) < MAX_CORRELATION;
        if (!is_cut) cut->usual += MEMORY * (change - cut->usual);
    }
    cut->started = true;
    cut->last_deviation = deviation;
    memcpy(cut->last, now, sizeof now);
    return is_cut;
}
