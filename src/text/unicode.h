/* The few Unicode properties that splitting text into words needs. */
#ifndef UM_TEXT_UNICODE_H
#define UM_TEXT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/** First and last code point of a range. */
typedef struct um_unicode_range {
    uint32_t first, last;
} um_unicode_range;

/** Every `step`-th code point from first to last has its lower case at + delta. */
typedef struct um_unicode_run {
    uint32_t first, last;
    int32_t step, delta;
} um_unicode_run;

extern const um_unicode_range um_unicode_letters[], um_unicode_numbers[], um_unicode_spaces[];
extern const um_unicode_run um_unicode_lower[];
extern const size_t um_unicode_letters_count, um_unicode_numbers_count, um_unicode_spaces_count,
    um_unicode_lower_count;

bool um_is_letter(uint32_t c); /* general category L */
bool um_is_number(uint32_t c); /* general category N */
bool um_is_space(uint32_t c);

/** Lower case where that is a single code point; else `c`. */
uint32_t um_to_lower(uint32_t c);

/**
 * Reads one code point of UTF-8 (RFC 3629: no surrogates, no over-long forms).
 *
 * @return bytes used, 0 if the bytes are not UTF-8
 */
size_t um_utf8_get(uint32_t *c, const char *text, size_t n);

/** Appends a code point as UTF-8; surrogates and numbers beyond Unicode as U+FFFD. */
void um_utf8_put(um_str *s, uint32_t c);

#endif
