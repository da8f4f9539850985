/*
 * What is wrong with a broken twin of a rendered person (data/synth.h): movements that no head
 * makes, and a patch that does not quite belong.
 */
#ifndef UM_DATA_SYNTH_TWIN_H
#define UM_DATA_SYNTH_TWIN_H

#include "data/synth.h"

/** Shakes pose and features by what frame `i` of the person `key` draws. */
void um_synth_twin_jitter(um_synth_state *state, uint64_t key, int64_t i);

/**
 * Blends a coarser and differently coloured version of the face into it.
 *
 * @param picture  [height, width, 3], grey levels; changed inside the face alone
 * @param outline  the face's 68 points, x0 y0 x1 y1 ... in pixels
 * @param key      of the person: the colours
 * @return UMCL_ERR_NOMEM
 */
umcl_status um_synth_twin_patch(float *picture, int width, int height,
                                const float outline[2 * UM_SYNTH_POINTS], uint64_t key);

#endif
