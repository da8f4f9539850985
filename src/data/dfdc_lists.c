#include "data/dfdc_lists.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/str.h"
#include "data/csv.h"
#include "data/dataset_json.h"
#include "data/labels.h"

#define MAX_BYTES ((size_t)256 << 20)

/* A list must not lead out of its folder. */
static bool plain(const char *name)
{
    return name && *name && *name != '.' && !strchr(name, '/');
}

static umcl_status add(um_dfdc_list *list, const um_dfdc_entry *entry)
{
    um_dfdc_entry copy = *entry;

    if (!list->strings) UM_TRY(um_arena_new(&list->strings));
    if (list->count == list->cap) {
        size_t cap = list->cap ? 2 * list->cap : 256;
        UM_TRY(um_realloc(&list->entries, cap, sizeof *list->entries));
        list->cap = cap;
    }
    copy.file = um_arena_strdup(list->strings, entry->file);
    copy.original = um_arena_strdup(list->strings, entry->original);
    if (!copy.file || (entry->original && !copy.original))
        return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", entry->file);
    list->entries[list->count++] = copy;
    return UMCL_OK;
}

static umcl_status add_json(um_dfdc_list *out, const char *file, const json_t *value)
{
    const char *label = json_string_value(json_object_get(value, "label"));
    const char *split = json_string_value(json_object_get(value, "split"));
    const char *original = json_string_value(json_object_get(value, "original"));
    um_dfdc_entry entry = {.file = file};

    if (!plain(file) || !label || um_label_parse(&entry.fake, label) != UMCL_OK ||
        !um_split_parse(&entry.split, split ? split : ""))
        return um_names_add(&out->odd, file, NULL);
    if (entry.split == UM_SPLIT_TRAIN) entry.split = UM_SPLIT_NONE;
    if (entry.fake && plain(original)) entry.original = original;
    return add(out, &entry);
}

umcl_status um_dfdc_metadata_parse(um_dfdc_list *out, const char *name, const void *bytes, size_t n)
{
    const char *file;
    umcl_status st;
    json_t *doc, *value;

    *out = (um_dfdc_list){0};
    UM_TRY(um_json_parse(&doc, name, bytes, n));
    if (json_is_object(doc))
        st = UMCL_OK;
    else
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected an object with a video's name each, found %s",
                     name, um_json_type(doc));
    json_object_foreach(doc, file, value) if (st == UMCL_OK) st = add_json(out, file, value);
    json_decref(doc);
    if (st != UMCL_OK) um_dfdc_list_clear(out);
    return st;
}

umcl_status um_dfdc_labels_parse(um_dfdc_list *out, const char *name, const void *bytes, size_t n)
{
    int file, label;
    umcl_status st;
    um_csv csv;

    *out = (um_dfdc_list){0};
    UM_TRY(um_csv_parse(&csv, name, bytes, n));
    um_csv_next(&csv);
    file = um_csv_column(&csv, "filename");
    label = um_csv_column(&csv, "label");
    st = file >= 0 && label >= 0
             ? UMCL_OK
             : um_fail(UMCL_ERR_FORMAT, "%s: expected the columns filename and label", name);
    while (st == UMCL_OK && um_csv_next(&csv)) {
        um_dfdc_entry entry = {.file = um_csv_field(&csv, file)};

        if (plain(entry.file) && um_label_parse(&entry.fake, um_csv_field(&csv, label)) == UMCL_OK)
            st = add(out, &entry);
        else
            st = um_names_add(&out->odd, entry.file, NULL);
    }
    um_csv_close(&csv);
    if (st != UMCL_OK) um_dfdc_list_clear(out);
    return st;
}

umcl_status um_dfdc_list_read(um_dfdc_list *out, const char *path)
{
    umcl_status st;
    char *bytes;
    size_t n;

    *out = (um_dfdc_list){0};
    UM_TRY(um_file_read(&bytes, &n, path, MAX_BYTES));
    st = um_str_ends(path, ".json") ? um_dfdc_metadata_parse(out, path, bytes, n)
                                    : um_dfdc_labels_parse(out, path, bytes, n);
    free(bytes);
    return st;
}

void um_dfdc_list_clear(um_dfdc_list *list)
{
    free(list->entries);
    um_arena_free(list->strings);
    um_names_clear(&list->odd);
    *list = (um_dfdc_list){0};
}
