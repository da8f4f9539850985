#include "base/parallel.h"

#ifdef _OPENMP
#include <omp.h>
#endif

void um_threads_set(int n)
{
#ifdef _OPENMP
    omp_set_num_threads(n > 0 ? n : omp_get_num_procs());
#else
    (void)n;
#endif
}

int um_threads(void)
{
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}

void um_parallel_for(size_t n, size_t grain, um_range_fn fn, void *ctx)
{
    size_t chunks = grain ? n / grain : n, threads = (size_t)um_threads();

    if (chunks > threads) chunks = threads;
    if (chunks <= 1) {
        if (n) fn(ctx, 0, n);
        return;
    }
#ifdef _OPENMP
#pragma omp parallel for num_threads((int)chunks) schedule(static, 1)
#endif
    for (size_t i = 0; i < chunks; i++) fn(ctx, n * i / chunks, n * (i + 1) / chunks);
}
