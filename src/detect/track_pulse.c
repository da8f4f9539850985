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
    UM_TRY(um_heart_rate_read(&w->rate, w->waveform, UM_PULSE_WINDOW, FPS));
    if (w->rate.snr_db < UM_PULSE_LEAST_SNR) w->rate = (um_heart_rate){.snr_db = w->rate.snr_db};
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
    if (++t->held < UM_PULSE_WINDOW) return UMCL_OK;
    UM_TRY(read_window(t, net));
    t->held -= stride;
    memmove(t->rgb, t->rgb + (size_t)stride * UM_CROP_BYTES, (size_t)t->held * UM_CROP_BYTES);
    memmove(t->times, t->times + stride, (size_t)t->held * sizeof *t->times);
    return UMCL_OK;
}

static int by_rate(const void *a, const void *b)
{
    double x = ((const um_heart_rate *)a)->bpm, y = ((const um_heart_rate *)b)->bpm;

    return (x > y) - (x < y);
}

um_heart_rate um_track_pulse_rate(const um_track_pulse *t)
{
    um_heart_rate out = {.snr_db = NAN}, *readings = NULL;
    double all = 0, agreeing_db = 0, median;
    size_t n = 0, agreeing = 0;

    if (t->n_windows == 0 || um_calloc(&readings, t->n_windows, sizeof *readings) != UMCL_OK)
        return out;
    for (size_t i = 0; i < t->n_windows; i++) {
        all += t->windows[i].rate.snr_db;
        if (t->windows[i].rate.reading) readings[n++] = t->windows[i].rate;
    }
    qsort(readings, n, sizeof *readings, by_rate);
    out.snr_db = all / (double)t->n_windows;
    median = n ? (readings[(n - 1) / 2].bpm + readings[n / 2].bpm) / 2 : 0;
    for (size_t i = 0; i < n; i++) {
        if (fabs(readings[i].bpm - median) > UM_PULSE_AGREEMENT) continue;
        agreeing_db += readings[i].snr_db;
        agreeing++;
    }
    if (agreeing && 2 * agreeing >= t->n_windows) {
        out.reading = true;
        out.bpm = median;
        out.snr_db = agreeing_db / (double)agreeing;
    }
    free(readings);
    return out;
}
