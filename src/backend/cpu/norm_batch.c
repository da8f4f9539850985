/*
 * Batch normalisation over the rows of a channels-last tensor. Sums run over fixed blocks of rows,
 * so that they do not depend on the number of threads.
 */
#include <math.h>
#include <string.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/rows.h"
#include "base/parallel.h"

#define BLOCKS 64 /* partial sums; also the most threads that can help */
#define RUN 32    /* rows that are summed in float32 before they are added in double */
#define STRIP 128 /* channels that are summed at a time */

typedef struct norm_args {
    const float *x, *y, *dy;
    float *out;
    size_t rows, channels;
    const float *mean, *invstd; /* [C] */
    const float *gain, *shift;  /* [C]: out = gain * x + shift */
    const float *per_x;         /* [C]: backward: out = gain * dy + per_x * x + shift */
    double *sums;               /* [BLOCKS, 2, C] */
    bool relu;
} norm_args;

static size_t block_start(const norm_args *a, size_t block)
{
    return a->rows * block / BLOCKS;
}

typedef void (*run_sums_fn)(const norm_args *a, size_t row, size_t rows, size_t channel, size_t n,
                            float *restrict sum, float *restrict product);

/* Sums of x and x^2, about the first row: the variance subtracts two close numbers. */
static void run_sums(const norm_args *a, size_t row, size_t rows, size_t channel, size_t n,
                     float *restrict sum, float *restrict squares)
{
    const float *restrict origin = a->x + channel;

    for (size_t r = row; r < row + rows; r++) {
        const float *restrict x = a->x + r * a->channels + channel;
        for (size_t i = 0; i < n; i++) {
            float d = x[i] - origin[i];
            sum[i] += d;
            squares[i] += d * d;
        }
    }
}

/* Sums of dy and dy * (x - mean); dy counts only where ReLU let the value through. */
static void run_grad_sums(const norm_args *a, size_t row, size_t rows, size_t channel, size_t n,
                          float *restrict sum, float *restrict product)
{
    size_t at = row * a->channels + channel;

    um_cpu_rows()->norm_grad_sums(sum, product, a->x + at, a->relu ? a->y + at : NULL, a->dy + at,
                                  a->mean + channel, rows, a->channels, n);
}

static void block_sums(const norm_args *a, size_t block, run_sums_fn fn)
{
    double *sum = a->sums + 2 * a->channels * block, *product = sum + a->channels;
    size_t last = block_start(a, block + 1);

    memset(sum, 0, 2 * a->channels * sizeof *sum);
    for (size_t r = block_start(a, block); r < last; r += RUN)
        for (size_t c = 0; c < a->channels; c += STRIP) {
            size_t n = a->channels - c < STRIP ? a->channels - c : STRIP;
            float s[STRIP] = {0}, p[STRIP] = {0};
            fn(a, r, last - r < RUN ? last - r : RUN, c, n, s, p);
            for (size_t i = 0; i < n; i++) {
                sum[c + i] += (double)s[i];
                product[c + i] += (double)p[i];
            }
        }
}

static void sum_blocks(void *ctx, size_t begin, size_t end)
{
    for (size_t b = begin; b < end; b++) block_sums(ctx, b, run_sums);
}

static void grad_sum_blocks(void *ctx, size_t begin, size_t end)
{
    for (size_t b = begin; b < end; b++) block_sums(ctx, b, run_grad_sums);
}

static void fold_sums(norm_args *a, um_range_fn fn)
{
    size_t grain = 1 + (1 << 15) * BLOCKS / (a->rows * a->channels + 1);

    um_parallel_for(BLOCKS, grain, fn, a);
    for (size_t b = 1; b < BLOCKS; b++)
        for (size_t i = 0; i < 2 * a->channels; i++) a->sums[i] += a->sums[2 * a->channels * b + i];
}

static void apply_rows(void *ctx, size_t begin, size_t end)
{
    const norm_args *a = ctx;
    size_t at = begin * a->channels;

    um_cpu_rows()->norm_apply(a->out + at, a->x + at, a->gain, a->shift, end - begin, a->channels,
                              a->relu);
}

static void grad_rows(void *ctx, size_t begin, size_t end)
{
    const norm_args *a = ctx;
    size_t at = begin * a->channels;

    um_cpu_rows()->norm_grad(a->out + at, a->x + at, a->relu ? a->y + at : NULL, a->dy + at,
                             a->gain, a->per_x, a->shift, end - begin, a->channels);
}

static size_t row_grain(const norm_args *a)
{
    return 1 + (1 << 15) / a->channels;
}

static norm_args make_args(const um_call *c)
{
    return (norm_args){.x = um_f32(&c->in[0]),
                       .y = um_f32(&c->out),
                       .out = um_f32(&c->out),
                       .rows = (size_t)um_shape_rows(&c->out.shape),
                       .channels = (size_t)um_shape_last(&c->out.shape),
                       .relu = c->attr.norm.relu};
}

static umcl_status batchnorm_prepare(um_call *c, um_call_needs *needs)
{
    size_t n = (size_t)um_shape_last(&c->out.shape);

    needs->saved = 2 * n * sizeof(float);
    needs->scratch_forward = needs->scratch_backward =
        2 * n * BLOCKS * sizeof(double) + 3 * n * sizeof(float);
    return UMCL_OK;
}

static void batch_statistics(um_call *c, norm_args *a, float *mean, float *invstd)
{
    float *running_mean = um_f32(&c->in[3]), *running_var = um_f32(&c->in[4]);
    double rows = (double)a->rows, keep = 1 - (double)c->attr.norm.momentum;

    fold_sums(a, sum_blocks);
    for (size_t i = 0; i < a->channels; i++) {
        double m = a->sums[i] / rows;
        double var = fmax(a->sums[a->channels + i] / rows - m * m, 0);
        double unbiased = a->rows > 1 ? var * rows / (rows - 1) : var;
        mean[i] = (float)(m + (double)a->x[i]);
        invstd[i] = (float)(1 / sqrt(var + (double)c->attr.norm.eps));
        running_mean[i] = (float)(keep * (double)running_mean[i] + (1 - keep) * (double)mean[i]);
        running_var[i] = (float)(keep * (double)running_var[i] + (1 - keep) * unbiased);
    }
}

static umcl_status batchnorm_forward(um_call *c)
{
    norm_args a = make_args(c);
    size_t n = a.channels;
    const float *gamma = um_f32(&c->in[1]), *beta = um_f32(&c->in[2]);
    float *mean = c->saved, *invstd = mean + n;
    float *gain = (float *)((double *)c->scratch + 2 * n * BLOCKS), *shift = gain + n;

    a.sums = c->scratch;
    if (c->training && !c->attr.norm.use_running) {
        batch_statistics(c, &a, mean, invstd);
    } else {
        memcpy(mean, c->in[3].data, n * sizeof *mean);
        for (size_t i = 0; i < n; i++)
            invstd[i] = 1 / sqrtf(um_f32(&c->in[4])[i] + c->attr.norm.eps);
    }
    for (size_t i = 0; i < n; i++) {
        gain[i] = gamma[i] * invstd[i];
        shift[i] = beta[i] - mean[i] * gain[i];
    }
    a.gain = gain;
    a.shift = shift;
    um_parallel_for(a.rows, row_grain(&a), apply_rows, &a);
    return UMCL_OK;
}

/*
 * xhat = (x - mean) * invstd.  dgamma = sum dy xhat,  dbeta = sum dy,
 * dx = gamma invstd (dy - dbeta / N - xhat dgamma / N); with running statistics the last two
 * terms vanish.
 */
static umcl_status batchnorm_backward(um_call *c)
{
    norm_args a = make_args(c);
    size_t n = a.channels;
    const float *gamma = um_f32(&c->in[1]), *mean = c->saved, *invstd = mean + n;
    float *gain = (float *)((double *)c->scratch + 2 * n * BLOCKS);
    float *shift = gain + n, *per_x = shift + n;
    bool batch = !c->attr.norm.use_running;

    a.sums = c->scratch;
    a.dy = um_f32(&c->dout);
    a.out = um_f32(&c->din[0]);
    a.mean = mean;
    fold_sums(&a, grad_sum_blocks);
    for (size_t i = 0; i < n; i++) {
        double dbeta = a.sums[i], dgamma = a.sums[n + i] * (double)invstd[i];
        double scale = (double)gamma[i] * (double)invstd[i];
        double slope = -scale * dgamma * (double)invstd[i] / (double)a.rows;
        if (c->din[1].data) um_f32(&c->din[1])[i] = (float)dgamma;
        if (c->din[2].data) um_f32(&c->din[2])[i] = (float)dbeta;
        gain[i] = (float)scale;
        per_x[i] = batch ? (float)slope : 0;
        shift[i] = batch ? (float)(-scale * dbeta / (double)a.rows - slope * (double)mean[i]) : 0;
    }
    a.gain = gain;
    a.shift = shift;
    a.per_x = per_x;
    if (a.out) um_parallel_for(a.rows, row_grain(&a), grad_rows, &a);
    return UMCL_OK;
}

const um_kernel um_cpu_batchnorm = {batchnorm_prepare, batchnorm_forward, batchnorm_backward, NULL};
