/* The bytes as each of the wave files that pulse data sets come with. */
#include "replay.h"

#include <assert.h>

#include "data/pulse_wave.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int k = 0; k < UM_PULSE_LAYOUT_COUNT; k++) {
        um_pulse_wave wave;
        float out[8];

        if (um_pulse_wave_parse(&wave, (um_pulse_layout)k, "fuzz", data, size) != UMCL_OK) continue;
        assert(wave.n >= 2);
        (void)um_pulse_frames_parse(&wave, "fuzz", data, size);
        (void)um_pulse_wave_at(out, 8, &wave, 25, wave.times[0], 30);
        um_pulse_wave_clear(&wave);
    }
    return 0;
}
