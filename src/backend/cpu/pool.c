/* Maximum over windows, channels-last; the winner's place in its window is kept for the gradient.
 */
#include <string.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/rows.h"
#include "base/parallel.h"

#define MAX_TAPS 255 /* of a window: their numbers fit a byte */

typedef struct pool_args {
    const um_call *c;
    const int64_t *in, *out; /* [B, T, H, W, C] */
    float *to;
    const float *from;
    uint8_t *winner; /* per output element: index within the window; NULL: not kept */
} pool_args;

static umcl_status maxpool_prepare(um_call *c, um_call_needs *needs)
{
    const int *k = c->attr.pool.kernel;

    if (k[0] * k[1] * k[2] > MAX_TAPS)
        return um_fail(UMCL_ERR_UNSUPPORTED, "maxpool: expected a window of at most %d elements",
                       MAX_TAPS);
    if (c->training) needs->saved = (size_t)um_shape_count(&c->out.shape);
    return UMCL_OK;
}

/* Input coordinate of tap `tap` of output `pos` along an axis, or -1 in the padding. */
static int64_t place(const pool_args *a, int axis, int64_t pos, int tap)
{
    const um_pool_attr *p = &a->c->attr.pool;
    int64_t at = pos * p->stride[axis] - p->pad[axis] + tap;

    return at >= 0 && at < a->in[1 + axis] ? at : -1;
}

/* The lines [W, C] of the input that the windows of output line r read, and the tap of each one's
 * first element. */
static int lines_of(const pool_args *a, size_t r, const float **line, uint8_t *tap)
{
    const int *k = a->c->attr.pool.kernel;
    int64_t h = (int64_t)r % a->out[2], t = (int64_t)r / a->out[2] % a->out[1];
    int64_t b = (int64_t)r / a->out[2] / a->out[1];
    int n = 0;

    for (int i = 0; i < k[0] * k[1]; i++) {
        int64_t it = place(a, 0, t, i / k[1]), ih = place(a, 1, h, i % k[1]);

        if (it < 0 || ih < 0) continue;
        line[n] = a->from + ((b * a->in[1] + it) * a->in[2] + ih) * a->in[3] * a->in[4];
        tap[n++] = (uint8_t)(i * k[2]);
    }
    return n;
}

/* One range element is a line [W] of outputs. */
static void pool_lines(void *ctx, size_t begin, size_t end)
{
    const pool_args *a = ctx;
    const um_row_fns *rows = um_cpu_rows();
    const um_pool_attr *p = &a->c->attr.pool;
    const float *line[MAX_TAPS], *x[MAX_TAPS];
    uint8_t first[MAX_TAPS], tap[MAX_TAPS];
    int64_t n = a->in[4];

    for (size_t r = begin; r < end; r++) {
        int n_lines = lines_of(a, r, line, first);

        for (int64_t w = 0; w < a->out[3]; w++) {
            int64_t left = w * p->stride[2] - p->pad[2];
            size_t at = (r * (size_t)a->out[3] + (size_t)w) * (size_t)n;
            int from = left < 0 ? (int)-left : 0, count = 0;
            int to = a->in[3] - left < p->kernel[2] ? (int)(a->in[3] - left) : p->kernel[2];

            for (int l = 0; l < n_lines; l++)
                for (int i = from; i < to; i++) {
                    x[count] = line[l] + (left + i) * n;
                    tap[count++] = (uint8_t)(first[l] + i);
                }
            rows->largest(a->to + at, a->winner ? a->winner + at : NULL, x, tap, count, (size_t)n);
        }
    }
}

/* Whole windows of 2 x 2 in space that do not overlap: what every stem ends with. */
static bool is_2x2(const pool_args *a)
{
    const um_pool_attr *p = &a->c->attr.pool;

    for (int i = 0; i < 3; i++) {
        int want = i ? 2 : 1;

        if (p->kernel[i] != want || p->stride[i] != want || p->pad[i]) return false;
    }
    return a->in[2] % 2 == 0 && a->in[3] % 2 == 0;
}

/* Offset of the window's first element in the input, for row r of outputs. */
static size_t row_2x2(const pool_args *a, size_t r)
{
    return r * 2 * (size_t)(a->in[3] * a->in[4]);
}

static void pool_lines_2x2(void *ctx, size_t begin, size_t end)
{
    static const uint8_t tap[4] = {0, 1, 2, 3};
    const pool_args *a = ctx;
    const um_row_fns *rows = um_cpu_rows();
    size_t n = (size_t)a->in[4], width = (size_t)a->in[3], wide = (size_t)a->out[3];

    for (size_t r = begin; r < end; r++)
        for (size_t w = 0; w < wide; w++) {
            const float *x = a->from + row_2x2(a, r) + 2 * w * n;
            const float *const window[4] = {x, x + n, x + width * n, x + width * n + n};
            size_t at = (r * wide + w) * n;

            rows->largest(a->to + at, a->winner ? a->winner + at : NULL, window, tap, 4, n);
        }
}

static umcl_status maxpool_forward(um_call *c)
{
    pool_args a = {c,
                   c->in[0].shape.dim,
                   c->out.shape.dim,
                   um_f32(&c->out),
                   um_f32(&c->in[0]),
                   c->training ? c->saved : NULL};
    size_t line = (size_t)(a.out[3] * a.out[4]);

    um_parallel_for((size_t)(a.out[0] * a.out[1] * a.out[2]), 1 + (1 << 14) / line,
                    is_2x2(&a) ? pool_lines_2x2 : pool_lines, &a);
    return UMCL_OK;
}

static void scatter_rows_2x2(void *ctx, size_t begin, size_t end)
{
    const pool_args *a = ctx;
    const um_row_fns *rows = um_cpu_rows();
    size_t n = (size_t)a->in[4], width = (size_t)a->in[3], wide = (size_t)a->out[3];

    for (size_t r = begin; r < end; r++)
        for (size_t w = 0; w < wide; w++) {
            float *dx = a->to + row_2x2(a, r) + 2 * w * n;
            size_t at = (r * wide + w) * n;

            rows->scatter4((float *const[]){dx, dx + n, dx + width * n, dx + width * n + n},
                           a->winner + at, a->from + at, n);
        }
}

static void scatter_one(const pool_args *a, int64_t b, const int64_t pos[3], size_t at)
{
    const int *k = a->c->attr.pool.kernel;

    for (int64_t i = 0; i < a->in[4]; i++) {
        int tap = a->winner[at + (size_t)i];
        int64_t it = place(a, 0, pos[0], tap / (k[1] * k[2]));
        int64_t ih = place(a, 1, pos[1], tap / k[2] % k[1]), iw = place(a, 2, pos[2], tap % k[2]);
        a->to[(((b * a->in[1] + it) * a->in[2] + ih) * a->in[3] + iw) * a->in[4] + i] +=
            a->from[at + (size_t)i];
    }
}

/* Windows of different pictures never meet: one range element is a picture. */
static void scatter_pictures(void *ctx, size_t begin, size_t end)
{
    const pool_args *a = ctx;
    size_t n = (size_t)a->in[4], frame = (size_t)(a->out[1] * a->out[2] * a->out[3]);

    for (size_t b = begin; b < end; b++)
        for (size_t i = 0; i < frame; i++) {
            int64_t at = (int64_t)i, w = at % a->out[3], h = at / a->out[3] % a->out[2];
            int64_t pos[3] = {at / a->out[3] / a->out[2], h, w};
            scatter_one(a, (int64_t)b, pos, (b * frame + i) * n);
        }
}

/* Where windows do not reach over frames, each frame is a picture of its own. */
static void split_frames(pool_args *a, int64_t in[5], int64_t out[5])
{
    const um_pool_attr *p = &a->c->attr.pool;

    memcpy(in, a->in, 5 * sizeof *in);
    memcpy(out, a->out, 5 * sizeof *out);
    if (p->kernel[0] == 1 && p->stride[0] == 1) {
        in[0] *= in[1];
        out[0] *= out[1];
        in[1] = out[1] = 1;
    }
    a->in = in;
    a->out = out;
}

static umcl_status maxpool_backward(um_call *c)
{
    pool_args a = {
        c, c->in[0].shape.dim, c->out.shape.dim, um_f32(&c->din[0]), um_f32(&c->dout), c->saved};
    int64_t in[5], out[5];

    if (is_2x2(&a)) {
        size_t row = (size_t)(a.out[3] * a.out[4]);

        um_parallel_for((size_t)(a.out[0] * a.out[1] * a.out[2]), 1 + (1 << 14) / row,
                        scatter_rows_2x2, &a);
        return UMCL_OK;
    }
    split_frames(&a, in, out);
    memset(a.to, 0, um_tensor_bytes(&c->in[0]));
    um_parallel_for((size_t)out[0], 1, scatter_pictures, &a);
    return UMCL_OK;
}

const um_kernel um_cpu_maxpool = {maxpool_prepare, maxpool_forward, maxpool_backward, NULL};
