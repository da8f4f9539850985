#include "data/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

#define NAMES_TOLD 5

#define X(id, name, spoils) {#name, spoils},
static const struct kind {
    const char *name;
    bool spoils;
} kinds[] = {UM_FINDING_KINDS(X)};
#undef X

const char *um_finding_name(um_finding_kind kind)
{
    return kinds[kind].name;
}

bool um_finding_spoils(um_finding_kind kind)
{
    return kinds[kind].spoils;
}

size_t um_findings_errors(const um_findings *findings)
{
    size_t n = 0;

    for (size_t i = 0; i < findings->count; i++) n += um_finding_spoils(findings->items[i].kind);
    return n;
}

/* Bytes of the UTF-8 character at `p` (RFC 3629), 0 if there is none or it is for control. */
static int character(const unsigned char *p)
{
    unsigned low = 0x80, high = 0xBF;
    int n = *p < 0x80 ? 1 : *p >= 0xF0 ? 4 : *p >= 0xE0 ? 3 : 2;

    if (n == 1) return *p >= 0x20 && *p != 0x7F;
    if (*p < 0xC2 || *p > 0xF4) return 0;
    if (*p == 0xC2) low = 0xA0; /* U+0080 .. U+009F are for control */
    if (*p == 0xE0) low = 0xA0;
    if (*p == 0xED) high = 0x9F;
    if (*p == 0xF0) low = 0x90;
    if (*p == 0xF4) high = 0x8F;
    for (int i = 1; i < n; i++, low = 0x80, high = 0xBF)
        if (p[i] < low || p[i] > high) return 0;
    return n;
}

char *um_printable(const char *text)
{
    um_str out = UM_STR_INIT;

    um_str_append(&out, "");
    while (*text) {
        int n = character((const unsigned char *)text);

        if (n)
            um_str_append_n(&out, text, (size_t)n);
        else
            um_str_printf(&out, "\\x%02X", (unsigned char)*text);
        text += n ? n : 1;
    }
    if (out.failed) um_str_clear(&out);
    return out.text;
}

static void append_names(um_str *sentence, const um_names *names)
{
    size_t n = names->count > NAMES_TOLD ? NAMES_TOLD : names->count;

    if (n) um_str_printf(sentence, " (%zu)", names->count);
    for (size_t i = 0; i < n; i++) um_str_printf(sentence, "%s%s", i ? ", " : ": ", names->text[i]);
    if (n < names->count) um_str_printf(sentence, " and %zu more", names->count - n);
}

/* Takes over `sentence` and `names`. */
static umcl_status push(um_findings *findings, um_finding_kind kind, char *sentence,
                        um_names *names)
{
    um_finding *item;

    if (!sentence) return um_fail(UMCL_ERR_NOMEM, "findings: out of memory");
    if (findings->count == findings->cap) {
        size_t cap = findings->cap ? 2 * findings->cap : 16;
        if (um_realloc(&findings->items, cap, sizeof *findings->items) != UMCL_OK) {
            free(sentence);
            return UMCL_ERR_NOMEM;
        }
        findings->cap = cap;
    }
    item = &findings->items[findings->count++];
    *item = (um_finding){.kind = kind, .sentence = sentence};
    if (names) {
        item->names = *names;
        *names = UM_NAMES_INIT;
    }
    return UMCL_OK;
}

umcl_status um_findings_add(um_findings *findings, um_finding_kind kind, um_names *names,
                            const char *fmt, ...)
{
    um_str raw = UM_STR_INIT;
    char *text = NULL;
    umcl_status st;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0) text = NULL;
    va_end(ap);
    if (text) um_str_append(&raw, text);
    free(text);
    if (names) append_names(&raw, names);
    st = push(findings, kind, raw.text && !raw.failed ? um_printable(raw.text) : NULL, names);
    um_str_clear(&raw);
    if (names) um_names_clear(names);
    return st;
}

void um_findings_clear(um_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        free(findings->items[i].sentence);
        um_names_clear(&findings->items[i].names);
    }
    free(findings->items);
    *findings = (um_findings){0};
}
