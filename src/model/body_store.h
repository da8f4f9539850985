/*
 * What encoders made of windows (their bodies, model/modality.h), kept so that no encoder is run
 * twice on the same window: models that hold the same frozen encoder share them, and so do later
 * runs with another head or other prompts. A body is found by a key that is a hash of all that it
 * depends on.
 */
#ifndef UM_MODEL_BODY_STORE_H
#define UM_MODEL_BODY_STORE_H

#include <stdbool.h>

#include "model/modality.h"

#define UM_BODY_KEY 64 /* hexadecimal digits */

typedef struct um_body_store um_body_store;

/**
 * Opens the file, which may be missing: then the store is empty.
 *
 * @param path copied; NULL: in memory alone
 * @return UMCL_ERR_FORMAT, UMCL_ERR_SHAPE (bodies of other sizes), UMCL_ERR_IO, UMCL_ERR_NOMEM
 */
umcl_status um_body_store_open(um_body_store **out, const char *path);
void um_body_store_free(um_body_store *s);

/** Copies the body [body] that stands under `key`; false where there is none. */
bool um_body_store_find(const um_body_store *s, um_modality_kind kind, const char *key,
                        float *body);

/** Keeps a body under a key that is not there yet. UMCL_ERR_NOMEM. */
umcl_status um_body_store_add(um_body_store *s, um_modality_kind kind, const char *key,
                              const float *body);

/** Empties a store in memory. */
void um_body_store_forget(um_body_store *s);

/** Writes the file atomically where something was added since it was read or written. */
umcl_status um_body_store_save(um_body_store *s);

#endif
