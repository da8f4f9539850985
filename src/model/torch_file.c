#include "model/torch_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/torch_container.h"

#define MAX_FILE_BYTES ((size_t)1 << 36)
#define MAX_DEPTH 16
#define MAX_NODES 100000
#define MAX_NAME 1024

struct um_torch_file {
    char *name, *bytes;
    um_torch_container container;
    um_st_tensor *tensor; /* [count] */
    size_t count, cap;
    um_arena *arena;        /* names, and tensors that had to be gathered */
    size_t gathered, limit; /* bytes of the latter, and how many there may be */
    size_t nodes;           /* attributes visited */
};

static umcl_status no_memory(const um_torch_file *f)
{
    return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", f->name);
}

/* Strides of dimensions of size 1 do not matter. */
static bool is_row_major(const um_pk *t)
{
    int64_t next = 1;

    for (int i = t->tensor.rank - 1; i >= 0; i--) {
        if (t->tensor.dim[i] != 1 && t->tensor.stride[i] != next) return false;
        next *= t->tensor.dim[i];
    }
    return true;
}

/* Copies a strided view into row-major order, the last dimension fastest. */
static void copy_strided(char *to, const unsigned char *from, const um_pk *t, size_t size)
{
    int64_t index[UM_ST_MAX_RANK] = {0}, place = t->tensor.offset;

    for (size_t n = 0; n < t->tensor.count; n++) {
        memcpy(to + n * size, from + (size_t)place * size, size);
        for (int i = t->tensor.rank - 1; i >= 0; i--) {
            if (t->tensor.dim[i] == 1) continue; /* its stride may be anything */
            place += t->tensor.stride[i];
            if (++index[i] < t->tensor.dim[i]) break;
            place -= t->tensor.stride[i] * t->tensor.dim[i];
            index[i] = 0;
        }
    }
}

/* Row-major data of `t`: the storage's own where it lies so, else a copy. */
static umcl_status place_data(um_torch_file *f, um_st_tensor *out, const um_pk *t)
{
    const um_torch_storage *s = um_torch_find(&f->container, t->tensor.storage->storage.key);
    size_t size = um_st_type_size(out->type);
    char *copy;

    out->data = s->data;
    if (!out->count) return UMCL_OK;
    if (is_row_major(t)) {
        out->data = s->data + (size_t)t->tensor.offset * size;
        return UMCL_OK;
    }
    f->gathered += out->bytes;
    if (f->gathered > f->limit)
        return um_fail(UMCL_ERR_UNSUPPORTED, "%s: %s: too many views of the same storage", f->name,
                       out->name);
    copy = um_arena_alloc(f->arena, out->bytes);
    if (!copy) return no_memory(f);
    copy_strided(copy, s->data, t, size);
    out->data = copy;
    return UMCL_OK;
}

static umcl_status add_tensor(um_torch_file *f, const char *name, const um_pk *t)
{
    um_st_tensor *out;

    if (f->count == f->cap) {
        size_t cap = f->cap ? 2 * f->cap : 64;

        UM_TRY(um_realloc(&f->tensor, cap, sizeof *f->tensor));
        f->cap = cap;
    }
    out = &f->tensor[f->count];
    *out = (um_st_tensor){.name = um_arena_strdup(f->arena, name),
                          .type = t->tensor.storage->storage.type,
                          .rank = t->tensor.rank,
                          .count = t->tensor.count};
    if (!out->name) return no_memory(f);
    for (int i = 0; i < out->rank; i++) out->dim[i] = t->tensor.dim[i];
    out->bytes = out->count * um_st_type_size(out->type); /* no more than the storage's */
    UM_TRY(place_data(f, out, t));
    f->count++;
    return UMCL_OK;
}

/* Adds the tensors among a dict's values, and those of modules below, as "prefix" + key. */
static umcl_status flatten(um_torch_file *f, const um_pk *dict, const char *prefix, int depth)
{
    um_str name = UM_STR_INIT;
    umcl_status st = UMCL_OK;

    for (size_t i = 0; i + 1 < dict->list.n; i += 2) {
        const um_pk *key = dict->list.item[i], *value = dict->list.item[i + 1];

        if (++f->nodes > MAX_NODES || depth > MAX_DEPTH) {
            st = um_fail(UMCL_ERR_UNSUPPORTED, "%s: modules nested too deeply", f->name);
            goto done;
        }
        if (value->kind != UM_PK_TENSOR && value->kind != UM_PK_OBJECT) continue;
        if (key->kind != UM_PK_TEXT || !key->text.n || strlen(key->text.bytes) != key->text.n) {
            st = um_fail(UMCL_ERR_FORMAT, "%s: a tensor whose name is no text", f->name);
            goto done;
        }
        um_str_clear(&name);
        um_str_printf(&name, "%s%s", prefix, key->text.bytes);
        um_str_append(&name, value->kind == UM_PK_OBJECT ? "." : "");
        UM_CHECK(um_str_status(&name));
        if (name.len > MAX_NAME) {
            st = um_fail(UMCL_ERR_UNSUPPORTED, "%s: a name of %zu bytes", f->name, name.len);
            goto done;
        }
        if (value->kind == UM_PK_TENSOR)
            UM_CHECK(add_tensor(f, name.text, value));
        else
            UM_CHECK(flatten(f, value, name.text, depth + 1));
    }
done:
    um_str_clear(&name);
    return st;
}

/* The state dict in or below `v`, or NULL. */
static const um_pk *find_state(const um_pk *v, int depth)
{
    static const char *const usual[] = {"state_dict", "model_state_dict", "model", "net",
                                        "network",    "module",           "params"};

    if (!v || v->kind == UM_PK_OBJECT) return v;
    if (v->kind != UM_PK_DICT || depth > 4) return NULL;
    for (size_t i = 1; i < v->list.n; i += 2)
        if (v->list.item[i]->kind == UM_PK_TENSOR) return v;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        const um_pk *found = find_state(um_pk_get(v, usual[i]), depth + 1);

        if (found) return found;
    }
    return NULL;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static umcl_status check_names(const um_torch_file *f)
{
    umcl_status st = UMCL_OK;
    const char **name;

    UM_TRY(um_calloc(&name, f->count, sizeof *name));
    for (size_t i = 0; i < f->count; i++) name[i] = f->tensor[i].name;
    qsort(name, f->count, sizeof *name, compare_names);
    for (size_t i = 1; i < f->count && st == UMCL_OK; i++)
        if (!strcmp(name[i - 1], name[i]))
            st = um_fail(UMCL_ERR_FORMAT, "%s: %s appears twice", f->name, name[i]);
    free(name);
    return st;
}

static umcl_status collect(um_torch_file *f)
{
    const um_pk *root = um_pickle_root(f->container.pickle), *state = find_state(root, 0);

    for (size_t i = 0; i < f->container.n_storage; i++) {
        const um_pk *s = f->container.storage[i].ref;

        f->limit += 4 * (size_t)s->storage.count * um_st_type_size(s->storage.type);
    }
    if (state) UM_TRY(flatten(f, state, "", 0));
    if (!f->count)
        return um_fail(UMCL_ERR_FORMAT, "%s: expected a state dict, found a %s without tensors",
                       f->name, um_pk_kind_name(root->kind));
    return check_names(f);
}

umcl_status um_torch_adopt(um_torch_file **out, const char *name, char *bytes, size_t n)
{
    um_torch_file *f = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&f, 1, sizeof *f));
    f->bytes = bytes;
    bytes = NULL;
    f->name = strdup(name);
    if (!f->name) {
        st = um_fail(UMCL_ERR_NOMEM, "%s: out of memory", name);
        goto done;
    }
    UM_CHECK(um_arena_new(&f->arena));
    UM_CHECK(um_torch_open(&f->container, f->name, f->bytes, n));
    UM_CHECK(collect(f));
    *out = f;
    f = NULL;
done:
    um_torch_free(f);
    free(bytes);
    return st;
}

umcl_status um_torch_read(um_torch_file **out, const char *path)
{
    char *bytes;
    size_t n;

    *out = NULL;
    UM_TRY(um_file_read(&bytes, &n, path, MAX_FILE_BYTES));
    return um_torch_adopt(out, path, bytes, n);
}

void um_torch_free(um_torch_file *file)
{
    if (!file) return;
    um_torch_close(&file->container);
    um_arena_free(file->arena);
    free(file->tensor);
    free(file->bytes);
    free(file->name);
    free(file);
}

size_t um_torch_count(const um_torch_file *file)
{
    return file->count;
}

const um_st_tensor *um_torch_at(const um_torch_file *file, size_t i)
{
    return &file->tensor[i];
}

bool um_torch_looks_like(const void *bytes, size_t n)
{
    const unsigned char *b = bytes;

    return n >= 4 && (!memcmp(b, "PK\3\4", 4) || (b[0] == 0x80 && b[1] >= 1 && b[1] <= 5));
}
