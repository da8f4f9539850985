/*
 * The heart rate of one face from those of its windows.
 *
 * A heart rate is evidence to look at, never proof: good fakes can carry the driver's pulse.
 */
#ifndef UM_DETECT_PULSE_READING_H
#define UM_DETECT_PULSE_READING_H

#include "model/heart_rate.h"

/*
 * A window needs more than white noise would reach by chance (model/heart_rate.h): the network
 * draws waves from faces without a pulse, too. Of eleven rendered ones none reached this ratio.
 */
#define UM_PULSE_LEAST_SNR 3.0 /* dB */
#define UM_PULSE_AGREEMENT 5.0 /* bpm */

/** The reading of a window's waveform of `n` frames at 30 fps. Errors: um_heart_rate_read's. */
umcl_status um_pulse_read(um_heart_rate *out, const float *waveform, size_t n);

/**
 * The face's heart rate: the median of its windows' readings, where at least half of all windows
 * were read to within UM_PULSE_AGREEMENT of it, and the mean ratio of those. Without a reading the
 * ratio is the mean of all windows, NaN where there are none.
 */
um_heart_rate um_pulse_agree(const um_heart_rate *windows, size_t n);

/**
 * What a face's two readings say together, the encoder's and the skin's (detect/skin_pulse.h): the
 * encoder's where both agree to within UM_PULSE_AGREEMENT, the one there is where the other has
 * none, no reading where they disagree. Without a reading the ratio is the encoder's, or the
 * skin's where the encoder saw no window.
 */
um_heart_rate um_pulse_join(const um_heart_rate *network, const um_heart_rate *skin);

#endif
