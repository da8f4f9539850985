/*
 * Pulse data sets on disk: recordings of one face each, with the wave of a contact sensor
 * (data/pulse_wave.h). The layouts may be mixed below one root; they are found by their files:
 *
 *   .../vid.avi    with ground_truth.txt or gtdump.xmp beside it     UBFC-rPPG 2, 1
 *   .../01-01/     of PNG files, with 01-01.json inside or beside it PURE
 *   .../video.avi  with wave.csv and perhaps time.txt beside it      VIPL-HR
 *
 * VIPL-HR's source4 is infrared and passed over.
 */
#ifndef UM_DATA_PULSE_DATA_H
#define UM_DATA_PULSE_DATA_H

#include "base/names.h"
#include "data/pulse_wave.h"
#include "data/track_store.h"

typedef struct um_pulse_recording {
    char *name; /* the folder's path from the root as one word, e.g. "p1_v1_source2" */
    char *path; /* of the video, or of the folder of pictures */
    um_pulse_layout layout;
    um_pulse_wave wave;
    double fps;            /* of the video file; PURE: 30 */
    um_stored_video faces; /* um_pulse_data_follow's */
} um_pulse_recording;

typedef struct um_pulse_data {
    um_pulse_recording *items;
    size_t count;
    um_names missing; /* sentences: what was found without its other half, or could not be read */
} um_pulse_data;

/**
 * Finds the recordings below `root`, at most five folders deep, in the order of their paths.
 *
 * @return UMCL_ERR_NOT_FOUND (no such folder; no recording: the sentence tells what was looked for
 *         and the first that is missing), UMCL_ERR_IO, UMCL_ERR_NOMEM
 */
umcl_status um_pulse_data_read(um_pulse_data *out, const char *root);
void um_pulse_data_clear(um_pulse_data *data);

/**
 * Fills in `faces` from the extraction cache; recordings that it lacks are followed and put there.
 * Those that fail are told in `missing` and have no tracks.
 */
umcl_status um_pulse_data_follow(um_pulse_data *data, const char *cache);

#endif
