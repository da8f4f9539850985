#include "base/model_meta.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "base/str.h"

#define HASH_PREFIX "sha256:"

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(const um_st_tensor *const *)a)->name, (*(const um_st_tensor *const *)b)->name);
}

/* The order of the file does not matter: `tensor` is sorted by name first. */
static void hash_tensors(const um_st_tensor **tensor, size_t n, char hex[65])
{
    um_sha256 s;

    qsort(tensor, n, sizeof *tensor, compare_names);
    um_sha256_start(&s);
    for (size_t i = 0; i < n; i++) {
        const um_st_tensor *t = tensor[i];
        const char *type = um_st_type_name(t->type);
        unsigned char rank = (unsigned char)t->rank;

        um_sha256_add(&s, t->name, strlen(t->name) + 1);
        um_sha256_add(&s, type, strlen(type) + 1);
        um_sha256_add(&s, &rank, 1);
        um_sha256_add(&s, t->dim, (size_t)t->rank * sizeof t->dim[0]);
        um_sha256_add(&s, t->data, t->bytes);
    }
    um_sha256_finish(&s, hex);
}

static umcl_status check_hash(const um_st_file *file, const char *name)
{
    const char *expected = um_st_meta(file, UM_META_HASH);
    const um_st_tensor **tensor;
    char hex[65];

    UM_TRY(um_calloc(&tensor, um_st_count(file), sizeof *tensor));
    for (size_t i = 0; i < um_st_count(file); i++) tensor[i] = um_st_at(file, i);
    hash_tensors(tensor, um_st_count(file), hex);
    free(tensor);
    if (expected && um_str_starts(expected, HASH_PREFIX) &&
        !strcmp(expected + strlen(HASH_PREFIX), hex))
        return UMCL_OK;
    return um_fail(UMCL_ERR_FORMAT,
                   "%s: damaged: expected content hash %s, found " HASH_PREFIX "%s", name,
                   expected ? expected : "(none)", hex);
}

umcl_status um_st_check_finite(const um_st_file *file, const char *name)
{
    umcl_status st = UMCL_OK;
    float *value = NULL;

    for (size_t i = 0; i < um_st_count(file); i++) {
        const um_st_tensor *t = um_st_at(file, i);
        bool finite = true;

        if (t->type > UM_ST_BF16) continue; /* whole numbers */
        UM_CHECK(um_realloc(&value, t->count, sizeof *value));
        UM_CHECK(um_st_to_f32(value, t));
        for (size_t j = 0; j < t->count; j++) finite &= isfinite(value[j]) != 0;
        if (finite) continue;
        st = um_fail(UMCL_ERR_FORMAT, "%s: %s: expected finite numbers, found NaN or infinity",
                     name, t->name);
        goto done;
    }
done:
    free(value);
    return st;
}

umcl_status um_model_file_check(const um_st_file *file, const char *name, const char *kind)
{
    const char *format = um_st_meta(file, UM_META_FORMAT), *found = um_st_meta(file, UM_META_KIND);

    if (!format || strcmp(format, UM_MODEL_FORMAT) != 0)
        return um_fail(UMCL_ERR_MISMATCH,
                       "%s: expected a model file (" UM_MODEL_FORMAT "), found %s", name,
                       format ? format : "no format in its metadata");
    if (!found || (kind && strcmp(found, kind) != 0))
        return um_fail(UMCL_ERR_MISMATCH, "%s: expected a model of kind %s, found %s", name,
                       kind ? kind : "(any)", found ? found : "none");
    UM_TRY(check_hash(file, name));
    return um_st_check_finite(file, name);
}

/* Passes `file` on if it is good. */
static umcl_status hand_out(um_st_file **out, um_st_file *file, umcl_status st)
{
    if (st == UMCL_OK)
        *out = file;
    else
        um_st_free(file);
    return st;
}

umcl_status um_model_file_open(um_st_file **out, const char *path, const char *kind)
{
    um_st_file *file;

    *out = NULL;
    UM_TRY(um_st_read(&file, path));
    return hand_out(out, file, um_model_file_check(file, path, kind));
}

umcl_status um_model_file_parse(um_st_file **out, const char *name, const void *bytes, size_t n,
                                const char *kind)
{
    um_st_file *file;

    *out = NULL;
    UM_TRY(um_st_parse(&file, name, bytes, n));
    return hand_out(out, file, um_model_file_check(file, name, kind));
}

umcl_status um_model_file_write(um_st_writer *w, const char *path, const char *kind,
                                const char *version, const char *made_by, const char *source)
{
    const um_st_tensor **tensor;
    char hash[sizeof HASH_PREFIX - 1 + 65] = HASH_PREFIX;

    UM_TRY(um_calloc(&tensor, um_st_writer_count(w), sizeof *tensor));
    for (size_t i = 0; i < um_st_writer_count(w); i++) tensor[i] = um_st_writer_at(w, i);
    hash_tensors(tensor, um_st_writer_count(w), hash + strlen(HASH_PREFIX));
    free(tensor);
    UM_TRY(um_st_writer_meta(w, UM_META_FORMAT, UM_MODEL_FORMAT));
    UM_TRY(um_st_writer_meta(w, UM_META_KIND, kind));
    UM_TRY(um_st_writer_meta(w, UM_META_VERSION, version));
    UM_TRY(um_st_writer_meta(w, UM_META_MADE_BY, made_by));
    if (source) UM_TRY(um_st_writer_meta(w, UM_META_SOURCE, source));
    UM_TRY(um_st_writer_meta(w, UM_META_HASH, hash));
    return um_st_write(w, path);
}
