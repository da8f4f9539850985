#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(um_str *s, size_t more)
{
    size_t need = s->len + more + 1, cap = s->cap ? s->cap : 64;
    char *text;

    if (s->failed) return false;
    if (need <= s->cap) return true;
    while (cap < need) cap *= 2;
    text = realloc(s->text, cap);
    if (!text) {
        s->failed = true;
        return false;
    }
    s->text = text;
    s->cap = cap;
    return true;
}

void um_str_append_n(um_str *s, const char *bytes, size_t n)
{
    if (!reserve(s, n)) return;
    memcpy(s->text + s->len, bytes, n);
    s->len += n;
    s->text[s->len] = '\0';
}

void um_str_append(um_str *s, const char *text)
{
    um_str_append_n(s, text, strlen(text));
}

void um_str_printf(um_str *s, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0 || !reserve(s, (size_t)n)) {
        s->failed = true;
        return;
    }
    va_start(ap, fmt);
    vsnprintf(s->text + s->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    s->len += (size_t)n;
}

umcl_status um_str_status(const um_str *s)
{
    return s->failed ? um_fail(UMCL_ERR_NOMEM, "text: cannot grow beyond %zu bytes", s->len)
                     : UMCL_OK;
}

void um_str_clear(um_str *s)
{
    free(s->text);
    *s = UM_STR_INIT;
}

bool um_str_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool um_str_ends(const char *text, const char *suffix)
{
    size_t n = strlen(text), m = strlen(suffix);

    return n >= m && strcmp(text + n - m, suffix) == 0;
}
