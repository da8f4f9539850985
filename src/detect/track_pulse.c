#include "detect/track_pulse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "face/crop.h"

#define FPS 30.0

umcl_status um_track_pulse_start(um_track_pulse *t, int id)
{
    *t = (um_track_pulse){.id = id, .start = NAN, .end = NAN};
    return um_calloc(&t->rgb, UM_PULSE_WINDOW, UM_CROP_BYTES);
}

void um_track_pulse_clear(um_track_pulse *t)
{
    free(t->rgb);
    free(t->windows);
    um_skin_trace_clear(&t->skin);
    *t = (um_track_pulse){0};
}

static umcl_status read_window(um_track_pulse *t, um_pulse_net *net)
{
    um_pulse_window *w;

    if (t->n_windows == t->room) {
        size_t room = t->room ? 2 * t->room : 4;

        UM_TRY(um_realloc(&t->windows, room, sizeof *t->windows));
        t->room = room;
    }
    w = &t->windows[t->n_windows];
    w->start = t->times[0];
    w->end = t->times[UM_PULSE_WINDOW - 1] + 1 / FPS;
    UM_TRY(um_pulse_net_run(net, t->rgb, w->waveform));
    UM_TRY(um_pulse_read(&w->rate, w->waveform, UM_PULSE_WINDOW));
    t->n_windows++;
    return UMCL_OK;
}

umcl_status um_track_pulse_add(um_track_pulse *t, um_pulse_net *net, const um_track_frame *f,
                               int stride)
{
    uint8_t *to = t->rgb + (size_t)t->held * UM_CROP_BYTES;

    if (isnan(t->start)) t->start = f->time;
    t->end = f->time + 1 / FPS;
    for (size_t y = 0; y < UM_CROP_SIDE; y++)
        memcpy(to + y * UM_CROP_SIDE * 3, f->crop->data + y * f->crop->stride, UM_CROP_SIDE * 3);
    t->times[t->held] = f->time;
    UM_TRY(um_skin_trace_add(&t->skin, f));
    if (++t->held < UM_PULSE_WINDOW) return UMCL_OK;
    UM_TRY(read_window(t, net));
    t->held -= stride;
    memmove(t->rgb, t->rgb + (size_t)stride * UM_CROP_BYTES, (size_t)t->held * UM_CROP_BYTES);
    memmove(t->times, t->times + stride, (size_t)t->held * sizeof *t->times);
    return UMCL_OK;
}

umcl_status um_track_pulse_read(um_face_pulse *out, const um_track_pulse *t)
{
    um_heart_rate *rates;

    UM_TRY(um_calloc(&rates, t->n_windows + 1, sizeof *rates));
    for (size_t i = 0; i < t->n_windows; i++) rates[i] = t->windows[i].rate;
    out->network = um_pulse_agree(rates, t->n_windows);
    free(rates);
    UM_TRY(um_skin_trace_read(&out->skin, &t->skin));
    out->joint = um_pulse_join(&out->network, &out->skin);
    return UMCL_OK;
}
