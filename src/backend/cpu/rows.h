/*
 * Kernels over one row of floats, in one table per instruction set: the portable table serves
 * every machine and is the reference of the others, which are the same source compiled wider.
 */
#ifndef UM_BACKEND_CPU_ROWS_H
#define UM_BACKEND_CPU_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One time step of a GRU for one sequence: what the gates read and write. */
typedef struct um_gru_step {
    int hidden;
    const float *w;       /* [H, 3H], recurrent weights, transposed */
    const float *w_plain; /* [3H, H]; backward */
    const float *b;       /* [3H], recurrent bias */
    const float *xg;      /* [3H], input projection with its bias */
    const float *h;       /* [H], state before the step */
    float *y;             /* [H], state after it */
    float *gates;         /* [4H]: r, z, n and the recurrent part of n; NULL: not kept */
    float *tmp;           /* [3H] */
} um_gru_step;

typedef struct um_row_fns {
    /* Element by element; y may be x. */
    void (*elu)(float *y, const float *x, size_t n);
    void (*quick_gelu)(float *y, const float *x, size_t n);
    void (*quick_gelu_grad)(float *dx, const float *x, const float *dy, size_t n);
    void (*sigmoid)(float *y, const float *x, size_t n);
    void (*tanh)(float *y, const float *x, size_t n);

    void (*softmax)(float *y, const float *x, size_t n);
    void (*softmax_grad)(float *dx, const float *y, const float *dy, size_t n);
    void (*log_softmax)(float *y, const float *x, size_t n);
    void (*log_softmax_grad)(float *dx, const float *y, const float *dy, size_t n);

    /* y = x * scale where number i / group of stream `seed` is at least `below`, else 0, for
     * elements begin <= i < end; the numbers are the upper 53 bits. */
    void (*dropout)(float *y, const float *x, size_t begin, size_t end, size_t group, uint64_t seed,
                    uint64_t below, float scale);

    /* Over rows of n values whose coefficients repeat with the row. y NULL: no ReLU, else dy counts
     * only where y > 0. */
    /* y = x > 0 ? x : slope x */
    void (*prelu)(float *y, const float *x, const float *slope, size_t rows, size_t n);
    /* out = gain x + shift, at least 0 where relu */
    void (*norm_apply)(float *out, const float *x, const float *gain, const float *shift,
                       size_t rows, size_t n, bool relu);
    /* Adds dy and dy (x - mean) to sum and product [count]; rows are `stride` apart. */
    void (*norm_grad_sums)(float *sum, float *product, const float *x, const float *y,
                           const float *dy, const float *mean, size_t rows, size_t stride,
                           size_t count);
    /* dx = gain dy + per_x x + shift */
    void (*norm_grad)(float *dx, const float *x, const float *y, const float *dy, const float *gain,
                      const float *per_x, const float *shift, size_t rows, size_t n);

    /* Largest of `count` >= 1 rows; ties and NaN as PyTorch: the first, the last NaN. winner: tap
     * [count] of the row it came from; may be NULL. */
    void (*largest)(float *y, uint8_t *winner, const float *const *x, const uint8_t *tap, int count,
                    size_t n);
    /* dx[k][i] = winner[i] == k ? dy[i] : 0 */
    void (*scatter4)(float *const dx[4], const uint8_t *winner, const float *dy, size_t n);

    /* h' = (1 - z) n + z h; r, z = sigmoid(xg + W h + b); n = tanh(xg + r (W h + b)) */
    void (*gru_step)(const um_gru_step *s);

    /* Given dh = dL/dh' [H]: dxg, dhg [3H], the gradients of the input projection and of W h + b;
     * dh becomes dL/dh. */
    void (*gru_step_grad)(const um_gru_step *s, float *dh, float *dxg, float *dhg);
} um_row_fns;

extern const um_row_fns um_rows_portable;
#if defined(__x86_64__)
extern const um_row_fns um_rows_avx2, um_rows_avx512;
#endif

/** The table for this processor (um_cpu_get_level). */
const um_row_fns *um_cpu_rows(void);

#endif
