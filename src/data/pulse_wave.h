/*
 * Pulse waves of public pulse data sets as their owners hand them out: UBFC-rPPG, PURE, VIPL-HR
 * (docs/formats.md). Times are seconds from the first frame of the recording.
 */
#ifndef UM_DATA_PULSE_WAVE_H
#define UM_DATA_PULSE_WAVE_H

#include <stddef.h>

#include "base/status.h"

/*      enum, name */
#define UM_PULSE_LAYOUTS(X)                                                                        \
    X(UBFC1, "UBFC-rPPG 1") /* vid.avi, gtdump.xmp */                                              \
    X(UBFC2, "UBFC-rPPG 2") /* vid.avi, ground_truth.txt */                                        \
    X(PURE, "PURE")         /* NAME/Image*.png, NAME.json */                                       \
    X(VIPL, "VIPL-HR")      /* video.avi, wave.csv, gt_HR.csv, time.txt */

#define X(id, name) UM_PULSE_LAYOUT_##id,
typedef enum um_pulse_layout { UM_PULSE_LAYOUTS(X) UM_PULSE_LAYOUT_COUNT } um_pulse_layout;
#undef X

const char *um_pulse_layout_name(um_pulse_layout layout);

typedef struct um_pulse_wave {
    double *times;  /* [n], rising */
    float *values;  /* [n], blood volume in any unit */
    size_t n;       /* 2 or more */
    double *frames; /* [n_frames], when each frame was taken, rising; NULL: evenly */
    size_t n_frames;
} um_pulse_wave;

void um_pulse_wave_clear(um_pulse_wave *wave);

/**
 * Reads one wave file's bytes; `name` is for messages. VIPL-HR's wave.csv has 60 values a second
 * and no times.
 *
 * @return UMCL_ERR_FORMAT (the sentence names place and finding), UMCL_ERR_NOMEM; `*out` is zeroed
 */
umcl_status um_pulse_wave_parse(um_pulse_wave *out, um_pulse_layout layout, const char *name,
                                const void *bytes, size_t n);

/** Adds VIPL-HR's time.txt, milliseconds of every frame; errors as above, `wave` stays as it was.
 */
umcl_status um_pulse_frames_parse(um_pulse_wave *wave, const char *name, const void *bytes,
                                  size_t n);

/**
 * Resamples linearly: values at `first`, `first` + 1 / fps, ... seconds of the video, with mean 0
 * and deviation 1.
 *
 * @param video_fps  of the file, for `frames`; without these it is not used
 * @param out        [n]
 * @return UMCL_ERR_INVALID: that part of the video has no wave, or a constant one
 */
umcl_status um_pulse_wave_at(float *out, size_t n, const um_pulse_wave *wave, double video_fps,
                             double first, double fps);

#endif
