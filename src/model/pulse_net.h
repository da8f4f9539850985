/* PhysFormer in use: a clip of crops in, its pulse waveform out. */
#ifndef UM_MODEL_PULSE_NET_H
#define UM_MODEL_PULSE_NET_H

#include "model/physformer.h"

typedef struct um_pulse_net um_pulse_net;

/** Reads the weights: a model file of kind "physformer", or as um_weights_open. */
umcl_status um_pulse_net_open(um_pulse_net **out, const char *path);
void um_pulse_net_free(um_pulse_net *net);

/** @param rgb [160, 128, 128, 3], R, G, B, 30 frames a second; waveform [160], arbitrary units */
umcl_status um_pulse_net_run(um_pulse_net *net, const uint8_t *rgb, float *waveform);

#endif
