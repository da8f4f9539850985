/*
 * The bodies of the row kernels (backend/cpu/rows.h). Included once by each file that compiles
 * them for an instruction set, with UM_ROWS_TABLE set to the name of its table.
 */
#include "backend/cpu/rows.h"

#include "backend/cpu/vec.h"
#include "base/rng.h"

enum { L = UM_VEC_LANES };

static float row_max(const float *x, size_t n)
{
    size_t i = 0;
    float m = x[0];

    if (n >= L) {
        um_vec v = um_vec_load(x);

        for (i = L; i + L <= n; i += L) v = um_vec_max(um_vec_load(x + i), v);
        m = um_vec_largest(v);
    }
    for (; i < n; i++) m = x[i] > m ? x[i] : m;
    return m;
}

/* The last, incomplete register of a row; lanes beyond it hold `fill`. */
__attribute__((always_inline)) static inline um_vec load_tail(const float *x, size_t n, float fill)
{
#if defined(__AVX512F__)
    return (um_vec)_mm512_mask_loadu_ps((__m512)um_vec_splat(fill), um_vec_first(n), x);
#else
    um_vec v = um_vec_splat(fill);

    memcpy(&v, x, n * sizeof *x);
    return v;
#endif
}

__attribute__((always_inline)) static inline void store_tail(float *y, um_vec v, size_t n)
{
#if defined(__AVX512F__)
    _mm512_mask_storeu_ps(y, um_vec_first(n), (__m512)v);
#else
    memcpy(y, &v, n * sizeof *y);
#endif
}

/* Sum of exp(x - m); stored in y unless y is NULL. */
static float row_exp(float *y, const float *x, size_t n, float m)
{
    um_vec sum = {0}, e;
    size_t i = 0;

    for (; i + L <= n; i += L) {
        e = um_vec_exp(um_vec_load(x + i) - m);
        if (y) um_vec_store(y + i, e);
        sum += e;
    }
    if (i < n) {
        e = um_vec_exp(load_tail(x + i, n - i, -INFINITY) - m);
        if (y) store_tail(y + i, e, n - i);
        sum += e;
    }
    return um_vec_sum(sum);
}

static void softmax(float *y, const float *x, size_t n)
{
    float scale = 1.0f / row_exp(y, x, n, row_max(x, n));

    for (size_t i = 0; i < n; i++) y[i] *= scale;
}

static float row_dot(const float *a, const float *b, size_t n)
{
    um_vec s = {0};
    size_t i = 0;
    float tail = 0;

    for (; i + L <= n; i += L) s = um_vec_fma(um_vec_load(a + i), um_vec_load(b + i), s);
    for (; i < n; i++) tail += a[i] * b[i];
    return um_vec_sum(s) + tail;
}

/* dx = y (dy - sum(y dy)) */
static void softmax_grad(float *restrict dx, const float *restrict y, const float *restrict dy,
                         size_t n)
{
    float dot = row_dot(y, dy, n);

    for (size_t i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - dot);
}

static void log_softmax(float *y, const float *x, size_t n)
{
    float m = row_max(x, n), log_sum = logf(row_exp(NULL, x, n, m));

    for (size_t i = 0; i < n; i++) y[i] = x[i] - m - log_sum;
}

/* dx = dy - exp(y) sum(dy) */
static void log_softmax_grad(float *dx, const float *y, const float *dy, size_t n)
{
    um_vec s = {0};
    size_t i = 0;
    float sum = 0;

    for (; i + L <= n; i += L) s += um_vec_load(dy + i);
    for (; i < n; i++) sum += dy[i];
    sum += um_vec_sum(s);
    for (i = 0; i + L <= n; i += L)
        um_vec_store(dx + i, um_vec_load(dy + i) - um_vec_exp(um_vec_load(y + i)) * sum);
    for (; i < n; i++) dx[i] = dy[i] - expf(y[i]) * sum;
}

static void dropout(float *restrict y, const float *restrict x, size_t begin, size_t end,
                    size_t group, uint64_t seed, uint64_t below, float scale)
{
    if (group == 1) {
        for (size_t i = begin; i < end; i++) {
            float kept = um_rng_at(seed, i) >> 11 >= below ? scale : 0.0f;

            y[i] = x[i] * kept;
        }
        return;
    }
    for (size_t i = begin; i < end; i++)
        y[i] = um_rng_at(seed, i / group) >> 11 >= below ? x[i] * scale : 0.0f;
}

/* y = b + h w, with w [rows, n]; six registers of y at a time hide the latency of the FMA. */
static void gemv(float *restrict y, const float *restrict b, const float *restrict h,
                 const float *restrict w, size_t rows, size_t n)
{
    enum { R = 6 };
    size_t j = 0;

    for (; j + R * L <= n; j += R * L) {
        um_vec acc[R];

        for (int r = 0; r < R; r++) acc[r] = b ? um_vec_load(b + j + r * L) : (um_vec){0};
        for (size_t k = 0; k < rows; k++) {
            um_vec s = um_vec_splat(h[k]);
            const float *row = w + k * n + j;

            for (int r = 0; r < R; r++) acc[r] = um_vec_fma(s, um_vec_load(row + r * L), acc[r]);
        }
        for (int r = 0; r < R; r++) um_vec_store(y + j + r * L, acc[r]);
    }
    for (; j + L <= n; j += L) {
        um_vec even = b ? um_vec_load(b + j) : (um_vec){0}, odd = {0};
        size_t k = 0;

        for (; k + 2 <= rows; k += 2) {
            even = um_vec_fma(um_vec_splat(h[k]), um_vec_load(w + k * n + j), even);
            odd = um_vec_fma(um_vec_splat(h[k + 1]), um_vec_load(w + (k + 1) * n + j), odd);
        }
        if (k < rows) even = um_vec_fma(um_vec_splat(h[k]), um_vec_load(w + k * n + j), even);
        um_vec_store(y + j, even + odd);
    }
    for (; j < n; j++) {
        y[j] = b ? b[j] : 0.0f;
        for (size_t k = 0; k < rows; k++) y[j] += h[k] * w[k * n + j];
    }
}

__attribute__((always_inline)) static inline void gru_gates(const um_gru_step *s, size_t i,
                                                            size_t n)
{
    size_t H = (size_t)s->hidden;
    const float *xg = s->xg + i, *hg = s->tmp + i;
    um_vec hn = load_tail(hg + 2 * H, n, 0);
    um_vec r = um_vec_sigmoid(load_tail(xg, n, 0) + load_tail(hg, n, 0));
    um_vec z = um_vec_sigmoid(load_tail(xg + H, n, 0) + load_tail(hg + H, n, 0));
    um_vec c = um_vec_tanh(um_vec_fma(r, hn, load_tail(xg + 2 * H, n, 0)));
    um_vec h = load_tail(s->h + i, n, 0);

    store_tail(s->y + i, um_vec_fma(z, h - c, c), n);
    if (!s->gates) return;
    store_tail(s->gates + i, r, n);
    store_tail(s->gates + H + i, z, n);
    store_tail(s->gates + 2 * H + i, c, n);
    store_tail(s->gates + 3 * H + i, hn, n);
}

static void gru_step(const um_gru_step *s)
{
    size_t H = (size_t)s->hidden, i = 0;

    gemv(s->tmp, s->b, s->h, s->w, H, 3 * H);
    for (; i + L <= H; i += L) gru_gates(s, i, L);
    if (i < H) gru_gates(s, i, H - i);
}

static void gru_step_grad(const um_gru_step *s, float *restrict dh, float *restrict dxg,
                          float *restrict dhg)
{
    size_t H = (size_t)s->hidden;
    const float *restrict r = s->gates, *restrict z = r + H, *restrict n = z + H,
                          *restrict hn = n + H, *restrict h = s->h;

    for (size_t i = 0; i < H; i++) {
        float dn = dh[i] * (1 - z[i]) * (1 - n[i] * n[i]); /* at tanh's argument */
        float dz = dh[i] * (h[i] - n[i]) * z[i] * (1 - z[i]);
        float dr = dn * hn[i] * r[i] * (1 - r[i]);

        dxg[i] = dhg[i] = dr;
        dxg[H + i] = dhg[H + i] = dz;
        dxg[2 * H + i] = dn;
        dhg[2 * H + i] = dn * r[i];
        dh[i] *= z[i];
    }
    gemv(s->tmp, NULL, dhg, s->w_plain, 3 * H, H);
    for (size_t i = 0; i < H; i++) dh[i] += s->tmp[i];
}

/* A NaN is not <= 0 and passes. */
static inline um_vec vec_elu(um_vec x)
{
    return um_vec_select(x <= 0.0f, um_vec_expm1_negative(x), x);
}

/* Below -50 the result is smaller than exp can divide. */
static inline um_vec vec_quick_gelu(um_vec x)
{
    return um_vec_select(x < -50.0f, (um_vec){0}, x * um_vec_sigmoid(1.702f * x));
}

#define MAP(name, f)                                                                               \
    static void name(float *y, const float *x, size_t n)                                           \
    {                                                                                              \
        size_t i = 0;                                                                              \
                                                                                                   \
        for (; i + L <= n; i += L) um_vec_store(y + i, f(um_vec_load(x + i)));                     \
        if (i < n) store_tail(y + i, f(load_tail(x + i, n - i, 0)), n - i);                        \
    }

MAP(map_elu, vec_elu)
MAP(map_quick_gelu, vec_quick_gelu)
MAP(map_sigmoid, um_vec_sigmoid)
MAP(map_tanh, um_vec_tanh)
#undef MAP

static void map_quick_gelu_grad(float *dx, const float *x, const float *dy, size_t n)
{
    for (size_t i = 0; i < n; i += L) {
        size_t m = n - i < L ? n - i : L;
        um_vec v = load_tail(x + i, m, 0), s = um_vec_sigmoid(1.702f * v);

        v = load_tail(dy + i, m, 0) * um_vec_fma(1.702f * v * s, 1.0f - s, s);
        store_tail(dx + i, v, m);
    }
}

static void prelu(float *y, const float *x, const float *slope, size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++, x += n, y += n)
        for (size_t i = 0; i < n; i += L) {
            size_t m = n - i < L ? n - i : L;
            um_vec v = load_tail(x + i, m, 0);

            store_tail(y + i, um_vec_select(v > 0, v, v * load_tail(slope + i, m, 0)), m);
        }
}

static void norm_apply(float *restrict out, const float *restrict x, const float *restrict gain,
                       const float *restrict shift, size_t rows, size_t n, bool relu)
{
    float floor = relu ? 0.0f : -INFINITY;

    for (size_t r = 0; r < rows; r++, x += n, out += n)
        for (size_t i = 0; i < n; i++) {
            float v = gain[i] * x[i] + shift[i];

            out[i] = v < floor ? floor : v;
        }
}

static void norm_grad_sums(float *restrict sum, float *restrict product, const float *restrict x,
                           const float *restrict y, const float *restrict dy,
                           const float *restrict mean, size_t rows, size_t stride, size_t count)
{
    if (!y) {
        for (size_t r = 0; r < rows; r++, x += stride, dy += stride)
            for (size_t i = 0; i < count; i++) {
                sum[i] += dy[i];
                product[i] += dy[i] * (x[i] - mean[i]);
            }
        return;
    }
    for (size_t r = 0; r < rows; r++, x += stride, y += stride, dy += stride)
        for (size_t i = 0; i < count; i++) {
            float g = dy[i], d = y[i] > 0 ? g : 0.0f;

            sum[i] += d;
            product[i] += d * (x[i] - mean[i]);
        }
}

static void norm_grad(float *restrict dx, const float *restrict x, const float *restrict y,
                      const float *restrict dy, const float *restrict gain,
                      const float *restrict per_x, const float *restrict shift, size_t rows,
                      size_t n)
{
    if (!y) {
        for (size_t r = 0; r < rows; r++, x += n, dy += n, dx += n)
            for (size_t i = 0; i < n; i++) dx[i] = gain[i] * dy[i] + per_x[i] * x[i] + shift[i];
        return;
    }
    for (size_t r = 0; r < rows; r++, x += n, y += n, dy += n, dx += n)
        for (size_t i = 0; i < n; i++) {
            float g = dy[i], d = y[i] > 0 ? g : 0.0f;

            dx[i] = gain[i] * d + per_x[i] * x[i] + shift[i];
        }
}

typedef uint8_t um_vecb __attribute__((vector_size(UM_VEC_LANES)));

/* One register of every candidate; the first tap wins a tie, the last NaN everything. */
__attribute__((always_inline)) static inline void largest_at(float *y, uint8_t *winner,
                                                             const float *const *x,
                                                             const uint8_t *tap, int count,
                                                             size_t i, size_t n)
{
    um_vec best = load_tail(x[0] + i, n, 0);
    um_veci from = tap[0] - (um_veci){0};
    um_vecb narrow;

    for (int k = 1; k < count; k++) {
        um_vec v = load_tail(x[k] + i, n, 0);
        um_veci take = (v > best) | (v != v);

        best = um_vec_select(take, v, best);
        from = (from & ~take) | (tap[k] & take);
    }
    store_tail(y + i, best, n);
    if (!winner) return;
    narrow = __builtin_convertvector(from, um_vecb);
    memcpy(winner + i, &narrow, n);
}

/* The last register of a row overlaps the one before: cheaper than a part of one. */
__attribute__((always_inline)) static inline void largest_of(float *y, uint8_t *winner,
                                                             const float *const *x,
                                                             const uint8_t *tap, int count,
                                                             size_t n)
{
    for (size_t i = 0; i + L <= n; i += L) largest_at(y, winner, x, tap, count, i, L);
    if (n >= L && n % L)
        largest_at(y, winner, x, tap, count, n - L, L);
    else if (n < L)
        largest_at(y, winner, x, tap, count, 0, n);
}

static void largest(float *y, uint8_t *winner, const float *const *x, const uint8_t *tap, int count,
                    size_t n)
{
    if (count == 4)
        largest_of(y, winner, x, tap, 4, n); /* windows of 2 x 2, unrolled */
    else
        largest_of(y, winner, x, tap, count, n);
}

__attribute__((always_inline)) static inline void
scatter4_at(float *const dx[4], const uint8_t *winner, const float *dy, size_t i, size_t n)
{
    um_vec d = load_tail(dy + i, n, 0);
    um_vecb narrow = {0};
    um_veci from;

    memcpy(&narrow, winner + i, n);
    from = __builtin_convertvector(narrow, um_veci);
    for (int k = 0; k < 4; k++) store_tail(dx[k] + i, um_vec_select(from == k, d, (um_vec){0}), n);
}

static void scatter4(float *const dx[4], const uint8_t *winner, const float *dy, size_t n)
{
    for (size_t i = 0; i + L <= n; i += L) scatter4_at(dx, winner, dy, i, L);
    if (n >= L && n % L)
        scatter4_at(dx, winner, dy, n - L, L);
    else if (n < L)
        scatter4_at(dx, winner, dy, 0, n);
}

const um_row_fns UM_ROWS_TABLE = {.elu = map_elu,
                                  .quick_gelu = map_quick_gelu,
                                  .quick_gelu_grad = map_quick_gelu_grad,
                                  .sigmoid = map_sigmoid,
                                  .tanh = map_tanh,
                                  .softmax = softmax,
                                  .softmax_grad = softmax_grad,
                                  .log_softmax = log_softmax,
                                  .log_softmax_grad = log_softmax_grad,
                                  .dropout = dropout,
                                  .prelu = prelu,
                                  .norm_apply = norm_apply,
                                  .norm_grad_sums = norm_grad_sums,
                                  .norm_grad = norm_grad,
                                  .largest = largest,
                                  .scatter4 = scatter4,
                                  .gru_step = gru_step,
                                  .gru_step_grad = gru_step_grad};
