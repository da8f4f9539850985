/*
 * What a folder holds.
 */
#ifndef UM_BASE_DIR_H
#define UM_BASE_DIR_H

#include <stddef.h>

#include "base/status.h"

typedef struct um_dir {
    char **names;
    size_t count;
} um_dir;

/**
 * The names in a folder in the order of their bytes, without those that begin with a dot.
 * UMCL_ERR_NOT_FOUND; UMCL_ERR_IO (no folder, not readable, links that go round), UMCL_ERR_NOMEM.
 */
umcl_status um_dir_read(um_dir *out, const char *path);
void um_dir_clear(um_dir *dir);

/** Removes a folder with all that is in it, as far as that goes; links are not followed. */
void um_dir_remove(const char *path);

#endif
