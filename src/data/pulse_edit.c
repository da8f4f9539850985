#include "data/pulse_edit.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

/* Deviation in frames of the Gaussian whose output is the slow part: of a swing at 0.33 Hz a half
 * is left, of one at 0.75 Hz (45 bpm) 0.03. */
#define SLOW_SIGMA 17.0f
#define SLOW_RADIUS 51
#define SKIN_LEVEL 140.0f
#define TWO_PI 6.2831853f

/* How the blood volume colours skin: R, G, B (as in data/synth.h). */
static const float signature[3] = {0.35f, 1, 0.6f};

typedef float rgb[3];

const char *um_pulse_kind_name(um_pulse_kind kind)
{
#define X(id, name) name,
    static const char *const names[] = {UM_PULSE_KINDS(X)};
#undef X

    return names[kind];
}

/* Mean under the mask, and what one unit of gain under the mask adds to it. Zeroes: no mask. */
static void measure(rgb mean, rgb lever, const um_face_clip *clip, size_t frame)
{
    um_image crop = um_face_clip_crop(clip, frame), mask = um_face_clip_mask(clip, frame);
    size_t n = (size_t)clip->side * (size_t)clip->side;
    uint64_t weight = 0, once[3] = {0}, twice[3] = {0};

    for (size_t i = 0; i < n; i++) {
        unsigned w = mask.data[i];
        if (!w) continue;
        weight += w;
        for (int c = 0; c < 3; c++) {
            once[c] += w * crop.data[3 * i + (size_t)c];
            twice[c] += w * w * crop.data[3 * i + (size_t)c];
        }
    }
    for (int c = 0; c < 3; c++) {
        mean[c] = weight ? (float)once[c] / (float)weight : 0;
        lever[c] = weight ? (float)twice[c] / (255 * (float)weight) : 0;
    }
}

/* Index into n frames, reflected at both ends. */
static size_t reflect(long i, size_t n)
{
    long period = 2 * (long)n;

    i = ((i % period) + period) % period;
    return (size_t)(i < (long)n ? i : period - 1 - i);
}

static void slow_part(rgb *out, const rgb *in, size_t n)
{
    float w[2 * SLOW_RADIUS + 1], sum = 0;

    for (int k = -SLOW_RADIUS; k <= SLOW_RADIUS; k++) {
        w[k + SLOW_RADIUS] = expf(-0.5f * (float)(k * k) / (SLOW_SIGMA * SLOW_SIGMA));
        sum += w[k + SLOW_RADIUS];
    }
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < 3; c++) {
            out[i][c] = 0;
            for (int k = -SLOW_RADIUS; k <= SLOW_RADIUS; k++)
                out[i][c] += w[k + SLOW_RADIUS] / sum * in[reflect((long)i + k, n)][c];
        }
}

/* A second harmonic makes the rise steeper than the fall, as blood pressure does. */
float um_pulse_edit_beat(const um_pulse_edit *edit, size_t i)
{
    float turn = TWO_PI * edit->bpm / 60 * (float)i / UM_CLIP_FPS + edit->phase;

    return sinf(turn) + 0.25f * sinf(2 * turn);
}

/* The course that the mean is to take. */
static float wanted(const um_pulse_edit *e, const rgb *mean, const rgb *slow, size_t n, size_t i,
                    int c)
{
    float calm = slow[i][c] + e->left * (mean[i][c] - slow[i][c]);
    size_t from;

    switch (e->kind) {
    case UM_PULSE_REMOVED: return calm;
    case UM_PULSE_DELAYED:
        from = reflect((long)i - e->delay, n);
        return slow[i][c] + mean[from][c] - slow[from][c];
    case UM_PULSE_REPLACED:
        return calm * (1 - e->level * signature[c] * um_pulse_edit_beat(e, i) / SKIN_LEVEL);
    default: return mean[i][c];
    }
}

/* Multiplies by 1 + mask * gain; a fraction of a level becomes a fraction of the pixels. */
static void brighten(um_face_clip *clip, size_t frame, const rgb gain, const float *dither)
{
    um_image crop = um_face_clip_crop(clip, frame), mask = um_face_clip_mask(clip, frame);
    size_t n = (size_t)clip->side * (size_t)clip->side;

    for (size_t i = 0; i < n; i++) {
        float w = (float)mask.data[i] / 255;
        uint8_t *p = crop.data + 3 * i;

        if (w == 0) continue;
        for (int c = 0; c < 3; c++) {
            float v = (float)p[c] * (1 + w * gain[c]) + dither[i];
            p[c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
    }
}

umcl_status um_pulse_edit_apply(const um_pulse_edit *edit, um_face_clip *clip, uint64_t key)
{
    size_t area = (size_t)clip->side * (size_t)clip->side;
    rgb *mean = NULL, *lever = NULL, *slow = NULL;
    float *dither = NULL;
    umcl_status st = UMCL_OK;

    if (edit->kind == UM_PULSE_KEPT) return st;
    UM_CHECK(um_calloc(&mean, clip->n, sizeof *mean));
    UM_CHECK(um_calloc(&lever, clip->n, sizeof *lever));
    UM_CHECK(um_calloc(&slow, clip->n, sizeof *slow));
    UM_CHECK(um_calloc(&dither, area, sizeof *dither));
    for (size_t i = 0; i < area; i++) dither[i] = (float)um_rng_uniform_at(key, i);
    for (size_t i = 0; i < clip->n; i++) measure(mean[i], lever[i], clip, i);
    slow_part(slow, (const rgb *)mean, clip->n);
    for (size_t i = 0; i < clip->n; i++) {
        rgb gain;
        for (int c = 0; c < 3; c++) {
            float to = wanted(edit, (const rgb *)mean, (const rgb *)slow, clip->n, i, c);
            gain[c] = lever[i][c] > 0 ? (to - mean[i][c]) / lever[i][c] : 0;
        }
        brighten(clip, i, gain, dither);
    }
done:
    free(mean);
    free(lever);
    free(slow);
    free(dither);
    return st;
}
