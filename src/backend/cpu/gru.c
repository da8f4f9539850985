/*
 * One bidirectional GRU layer. All input projections are one matrix product, the recurrence is a
 * small product per time step and sequence (backend/cpu/rows.h), and the weights' gradients are
 * again one product each over all steps. At 32 units this beats a general library, whose products
 * of [B, 32] x [32, 96] cost more in calls than in arithmetic.
 *
 * Layouts: xg, dxg [B, T, 2, 3H]; gates [2, B, T, 4H] (r, z, n, recurrent part of n);
 * dhg, h_prev [2, B, T, 3H and H].
 */
#include <string.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/gemm.h"
#include "backend/cpu/rows.h"
#include "base/parallel.h"

typedef struct gru {
    const um_row_fns *rows;
    size_t B, T, I, H;
    const float *x, *w_ih, *w_hh, *b_ih, *b_hh, *h0;
    size_t h0_stride; /* 0: shared by the batch */
    float *y;         /* [B, T, 2H] */
    float *gates;
    float *xg, *wt;                  /* forward scratch; wt [2, H, 3H] */
    float *dxg, *dhg, *h_prev, *dh0; /* backward scratch; dh0 [2, B, H] */
    const float *dy;
} gru;

static size_t block(size_t floats)
{
    return (floats + 15) / 16 * 16;
}

static size_t forward_floats(const gru *g)
{
    return block(g->B * g->T * 6 * g->H) + block(6 * g->H * g->H);
}

static size_t backward_floats(const gru *g)
{
    return 2 * block(g->B * g->T * 6 * g->H) + block(g->B * g->T * 2 * g->H) +
           block(2 * g->B * g->H);
}

static gru gru_of(const um_call *c)
{
    const um_shape *x = &c->in[0].shape;

    return (gru){.rows = um_cpu_rows(),
                 .B = (size_t)x->dim[0],
                 .T = (size_t)x->dim[1],
                 .I = (size_t)x->dim[2],
                 .H = (size_t)c->attr.gru.hidden,
                 .x = um_f32(&c->in[0]),
                 .w_ih = um_f32(&c->in[1]),
                 .w_hh = um_f32(&c->in[2]),
                 .b_ih = um_f32(&c->in[3]),
                 .b_hh = um_f32(&c->in[4]),
                 .h0 = um_f32(&c->in[5]),
                 .h0_stride = c->in[5].shape.dim[1] == 1 ? 0 : (size_t)c->attr.gru.hidden,
                 .y = um_f32(&c->out),
                 .gates = c->training ? c->saved : NULL};
}

static umcl_status gru_prepare(um_call *c, um_call_needs *needs)
{
    gru g = gru_of(c);

    needs->scratch_forward = forward_floats(&g) * sizeof(float);
    if (!c->training) return UMCL_OK;
    needs->saved = g.B * g.T * 8 * g.H * sizeof(float);
    needs->scratch_backward = backward_floats(&g) * sizeof(float);
    return UMCL_OK;
}

/* Initial state of a sequence in direction d. */
static const float *initial(const gru *g, size_t d, size_t b)
{
    size_t per_direction = g->h0_stride ? g->B * g->H : g->H;

    return g->h0 + d * per_direction + b * g->h0_stride;
}

static float *state_at(const gru *g, size_t d, size_t b, size_t t)
{
    return g->y + (b * g->T + t) * 2 * g->H + d * g->H;
}

enum { TMP = 1024 };

/* Sequence i of 2B: direction i / B. */
static void forward_range(void *ctx, size_t begin, size_t end)
{
    const gru *g = ctx;
    size_t H = g->H;
    float tmp[TMP];

    for (size_t i = begin; i < end; i++) {
        size_t d = i / g->B, b = i % g->B;
        um_gru_step s = {.hidden = (int)H,
                         .w = g->wt + d * 3 * H * H,
                         .b = g->b_hh + d * 3 * H,
                         .h = initial(g, d, b),
                         .tmp = tmp};

        for (size_t step = 0; step < g->T; step++) {
            size_t t = d ? g->T - 1 - step : step;

            s.xg = g->xg + ((b * g->T + t) * 2 + d) * 3 * H;
            s.y = state_at(g, d, b, t);
            s.gates = g->gates ? g->gates + (i * g->T + t) * 4 * H : NULL;
            g->rows->gru_step(&s);
            s.h = s.y;
        }
    }
}

/* xg = x W_ih^T + b_ih for both directions at once. */
static umcl_status project(const gru *g)
{
    size_t rows = g->B * g->T, n = 6 * g->H;

    for (size_t r = 0; r < rows; r++) memcpy(g->xg + r * n, g->b_ih, n * sizeof(float));
    return um_cpu_gemm(false, true, (int64_t)rows, (int64_t)n, (int64_t)g->I, 1, g->x,
                       (int64_t)g->I, g->w_ih, (int64_t)g->I, 1, g->xg, (int64_t)n);
}

static umcl_status gru_forward(um_call *c)
{
    gru g = gru_of(c);
    size_t H = g.H;

    if (3 * H > TMP)
        return um_fail(UMCL_ERR_UNSUPPORTED, "gru: expected at most %d units, found %zu", TMP / 3,
                       H);
    g.xg = c->scratch;
    g.wt = g.xg + block(g.B * g.T * 6 * H);
    for (size_t d = 0; d < 2; d++)
        for (size_t j = 0; j < 3 * H; j++)
            for (size_t k = 0; k < H; k++)
                g.wt[(d * H + k) * 3 * H + j] = g.w_hh[(d * 3 * H + j) * H + k];
    UM_TRY(project(&g));
    um_parallel_for(2 * g.B, 1, forward_range, &g);
    return UMCL_OK;
}

/* Back through time; also copies each step's previous state beside its gradient. */
static void backward_range(void *ctx, size_t begin, size_t end)
{
    const gru *g = ctx;
    size_t H = g->H;
    float tmp[TMP];

    for (size_t i = begin; i < end; i++) {
        size_t d = i / g->B, b = i % g->B;
        float *dh = g->dh0 + i * H;
        um_gru_step s = {.hidden = (int)H, .w_plain = g->w_hh + d * 3 * H * H, .tmp = tmp};

        memset(dh, 0, H * sizeof *dh);
        for (size_t step = g->T; step-- > 0;) {
            size_t t = d ? g->T - 1 - step : step, before = d ? t + 1 : t - 1;
            const float *dy = g->dy + (b * g->T + t) * 2 * H + d * H;

            for (size_t k = 0; k < H; k++) dh[k] += dy[k];
            s.h = step ? state_at(g, d, b, before) : initial(g, d, b);
            s.gates = g->gates + (i * g->T + t) * 4 * H;
            memcpy(g->h_prev + (i * g->T + t) * H, s.h, H * sizeof(float));
            g->rows->gru_step_grad(&s, dh, g->dxg + ((b * g->T + t) * 2 + d) * 3 * H,
                                   g->dhg + (i * g->T + t) * 3 * H);
        }
    }
}

/* dW_hh and db_hh of each direction, one product over all its steps. */
static umcl_status recurrent_grads(const gru *g, float *dw, float *db)
{
    int64_t H = (int64_t)g->H, rows = (int64_t)(g->B * g->T);

    for (int64_t d = 0; d < 2; d++) {
        const float *dhg = g->dhg + d * rows * 3 * H;

        if (dw)
            UM_TRY(um_cpu_gemm(true, false, 3 * H, H, rows, 1, dhg, 3 * H, g->h_prev + d * rows * H,
                               H, 0, dw + d * 3 * H * H, H));
        if (db) um_cpu_column_sum(db + d * 3 * H, dhg, rows, 3 * H);
    }
    return UMCL_OK;
}

static void initial_grad(const gru *g, float *dh0)
{
    size_t H = g->H;

    if (g->h0_stride) {
        memcpy(dh0, g->dh0, 2 * g->B * H * sizeof *dh0);
        return;
    }
    for (size_t d = 0; d < 2; d++)
        um_cpu_column_sum(dh0 + d * H, g->dh0 + d * g->B * H, (int64_t)g->B, (int64_t)H);
}

static umcl_status gru_backward(um_call *c)
{
    gru g = gru_of(c);
    int64_t rows = (int64_t)(g.B * g.T), n = 6 * (int64_t)g.H, width = (int64_t)g.I;
    size_t steps = block(g.B * g.T * 6 * g.H);

    g.dy = um_f32(&c->dout);
    g.dxg = c->scratch;
    g.dhg = g.dxg + steps;
    g.h_prev = g.dhg + steps;
    g.dh0 = g.h_prev + block(g.B * g.T * 2 * g.H);
    um_parallel_for(2 * g.B, 1, backward_range, &g);
    if (c->din[0].data)
        UM_TRY(um_cpu_gemm(false, false, rows, width, n, 1, g.dxg, n, g.w_ih, width, 0,
                           um_f32(&c->din[0]), width));
    if (c->din[1].data)
        UM_TRY(um_cpu_gemm(true, false, n, width, rows, 1, g.dxg, n, g.x, width, 0,
                           um_f32(&c->din[1]), width));
    UM_TRY(recurrent_grads(&g, um_f32(&c->din[2]), um_f32(&c->din[4])));
    if (c->din[3].data) um_cpu_column_sum(um_f32(&c->din[3]), g.dxg, rows, n);
    if (c->din[5].data) initial_grad(&g, um_f32(&c->din[5]));
    return UMCL_OK;
}

const um_kernel um_cpu_gru = {gru_prepare, gru_forward, gru_backward, NULL};
