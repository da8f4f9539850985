/* Model files and other weights of the networks in model/arch.h. */
#ifndef UM_MODEL_MODEL_FILE_H
#define UM_MODEL_MODEL_FILE_H

#include "base/model_meta.h"

/**
 * Opens weights of a known network (see model/arch.h): one of our model files, verified as above,
 * or any safetensors file without our metadata. Either way every parameter is there in its shape
 * and finite; further tensors are allowed.
 *
 * @return as um_model_file_open, UMCL_ERR_SHAPE (the sentence names the first parameter at fault)
 */
umcl_status um_weights_open(um_st_file **out, const char *path, const char *kind);

#endif
