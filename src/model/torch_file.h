/*
 * Tensors out of the files that torch.save writes: the ZIP container of today, the legacy stream of
 * before 2020, and TorchScript archives (their parameters, not their programs). Nothing in the file
 * is executed (see model/pickle.h).
 */
#ifndef UM_MODEL_TORCH_FILE_H
#define UM_MODEL_TORCH_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/safetensors.h"
#include "base/status.h"

typedef struct um_torch_file um_torch_file;

/**
 * Reads the state dict in a file: the object itself if it holds tensors, else the first of the
 * usual keys ("state_dict", "model" ...) that does, in dicts inside of dicts.
 *
 * @return UMCL_ERR_NOT_FOUND, UMCL_ERR_IO, UMCL_ERR_FORMAT (damaged, no tensors, a name twice),
 *         UMCL_ERR_UNSUPPORTED (an opcode, class, element type or byte order that is not read),
 *         UMCL_ERR_NOMEM
 */
umcl_status um_torch_read(um_torch_file **out, const char *path);

/** The same from malloc'ed memory, which is taken over, also on failure. `name`: for messages. */
umcl_status um_torch_adopt(um_torch_file **out, const char *name, char *bytes, size_t n);
void um_torch_free(um_torch_file *file);

/** Tensors in the order of the file, row-major and contiguous; borrowed from the file. */
size_t um_torch_count(const um_torch_file *file);
const um_st_tensor *um_torch_at(const um_torch_file *file, size_t i);

/** Does it begin like a file of torch.save? */
bool um_torch_looks_like(const void *bytes, size_t n);

#endif
