#include "model/body_store.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/safetensors.h"

#define META_KIND "kind"
#define KIND "bodies"

/* Bodies of one modality, and a table of places + 1 by the key's first digits (0: free), at most
 * half full. */
typedef struct shelf {
    char (*key)[UM_BODY_KEY];
    float *body; /* [n, width] */
    size_t n, room, width;
    size_t *place;
    size_t n_places; /* a power of two */
} shelf;

struct um_body_store {
    char *path;
    bool changed;
    shelf shelf[UM_N_MODALITIES];
};

/* Where `key` stands or would stand. */
static size_t look_up(const shelf *s, const char *key)
{
    char digits[16] = {0};
    size_t at;

    memcpy(digits, key, 15);
    at = (size_t)strtoull(digits, NULL, 16) & (s->n_places - 1);
    while (s->place[at] && memcmp(s->key[s->place[at] - 1], key, UM_BODY_KEY) != 0)
        at = (at + 1) & (s->n_places - 1);
    return at;
}

static umcl_status make_places(shelf *s)
{
    size_t n_places = 128;

    while (n_places < 2 * s->room) n_places *= 2;
    free(s->place);
    s->place = NULL;
    UM_TRY(um_calloc(&s->place, n_places, sizeof *s->place));
    s->n_places = n_places;
    for (size_t i = 0; i < s->n; i++) s->place[look_up(s, s->key[i])] = i + 1;
    return UMCL_OK;
}

static umcl_status make_room(shelf *s)
{
    size_t room = s->room ? 2 * s->room : 64;

    if (s->n < s->room) return UMCL_OK;
    UM_TRY(um_realloc(&s->key, room, sizeof *s->key));
    UM_TRY(um_realloc(&s->body, room * s->width, sizeof *s->body));
    s->room = room;
    return make_places(s);
}

static void names_of(char key[32], char body[32], int kind)
{
    const char *name = um_modality_get((um_modality_kind)kind)->name;

    snprintf(key, 32, "%s.key", name);
    snprintf(body, 32, "%s.body", name);
}

static umcl_status read_shelf(shelf *s, const um_st_file *file, const char *path, int kind)
{
    char key_name[32], body_name[32];
    const um_st_tensor *key, *body;

    names_of(key_name, body_name, kind);
    key = um_st_find(file, key_name);
    body = um_st_find(file, body_name);
    if (!key && !body) return UMCL_OK;
    if (!key || !body || key->type != UM_ST_U8 || key->rank != 2 || key->dim[1] != UM_BODY_KEY ||
        body->type != UM_ST_F32 || body->rank != 2 || body->dim[0] != key->dim[0] ||
        body->dim[1] != (int64_t)s->width)
        return um_fail(UMCL_ERR_SHAPE,
                       "%s: expected %s [n, %d] and %s [n, %zu], found others: written by another "
                       "version?",
                       path, key_name, UM_BODY_KEY, body_name, s->width);
    s->room = (size_t)key->dim[0];
    UM_TRY(um_calloc(&s->key, s->room, sizeof *s->key));
    UM_TRY(um_calloc(&s->body, s->room * s->width, sizeof *s->body));
    memcpy(s->key, key->data, key->bytes);
    memcpy(s->body, body->data, body->bytes);
    s->n = s->room;
    return make_places(s);
}

static umcl_status read_file(um_body_store *s)
{
    struct stat there;
    um_st_file *file;
    const char *kind;
    umcl_status st = UMCL_OK;

    if (stat(s->path, &there) != 0) return UMCL_OK;
    UM_TRY(um_st_read(&file, s->path));
    kind = um_st_meta(file, META_KIND);
    if (!kind || strcmp(kind, KIND) != 0)
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected a file of encoders' results, found another",
                     s->path);
    for (int k = 0; k < UM_N_MODALITIES && st == UMCL_OK; k++)
        st = read_shelf(&s->shelf[k], file, s->path, k);
    um_st_free(file);
    return st;
}

umcl_status um_body_store_open(um_body_store **out, const char *path)
{
    um_body_store *s = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&s, 1, sizeof *s));
    for (int k = 0; k < UM_N_MODALITIES; k++)
        s->shelf[k].width = (size_t)um_modality_get((um_modality_kind)k)->body;
    if (path) {
        s->path = strdup(path);
        if (!s->path) UM_CHECK(um_fail(UMCL_ERR_NOMEM, "out of memory"));
        UM_CHECK(read_file(s));
    }
    *out = s;
    s = NULL;
done:
    um_body_store_free(s);
    return st;
}

void um_body_store_free(um_body_store *s)
{
    if (!s) return;
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        free(s->shelf[k].key);
        free(s->shelf[k].body);
        free(s->shelf[k].place);
    }
    free(s->path);
    free(s);
}

bool um_body_store_find(const um_body_store *store, um_modality_kind kind, const char *key,
                        float *body)
{
    const shelf *s = &store->shelf[kind];
    size_t place = s->n ? s->place[look_up(s, key)] : 0;

    if (!place) return false;
    memcpy(body, s->body + (place - 1) * s->width, s->width * sizeof *body);
    return true;
}

umcl_status um_body_store_add(um_body_store *store, um_modality_kind kind, const char *key,
                              const float *body)
{
    shelf *s = &store->shelf[kind];

    UM_TRY(make_room(s));
    memcpy(s->key[s->n], key, UM_BODY_KEY);
    memcpy(s->body + s->n * s->width, body, s->width * sizeof *body);
    s->place[look_up(s, key)] = s->n + 1;
    s->n++;
    store->changed = true;
    return UMCL_OK;
}

void um_body_store_forget(um_body_store *store)
{
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        shelf *s = &store->shelf[k];

        s->n = 0;
        if (s->place) memset(s->place, 0, s->n_places * sizeof *s->place);
    }
}

umcl_status um_body_store_save(um_body_store *store)
{
    um_st_writer *w = NULL;
    umcl_status st = UMCL_OK;

    if (!store->path || !store->changed) return UMCL_OK;
    UM_CHECK(um_st_writer_new(&w));
    UM_CHECK(um_st_writer_meta(w, META_KIND, KIND));
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        const shelf *s = &store->shelf[k];
        const int64_t key_dim[2] = {(int64_t)s->n, UM_BODY_KEY};
        const int64_t body_dim[2] = {(int64_t)s->n, (int64_t)s->width};
        char key_name[32], body_name[32];

        if (!s->n) continue;
        names_of(key_name, body_name, k);
        UM_CHECK(um_st_writer_add(w, key_name, UM_ST_U8, 2, key_dim, s->key));
        UM_CHECK(um_st_writer_add(w, body_name, UM_ST_F32, 2, body_dim, s->body));
    }
    UM_CHECK(um_st_write(w, store->path));
    store->changed = false;
done:
    um_st_writer_free(w);
    return st;
}
