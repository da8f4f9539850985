/* The texture encoder in use: crops in, features and scores out. */
#ifndef UM_MODEL_TEXTURE_RUNNER_H
#define UM_MODEL_TEXTURE_RUNNER_H

#include "model/texture.h"

typedef struct um_texture_runner um_texture_runner;

/** `params` is borrowed; parameters that it lacks are added (and are not trained). */
umcl_status um_texture_runner_new(um_texture_runner **out, um_params *params);
void um_texture_runner_free(um_texture_runner *r);

/**
 * Runs crops through the encoder.
 *
 * @param rgb     [n, 128, 128, 3], n >= 1
 * @param feature [128], mean over the crops, or NULL
 * @param logit   log-odds of fake, mean over the crops, or NULL
 */
umcl_status um_texture_run(um_texture_runner *r, const uint8_t *rgb, size_t n, float *feature,
                           double *logit);

/**
 * Where the evidence lies: log-odds of fake place by place. Their mean over a crop is the crop's.
 *
 * @param rgb [n, 128, 128, 3], n >= 1
 * @param map [n, 8, 8], rows from the top
 */
umcl_status um_texture_evidence(um_texture_runner *r, const uint8_t *rgb, size_t n, float *map);

#endif
