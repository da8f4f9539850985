#include "media/plane.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Sums over rows fit 16 bits, sums over columns 32: 255 * 256 * 16384 < 2^31. */
#define ONE_Y 256
#define ONE_X 16384

/* Overlaps below this are rounding, not worth a tap. */
#define EDGE 1e-6

um_plane um_plane_8bit(const uint8_t *data, ptrdiff_t stride, int width, int height, int step)
{
    return (um_plane){
        .data = data, .stride = stride, .width = width, .height = height, .step = step, .depth = 8};
}

static double clampd(double v, double lo, double hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/** The samples [*a, *b] that the filter [lo, hi) touches, within the n there are. */
static void touched(double lo, double hi, int n, int *a, int *b)
{
    *a = (int)clampd(floor(lo + EDGE), 0, n - 1);
    *b = (int)clampd(ceil(hi - EDGE) - 1, *a, n - 1);
}

/** Weights of samples a..b: rounded running sums, so that they add up to `one` exactly. */
static void fill_weights(uint16_t *w, double lo, double hi, int n, int a, int b, int one)
{
    double width = hi - lo;
    int done = 0;

    for (int j = a; j <= b; j++) {
        /* What lies over the border counts for the border's sample. */
        double part = j == b || j == n - 1 ? 1.0 : clampd((j + 1 - lo) / width, 0, 1);
        int sum = (int)lrint(part * one);
        w[j - a] = (uint16_t)(sum - done);
        done = sum;
    }
}

static umcl_status axis_init(um_axis *axis, double b0, double b1, int n_in, int n_out, int one)
{
    double scale = (b1 - b0) / n_out, width = scale > 1 ? scale : 1;
    int a, b, last = 0;

    axis->n = n_out;
    axis->first = n_in;
    for (int i = 0; i < n_out; i++) {
        double lo = b0 + (i + 0.5) * scale - width / 2;
        touched(lo, lo + width, n_in, &a, &b);
        if (b - a + 1 > axis->taps) axis->taps = b - a + 1;
        if (a < axis->first) axis->first = a;
        if (b > last) last = b;
    }
    axis->span = last + 1 - axis->first;
    UM_TRY(um_calloc(&axis->start, (size_t)n_out, sizeof *axis->start));
    UM_TRY(um_calloc(&axis->weight, (size_t)n_out * (size_t)axis->taps, sizeof *axis->weight));
    for (int i = 0; i < n_out; i++) {
        double lo = b0 + (i + 0.5) * scale - width / 2;
        uint16_t *w = axis->weight + (size_t)i * (size_t)axis->taps;
        touched(lo, lo + width, n_in, &a, &b);
        /* Every output has the same number of taps; spare ones are zero and stay inside. */
        axis->start[i] = a - axis->first;
        if (axis->start[i] + axis->taps > axis->span) axis->start[i] = axis->span - axis->taps;
        fill_weights(w + (a - axis->first - axis->start[i]), lo, lo + width, n_in, a, b, one);
    }
    return UMCL_OK;
}

static void axis_clear(um_axis *axis)
{
    free(axis->start);
    free(axis->weight);
}

static bool is_plain(const um_plane *p)
{
    return p->step == 1 && !p->wide && p->depth == 8 && p->shift == 0;
}

umcl_status um_scaler_init(um_scaler *s, const um_plane *plane, double x0, double y0, double x1,
                           double y1, int width, int height)
{
    memset(s, 0, sizeof *s);
    s->plane = *plane;
    UM_TRY(axis_init(&s->x, x0, x1, plane->width, width, ONE_X));
    UM_TRY(axis_init(&s->y, y0, y1, plane->height, height, ONE_Y));
    UM_TRY(um_calloc(&s->column, (size_t)s->x.span, sizeof *s->column));
    if (!is_plain(plane)) UM_TRY(um_calloc(&s->unpacked, (size_t)s->x.span, 1));
    return UMCL_OK;
}

void um_scaler_clear(um_scaler *s)
{
    axis_clear(&s->x);
    axis_clear(&s->y);
    free(s->column);
    free(s->unpacked);
    memset(s, 0, sizeof *s);
}

static void unpack_words(uint8_t *restrict out, const um_plane *p, const uint8_t *restrict in,
                         int n)
{
    int high = p->big_endian ? 0 : 1, drop = p->depth - 8;
    unsigned mask = (1U << p->depth) - 1, half = drop ? 1U << (drop - 1) : 0;

    for (int i = 0; i < n; i++, in += p->step) {
        unsigned word = (unsigned)in[high] << 8 | in[1 - high];
        unsigned v = (((word >> p->shift) & mask) + half) >> drop;
        out[i] = (uint8_t)(v > 255 ? 255 : v);
    }
}

static void unpack_bytes(uint8_t *restrict out, const uint8_t *restrict in, int step, int n)
{
    switch (step) { /* constant steps vectorise */
    case 2:
        for (int i = 0; i < n; i++) out[i] = in[2 * i];
        break;
    case 3:
        for (int i = 0; i < n; i++) out[i] = in[3 * i];
        break;
    case 4:
        for (int i = 0; i < n; i++) out[i] = in[4 * i];
        break;
    default:
        for (int i = 0; i < n; i++) out[i] = in[(ptrdiff_t)step * i];
    }
}

/** The used part of an input row as plain bytes. */
static const uint8_t *fetch(um_scaler *s, int row)
{
    const um_plane *p = &s->plane;
    const uint8_t *in = p->data + row * p->stride + (ptrdiff_t)s->x.first * p->step;

    if (!s->unpacked) return in;
    if (p->wide)
        unpack_words(s->unpacked, p, in, s->x.span);
    else
        unpack_bytes(s->unpacked, in, p->step, s->x.span);
    return s->unpacked;
}

static void sum_rows(um_scaler *s, int row)
{
    const uint16_t *w = s->y.weight + (size_t)row * (size_t)s->y.taps;
    int first = s->y.first + s->y.start[row], n = s->x.span;
    uint16_t *restrict column = s->column;
    bool begun = false;

    for (int k = 0; k < s->y.taps; k++) {
        const uint8_t *restrict in;
        uint16_t wk = w[k];
        if (!wk) continue;
        in = fetch(s, first + k);
        if (begun)
            for (int i = 0; i < n; i++) column[i] = (uint16_t)(column[i] + in[i] * wk);
        else
            for (int i = 0; i < n; i++) column[i] = (uint16_t)(in[i] * wk);
        begun = true;
    }
}

static inline uint16_t round_x(uint32_t sum)
{
    return (uint16_t)((sum + ONE_X / 2) / ONE_X);
}

void um_scaler_row(um_scaler *s, int row, uint16_t *restrict out)
{
    const uint16_t *restrict c = s->column, *restrict w = s->x.weight;
    const int *restrict at = s->x.start;
    int n = s->x.n, taps = s->x.taps;

    sum_rows(s, row);
    switch (taps) {
    case 1:
        for (int i = 0; i < n; i++) out[i] = c[at[i]];
        break;
    case 2:
        for (int i = 0; i < n; i++) {
            const uint16_t *in = c + at[i];
            out[i] = round_x((uint32_t)in[0] * w[2 * i] + (uint32_t)in[1] * w[2 * i + 1]);
        }
        break;
    case 3:
        for (int i = 0; i < n; i++) {
            const uint16_t *in = c + at[i];
            out[i] = round_x((uint32_t)in[0] * w[3 * i] + (uint32_t)in[1] * w[3 * i + 1] +
                             (uint32_t)in[2] * w[3 * i + 2]);
        }
        break;
    default:
        for (int i = 0; i < n; i++, w += taps) {
            const uint16_t *in = c + at[i];
            uint32_t sum = 0;
            for (int k = 0; k < taps; k++) sum += (uint32_t)in[k] * w[k];
            out[i] = round_x(sum);
        }
    }
}
