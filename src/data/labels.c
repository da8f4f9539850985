#include "data/labels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/names.h"
#include "data/csv.h"

enum {
    NAME,
    PATH,
    LABEL,
    PERSON,
    SPLIT,
    DATASET,
    CONFIDENCE,
    MANIPULATION,
    COMPRESSION,
    N_COLUMNS
};

static umcl_status find_columns(int column[N_COLUMNS], um_csv *csv)
{
    static const char *const names[] = {"name",       "path",         "label",
                                        "person",     "split",        "dataset",
                                        "confidence", "manipulation", "compression"};

    um_csv_next(csv);
    for (int c = 0; c < N_COLUMNS; c++) column[c] = um_csv_column(csv, names[c]);
    if (column[MANIPULATION] < 0) column[MANIPULATION] = um_csv_column(csv, "method");
    if ((column[NAME] < 0 && column[PATH] < 0) || column[LABEL] < 0)
        return um_fail(UMCL_ERR_FORMAT,
                       "expected columns 'name' (or 'path') and 'label', found '%s' ...",
                       um_csv_field(csv, 0));
    return UMCL_OK;
}

umcl_status um_label_parse(bool *fake, const char *text)
{
    *fake = !strcasecmp(text, "fake") || !strcmp(text, "1");
    if (*fake || !strcasecmp(text, "real") || !strcmp(text, "0")) return UMCL_OK;
    return um_fail(UMCL_ERR_FORMAT, "expected the label real or fake, found '%s'", text);
}

char *um_plain_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *start = slash ? slash + 1 : path;
    const char *dot = strrchr(start, '.');

    return strndup(start, dot && dot > start ? (size_t)(dot - start) : strlen(start));
}

umcl_status um_path_beside(char **out, const char *list, const char *path)
{
    const char *slash = strrchr(list, '/');
    int folder = slash && *path && *path != '/' ? (int)(slash - list) + 1 : 0;

    if (asprintf(out, "%.*s%s", folder, list, path) >= 0) return UMCL_OK;
    *out = NULL;
    return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", list);
}

static umcl_status add_row(um_labels *out, um_names *names, const char *list, const um_csv *csv,
                           const int column[N_COLUMNS])
{
    const char *text[N_COLUMNS];
    size_t before = names->count;
    um_label *item;

    for (int c = 0; c < N_COLUMNS; c++) text[c] = um_csv_field(csv, column[c]);
    if (out->count == out->cap) {
        size_t cap = out->cap ? 2 * out->cap : 256;
        UM_TRY(um_realloc(&out->items, cap, sizeof *out->items));
        out->cap = cap;
    }
    item = &out->items[out->count];
    *item = (um_label){.sure = !*text[CONFIDENCE] || !strcasecmp(text[CONFIDENCE], "high")};
    UM_TRY(um_label_parse(&item->fake, text[LABEL]));
    out->count++;
    UM_TRY(um_path_beside(&item->path, list, text[PATH]));
    item->name = um_plain_name(column[NAME] >= 0 ? text[NAME] : text[PATH]);
    item->person = strdup(text[PERSON]);
    item->split = strdup(text[SPLIT]);
    item->dataset = strdup(text[DATASET]);
    item->manipulation = strdup(text[MANIPULATION]);
    item->compression = strdup(text[COMPRESSION]);
    if (!item->name || !item->person || !item->split || !item->dataset || !item->manipulation ||
        !item->compression)
        return um_fail(UMCL_ERR_NOMEM, "out of memory");
    if (!*item->name || *item->name == '.') /* it becomes a folder's name in the cache */
        return um_fail(UMCL_ERR_FORMAT, "expected a name, found '%s'", item->name);
    UM_TRY(um_names_add(names, item->name, NULL));
    if (names->count == before) return um_fail(UMCL_ERR_FORMAT, "'%s' stands twice", item->name);
    return UMCL_OK;
}

umcl_status um_labels_read(um_labels *out, const char *path)
{
    um_names names = UM_NAMES_INIT;
    int column[N_COLUMNS];
    umcl_status st;
    um_csv csv;

    *out = (um_labels){0};
    UM_TRY(um_csv_open(&csv, path));
    st = find_columns(column, &csv);
    while (st == UMCL_OK && um_csv_next(&csv)) st = add_row(out, &names, path, &csv, column);
    if (st != UMCL_OK) {
        um_fail(st, "%s, line %zu: %s", path, csv.line, umcl_last_error());
        um_labels_clear(out);
    }
    um_names_clear(&names);
    um_csv_close(&csv);
    return st;
}

void um_labels_truncate(um_labels *labels, size_t count)
{
    for (size_t i = count; i < labels->count; i++) {
        free(labels->items[i].name);
        free(labels->items[i].path);
        free(labels->items[i].person);
        free(labels->items[i].split);
        free(labels->items[i].dataset);
        free(labels->items[i].manipulation);
        free(labels->items[i].compression);
    }
    labels->count = count;
}

void um_labels_clear(um_labels *labels)
{
    um_labels_truncate(labels, 0);
    free(labels->items);
    *labels = (um_labels){0};
}

const um_label *um_labels_find(const um_labels *labels, const char *name)
{
    for (size_t i = 0; i < labels->count; i++)
        if (!strcmp(labels->items[i].name, name)) return &labels->items[i];
    return NULL;
}

const char *um_label_person(const um_label *label)
{
    return *label->person ? label->person : label->name;
}

umcl_status um_labels_apart(const um_labels *labels, const char *list, const char *split,
                            const char *other)
{
    um_names people = UM_NAMES_INIT;
    umcl_status st = UMCL_OK;

    for (size_t i = 0; i < labels->count; i++)
        if (!strcmp(labels->items[i].split, split))
            UM_CHECK(um_names_add(&people, um_label_person(&labels->items[i]), NULL));
    for (size_t i = 0; i < labels->count; i++) {
        const um_label *l = &labels->items[i];

        if (strcmp(l->split, other) || !um_names_find(&people, um_label_person(l), NULL)) continue;
        st = um_fail(UMCL_ERR_INVALID,
                     "%s: '%s' of the split %s shows a person of the split %s: people must be kept "
                     "apart",
                     list, l->name, other, split);
        goto done;
    }
done:
    um_names_clear(&people);
    return st;
}
