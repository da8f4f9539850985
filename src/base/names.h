/*
 * A set of strings that numbers them 0, 1, 2 ... in the order in which they first came.
 */
#ifndef UM_BASE_NAMES_H
#define UM_BASE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "base/status.h"

typedef struct um_names {
    const char **text; /* [count] */
    size_t count, cap;
    size_t *slots; /* [n_slots] by hash: number + 1, 0 where free */
    size_t n_slots;
    um_arena *strings;
} um_names;

#define UM_NAMES_INIT ((um_names){0})

/** Copies `text` into the set unless it is there; `number` (may be NULL) gets its number. */
umcl_status um_names_add(um_names *names, const char *text, size_t *number);

/** Whether `text` is there; `number` (may be NULL) gets its number. */
bool um_names_find(const um_names *names, const char *text, size_t *number);

/** Releases everything and makes the set empty again. */
void um_names_clear(um_names *names);

#endif
