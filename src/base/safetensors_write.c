#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/safetensors.h"

struct um_st_writer {
    um_st_tensor *tensor; /* names are ours, data is borrowed */
    size_t count, cap;
    void **halves; /* tensors that um_st_writer_halve made */
    size_t n_halves;
    json_t *meta;
};

umcl_status um_st_writer_new(um_st_writer **out)
{
    *out = NULL;
    UM_TRY(um_calloc(out, 1, sizeof **out));
    (*out)->meta = json_object();
    if ((*out)->meta) return UMCL_OK;
    free(*out);
    *out = NULL;
    return um_fail(UMCL_ERR_NOMEM, "safetensors: out of memory");
}

void um_st_writer_free(um_st_writer *w)
{
    if (!w) return;
    for (size_t i = 0; i < w->count; i++) free((char *)w->tensor[i].name);
    for (size_t i = 0; i < w->n_halves; i++) free(w->halves[i]);
    free(w->halves);
    free(w->tensor);
    json_decref(w->meta);
    free(w);
}

umcl_status um_st_writer_meta(um_st_writer *w, const char *key, const char *value)
{
    if (json_object_set_new(w->meta, key, json_string(value)) != 0)
        return um_fail(UMCL_ERR_INVALID, "metadata %s: expected UTF-8 text", key);
    return UMCL_OK;
}

umcl_status um_st_writer_add(um_st_writer *w, const char *name, um_st_type type, int rank,
                             const int64_t *dim, const void *data)
{
    um_st_tensor t = {.type = type, .rank = rank, .count = 1, .data = data};

    if (!strcmp(name, "__metadata__") || rank < 0 || rank > UM_ST_MAX_RANK)
        return um_fail(UMCL_ERR_INVALID, "%s: cannot store a tensor of this name or of rank %d",
                       name, rank);
    for (size_t i = 0; i < w->count; i++)
        if (!strcmp(w->tensor[i].name, name))
            return um_fail(UMCL_ERR_INVALID, "%s: added twice", name);
    for (int i = 0; i < rank; i++) {
        t.dim[i] = dim[i];
        if (dim[i] < 0 || __builtin_mul_overflow(t.count, (size_t)dim[i], &t.count))
            return um_fail(UMCL_ERR_INVALID, "%s: dimension %d is negative or too large", name, i);
    }
    if (__builtin_mul_overflow(t.count, um_st_type_size(type), &t.bytes))
        return um_fail(UMCL_ERR_INVALID, "%s: too large", name);
    if (w->count == w->cap) {
        size_t cap = w->cap ? 2 * w->cap : 64;

        UM_TRY(um_realloc(&w->tensor, cap, sizeof *w->tensor));
        w->cap = cap;
    }
    t.name = strdup(name);
    if (!t.name) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", name);
    w->tensor[w->count++] = t;
    return UMCL_OK;
}

static umcl_status halve(um_st_writer *w, um_st_tensor *t)
{
    const float *from = t->data;
    uint16_t *to;

    for (size_t i = 0; i < t->count; i++)
        if (fabsf(from[i]) > 65504)
            return um_fail(UMCL_ERR_INVALID, "%s: expected at most 65504 for a half, found %g",
                           t->name, (double)from[i]);
    UM_TRY(um_calloc(&to, t->count, sizeof *to));
    um_half_from_f32(to, from, t->count);
    w->halves[w->n_halves++] = to;
    t->type = UM_ST_F16;
    t->data = to;
    t->bytes = t->count * sizeof *to;
    return UMCL_OK;
}

umcl_status um_st_writer_halve(um_st_writer *w)
{
    UM_TRY(um_realloc(&w->halves, w->n_halves + w->count + 1, sizeof *w->halves));
    for (size_t i = 0; i < w->count; i++)
        if (w->tensor[i].type == UM_ST_F32 && w->tensor[i].rank > 1)
            UM_TRY(halve(w, &w->tensor[i]));
    return UMCL_OK;
}

size_t um_st_writer_count(const um_st_writer *w)
{
    return w->count;
}

const um_st_tensor *um_st_writer_at(const um_st_writer *w, size_t i)
{
    return &w->tensor[i];
}

/* Wide types first keeps every tensor aligned to its element; then by name. */
static int compare_order(const void *a, const void *b)
{
    const um_st_tensor *x = a, *y = b;
    size_t xs = um_st_type_size(x->type), ys = um_st_type_size(y->type);

    return xs != ys ? (xs > ys ? -1 : 1) : strcmp(x->name, y->name);
}

static bool describe_tensor(json_t *header, const um_st_tensor *t, size_t offset)
{
    json_t *shape = json_array(), *entry;
    bool good = true;

    for (int i = 0; i < t->rank; i++)
        good &= json_array_append_new(shape, json_integer(t->dim[i])) == 0;
    entry = json_pack("{s:s, s:o, s:[I, I]}", "dtype", um_st_type_name(t->type), "shape", shape,
                      "data_offsets", (json_int_t)offset, (json_int_t)(offset + t->bytes));
    return json_object_set_new(header, t->name, entry) == 0 && good;
}

/* Metadata in the order of its keys. */
static bool describe_meta(json_t *header, const json_t *meta)
{
    json_t *sorted = NULL;
    char *text = NULL;

    if (json_object_size(meta) == 0) return true;
    text = json_dumps(meta, JSON_SORT_KEYS);
    if (text) sorted = json_loads(text, 0, NULL);
    free(text);
    return json_object_set_new(header, "__metadata__", sorted) == 0;
}

static umcl_status make_header(char **out, const um_st_writer *w)
{
    json_t *header = json_object();
    bool good = header && describe_meta(header, w->meta);
    size_t offset = 0;

    for (size_t i = 0; good && i < w->count; i++) {
        good = describe_tensor(header, &w->tensor[i], offset);
        offset += w->tensor[i].bytes;
    }
    *out = good ? json_dumps(header, JSON_COMPACT) : NULL;
    json_decref(header);
    if (*out) return UMCL_OK;
    return um_fail(UMCL_ERR_INVALID, "safetensors header: a name is not UTF-8, or out of memory");
}

umcl_status um_st_write(um_st_writer *w, const char *path)
{
    um_file_writer *file = NULL;
    char *header = NULL;
    size_t n, padded;
    umcl_status st;
    FILE *f;

    if (w->count) qsort(w->tensor, w->count, sizeof *w->tensor, compare_order);
    UM_CHECK(make_header(&header, w));
    n = strlen(header);
    padded = (n + 7) / 8 * 8;
    UM_CHECK(um_file_writer_open(&file, path));
    f = um_file_writer_stream(file);
    for (int i = 0; i < 8; i++) fputc((int)((uint64_t)padded >> 8 * i & 255), f);
    fwrite(header, 1, n, f);
    for (size_t i = n; i < padded; i++) fputc(' ', f);
    for (size_t i = 0; i < w->count; i++)
        if (w->tensor[i].bytes) fwrite(w->tensor[i].data, 1, w->tensor[i].bytes, f);
    st = um_file_writer_commit(file);
    file = NULL;
done:
    um_file_writer_abort(file);
    free(header);
    return st;
}
