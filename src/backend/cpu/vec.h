/*
 * A register of floats, as wide as the file is compiled for, and the few functions that row
 * kernels need. Include it in files that are compiled once per instruction set (rows_template.h
 * shows how); everything is static inline.
 */
#ifndef UM_BACKEND_CPU_VEC_H
#define UM_BACKEND_CPU_VEC_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__)
#define UM_VEC_LANES 16
#elif defined(__AVX2__)
#define UM_VEC_LANES 8
#else
#define UM_VEC_LANES 4
#endif

typedef float um_vec __attribute__((vector_size(UM_VEC_LANES * 4)));
typedef int32_t um_veci __attribute__((vector_size(UM_VEC_LANES * 4)));

static inline um_vec um_vec_load(const float *p)
{
    um_vec v;

    memcpy(&v, p, sizeof v);
    return v;
}

static inline void um_vec_store(float *p, um_vec v)
{
    memcpy(p, &v, sizeof v);
}

static inline um_vec um_vec_splat(float x)
{
    return x - (um_vec){0};
}

/* Lanes of a where the mask is set, else of b. */
static inline um_vec um_vec_select(um_veci mask, um_vec a, um_vec b)
{
    return (um_vec)(((um_veci)a & mask) | ((um_veci)b & ~mask));
}

static inline um_vec um_vec_max(um_vec a, um_vec b)
{
    return um_vec_select(a > b, a, b);
}

static inline um_vec um_vec_min(um_vec a, um_vec b)
{
    return um_vec_select(a < b, a, b);
}

static inline float um_vec_sum(um_vec v)
{
    float s = 0;

    for (int i = 0; i < UM_VEC_LANES; i++) s += v[i];
    return s;
}

static inline float um_vec_largest(um_vec v)
{
    float m = v[0];

    for (int i = 1; i < UM_VEC_LANES; i++) m = v[i] > m ? v[i] : m;
    return m;
}

/* a * b + c, fused where the instruction set has it. */
#if defined(__FMA__)
#define um_vec_fma(a, b, c) um_vec_fma_contract(a, b, c)
#else
#define um_vec_fma(a, b, c) ((a) * (b) + (c))
#endif

#if defined(__AVX512F__)
#include <immintrin.h>
static inline um_vec um_vec_fma_contract(um_vec a, um_vec b, um_vec c)
{
    return (um_vec)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}

/* Mask of the first n <= 16 lanes. */
static inline __mmask16 um_vec_first(size_t n)
{
    return (__mmask16)((1U << n) - 1);
}
#elif defined(__FMA__)
#include <immintrin.h>
static inline um_vec um_vec_fma_contract(um_vec a, um_vec b, um_vec c)
{
    return (um_vec)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}
#endif

/*
 * exp(x), relative error below 2e-7; 0 below -87.3 (-infinity too), at most exp(88) above.
 * x = k ln 2 + r with |r| <= ln 2 / 2, exp(r) by the polynomial of Cephes' expf.
 */
static inline um_vec um_vec_exp(um_vec x)
{
    const um_vec magic = um_vec_splat(12582912.0f); /* 1.5 * 2^23: adding it rounds to integer */
    um_veci tiny = x < -87.3f, odd = x != x;
    um_vec nan = x;
    um_vec k, r, p;

    x = um_vec_max(um_vec_min(x, um_vec_splat(88.0f)), um_vec_splat(-87.3f));
    k = um_vec_fma(x, um_vec_splat(1.44269504f), magic);
    um_veci e = ((um_veci)k - (um_veci)magic) << 23;
    k -= magic;
    r = um_vec_fma(k, um_vec_splat(-0.693359375f), x);
    r = um_vec_fma(k, um_vec_splat(2.12194440e-4f), r);
    p = um_vec_fma(um_vec_splat(1.9875691500e-4f), r, um_vec_splat(1.3981999507e-3f));
    p = um_vec_fma(p, r, um_vec_splat(8.3334519073e-3f));
    p = um_vec_fma(p, r, um_vec_splat(4.1665795894e-2f));
    p = um_vec_fma(p, r, um_vec_splat(1.6666665459e-1f));
    p = um_vec_fma(p, r, um_vec_splat(5.0000001201e-1f));
    p = um_vec_fma(p, r * r, r + 1.0f);
    p = (um_vec)((um_veci)p + e);
    return um_vec_select(odd, nan, um_vec_select(tiny, (um_vec){0}, p));
}

/*
 * exp(x) - 1 for x <= 0 with the relative error of exp, also near zero: 2^k (exp(r) - 1) + 2^k - 1.
 * Other x give some number.
 */
static inline um_vec um_vec_expm1_negative(um_vec x)
{
    const um_vec magic = um_vec_splat(12582912.0f); /* 1.5 * 2^23: adding it rounds to integer */
    const um_veci one = (um_veci)um_vec_splat(1.0f);
    um_vec k, r, p, scale;

    x = um_vec_max(x, um_vec_splat(-30.0f)); /* -1 from there on */
    x = um_vec_min(x, (um_vec){0});
    k = um_vec_fma(x, um_vec_splat(1.44269504f), magic);
    scale = (um_vec)((((um_veci)k - (um_veci)magic) << 23) + one);
    k -= magic;
    r = um_vec_fma(k, um_vec_splat(-0.693359375f), x);
    r = um_vec_fma(k, um_vec_splat(2.12194440e-4f), r);
    p = um_vec_fma(um_vec_splat(1.9875691500e-4f), r, um_vec_splat(1.3981999507e-3f));
    p = um_vec_fma(p, r, um_vec_splat(8.3334519073e-3f));
    p = um_vec_fma(p, r, um_vec_splat(4.1665795894e-2f));
    p = um_vec_fma(p, r, um_vec_splat(1.6666665459e-1f));
    p = um_vec_fma(p, r, um_vec_splat(5.0000001201e-1f));
    p = um_vec_fma(p, r * r, r);
    return um_vec_fma(scale, p, scale - 1.0f);
}

static inline um_vec um_vec_sigmoid(um_vec x)
{
    return 1.0f / (1.0f + um_vec_exp(-x));
}

/* tanh(x): Cephes' polynomial near zero, where 1 - 2 / (exp(2x) + 1) would lose digits. */
static inline um_vec um_vec_tanh(um_vec x)
{
    um_vec s = x * x, p, far = 1.0f - 2.0f / (um_vec_exp(x + x) + 1.0f);

    p = um_vec_fma(um_vec_splat(-5.70498872745e-3f), s, um_vec_splat(2.06390887954e-2f));
    p = um_vec_fma(p, s, um_vec_splat(-5.37397155531e-2f));
    p = um_vec_fma(p, s, um_vec_splat(1.33314422036e-1f));
    p = um_vec_fma(p, s, um_vec_splat(-3.33332819422e-1f));
    p = um_vec_fma(p * s, x, x);
    return um_vec_select(s < 0.390625f, p, far);
}

#endif
