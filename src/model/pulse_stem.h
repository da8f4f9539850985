/*
 * PhysFormer's stem in use: crops of a clip in, feature maps out, a slice of time after another, so
 * that memory is that of a slice. What it makes of a frame is kept: where a window shares frames
 * with one of the last windows (as they do, half of them, along a face), only the others are
 * computed. The values are those of the whole clip at once.
 */
#ifndef UM_MODEL_PULSE_STEM_H
#define UM_MODEL_PULSE_STEM_H

#include "autograd/flops.h"
#include "model/physformer.h"

typedef struct um_pulse_stem um_pulse_stem;

/**
 * @param nn     whose parameters, prefix and seed are taken (its graph is not looked at)
 * @param frames of a clip, a multiple of 4
 */
umcl_status um_pulse_stem_new(um_pulse_stem **out, const um_nn *nn, int frames);
void um_pulse_stem_free(um_pulse_stem *s);

/**
 * @param rgb  [frames, 128, 128, 3], R, G, B
 * @param maps [frames, 16, 16, 96], um_physformer_stem's result
 */
umcl_status um_pulse_stem_run(um_pulse_stem *s, const uint8_t *rgb, float *maps);

/** Bytes of its graphs and of what it keeps. */
size_t um_pulse_stem_memory(const um_pulse_stem *s);

/** Adds the operations of a whole clip, each frame counted once, to *sum. */
void um_pulse_stem_flops(um_flops *sum, const um_pulse_stem *s);

/** Frames that went through the network so far, those computed twice at a slice's ends included. */
size_t um_pulse_stem_frames(const um_pulse_stem *s);

#endif
