/*
 * The truth of a rendered clip as one JSON document, written frame by frame so that its length does
 * not matter:
 *
 * {"schema":"umcl.synth/1","width","height","fps","seed","twin","pulse_strength","people":[{"person",
 *  "pulse_bpm"}],"frames":[{"time","faces":[{"person","box":[x0,y0,x1,y1],"pulse","pulse_inside","yaw","pitch",
 *  "roll","blink","mouth","landmarks":[[x,y] x 68]}]}]}
 *
 * Coordinates in pixels, times in seconds, angles in degrees, the pulse in -1..1 (see synth.h).
 */
#ifndef UM_DATA_SYNTH_TRUTH_H
#define UM_DATA_SYNTH_TRUTH_H

#include "data/synth.h"

typedef struct um_synth_truth um_synth_truth;

/** Starts the file, which appears under its name at the end. UMCL_ERR_IO, UMCL_ERR_NOMEM. */
umcl_status um_synth_truth_open(um_synth_truth **out, const char *path, const um_synth *synth);

/** Appends frame `i` of `synth`, which is the one given at the opening. UMCL_ERR_NOMEM. */
umcl_status um_synth_truth_add(um_synth_truth *truth, const um_synth *synth, int64_t i);

/** Finishes the file and releases `truth`, also on failure. */
umcl_status um_synth_truth_finish(um_synth_truth *truth);
void um_synth_truth_abort(um_synth_truth *truth); /* NULL is accepted */

#endif
