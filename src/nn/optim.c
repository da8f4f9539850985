#include "nn/optim.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/str.h"

typedef struct moments {
    um_param *param;
    float *m, *v; /* of the parameter's shape */
    size_t n;
    double scale;
} moments;

struct um_adamw {
    um_adamw_options options;
    moments *items;
    size_t count;
    int64_t step;
    double norm;
};

umcl_status um_adamw_new(um_adamw **out, um_params *params, const um_adamw_options *options)
{
    um_adamw *a = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&a, 1, sizeof *a));
    a->options = *options;
    UM_CHECK(um_calloc(&a->items, um_params_count(params), sizeof *a->items));
    for (size_t i = 0; i < um_params_count(params); i++) {
        um_param *p = um_params_at(params, i);
        moments *k = &a->items[a->count];
        if (p->buffer) continue;
        *k = (moments){.param = p, .n = (size_t)um_shape_count(&p->value.shape), .scale = 1};
        a->count++;
        UM_CHECK(um_param_need_grad(um_params_backend(params), p));
        UM_CHECK(um_alloc_aligned(&k->m, k->n * sizeof *k->m));
        UM_CHECK(um_alloc_aligned(&k->v, k->n * sizeof *k->v));
    }
    *out = a;
    a = NULL;
done:
    um_adamw_free(a);
    return st;
}

void um_adamw_free(um_adamw *a)
{
    if (!a) return;
    for (size_t i = 0; i < a->count; i++) {
        free(a->items[i].m);
        free(a->items[i].v);
    }
    free(a->items);
    free(a);
}

void um_adamw_scale(um_adamw *a, const char *prefix, double scale)
{
    for (size_t i = 0; i < a->count; i++)
        if (um_str_starts(a->items[i].param->name, prefix)) a->items[i].scale = scale;
}

double um_adamw_grad_norm(const um_adamw *a)
{
    return a->norm;
}

static bool moves(const moments *k)
{
    return k->param->trainable && k->scale != 0;
}

/* In fixed lanes: one chain of additions would wait for each of them. */
static double sum_of_squares(const float *x, size_t n)
{
    enum { LANES = 8 };
    double lane[LANES] = {0}, sum = 0;
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++) lane[k] += (double)x[i + k] * (double)x[i + k];
    for (; i < n; i++) sum += (double)x[i] * (double)x[i];
    for (int k = 0; k < LANES; k++) sum += lane[k];
    return sum;
}

static umcl_status gradient_norm(um_adamw *a)
{
    double total = 0;

    for (size_t i = 0; i < a->count; i++) {
        const moments *k = &a->items[i];
        double sum;
        if (!moves(k)) continue;
        sum = sum_of_squares(um_f32(&k->param->grad), k->n);
        if (!isfinite(sum))
            return um_fail(UMCL_ERR_INTERNAL, "%s: its gradient is not a finite number",
                           k->param->name);
        total += sum;
    }
    a->norm = sqrt(total);
    return UMCL_OK;
}

typedef struct update {
    const moments *k;
    float beta1, beta2, rest1, rest2; /* rest: 1 - beta, rounded once as PyTorch does */
    float decay, rate, inv_correction2, eps, gain;
} update;

/* p *= 1 - lr wd;  m, v: running moments;  p -= lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps) */
static void update_range(void *ctx, size_t begin, size_t end)
{
    const update u = *(const update *)ctx;
    float *restrict p = um_f32(&u.k->param->value);
    const float *restrict g = um_f32(&u.k->param->grad);
    float *restrict m = u.k->m;
    float *restrict v = u.k->v;

    for (size_t i = begin; i < end; i++) {
        float d = g[i] * u.gain;
        m[i] = u.beta1 * m[i] + u.rest1 * d;
        v[i] = u.beta2 * v[i] + u.rest2 * d * d;
        p[i] = p[i] * u.decay - u.rate * m[i] / (sqrtf(v[i] * u.inv_correction2) + u.eps);
    }
}

umcl_status um_adamw_step(um_adamw *a, double learning_rate)
{
    const um_adamw_options *o = &a->options;
    double correction1, correction2, gain = 1;

    UM_TRY(gradient_norm(a));
    if (o->clip_norm > 0 && a->norm > o->clip_norm) gain = o->clip_norm / a->norm;
    a->step++;
    correction1 = 1 - pow(o->beta1, (double)a->step);
    correction2 = 1 - pow(o->beta2, (double)a->step);
    for (size_t i = 0; i < a->count; i++) {
        const moments *k = &a->items[i];
        double rate = learning_rate * k->scale;
        double decay = k->param->value.shape.rank > 1 ? o->weight_decay : 0;
        update u = {.k = k,
                    .beta1 = (float)o->beta1,
                    .beta2 = (float)o->beta2,
                    .rest1 = (float)(1 - o->beta1),
                    .rest2 = (float)(1 - o->beta2),
                    .decay = (float)(1 - rate * decay),
                    .rate = (float)(rate / correction1),
                    .inv_correction2 = (float)(1 / correction2),
                    .eps = (float)o->eps,
                    .gain = (float)gain};
        if (!moves(k)) continue;
        um_parallel_for(k->n, 1 << 15, update_range, &u);
        k->param->version++;
    }
    return UMCL_OK;
}

static umcl_status entry_name(um_str *name, const char *prefix, const char *kind, const char *rest)
{
    um_str_clear(name);
    um_str_printf(name, "%s%s%s", prefix, kind, rest);
    return um_str_status(name);
}

umcl_status um_adamw_save(const um_adamw *a, um_st_writer *w, const char *prefix)
{
    um_str name = UM_STR_INIT;
    umcl_status st;

    UM_CHECK(entry_name(&name, prefix, "step", ""));
    UM_CHECK(um_st_writer_add(w, name.text, UM_ST_I64, 0, NULL, &a->step));
    for (size_t i = 0; i < a->count; i++) {
        const moments *k = &a->items[i];
        const um_shape *s = &k->param->value.shape;
        UM_CHECK(entry_name(&name, prefix, "m.", k->param->name));
        UM_CHECK(um_st_writer_add(w, name.text, UM_ST_F32, s->rank, s->dim, k->m));
        UM_CHECK(entry_name(&name, prefix, "v.", k->param->name));
        UM_CHECK(um_st_writer_add(w, name.text, UM_ST_F32, s->rank, s->dim, k->v));
    }
done:
    um_str_clear(&name);
    return st;
}

static umcl_status load_moment(float *to, size_t n, const um_st_file *file, const char *name)
{
    const um_st_tensor *t = um_st_find(file, name);

    if (!t || t->count != n)
        return um_fail(UMCL_ERR_MISMATCH,
                       "%s: expected %zu values of optimiser state, file has %zu", name, n,
                       t ? t->count : (size_t)0);
    UM_TRY(um_st_to_f32(to, t));
    for (size_t i = 0; i < n; i++)
        if (!isfinite(to[i]))
            return um_fail(UMCL_ERR_MISMATCH, "%s: expected finite numbers, found %g", name,
                           (double)to[i]);
    return UMCL_OK;
}

umcl_status um_adamw_load(um_adamw *a, const um_st_file *file, const char *prefix)
{
    um_str name = UM_STR_INIT;
    const um_st_tensor *step;
    umcl_status st;

    UM_CHECK(entry_name(&name, prefix, "step", ""));
    step = um_st_find(file, name.text);
    if (!step || step->count != 1) {
        st = um_fail(UMCL_ERR_MISMATCH, "%s: expected one number, file has none", name.text);
        goto done;
    }
    UM_CHECK(um_st_to_i64(&a->step, step));
    if (a->step < 0) {
        st = um_fail(UMCL_ERR_MISMATCH, "%s: expected a number of steps, found %lld", name.text,
                     (long long)a->step);
        goto done;
    }
    for (size_t i = 0; i < a->count; i++) {
        moments *k = &a->items[i];
        UM_CHECK(entry_name(&name, prefix, "m.", k->param->name));
        UM_CHECK(load_moment(k->m, k->n, file, name.text));
        UM_CHECK(entry_name(&name, prefix, "v.", k->param->name));
        UM_CHECK(load_moment(k->v, k->n, file, name.text));
    }
done:
    um_str_clear(&name);
    return st;
}
