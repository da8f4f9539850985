/*
 * Layer norm over the last dimension. Saved: [rows, 2] mean and 1/sqrt(var + eps). Sums are double:
 * the variance subtracts close numbers.
 */
#include <math.h>
#include <string.h>

#include "backend/cpu/cpu.h"
#include "base/parallel.h"

/* Rows are cut into so many parts, whatever the number of threads: gamma's and beta's gradients
 * are summed part by part and come out the same. */
enum { PARTS = 16 };

typedef struct norm_args {
    const float *x, *gamma, *beta, *dy;
    float *y, *dx, *saved;
    float *part; /* [PARTS, 2, n]: gradients of gamma, beta; NULL where nobody wants them */
    size_t rows, n;
    float eps;
} norm_args;

/* Four sums at a time: one would wait for the adder at every element. */
static double sum(const float *x, size_t n)
{
    double s[4] = {0};
    size_t i = 0;

    for (; i + 4 <= n; i += 4)
        for (int j = 0; j < 4; j++) s[j] += x[i + j];
    for (; i < n; i++) s[0] += x[i];
    return s[0] + s[1] + s[2] + s[3];
}

static double sum_squares(const float *x, size_t n, double mean)
{
    double s[4] = {0};
    size_t i = 0;

    for (; i + 4 <= n; i += 4)
        for (int j = 0; j < 4; j++) s[j] += (x[i + j] - mean) * (x[i + j] - mean);
    for (; i < n; i++) s[0] += (x[i] - mean) * (x[i] - mean);
    return s[0] + s[1] + s[2] + s[3];
}

static void forward_range(void *ctx, size_t begin, size_t end)
{
    const norm_args *a = ctx;

    for (size_t r = begin; r < end; r++) {
        const float *restrict x = a->x + r * a->n, *restrict g = a->gamma, *restrict b = a->beta;
        float *restrict y = a->y + r * a->n;
        double mean = sum(x, a->n) / (double)a->n;
        double var = sum_squares(x, a->n, mean) / (double)a->n;
        float rstd = (float)(1 / sqrt(var + a->eps)), m = (float)mean;

        for (size_t i = 0; i < a->n; i++) y[i] = (x[i] - m) * rstd * g[i] + b[i];
        if (!a->saved) continue;
        a->saved[2 * r] = m;
        a->saved[2 * r + 1] = rstd;
    }
}

/* dx = rstd (g dy - mean(g dy) - x^ mean(g dy x^)) with x^ = (x - mean) rstd */
static void backward_row(const norm_args *a, size_t r, float *part)
{
    const float *restrict x = a->x + r * a->n, *restrict dy = a->dy + r * a->n;
    const float *restrict g = a->gamma;
    float mean = a->saved[2 * r], rstd = a->saved[2 * r + 1], m0, m1;
    double s0[4] = {0}, s1[4] = {0};
    size_t i = 0;

    for (; i + 4 <= a->n; i += 4)
        for (int j = 0; j < 4; j++) {
            float d = g[i + j] * dy[i + j];

            s0[j] += d;
            s1[j] += d * ((x[i + j] - mean) * rstd);
        }
    for (; i < a->n; i++) {
        s0[0] += g[i] * dy[i];
        s1[0] += g[i] * dy[i] * ((x[i] - mean) * rstd);
    }
    m0 = (float)((s0[0] + s0[1] + s0[2] + s0[3]) / (double)a->n);
    m1 = (float)((s1[0] + s1[1] + s1[2] + s1[3]) / (double)a->n);
    if (a->dx) {
        float *restrict dx = a->dx + r * a->n;

        for (i = 0; i < a->n; i++) dx[i] = rstd * (g[i] * dy[i] - m0 - (x[i] - mean) * rstd * m1);
    }
    if (part) {
        float *restrict dg = part, *restrict db = part + a->n;

        for (i = 0; i < a->n; i++) {
            dg[i] += dy[i] * ((x[i] - mean) * rstd);
            db[i] += dy[i];
        }
    }
}

static void backward_parts(void *ctx, size_t begin, size_t end)
{
    const norm_args *a = ctx;

    for (size_t p = begin; p < end; p++) {
        float *part = a->part ? a->part + p * 2 * a->n : NULL;

        if (part) memset(part, 0, 2 * a->n * sizeof *part);
        for (size_t r = a->rows * p / PARTS; r < a->rows * (p + 1) / PARTS; r++)
            backward_row(a, r, part);
    }
}

static umcl_status layernorm_prepare(um_call *c, um_call_needs *needs)
{
    size_t rows = (size_t)um_shape_rows(&c->in[0].shape),
           n = (size_t)um_shape_last(&c->in[0].shape);

    if (c->training) needs->saved = rows * 2 * sizeof(float);
    if (c->wants[1] || c->wants[2]) needs->scratch_backward = PARTS * 2 * n * sizeof(float);
    return UMCL_OK;
}

static norm_args args_of(const um_call *c)
{
    return (norm_args){.x = um_f32(&c->in[0]),
                       .gamma = um_f32(&c->in[1]),
                       .beta = um_f32(&c->in[2]),
                       .saved = c->training ? c->saved : NULL,
                       .rows = (size_t)um_shape_rows(&c->in[0].shape),
                       .n = (size_t)um_shape_last(&c->in[0].shape),
                       .eps = c->attr.norm.eps};
}

static umcl_status layernorm_forward(um_call *c)
{
    norm_args a = args_of(c);

    a.y = um_f32(&c->out);
    um_parallel_for(a.rows, 1 + (1 << 13) / (a.n + 1), forward_range, &a);
    return UMCL_OK;
}

static umcl_status layernorm_backward(um_call *c)
{
    norm_args a = args_of(c);

    a.dy = um_f32(&c->dout);
    a.dx = um_f32(&c->din[0]);
    a.part = c->din[1].data || c->din[2].data ? c->scratch : NULL;
    um_parallel_for(PARTS, a.rows * a.n < 1 << 14 ? PARTS : 1, backward_parts, &a);
    for (int k = 1; a.part && k <= 2; k++) {
        float *to = um_f32(&c->din[k]);

        if (!to) continue;
        memcpy(to, a.part + (size_t)(k - 1) * a.n, a.n * sizeof *to);
        for (size_t p = 1; p < PARTS; p++) {
            const float *from = a.part + (2 * p + (size_t)(k - 1)) * a.n;

            for (size_t i = 0; i < a.n; i++) to[i] += from[i];
        }
    }
    return UMCL_OK;
}

const um_kernel um_cpu_layernorm = {layernorm_prepare, layernorm_forward, layernorm_backward, NULL};
