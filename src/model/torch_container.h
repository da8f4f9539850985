/*
 * The two containers of torch.save: which pickle describes the object, and where the elements of
 * each storage lie.
 */
#ifndef UM_MODEL_TORCH_CONTAINER_H
#define UM_MODEL_TORCH_CONTAINER_H

#include <stddef.h>

#include "base/zip.h"
#include "model/pickle.h"

/** A storage that the pickle refers to. */
typedef struct um_torch_storage {
    const um_pk *ref;
    const unsigned char *data; /* [ref->storage.count] elements, little-endian */
} um_torch_storage;

typedef struct um_torch_container {
    const char *name; /* borrowed: what messages call it */
    const char *bytes;
    size_t n;
    um_zip *zip; /* NULL: the legacy stream */
    um_pickle *pickle;
    um_torch_storage *storage; /* [n_storage], by key, each key once */
    size_t n_storage;
} um_torch_container;

/** Opens either container; every storage's data is there and long enough. `bytes` is borrowed. */
umcl_status um_torch_open(um_torch_container *out, const char *name, const char *bytes, size_t n);
void um_torch_close(um_torch_container *container);

/** The storage of that key, or NULL. */
const um_torch_storage *um_torch_find(const um_torch_container *container, const char *key);

#endif
