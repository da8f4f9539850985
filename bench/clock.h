/*
 * What every benchmark needs: a clock and the median of its readings.
 */
#ifndef UM_BENCH_CLOCK_H
#define UM_BENCH_CLOCK_H

#include <stdlib.h>
#include <time.h>

static inline double bench_seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/** Seconds from some fixed moment. */
static inline double bench_now(void)
{
    return bench_seconds(CLOCK_MONOTONIC);
}

/** Seconds that the calling thread has computed: what it shares a core with does not count. */
static inline double bench_cpu(void)
{
    return bench_seconds(CLOCK_THREAD_CPUTIME_ID);
}

static inline int bench_ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/** The median of x [n]; sorts x, so that x[0] is the least. */
static inline double bench_median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof *x, bench_ascending);
    return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

#endif
