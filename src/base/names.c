#include "base/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

/* Where `text` is, or the free slot where it would be; there is always a free one. */
static size_t slot_of(const um_names *names, const char *text)
{
    size_t i = (size_t)um_fnv1a(UM_FNV_OFFSET, text, strlen(text)) & (names->n_slots - 1);

    while (names->slots[i] && strcmp(names->text[names->slots[i] - 1], text) != 0)
        i = (i + 1) & (names->n_slots - 1);
    return i;
}

/* Room for one more: at most half of the slots are taken. */
static umcl_status grow(um_names *names)
{
    size_t n = names->n_slots ? 2 * names->n_slots : 64;

    if (!names->strings) UM_TRY(um_arena_new(&names->strings));
    if (names->count == names->cap) {
        size_t cap = names->cap ? 2 * names->cap : 32;
        UM_TRY(um_realloc(&names->text, cap, sizeof *names->text));
        names->cap = cap;
    }
    if (2 * (names->count + 1) <= names->n_slots) return UMCL_OK;
    free(names->slots);
    names->n_slots = 0;
    UM_TRY(um_calloc(&names->slots, n, sizeof *names->slots));
    names->n_slots = n;
    for (size_t i = 0; i < names->count; i++) names->slots[slot_of(names, names->text[i])] = i + 1;
    return UMCL_OK;
}

umcl_status um_names_add(um_names *names, const char *text, size_t *number)
{
    size_t slot;

    if (um_names_find(names, text, number)) return UMCL_OK;
    UM_TRY(grow(names));
    names->text[names->count] = um_arena_strdup(names->strings, text);
    if (!names->text[names->count]) return um_fail(UMCL_ERR_NOMEM, "names: out of memory");
    slot = slot_of(names, text);
    if (number) *number = names->count;
    names->slots[slot] = ++names->count;
    return UMCL_OK;
}

bool um_names_find(const um_names *names, const char *text, size_t *number)
{
    size_t found = names->n_slots ? names->slots[slot_of(names, text)] : 0;

    if (found && number) *number = found - 1;
    return found > 0;
}

void um_names_clear(um_names *names)
{
    free(names->text);
    free(names->slots);
    um_arena_free(names->strings);
    *names = UM_NAMES_INIT;
}
