#include "detect/pulse_reading.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define FPS 30.0

umcl_status um_pulse_read(um_heart_rate *out, const float *waveform, size_t n)
{
    UM_TRY(um_heart_rate_read(out, waveform, n, FPS));
    if (out->snr_db < UM_PULSE_LEAST_SNR) *out = (um_heart_rate){.snr_db = out->snr_db};
    return UMCL_OK;
}

static int by_rate(const void *a, const void *b)
{
    double x = ((const um_heart_rate *)a)->bpm, y = ((const um_heart_rate *)b)->bpm;

    return (x > y) - (x < y);
}

um_heart_rate um_pulse_agree(const um_heart_rate *windows, size_t n_windows)
{
    um_heart_rate out = {.snr_db = NAN}, *readings = NULL;
    double all = 0, agreeing_db = 0, median;
    size_t n = 0, agreeing = 0;

    if (n_windows == 0 || um_calloc(&readings, n_windows, sizeof *readings) != UMCL_OK) return out;
    for (size_t i = 0; i < n_windows; i++) {
        all += windows[i].snr_db;
        if (windows[i].reading) readings[n++] = windows[i];
    }
    qsort(readings, n, sizeof *readings, by_rate);
    out.snr_db = all / (double)n_windows;
    median = n ? (readings[(n - 1) / 2].bpm + readings[n / 2].bpm) / 2 : 0;
    for (size_t i = 0; i < n; i++) {
        if (fabs(readings[i].bpm - median) > UM_PULSE_AGREEMENT) continue;
        agreeing_db += readings[i].snr_db;
        agreeing++;
    }
    if (agreeing && 2 * agreeing >= n_windows) {
        out.reading = true;
        out.bpm = median;
        out.snr_db = agreeing_db / (double)agreeing;
    }
    free(readings);
    return out;
}

um_heart_rate um_pulse_join(const um_heart_rate *network, const um_heart_rate *skin)
{
    bool differ = fabs(network->bpm - skin->bpm) > UM_PULSE_AGREEMENT;

    if (network->reading && skin->reading && differ)
        return (um_heart_rate){.snr_db = network->snr_db};
    if (network->reading || (!skin->reading && !isnan(network->snr_db))) return *network;
    return *skin;
}
