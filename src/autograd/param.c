#include "autograd/param.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

struct um_params {
    const um_backend *backend;
    um_param **items; /* pointers, so that growing does not move a parameter */
    size_t count, cap;
};

umcl_status um_params_new(um_params **out, const um_backend *backend)
{
    UM_TRY(um_calloc(out, 1, sizeof **out));
    (*out)->backend = backend;
    return UMCL_OK;
}

static void param_free(const um_backend *backend, um_param *p)
{
    if (!p) return;
    backend->free(p->value.data);
    backend->free(p->grad.data);
    free(p->name);
    free(p);
}

void um_params_free(um_params *set)
{
    if (!set) return;
    for (size_t i = 0; i < set->count; i++) param_free(set->backend, set->items[i]);
    free(set->items);
    free(set);
}

const um_backend *um_params_backend(const um_params *set)
{
    return set->backend;
}

umcl_status um_params_add(um_params *set, um_param **out, const char *name, um_shape shape,
                          bool buffer)
{
    um_param *p = NULL;
    umcl_status st;

    *out = NULL;
    if (um_params_find(set, name))
        return um_fail(UMCL_ERR_INTERNAL, "parameter %s: declared twice", name);
    if (set->count == set->cap) {
        size_t cap = set->cap ? 2 * set->cap : 32;
        UM_TRY(um_realloc(&set->items, cap, sizeof *set->items));
        set->cap = cap;
    }
    UM_CHECK(um_calloc(&p, 1, sizeof *p));
    p->name = strdup(name);
    if (!p->name) {
        st = um_fail(UMCL_ERR_NOMEM, "parameter %s: out of memory", name);
        goto done;
    }
    p->value = (um_tensor){.dtype = UM_F32, .shape = shape};
    p->grad = p->value;
    p->buffer = buffer;
    p->trainable = !buffer;
    p->version = 1;
    UM_CHECK(set->backend->alloc(&p->value.data, um_tensor_bytes(&p->value)));
    set->items[set->count++] = p;
    *out = p;
    p = NULL;
done:
    param_free(set->backend, p);
    return st;
}

size_t um_params_count(const um_params *set)
{
    return set->count;
}

um_param *um_params_at(const um_params *set, size_t i)
{
    return set->items[i];
}

um_param *um_params_find(const um_params *set, const char *name)
{
    for (size_t i = 0; i < set->count; i++)
        if (!strcmp(set->items[i]->name, name)) return set->items[i];
    return NULL;
}

int64_t um_params_size(const um_params *set)
{
    int64_t n = 0;

    for (size_t i = 0; i < set->count; i++)
        if (!set->items[i]->buffer) n += um_shape_count(&set->items[i]->value.shape);
    return n;
}

umcl_status um_param_set(const um_params *set, um_param *p, const float *host)
{
    p->version++;
    return set->backend->upload(p->value.data, host, um_tensor_bytes(&p->value));
}

umcl_status um_param_get(const um_params *set, const um_param *p, float *host)
{
    return set->backend->download(host, p->value.data, um_tensor_bytes(&p->value));
}

umcl_status um_param_need_grad(const um_backend *backend, um_param *p)
{
    if (p->buffer || p->grad.data) return UMCL_OK;
    return backend->alloc(&p->grad.data, um_tensor_bytes(&p->grad));
}

umcl_status um_param_get_grad(const um_params *set, const um_param *p, float *host)
{
    if (!p->grad.data)
        return um_fail(UMCL_ERR_INVALID, "parameter %s: has no gradient: not trained", p->name);
    return set->backend->download(host, p->grad.data, um_tensor_bytes(&p->grad));
}

umcl_status um_params_zero_grad(um_params *set)
{
    for (size_t i = 0; i < set->count; i++) {
        um_param *p = set->items[i];
        if (p->grad.data) UM_TRY(set->backend->zero(p->grad.data, um_tensor_bytes(&p->grad)));
    }
    return UMCL_OK;
}

static umcl_status load_one(um_params *set, um_param *p, const um_st_tensor *t, float *host)
{
    um_shape found = {.rank = t->rank > UM_MAX_RANK ? UM_MAX_RANK : t->rank};
    char want_text[UM_SHAPE_TEXT], have_text[UM_SHAPE_TEXT];

    for (int i = 0; i < found.rank; i++) found.dim[i] = t->dim[i];
    if (t->rank > UM_MAX_RANK || !um_shape_equal(&found, &p->value.shape))
        return um_fail(UMCL_ERR_SHAPE, "%s: expected %s, file has %s", t->name,
                       um_shape_text(want_text, &p->value.shape), um_shape_text(have_text, &found));
    UM_TRY(um_st_to_f32(host, t));
    return um_param_set(set, p, host);
}

static size_t largest(const um_params *set)
{
    size_t most = 1;

    for (size_t i = 0; i < set->count; i++) {
        size_t n = (size_t)um_shape_count(&set->items[i]->value.shape);
        if (n > most) most = n;
    }
    return most;
}

umcl_status um_params_load(um_params *set, const um_st_file *file, const char *prefix)
{
    return um_params_load_but(set, file, prefix, NULL);
}

umcl_status um_params_load_but(um_params *set, const um_st_file *file, const char *prefix,
                               const char *but)
{
    um_str name = UM_STR_INIT;
    float *host = NULL;
    umcl_status st;

    UM_CHECK(um_calloc(&host, largest(set), sizeof *host));
    for (size_t i = 0; i < set->count; i++) {
        const um_st_tensor *t;
        if (but && um_str_starts(set->items[i]->name, but)) continue;
        um_str_clear(&name);
        um_str_printf(&name, "%s%s", prefix, set->items[i]->name);
        UM_CHECK(um_str_status(&name));
        t = um_st_find(file, name.text);
        if (!t) {
            char shape[UM_SHAPE_TEXT];
            st = um_fail(UMCL_ERR_NOT_FOUND, "%s: expected a tensor %s, file has none", name.text,
                         um_shape_text(shape, &set->items[i]->value.shape));
            goto done;
        }
        UM_CHECK(load_one(set, set->items[i], t, host));
    }
done:
    free(host);
    um_str_clear(&name);
    return st;
}

umcl_status um_params_save(const um_params *set, um_st_writer *w, const char *prefix)
{
    um_str name = UM_STR_INIT;
    umcl_status st = UMCL_OK;

    for (size_t i = 0; i < set->count; i++) {
        const um_param *p = set->items[i];
        um_str_clear(&name);
        um_str_printf(&name, "%s%s", prefix, p->name);
        UM_CHECK(um_str_status(&name));
        /* The writer borrows the data until the file is written. */
        UM_CHECK(um_st_writer_add(w, name.text, UM_ST_F32, p->value.shape.rank, p->value.shape.dim,
                                  p->value.data));
    }
done:
    um_str_clear(&name);
    return st;
}

static umcl_status halve(const um_params *set, um_param *p)
{
    size_t n = (size_t)um_shape_count(&p->value.shape);
    um_st_tensor t = {.type = UM_ST_F16, .count = n};
    uint16_t *half = NULL;
    float *value = NULL;
    umcl_status st;

    UM_CHECK(um_calloc(&half, n, sizeof *half));
    UM_CHECK(um_calloc(&value, n, sizeof *value));
    UM_CHECK(um_param_get(set, p, value));
    um_half_from_f32(half, value, n);
    t.data = half;
    t.bytes = n * sizeof *half;
    UM_CHECK(um_st_to_f32(value, &t));
    for (size_t i = 0; i < n; i++)
        if (isinf(value[i])) {
            st = um_fail(UMCL_ERR_INVALID, "%s: a value is too large for half precision", p->name);
            goto done;
        }
    st = um_param_set(set, p, value);
done:
    free(half);
    free(value);
    return st;
}

umcl_status um_params_halve(um_params *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->items[i]->value.shape.rank > 1) UM_TRY(halve(set, set->items[i]));
    return UMCL_OK;
}
