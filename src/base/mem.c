#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)64 * 1024)

typedef struct block {
    struct block *next;
    size_t used, size;
    _Alignas(16) unsigned char data[];
} block;

struct um_arena {
    block *blocks; /* newest first */
};

static umcl_status out_of_memory(size_t n, size_t size)
{
    return um_fail(UMCL_ERR_NOMEM, "memory: cannot allocate %zu x %zu bytes", n, size);
}

umcl_status um_calloc(void *out, size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);

    memcpy(out, &p, sizeof p);
    return p ? UMCL_OK : out_of_memory(n, size);
}

umcl_status um_realloc(void *ptr, size_t n, size_t size)
{
    void *old, *p;

    if (size && n > SIZE_MAX / size) return out_of_memory(n, size);
    memcpy(&old, ptr, sizeof old);
    p = realloc(old, n && size ? n * size : 1);
    if (!p) return out_of_memory(n, size);
    memcpy(ptr, &p, sizeof p);
    return UMCL_OK;
}

umcl_status um_alloc_aligned(void *out, size_t bytes)
{
    void *p = NULL;

    memcpy(out, &p, sizeof p);
    if (bytes > SIZE_MAX - UM_ALIGN) return out_of_memory(1, bytes);
    bytes = (bytes + UM_ALIGN - 1) / UM_ALIGN * UM_ALIGN;
    p = aligned_alloc(UM_ALIGN, bytes ? bytes : UM_ALIGN);
    if (!p) return out_of_memory(1, bytes);
    memset(p, 0, bytes);
    memcpy(out, &p, sizeof p);
    return UMCL_OK;
}

umcl_status um_arena_new(um_arena **out)
{
    return um_calloc(out, 1, sizeof **out);
}

void um_arena_free(um_arena *arena)
{
    if (!arena) return;
    for (block *b = arena->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(arena);
}

void *um_arena_alloc(um_arena *arena, size_t bytes)
{
    block *b = arena->blocks;

    if (bytes > SIZE_MAX / 2) return NULL;
    bytes = (bytes + 15) / 16 * 16;
    if (!b || b->size - b->used < bytes) {
        size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
        b = calloc(1, sizeof *b + size);
        if (!b) return NULL;
        b->size = size;
        b->next = arena->blocks;
        arena->blocks = b;
    }
    b->used += bytes;
    return b->data + b->used - bytes;
}

char *um_arena_strdup(um_arena *arena, const char *text)
{
    size_t n = text ? strlen(text) + 1 : 0;
    char *copy = text ? um_arena_alloc(arena, n) : NULL;

    if (copy) memcpy(copy, text, n);
    return copy;
}
