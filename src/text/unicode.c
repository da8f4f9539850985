#include "text/unicode.h"

static bool within(uint32_t c, const um_unicode_range *range, size_t n)
{
    size_t low = 0;

    while (low < n) {
        size_t mid = low + (n - low) / 2;

        if (c > range[mid].last)
            low = mid + 1;
        else if (c < range[mid].first)
            n = mid;
        else
            return true;
    }
    return false;
}

bool um_is_letter(uint32_t c)
{
    return within(c, um_unicode_letters, um_unicode_letters_count);
}

bool um_is_number(uint32_t c)
{
    return within(c, um_unicode_numbers, um_unicode_numbers_count);
}

bool um_is_space(uint32_t c)
{
    return within(c, um_unicode_spaces, um_unicode_spaces_count);
}

uint32_t um_to_lower(uint32_t c)
{
    for (size_t i = 0; i < um_unicode_lower_count && um_unicode_lower[i].first <= c; i++) {
        const um_unicode_run *r = &um_unicode_lower[i];

        if (c <= r->last && (c - r->first) % (uint32_t)r->step == 0)
            return (uint32_t)((int32_t)c + r->delta);
    }
    return c;
}

size_t um_utf8_get(uint32_t *c, const char *text, size_t n)
{
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)text;
    size_t used;

    if (!n) return 0;
    used = p[0] < 0x80 ? 1 : p[0] < 0xC0 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (!used || used > n || p[0] > 0xF4) return 0;
    *c = used == 1 ? p[0] : p[0] & (0x7Fu >> used);
    for (size_t i = 1; i < used; i++) {
        if ((p[i] & 0xC0) != 0x80) return 0;
        *c = *c << 6 | (p[i] & 0x3F);
    }
    if (*c < smallest[used] || *c > 0x10FFFF || (*c >= 0xD800 && *c < 0xE000)) return 0;
    return used;
}

void um_utf8_put(um_str *s, uint32_t c)
{
    char out[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) {
        c = 0xFFFD;
        n = 3;
    }
    for (size_t i = n; i-- > 1; c >>= 6) out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = n == 1 ? (char)c : (char)((0xF00u >> n & 0xFF) | c);
    um_str_append_n(s, out, n);
}
