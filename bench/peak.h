/*
 * What the machine can do at most: fused multiply-adds on independent registers, on all threads.
 */
#ifndef UM_BENCH_PEAK_H
#define UM_BENCH_PEAK_H

#include "backend/cpu/cpu.h"
#include "base/parallel.h"
#include "clock.h"

enum { PEAK_CHAINS = 12, PEAK_STEPS = 4000000 };

/* Twelve chains hide the latency of the unit; the sum is returned so that nothing is left out. */
#define PEAK_BODY(type)                                                                            \
    type acc[PEAK_CHAINS], a = (type){0} + 0.999999f, b = (type){0} + 1e-6f;                       \
                                                                                                   \
    for (int c = 0; c < PEAK_CHAINS; c++) acc[c] = (type){0} + (float)c;                           \
    for (int i = 0; i < PEAK_STEPS; i++) {                                                         \
        _Pragma("GCC unroll 12") for (int c = 0; c < PEAK_CHAINS; c++) acc[c] = acc[c] * a + b;    \
        __asm__ volatile("" ::: "memory");                                                         \
    }                                                                                              \
    for (int c = 1; c < PEAK_CHAINS; c++) acc[0] += acc[c];                                        \
    return acc[0][0];

typedef float peak_v4 __attribute__((vector_size(16)));

static float peak_portable(void)
{
    PEAK_BODY(peak_v4)
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2,fma"))) static float peak_avx2(void)
{
    __m256 acc[PEAK_CHAINS], a = _mm256_set1_ps(0.999999f), b = _mm256_set1_ps(1e-6f);

    for (int c = 0; c < PEAK_CHAINS; c++) acc[c] = _mm256_set1_ps((float)c);
    for (int i = 0; i < PEAK_STEPS; i++)
        for (int c = 0; c < PEAK_CHAINS; c++) acc[c] = _mm256_fmadd_ps(acc[c], a, b);
    for (int c = 1; c < PEAK_CHAINS; c++) acc[0] = _mm256_add_ps(acc[0], acc[c]);
    return _mm256_cvtss_f32(acc[0]);
}

__attribute__((target("avx512f"))) static float peak_avx512(void)
{
    __m512 acc[PEAK_CHAINS], a = _mm512_set1_ps(0.999999f), b = _mm512_set1_ps(1e-6f);

    for (int c = 0; c < PEAK_CHAINS; c++) acc[c] = _mm512_set1_ps((float)c);
    for (int i = 0; i < PEAK_STEPS; i++)
        for (int c = 0; c < PEAK_CHAINS; c++) acc[c] = _mm512_fmadd_ps(acc[c], a, b);
    for (int c = 1; c < PEAK_CHAINS; c++) acc[0] = _mm512_add_ps(acc[0], acc[c]);
    return _mm512_cvtss_f32(acc[0]);
}
#endif

typedef struct peak_args {
    float (*fn)(void);
    float sink[64];
} peak_args;

static void peak_range(void *ctx, size_t begin, size_t end)
{
    peak_args *p = ctx;

    for (size_t i = begin; i < end; i++) p->sink[i % 64] = p->fn();
}

/** Best of `rounds`: float32 GFLOP/s on um_threads() threads. */
static double bench_peak_gflops(int rounds)
{
    peak_args args = {.fn = peak_portable};
    int lanes = 4, threads = um_threads();
    double best = 0;

#if defined(__x86_64__)
    if (um_cpu_get_level() == UM_CPU_AVX512) {
        args.fn = peak_avx512;
        lanes = 16;
    } else if (um_cpu_get_level() == UM_CPU_AVX2) {
        args.fn = peak_avx2;
        lanes = 8;
    }
#endif
    for (int r = 0; r < rounds; r++) {
        double start = bench_now(), flops = 2.0 * PEAK_STEPS * PEAK_CHAINS * lanes * threads;

        um_parallel_for((size_t)threads, 1, peak_range, &args);
        flops /= 1e9 * (bench_now() - start);
        if (flops > best) best = flops;
    }
    return best;
}

#endif
