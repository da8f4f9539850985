#include "backend/cpu/gemm.h"

#include <oneapi/dnnl/dnnl.h>
#include <stddef.h>
#include <string.h>

#include "base/parallel.h"

umcl_status um_cpu_gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha,
                        const float *a, int64_t lda, const float *b, int64_t ldb, float beta,
                        float *c, int64_t ldc)
{
    dnnl_status_t st =
        dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);

    if (st == dnnl_success) return UMCL_OK;
    return um_fail(st == dnnl_out_of_memory ? UMCL_ERR_NOMEM : UMCL_ERR_INTERNAL,
                   "matrix product [%lld, %lld] x [%lld, %lld]: oneDNN status %d", (long long)m,
                   (long long)k, (long long)k, (long long)n, (int)st);
}

typedef struct column_args {
    float *sum;
    const float *x;
    int64_t rows, n;
} column_args;

/* Rows are added in blocks, so that long sums keep their digits. */
static void column_range(void *ctx, size_t begin, size_t end)
{
    const column_args *a = ctx;
    float part[64];

    for (size_t j = begin; j < end; j += 64) {
        size_t width = end - j < 64 ? end - j : 64;

        memset(a->sum + j, 0, width * sizeof *part);
        for (int64_t r = 0; r < a->rows; r += 64) {
            int64_t last = r + 64 < a->rows ? r + 64 : a->rows;

            memset(part, 0, sizeof part);
            for (int64_t i = r; i < last; i++) {
                const float *row = a->x + i * a->n + j;

                for (size_t q = 0; q < width; q++) part[q] += row[q];
            }
            for (size_t q = 0; q < width; q++) a->sum[j + q] += part[q];
        }
    }
}

void um_cpu_column_sum(float *sum, const float *x, int64_t rows, int64_t n)
{
    column_args a = {sum, x, rows, n};
    size_t grain = (size_t)(rows * n >= 1 << 18 ? 16 : n);

    um_parallel_for((size_t)n, grain ? grain : 1, column_range, &a);
}
