#include "model/torch_container.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static int compare_storages(const void *a, const void *b)
{
    return strcmp(((const um_torch_storage *)a)->ref->storage.key,
                  ((const um_torch_storage *)b)->ref->storage.key);
}

/* The pickle refers to a storage once per tensor that uses it: keep one of each. */
static umcl_status list_storages(um_torch_container *f)
{
    size_t n = um_pickle_storage_count(f->pickle);

    UM_TRY(um_calloc(&f->storage, n, sizeof *f->storage));
    for (size_t i = 0; i < n; i++) f->storage[i].ref = um_pickle_storage(f->pickle, i);
    qsort(f->storage, n, sizeof *f->storage, compare_storages);
    for (size_t i = 0; i < n; i++) {
        const um_pk *a = f->storage[i].ref;
        const um_pk *b = f->n_storage ? f->storage[f->n_storage - 1].ref : NULL;

        if (!b || strcmp(a->storage.key, b->storage.key) != 0)
            f->storage[f->n_storage++].ref = a;
        else if (a->storage.type != b->storage.type || a->storage.count != b->storage.count)
            return um_fail(UMCL_ERR_FORMAT, "%s: storage %s is described in two ways", f->name,
                           a->storage.key);
    }
    return UMCL_OK;
}

static um_torch_storage *find_storage(const um_torch_container *f, const char *key)
{
    um_pk ref = {.kind = UM_PK_STORAGE, .storage = {.key = key}};
    um_torch_storage wanted = {.ref = &ref};

    if (!f->n_storage) return NULL;
    return bsearch(&wanted, f->storage, f->n_storage, sizeof *f->storage, compare_storages);
}

/* Bytes that a storage has; false: more than fit into memory. */
static bool storage_bytes(const um_pk *ref, size_t *bytes)
{
    return !__builtin_mul_overflow((size_t)ref->storage.count, um_st_type_size(ref->storage.type),
                                   bytes);
}

/* --- The ZIP container: <root>/data.pkl, <root>/data/<key>. --- */

/* Length of "<root>/" in front of data.pkl; 0: no such entry. */
static size_t find_root(const um_zip *zip, const char **entry)
{
    for (size_t i = 0; i < um_zip_count(zip); i++) {
        const char *slash = strchr(um_zip_name(zip, i), '/');

        *entry = um_zip_name(zip, i);
        if (slash && !strcmp(slash, "/data.pkl")) return (size_t)(slash - *entry) + 1;
    }
    return 0;
}

static umcl_status check_byte_order(um_torch_container *f, const char *root, size_t n_root)
{
    um_str entry = UM_STR_INIT;
    const void *data;
    umcl_status st;
    size_t n;

    um_str_printf(&entry, "%.*sbyteorder", (int)n_root, root);
    UM_CHECK(um_str_status(&entry));
    st = um_zip_read(f->zip, entry.text, &data, &n);
    if (st == UMCL_ERR_NOT_FOUND)
        st = UMCL_OK; /* only newer files say it */
    else if (st == UMCL_OK && (n < 6 || memcmp(data, "little", 6) != 0))
        st = um_fail(UMCL_ERR_UNSUPPORTED, "%s: byte order is not little", f->name);
done:
    um_str_clear(&entry);
    return st;
}

static umcl_status load_zip_storages(um_torch_container *f, const char *root, size_t n_root)
{
    umcl_status st = UMCL_OK;
    um_str entry = UM_STR_INIT;

    for (size_t i = 0; i < f->n_storage; i++) {
        um_torch_storage *s = &f->storage[i];
        const void *data;
        size_t n, need;

        entry.len = 0;
        um_str_printf(&entry, "%.*sdata/%s", (int)n_root, root, s->ref->storage.key);
        UM_CHECK(um_str_status(&entry));
        UM_CHECK(um_zip_read(f->zip, entry.text, &data, &n));
        if (!storage_bytes(s->ref, &need) || n < need) {
            st = um_fail(UMCL_ERR_FORMAT, "%s: %s: expected %lld values of %s, found %zu bytes",
                         f->name, entry.text, (long long)s->ref->storage.count,
                         um_st_type_name(s->ref->storage.type), n);
            goto done;
        }
        s->data = data;
    }
done:
    um_str_clear(&entry);
    return st;
}

static umcl_status read_zip(um_torch_container *f)
{
    const char *root = NULL;
    const void *data;
    size_t n, n_root;

    UM_TRY(um_zip_open(&f->zip, f->name, f->bytes, f->n));
    n_root = find_root(f->zip, &root);
    if (!n_root)
        return um_fail(UMCL_ERR_FORMAT, "%s: a ZIP archive, but not one of torch.save: no data.pkl",
                       f->name);
    UM_TRY(check_byte_order(f, root, n_root));
    UM_TRY(um_zip_read(f->zip, root, &data, &n));
    UM_TRY(um_pickle_parse(&f->pickle, f->name, data, n, NULL));
    UM_TRY(list_storages(f));
    return load_zip_storages(f, root, n_root);
}

/* --- The legacy stream: pickles of magic number, version, machine, object, list of keys; then
 *     for each key a 64-bit count and the elements. --- */

static const unsigned char legacy_magic[] = {0x6C, 0xFC, 0x9C, 0x46, 0xF9,
                                             0x20, 0x6A, 0xA8, 0x50, 0x19};

static umcl_status next_pickle(um_torch_container *f, um_pickle **out, size_t *at)
{
    size_t used = 0;

    UM_TRY(um_pickle_parse(out, f->name, f->bytes + *at, f->n - *at, &used));
    *at += used;
    return UMCL_OK;
}

static umcl_status read_legacy_head(um_torch_container *f, size_t *at)
{
    um_pickle *p[3] = {NULL};
    const um_pk *magic, *version, *little;
    umcl_status st;

    for (int i = 0; i < 3; i++) UM_CHECK(next_pickle(f, &p[i], at));
    magic = um_pickle_root(p[0]);
    version = um_pickle_root(p[1]);
    little = um_pk_get(um_pickle_root(p[2]), "little_endian");
    if (magic->kind != UM_PK_LONG || magic->text.n != sizeof legacy_magic ||
        memcmp(magic->text.bytes, legacy_magic, sizeof legacy_magic) != 0)
        st = um_fail(UMCL_ERR_FORMAT, "%s: a pickle, but not one of torch.save", f->name);
    else if (version->kind != UM_PK_INT || version->integer != 1001)
        st = um_fail(UMCL_ERR_UNSUPPORTED, "%s: expected legacy format 1001", f->name);
    else if (!little || little->kind != UM_PK_BOOL || !little->integer)
        st = um_fail(UMCL_ERR_UNSUPPORTED, "%s: byte order is not little", f->name);
done:
    for (int i = 0; i < 3; i++) um_pickle_free(p[i]);
    return st;
}

static umcl_status load_legacy_storage(um_torch_container *f, const um_pk *key, size_t *at)
{
    um_torch_storage *s = key->kind == UM_PK_TEXT ? find_storage(f, key->text.bytes) : NULL;
    uint64_t count;
    size_t bytes;

    if (!s)
        return um_fail(UMCL_ERR_FORMAT, "%s: a storage that no tensor refers to: %s", f->name,
                       key->kind == UM_PK_TEXT ? key->text.bytes : um_pk_kind_name(key->kind));
    if (f->n - *at < 8)
        return um_fail(UMCL_ERR_FORMAT, "%s: truncated before storage %s", f->name,
                       s->ref->storage.key);
    memcpy(&count, f->bytes + *at, 8);
    *at += 8;
    if (count != (uint64_t)s->ref->storage.count)
        return um_fail(UMCL_ERR_FORMAT, "%s: storage %s: expected %lld values, found %llu", f->name,
                       s->ref->storage.key, (long long)s->ref->storage.count,
                       (unsigned long long)count);
    if (!storage_bytes(s->ref, &bytes) || bytes > f->n - *at)
        return um_fail(UMCL_ERR_FORMAT, "%s: truncated inside of storage %s", f->name,
                       s->ref->storage.key);
    s->data = (const unsigned char *)f->bytes + *at;
    *at += bytes;
    return UMCL_OK;
}

static umcl_status read_legacy(um_torch_container *f)
{
    um_pickle *keys = NULL;
    const um_pk *list;
    umcl_status st;
    size_t at = 0;

    UM_CHECK(read_legacy_head(f, &at));
    UM_CHECK(next_pickle(f, &f->pickle, &at));
    UM_CHECK(next_pickle(f, &keys, &at));
    UM_CHECK(list_storages(f));
    list = um_pickle_root(keys);
    if (list->kind != UM_PK_LIST) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected the list of storages, found a %s", f->name,
                     um_pk_kind_name(list->kind));
        goto done;
    }
    for (size_t i = 0; i < list->list.n; i++)
        UM_CHECK(load_legacy_storage(f, list->list.item[i], &at));
    for (size_t i = 0; i < f->n_storage; i++)
        if (!f->storage[i].data) {
            st = um_fail(UMCL_ERR_FORMAT, "%s: holds no storage %s", f->name,
                         f->storage[i].ref->storage.key);
            goto done;
        }
done:
    um_pickle_free(keys);
    return st;
}

umcl_status um_torch_open(um_torch_container *out, const char *name, const char *bytes, size_t n)
{
    umcl_status st;

    *out = (um_torch_container){.name = name, .bytes = bytes, .n = n};
    if (n >= 4 && !memcmp(bytes, "PK\3\4", 4))
        st = read_zip(out);
    else if (n && (unsigned char)bytes[0] == 0x80) /* PROTO */
        st = read_legacy(out);
    else
        st = um_fail(UMCL_ERR_FORMAT, "%s: not a file of torch.save", name);
    if (st != UMCL_OK) um_torch_close(out);
    return st;
}

void um_torch_close(um_torch_container *container)
{
    free(container->storage);
    um_pickle_free(container->pickle);
    um_zip_close(container->zip);
    *container = (um_torch_container){0};
}

const um_torch_storage *um_torch_find(const um_torch_container *container, const char *key)
{
    return find_storage(container, key);
}
