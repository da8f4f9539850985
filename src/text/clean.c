#include "text/clean.h"

#include <stdlib.h>
#include <string.h>

#include "text/unicode.h"

/* The references one meets; HTML knows 2,000 more. */
static const struct {
    const char *name;
    uint32_t c;
} references[] = {
    {"amp;", '&'},      {"lt;", '<'},       {"gt;", '>'},        {"quot;", '"'},
    {"apos;", '\''},    {"nbsp;", 0xA0},    {"copy;", 0xA9},     {"reg;", 0xAE},
    {"deg;", 0xB0},     {"middot;", 0xB7},  {"times;", 0xD7},    {"ndash;", 0x2013},
    {"mdash;", 0x2014}, {"lsquo;", 0x2018}, {"rsquo;", 0x2019},  {"ldquo;", 0x201C},
    {"rdquo;", 0x201D}, {"bull;", 0x2022},  {"hellip;", 0x2026}, {"euro;", 0x20AC},
    {"trade;", 0x2122},
};

/* The reference behind an ampersand: bytes it takes, or 0. */
static size_t read_reference(uint32_t *c, const char *text)
{
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
        if (!um_str_starts(text, references[i].name)) continue;
        *c = references[i].c;
        return strlen(references[i].name);
    }
    if (text[0] == '#') {
        int base = text[1] == 'x' || text[1] == 'X' ? 16 : 10;
        const char *digits = text + (base == 16 ? 2 : 1);
        size_t n = strspn(digits, base == 16 ? "0123456789abcdefABCDEF" : "0123456789");

        if (!n || n > 8 || digits[n] != ';') return 0;
        *c = (uint32_t)strtoul(digits, NULL, base);
        return (size_t)(digits - text) + n + 1;
    }
    return 0;
}

static void unescape(um_str *out, const char *text)
{
    while (*text) {
        size_t plain = strcspn(text, "&"), used;
        uint32_t c = 0;

        um_str_append_n(out, text, plain);
        text += plain;
        if (!*text) return;
        used = read_reference(&c, text + 1);
        if (used)
            um_utf8_put(out, c ? c : 0xFFFD);
        else
            um_str_append_n(out, "&", 1);
        text += 1 + used;
    }
}

/* Lower case of the code point before `rest`; sigma has a form for the end of a word. */
static void put_lower(um_str *out, uint32_t c, bool after_letter, const char *rest)
{
    uint32_t next = 0;

    if (c == 0x130) { /* I with dot above: the one letter whose lower case is two code points */
        um_str_append(out, "i\xCC\x87");
    } else if (c == 0x3A3 && after_letter &&
               !(um_utf8_get(&next, rest, strlen(rest)) && um_is_letter(next))) {
        um_utf8_put(out, 0x3C2);
    } else {
        um_utf8_put(out, um_to_lower(c));
    }
}

static umcl_status squeeze(um_str *out, const char *text)
{
    bool blank = false, any = false, after_letter = false;
    const char *p = text, *end = text + strlen(text);

    while (p < end) {
        uint32_t c = 0;
        size_t used = um_utf8_get(&c, p, (size_t)(end - p));

        if (!used)
            return um_fail(UMCL_ERR_INVALID, "text: expected UTF-8, found byte 0x%02x at %zu",
                           (unsigned char)*p, (size_t)(p - text));
        p += used;
        if (um_is_space(c)) {
            blank = any;
            after_letter = false;
            continue;
        }
        if (blank) um_str_append(out, " ");
        put_lower(out, c, after_letter, p);
        after_letter = um_is_letter(c);
        blank = false;
        any = true;
    }
    return um_str_status(out);
}

umcl_status um_text_clean(um_str *out, const char *text)
{
    um_str once = UM_STR_INIT, twice = UM_STR_INIT;
    umcl_status st;

    um_str_append(&once, "");
    um_str_append(&twice, "");
    unescape(&once, text);
    UM_CHECK(um_str_status(&once));
    unescape(&twice, once.text);
    UM_CHECK(um_str_status(&twice));
    st = squeeze(out, twice.text);
done:
    um_str_clear(&once);
    um_str_clear(&twice);
    return st;
}
