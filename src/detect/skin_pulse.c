#include "detect/skin_pulse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "detect/pulse_reading.h"
#include "face/crop.h"
#include "face/skin.h"
#include "model/pos.h"

#define FPS 30.0

umcl_status um_skin_trace_add(um_skin_trace *t, const um_track_frame *f)
{
    if (!f->crop) return UMCL_OK;
    if (!t->mask.data) UM_TRY(um_image_new(&t->mask, UM_CROP_SIDE, UM_CROP_SIDE, 1));
    if (t->n == t->room) {
        size_t room = t->room ? 2 * t->room : UM_SKIN_LEAST;

        UM_TRY(um_realloc(&t->rgb, room, sizeof *t->rgb));
        t->room = room;
    }
    if (!um_skin_colour(t->rgb[t->n], &t->mask, f)) {
        if (t->n == 0) return UMCL_OK;
        memcpy(t->rgb[t->n], t->rgb[t->n - 1], sizeof *t->rgb);
    }
    t->n++;
    return UMCL_OK;
}

void um_skin_trace_clear(um_skin_trace *t)
{
    um_image_clear(&t->mask);
    free(t->rgb);
    *t = (um_skin_trace){0};
}

static umcl_status read_window(um_heart_rate *out, const float *wave, size_t n)
{
    double least = um_heart_rate_least_snr(n, FPS) + UM_SKIN_MARGIN;

    UM_TRY(um_heart_rate_read(out, wave, n, FPS));
    if (out->snr_db < least) *out = (um_heart_rate){.snr_db = out->snr_db};
    return UMCL_OK;
}

umcl_status um_skin_trace_read(um_heart_rate *out, const um_skin_trace *t)
{
    size_t n = t->n < UM_SKIN_WINDOW ? t->n : UM_SKIN_WINDOW, rest = t->n - n;
    size_t n_windows = (rest + UM_SKIN_WINDOW / 2 - 1) / (UM_SKIN_WINDOW / 2) + 1;
    um_heart_rate *windows = NULL;
    float *wave = NULL;
    umcl_status st;

    *out = (um_heart_rate){.snr_db = NAN};
    if (t->n < UM_SKIN_LEAST) return UMCL_OK;
    UM_CHECK(um_calloc(&wave, t->n, sizeof *wave));
    UM_CHECK(um_calloc(&windows, n_windows, sizeof *windows));
    um_pos(wave, (const float(*)[3])t->rgb, t->n);
    for (size_t i = 0; i < n_windows; i++) {
        size_t at = n_windows > 1 ? rest * i / (n_windows - 1) : 0; /* evenly, to the last frame */

        UM_CHECK(read_window(&windows[i], wave + at, n));
    }
    *out = um_pulse_agree(windows, n_windows);
done:
    free(windows);
    free(wave);
    return st;
}
