/*
 * Memory: overflow-checked, zeroed allocation with a message, aligned buffers, and an arena for
 * many small things that die together.
 */
#ifndef UM_BASE_MEM_H
#define UM_BASE_MEM_H

#include <stddef.h>

#include "base/status.h"

/** Alignment of every tensor buffer, in bytes (one AVX-512 register, one cache line). */
#define UM_ALIGN 64

/** Zeroed array of `n` elements of `size` bytes. `out` is released with free(). UMCL_ERR_NOMEM. */
umcl_status um_calloc(void *out, size_t n, size_t size);

/** Grows `*ptr` to `n` elements of `size` bytes; on failure `*ptr` stays valid. UMCL_ERR_NOMEM. */
umcl_status um_realloc(void *ptr, size_t n, size_t size);

/** Zeroed, UM_ALIGN-aligned block; released with free(). UMCL_ERR_NOMEM. */
umcl_status um_alloc_aligned(void *out, size_t bytes);

/** A chain of blocks; everything taken from it is released at once. */
typedef struct um_arena um_arena;

umcl_status um_arena_new(um_arena **out);
void um_arena_free(um_arena *arena);

/** Zeroed memory from the arena, aligned to 16 bytes; NULL when memory is out. */
void *um_arena_alloc(um_arena *arena, size_t bytes);

/** Copy of a string in the arena; NULL when memory is out or `text` is NULL. */
char *um_arena_strdup(um_arena *arena, const char *text);

#endif
