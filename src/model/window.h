/*
 * What a model looks at: consecutive frames of one face at 30 a second (um_modalities_window()).
 */
#ifndef UM_MODEL_WINDOW_H
#define UM_MODEL_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct um_window {
    const float *landmarks; /* [window, 136], normalised (face/stabilise.h) */
    const uint8_t *crops; /* [window / crop_step, 128, 128, 3], R, G, B: frames 0, crop_step, .. */
    int crop_step;        /* 0: no crops */
    bool fake;            /* its label: looked at under UM_POLICY_ORACLE alone */
} um_window;

/** Windows of `window` frames, `stride` apart, in a face of n >= `least` frames: at least one. */
static inline size_t um_window_count(size_t n, int window, int least, int stride)
{
    if (n < (size_t)least) return 0;
    return n <= (size_t)window ? 1 : (n - (size_t)window) / (size_t)stride + 1;
}

/** The frame that stands at place `i` of a window with only `n` frames: there and back again. */
static inline size_t um_window_reflect(size_t i, size_t n)
{
    size_t period = n > 1 ? 2 * (n - 1) : 1, at = i % period;

    return at < n ? at : period - at;
}

#endif
