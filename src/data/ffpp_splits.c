#include "data/ffpp_splits.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "data/dataset_json.h"

#define MAX_BYTES ((size_t)16 << 20)

/* 0 .. 999, or -1. */
static int id_number(const char *id)
{
    if (!id || strlen(id) != 3 || strspn(id, "0123456789") != 3) return -1;
    return (id[0] - '0') * 100 + (id[1] - '0') * 10 + (id[2] - '0');
}

static umcl_status add_id(um_ffpp_splits *s, const char *id, um_split split)
{
    um_split *have = &s->of_id[id_number(id)];

    if (*have != UM_SPLIT_NONE && *have != split) return um_names_add(&s->twice, id, NULL);
    *have = split;
    return UMCL_OK;
}

static umcl_status add_pair(um_ffpp_splits *s, const char *a, const char *b, um_split split)
{
    um_ffpp_pair *pair;

    if (s->count == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 512;
        UM_TRY(um_realloc(&s->pairs, cap, sizeof *s->pairs));
        s->cap = cap;
    }
    pair = &s->pairs[s->count++];
    pair->split = split;
    memcpy(pair->a, a, sizeof pair->a);
    memcpy(pair->b, b, sizeof pair->b);
    UM_TRY(add_id(s, a, split));
    return add_id(s, b, split);
}

umcl_status um_ffpp_splits_parse(um_ffpp_splits *s, um_split split, const char *name,
                                 const void *bytes, size_t n)
{
    umcl_status st;
    json_t *list;

    UM_TRY(um_json_parse(&list, name, bytes, n));
    if (!json_is_array(list)) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected a list of pairs of ids, found %s", name,
                     um_json_type(list));
        goto done;
    }
    st = UMCL_OK;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *pair = json_array_get(list, i);
        const char *a = json_string_value(json_array_get(pair, 0));
        const char *b = json_string_value(json_array_get(pair, 1));

        if (json_array_size(pair) != 2 || id_number(a) < 0 || id_number(b) < 0) {
            st = um_fail(UMCL_ERR_FORMAT, "%s, entry %zu: expected two ids of three digits", name,
                         i + 1);
            goto done;
        }
        UM_CHECK(add_pair(s, a, b, split));
    }
done:
    json_decref(list);
    return st;
}

umcl_status um_ffpp_splits_read(um_ffpp_splits *s, const char *folder)
{
    um_str path = UM_STR_INIT;
    umcl_status st = UMCL_OK;

    for (int split = UM_SPLIT_TRAIN; split <= UM_SPLIT_TEST && st == UMCL_OK; split++) {
        char *bytes = NULL;
        size_t n;

        um_str_clear(&path);
        um_str_printf(&path, "%s/%s.json", folder, um_split_name((um_split)split));
        st = um_str_status(&path);
        if (st == UMCL_OK) st = um_file_read(&bytes, &n, path.text, MAX_BYTES);
        if (st == UMCL_OK) st = um_ffpp_splits_parse(s, (um_split)split, path.text, bytes, n);
        free(bytes);
    }
    um_str_clear(&path);
    return st;
}

void um_ffpp_splits_clear(um_ffpp_splits *s)
{
    free(s->pairs);
    um_names_clear(&s->twice);
    *s = (um_ffpp_splits){0};
}

um_split um_ffpp_split_of(const um_ffpp_splits *s, const char *person, const char *source)
{
    um_split split = s->of_id[id_number(person)];

    return !*source || s->of_id[id_number(source)] == split ? split : UM_SPLIT_NONE;
}
