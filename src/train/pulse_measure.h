/*
 * How well heart rates are read from clips whose pulse is known: by the pulse encoder, beside what
 * is read without a network and from the true waveform itself, all through um_heart_rate_read.
 */
#ifndef UM_TRAIN_PULSE_MEASURE_H
#define UM_TRAIN_PULSE_MEASURE_H

#include "autograd/param.h"
#include "data/pulse_clips.h"

/*      enum, name */
#define UM_PULSE_READERS(X)                                                                        \
    X(NETWORK, "network")                                                                          \
    X(MEAN_GREEN, "mean green") /* of the crop's middle, half as wide and high, turned over */     \
    X(TRUTH, "true waveform")

#define X(id, name) UM_PULSE_BY_##id,
typedef enum um_pulse_reader { UM_PULSE_READERS(X) UM_PULSE_READER_COUNT } um_pulse_reader;
#undef X

const char *um_pulse_reader_name(um_pulse_reader reader);

typedef struct um_pulse_score {
    size_t clips, readings; /* readings: clips with one */
    double error;           /* mean absolute error of the readings in bpm; NaN without any */
    double near;            /* share of ALL clips that are read to within 5 bpm */
    double snr_db;          /* mean over all clips */
    double correlation;     /* mean over all clips: Pearson's, with the true waveform */
} um_pulse_score;

/**
 * Reads clips 0 .. n-1 of `draw`, one at a time.
 *
 * @param params the network's, in the CPU's memory
 * @return as `draw`, and UMCL_ERR_INVALID (frames)
 */
umcl_status um_pulse_measure(um_pulse_score out[UM_PULSE_READER_COUNT], um_params *params,
                             um_pulse_draw_fn draw, const void *source, size_t n, int frames);

#endif
