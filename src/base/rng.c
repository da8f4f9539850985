#include "base/rng.h"

#include <math.h>
#include <string.h>

uint64_t um_fnv1a(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < n; i++) hash = (hash ^ p[i]) * UINT64_C(0x100000001B3);
    return hash;
}

um_rng um_rng_new(uint64_t seed, const char *purpose)
{
    uint64_t h = um_fnv1a(UM_FNV_OFFSET, &seed, sizeof seed);

    return (um_rng){um_fnv1a(h, purpose, strlen(purpose)), 0};
}

uint64_t um_rng_u64(um_rng *rng)
{
    return um_rng_at(rng->key, rng->next++);
}

double um_rng_uniform(um_rng *rng)
{
    return um_rng_uniform_at(rng->key, rng->next++);
}

double um_rng_range(um_rng *rng, double lo, double hi)
{
    return lo + (hi - lo) * um_rng_uniform(rng);
}

double um_rng_normal(um_rng *rng)
{
    /* Box-Muller; 1 - u keeps the logarithm's argument above zero. */
    double r = sqrt(-2.0 * log(1.0 - um_rng_uniform(rng)));

    return r * cos(6.283185307179586 * um_rng_uniform(rng));
}

size_t um_rng_below(um_rng *rng, size_t n)
{
    return (size_t)(um_rng_uniform(rng) * (double)n);
}

void um_rng_shuffle(um_rng *rng, size_t *index, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = um_rng_below(rng, i), t = index[i - 1];
        index[i - 1] = index[j];
        index[j] = t;
    }
}
