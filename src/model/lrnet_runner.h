/* LRNet in use: windows of 60 frames of landmarks in, log-odds of fake out. */
#ifndef UM_MODEL_LRNET_RUNNER_H
#define UM_MODEL_LRNET_RUNNER_H

#include "model/lrnet.h"
#include "model/modality.h"

typedef struct um_lrnet_runner um_lrnet_runner;

/** `params` is borrowed; parameters that it lacks are added. */
umcl_status um_lrnet_runner_new(um_lrnet_runner **out, um_params *params);
void um_lrnet_runner_free(um_lrnet_runner *r);

/** Log-odds [n] of windows [n, 60, 136] of normalised landmarks, within +-14. */
umcl_status um_lrnet_run(um_lrnet_runner *r, const float *windows, size_t n, double *odds);

#endif
