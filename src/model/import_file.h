/* A file of tensors whatever its format: safetensors, or what torch.save writes. */
#ifndef UM_MODEL_IMPORT_FILE_H
#define UM_MODEL_IMPORT_FILE_H

#include <stddef.h>

#include "base/safetensors.h"
#include "base/status.h"

typedef struct um_import_file um_import_file;

/** The format is found from the content. As um_st_read and um_torch_read. */
umcl_status um_import_file_open(um_import_file **out, const char *path);
void um_import_file_close(um_import_file *file);

/** Borrowed from the file, in its order. */
size_t um_import_file_count(const um_import_file *file);
const um_st_tensor *um_import_file_at(const um_import_file *file, size_t i);

/** "safetensors" or "pytorch". */
const char *um_import_file_format(const um_import_file *file);

/** The safetensors file behind it, for its metadata; NULL for PyTorch files. */
const um_st_file *um_import_file_safetensors(const um_import_file *file);

#endif
