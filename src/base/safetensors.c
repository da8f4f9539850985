#include "base/safetensors.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/file.h"
#include "base/mem.h"

#define MAX_FILE_BYTES ((size_t)1 << 36)
#define MAX_HEADER_BYTES ((uint64_t)100 * 1000 * 1000)

struct um_st_file {
    char *bytes;
    json_t *header;         /* owns names and metadata */
    json_t *meta;           /* borrowed from header; may be NULL */
    um_st_tensor *tensor;   /* [count], in the order of the data */
    um_st_tensor **by_name; /* [count] */
    size_t count;
};

static umcl_status read_shape(um_st_tensor *t, const char *file, const json_t *shape)
{
    size_t rank = json_array_size(shape), count = 1;
    bool empty = false;

    if (!json_is_array(shape) || rank > UM_ST_MAX_RANK)
        return um_fail(UMCL_ERR_FORMAT,
                       "%s: %s: expected a shape of at most %d dimensions, "
                       "found %s of %zu",
                       file, t->name, UM_ST_MAX_RANK, json_is_array(shape) ? "an array" : "none",
                       rank);
    t->rank = (int)rank;
    for (size_t i = 0; i < rank; i++) {
        const json_t *d = json_array_get(shape, i);

        if (!json_is_integer(d) || json_integer_value(d) < 0)
            return um_fail(UMCL_ERR_FORMAT, "%s: %s: dimension %zu is not a whole number >= 0",
                           file, t->name, i);
        t->dim[i] = json_integer_value(d);
        /* Other dimensions of an empty tensor must fit too: nobody multiplies into overflow. */
        if (t->dim[i] == 0)
            empty = true;
        else if (__builtin_mul_overflow(count, (size_t)t->dim[i], &count))
            return um_fail(UMCL_ERR_FORMAT, "%s: %s: the product of the shape overflows", file,
                           t->name);
    }
    t->count = empty ? 0 : count;
    return UMCL_OK;
}

static umcl_status read_offsets(um_st_tensor *t, const char *file, const json_t *offsets,
                                const char *data, size_t n_data)
{
    const json_t *from = json_array_get(offsets, 0), *to = json_array_get(offsets, 1);
    json_int_t begin = json_integer_value(from), end = json_integer_value(to);
    size_t need;

    if (json_array_size(offsets) != 2 || !json_is_integer(from) || !json_is_integer(to))
        return um_fail(UMCL_ERR_FORMAT, "%s: %s: data_offsets is not a pair of whole numbers", file,
                       t->name);
    if (begin < 0 || end < begin || (uint64_t)end > n_data)
        return um_fail(UMCL_ERR_FORMAT,
                       "%s: %s: data_offsets [%" PRId64 ", %" PRId64
                       "] outside of the file's %zu data bytes",
                       file, t->name, (int64_t)begin, (int64_t)end, n_data);
    t->bytes = (size_t)(end - begin);
    if (__builtin_mul_overflow(t->count, um_st_type_size(t->type), &need) || need != t->bytes)
        return um_fail(UMCL_ERR_FORMAT, "%s: %s: expected %zu values of %s, file has %zu bytes",
                       file, t->name, t->count, um_st_type_name(t->type), t->bytes);
    t->data = data + begin;
    return UMCL_OK;
}

static umcl_status read_type(um_st_tensor *t, const char *file, const json_t *dtype)
{
    const char *name = json_string_value(dtype);

    for (int type = UM_ST_F32; name && type <= UM_ST_BOOL; type++) {
        if (strcmp(name, um_st_type_name((um_st_type)type)) != 0) continue;
        t->type = (um_st_type)type;
        return UMCL_OK;
    }
    return um_fail(UMCL_ERR_FORMAT, "%s: %s: unknown dtype %s", file, t->name,
                   name ? name : "(not a string)");
}

static int compare_place(const void *a, const void *b)
{
    const um_st_tensor *x = a, *y = b;

    if (x->data != y->data) return (const char *)x->data < (const char *)y->data ? -1 : 1;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int compare_name(const void *a, const void *b)
{
    const um_st_tensor *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

/* The format wants every data byte to belong to exactly one tensor. */
static umcl_status check_cover(const um_st_file *f, const char *file, const char *data,
                               size_t n_data)
{
    const char *next = data;

    for (size_t i = 0; i < f->count; i++) {
        const um_st_tensor *t = &f->tensor[i];

        if (t->data != next)
            return um_fail(UMCL_ERR_FORMAT, "%s: %s: data %s", file, t->name,
                           (const char *)t->data < next ? "overlaps another tensor's"
                                                        : "starts after a hole");
        next += t->bytes;
    }
    if (next != data + n_data)
        return um_fail(UMCL_ERR_FORMAT, "%s: %zu data bytes at the end belong to no tensor", file,
                       (size_t)(data + n_data - next));
    return UMCL_OK;
}

static umcl_status read_meta(um_st_file *f, const char *file, json_t *meta)
{
    const char *key;
    json_t *value;

    if (!json_is_object(meta))
        return um_fail(UMCL_ERR_FORMAT, "%s: __metadata__ is not an object", file);
    json_object_foreach(meta, key, value) if (!json_is_string(value)) return um_fail(
        UMCL_ERR_FORMAT, "%s: metadata %s is not a string", file, key);
    f->meta = meta;
    return UMCL_OK;
}

static umcl_status read_header(um_st_file *f, const char *file, const char *data, size_t n_data)
{
    const char *key;
    json_t *value;

    UM_TRY(um_calloc(&f->tensor, json_object_size(f->header), sizeof *f->tensor));
    UM_TRY(um_calloc(&f->by_name, json_object_size(f->header), sizeof *f->by_name));
    json_object_foreach(f->header, key, value)
    {
        um_st_tensor *t = &f->tensor[f->count];

        if (!strcmp(key, "__metadata__")) {
            UM_TRY(read_meta(f, file, value));
            continue;
        }
        t->name = key;
        UM_TRY(read_type(t, file, json_object_get(value, "dtype")));
        UM_TRY(read_shape(t, file, json_object_get(value, "shape")));
        UM_TRY(read_offsets(t, file, json_object_get(value, "data_offsets"), data, n_data));
        f->count++;
    }
    qsort(f->tensor, f->count, sizeof *f->tensor, compare_place);
    UM_TRY(check_cover(f, file, data, n_data));
    for (size_t i = 0; i < f->count; i++) f->by_name[i] = &f->tensor[i];
    qsort(f->by_name, f->count, sizeof *f->by_name, compare_name);
    return UMCL_OK;
}

umcl_status um_st_adopt(um_st_file **out, const char *name, char *bytes, size_t n)
{
    umcl_status st = UMCL_OK;
    um_st_file *f = NULL;
    json_error_t error;
    uint64_t length = 0;

    *out = NULL;
    UM_CHECK(um_calloc(&f, 1, sizeof *f));
    f->bytes = bytes;
    bytes = NULL;
    if (n < 8) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected a safetensors file, found %zu bytes", name, n);
        goto done;
    }
    for (int i = 7; i >= 0; i--) length = length << 8 | (unsigned char)f->bytes[i];
    if (length > n - 8 || length > MAX_HEADER_BYTES) {
        st = um_fail(UMCL_ERR_FORMAT,
                     "%s: expected a safetensors file, found a header of %" PRIu64
                     " bytes in a file of %zu",
                     name, length, n);
        goto done;
    }
    f->header = json_loadb(f->bytes + 8, (size_t)length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(f->header)) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: header is not a JSON object: %s", name,
                     f->header ? "another kind of value" : error.text);
        goto done;
    }
    UM_CHECK(read_header(f, name, f->bytes + 8 + length, n - 8 - (size_t)length));
    *out = f;
    f = NULL;
done:
    um_st_free(f);
    free(bytes);
    return st;
}

umcl_status um_st_read(um_st_file **out, const char *path)
{
    char *bytes;
    size_t n;

    *out = NULL;
    UM_TRY(um_file_read(&bytes, &n, path, MAX_FILE_BYTES));
    return um_st_adopt(out, path, bytes, n);
}

umcl_status um_st_parse(um_st_file **out, const char *name, const void *bytes, size_t n)
{
    char *copy;

    *out = NULL;
    UM_TRY(um_calloc(&copy, n, 1));
    if (n) memcpy(copy, bytes, n);
    return um_st_adopt(out, name, copy, n);
}

void um_st_free(um_st_file *file)
{
    if (!file) return;
    json_decref(file->header);
    free(file->tensor);
    free(file->by_name);
    free(file->bytes);
    free(file);
}

size_t um_st_count(const um_st_file *file)
{
    return file->count;
}

const um_st_tensor *um_st_at(const um_st_file *file, size_t i)
{
    return &file->tensor[i];
}

const um_st_tensor *um_st_find(const um_st_file *file, const char *name)
{
    um_st_tensor key = {.name = name}, *k = &key, **hit;

    if (!file->count) return NULL;
    hit = bsearch(&k, file->by_name, file->count, sizeof k, compare_name);
    return hit ? *hit : NULL;
}

const char *um_st_meta(const um_st_file *file, const char *key)
{
    return json_string_value(json_object_get(file->meta, key));
}

size_t um_st_meta_count(const um_st_file *file)
{
    return json_object_size(file->meta);
}

void um_st_meta_at(const um_st_file *file, size_t i, const char **key, const char **value)
{
    void *at = json_object_iter(file->meta);

    while (at && i--) at = json_object_iter_next(file->meta, at);
    *key = at ? json_object_iter_key(at) : NULL;
    *value = at ? json_string_value(json_object_iter_value(at)) : NULL;
}
