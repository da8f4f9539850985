/* Public checkpoints into our model files. */
#ifndef UM_MODEL_IMPORT_H
#define UM_MODEL_IMPORT_H

#include <stdbool.h>

#include <stddef.h>

#include "base/status.h"
#include "base/str.h"

/**
 * Reads the parameters of a known network and writes them as a model file of float32.
 *
 * `module.` in front of names is dropped; num_batches_tracked and what the network's table names
 * as not needed (CLIP's picture tower, Xception's last layer) is left out. Every parameter must be
 * there once, in its shape and finite, and nothing else.
 *
 * @param kind     see um_arch_new
 * @param path     [n_paths]: one file for each part of the network (LRNet: g1, g2; MTCNN: P-, R-,
 *                 O-Net), or one file whose names carry the parts' prefixes
 * @param half     write kernels and matrices as half-precision numbers: half the size
 * @param problems gets one line for each tensor that is missing, unexpected or unfit
 * @return UMCL_ERR_SHAPE if there are problems (nothing is written), UMCL_ERR_INVALID (number of
 *         files; a number too large for `half`), and what reading and writing return
 */
umcl_status um_import(const char *out_path, const char *kind, const char *const *path,
                      size_t n_paths, bool half, um_str *problems);

#endif
