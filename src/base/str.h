/*
 * A growing string. An allocation failure is remembered: a chain of appends is checked once, at
 * the end, with um_str_status().
 */
#ifndef UM_BASE_STR_H
#define UM_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

typedef struct um_str {
    char *text; /* NUL-terminated once anything was appended; else NULL */
    size_t len, cap;
    bool failed;
} um_str;

#define UM_STR_INIT ((um_str){0})

void um_str_append(um_str *s, const char *text);
void um_str_append_n(um_str *s, const char *bytes, size_t n);
void um_str_printf(um_str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** UMCL_ERR_NOMEM if any append failed. */
umcl_status um_str_status(const um_str *s);

/** Releases the buffer and makes `s` empty again. */
void um_str_clear(um_str *s);

bool um_str_starts(const char *text, const char *prefix);
bool um_str_ends(const char *text, const char *suffix);

#endif
