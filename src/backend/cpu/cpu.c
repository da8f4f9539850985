#include "backend/cpu/cpu.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"

um_cpu_level um_cpu_get_level(void)
{
    const char *asked = getenv("UMCL_CPU");
    um_cpu_level best = UM_CPU_PORTABLE;

#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) best = UM_CPU_AVX2;
    if (best == UM_CPU_AVX2 && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq"))
        best = UM_CPU_AVX512;
#endif
    if (asked && !strcmp(asked, "portable")) return UM_CPU_PORTABLE;
    if (asked && !strcmp(asked, "avx2") && best > UM_CPU_AVX2) return UM_CPU_AVX2;
    return best;
}

static umcl_status cpu_alloc(void **out, size_t bytes)
{
    return um_alloc_aligned(out, bytes);
}

static umcl_status cpu_copy(void *to, const void *from, size_t bytes)
{
    memcpy(to, from, bytes);
    return UMCL_OK;
}

typedef struct add_args {
    float *y;
    const float *x;
} add_args;

static void add_range(void *ctx, size_t begin, size_t end)
{
    const add_args *a = ctx;
    float *restrict y = a->y;
    const float *restrict x = a->x;

    for (size_t i = begin; i < end; i++) y[i] += x[i];
}

static umcl_status cpu_add(float *y, const float *x, size_t n)
{
    add_args a = {y, x};

    um_parallel_for(n, 1 << 16, add_range, &a);
    return UMCL_OK;
}

static umcl_status cpu_zero(void *data, size_t bytes)
{
    memset(data, 0, bytes);
    return UMCL_OK;
}

const um_backend *um_backend_cpu(void)
{
#define X(id, stem, lo, hi, reads) [UM_OP_##id] = &um_cpu_##stem,
    static const um_kernel *const kernels[UM_OP_COUNT] = {UM_OPS(X)};
#undef X
    static const um_backend backend = {"cpu",    kernels,  cpu_alloc, free,
                                       cpu_copy, cpu_copy, cpu_add,   cpu_zero};
    return &backend;
}
