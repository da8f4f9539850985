/*
 * Matrix products on oneDNN's sgemm, which needs no primitive and is the same in 2.x and 3.x.
 */
#ifndef UM_BACKEND_CPU_GEMM_H
#define UM_BACKEND_CPU_GEMM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/**
 * Row-major C [m, n] = alpha op(A) op(B) + beta C, where op transposes if asked and lda, ldb, ldc
 * are the row lengths in memory. Uses all threads; one where the caller is itself a parallel loop.
 */
umcl_status um_cpu_gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha,
                        const float *a, int64_t lda, const float *b, int64_t ldb, float beta,
                        float *c, int64_t ldc);

/** sum[j] = sum over rows of x [rows, n], in an order that does not depend on the threads. */
void um_cpu_column_sum(float *sum, const float *x, int64_t rows, int64_t n);

#endif
