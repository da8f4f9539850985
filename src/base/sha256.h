/* SHA-256 (FIPS 180-4). */
#ifndef UM_BASE_SHA256_H
#define UM_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

typedef struct um_sha256 {
    uint32_t h[8];
    uint64_t n; /* bytes so far */
    unsigned char block[64];
} um_sha256;

void um_sha256_start(um_sha256 *s);
void um_sha256_add(um_sha256 *s, const void *bytes, size_t n);

/** Lower-case hexadecimal digest with its NUL. */
void um_sha256_finish(um_sha256 *s, char hex[65]);

#endif
