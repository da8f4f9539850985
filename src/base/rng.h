/*
 * Random numbers by counter (splitmix64): number i of stream `key` is a pure function of both, so
 * results do not depend on the order or the number of threads that draw them.
 */
#ifndef UM_BASE_RNG_H
#define UM_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

#define UM_FNV_OFFSET UINT64_C(0xCBF29CE484222325)

/** FNV-1a over `n` bytes, continuing from `hash` (start with UM_FNV_OFFSET). */
uint64_t um_fnv1a(uint64_t hash, const void *bytes, size_t n);

/** The i-th 64-bit number of the stream `key`. */
static inline uint64_t um_rng_at(uint64_t key, uint64_t i)
{
    uint64_t z = key + (i + 1) * UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/** The i-th number of the stream in [0, 1), 53 bits. */
static inline double um_rng_uniform_at(uint64_t key, uint64_t i)
{
    return (double)(um_rng_at(key, i) >> 11) * 0x1p-53;
}

/** A stream with a position: for code that draws numbers one after the other. */
typedef struct um_rng {
    uint64_t key, next;
} um_rng;

/** Stream named by a seed and a purpose ("dropout", "shuffle"). */
um_rng um_rng_new(uint64_t seed, const char *purpose);

uint64_t um_rng_u64(um_rng *rng);
double um_rng_uniform(um_rng *rng);                     /* [0, 1) */
double um_rng_range(um_rng *rng, double lo, double hi); /* [lo, hi) */
double um_rng_normal(um_rng *rng);                      /* mean 0, deviation 1 */
size_t um_rng_below(um_rng *rng, size_t n);             /* 0 .. n-1, n > 0 */

/** Fisher-Yates shuffle of `n` indices. */
void um_rng_shuffle(um_rng *rng, size_t *index, size_t n);

#endif
