/*
 * Loops over several threads. The split depends on `n`, `grain` and the thread count alone, so
 * that equal thread counts give equal results. oneDNN shares the same threads (OpenMP).
 */
#ifndef UM_BASE_PARALLEL_H
#define UM_BASE_PARALLEL_H

#include <stddef.h>

typedef void (*um_range_fn)(void *ctx, size_t begin, size_t end);

/** Threads that loops started by the calling thread use; 0: one per core (the default). */
void um_threads_set(int n);
int um_threads(void);

/**
 * Calls `fn` for [0, n) in contiguous chunks of at least `grain`, one chunk a thread. Runs in the
 * calling thread alone where one chunk suffices. Must not be nested.
 */
void um_parallel_for(size_t n, size_t grain, um_range_fn fn, void *ctx);

#endif
