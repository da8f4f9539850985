#include "data/labels.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/mem.h"

#define MAX_FIELDS 64
#define MAX_CSV ((size_t)256 << 20)

/* Splits one record in place; `*at` moves behind it. Returns the number of fields. */
static int split_record(char **at, char *fields[MAX_FIELDS])
{
    char *p = *at, *to;
    int n = 0;

    for (;;) {
        bool quoted = *p == '"';
        if (quoted) p++;
        to = p;
        if (n < MAX_FIELDS) fields[n++] = p;
        while (*p && (quoted || (*p != ',' && *p != '\n' && *p != '\r'))) {
            if (quoted && *p == '"') {
                p++;
                if (*p != '"') {
                    quoted = false;
                    continue;
                }
            }
            *to++ = *p++;
        }
        if (*p == '\r' && p[1] == '\n') p++;
        char stop = *p;
        if (*p) p++;
        *to = '\0';
        if (stop != ',') break;
    }
    *at = p;
    return n;
}

enum { NAME, LABEL, PERSON, SPLIT, DATASET, CONFIDENCE, N_COLUMNS };

static umcl_status find_columns(int column[N_COLUMNS], char *fields[], int n)
{
    static const char *const names[] = {"name",  "label",   "person",
                                        "split", "dataset", "confidence"};

    for (int c = 0; c < N_COLUMNS; c++) {
        column[c] = -1;
        for (int i = 0; i < n; i++)
            if (!strcasecmp(fields[i], names[c]) || (c == NAME && !strcasecmp(fields[i], "path")))
                column[c] = i;
    }
    if (column[NAME] < 0 || column[LABEL] < 0)
        return um_fail(UMCL_ERR_FORMAT,
                       "expected columns 'name' (or 'path') and 'label', found "
                       "'%s' ...",
                       n ? fields[0] : "");
    return UMCL_OK;
}

static umcl_status parse_label(bool *fake, const char *text)
{
    *fake = !strcasecmp(text, "fake") || !strcmp(text, "1");
    if (*fake || !strcasecmp(text, "real") || !strcmp(text, "0")) return UMCL_OK;
    return um_fail(UMCL_ERR_FORMAT, "expected the label real or fake, found '%s'", text);
}

/* "a/b/clip.mp4" -> "clip" */
static char *plain_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *start = slash ? slash + 1 : path;
    const char *dot = strrchr(start, '.');

    return strndup(start, dot && dot > start ? (size_t)(dot - start) : strlen(start));
}

static umcl_status add_row(um_labels *out, const int column[N_COLUMNS], char *fields[], int n)
{
    const char *text[N_COLUMNS];
    um_label *item;

    for (int c = 0; c < N_COLUMNS; c++)
        text[c] = column[c] >= 0 && column[c] < n ? fields[column[c]] : "";
    if (out->count == out->cap) {
        size_t cap = out->cap ? 2 * out->cap : 256;
        UM_TRY(um_realloc(&out->items, cap, sizeof *out->items));
        out->cap = cap;
    }
    item = &out->items[out->count];
    *item = (um_label){.sure = !*text[CONFIDENCE] || !strcasecmp(text[CONFIDENCE], "high")};
    UM_TRY(parse_label(&item->fake, text[LABEL]));
    item->name = plain_name(text[NAME]);
    item->person = strdup(text[PERSON]);
    item->split = strdup(text[SPLIT]);
    item->dataset = strdup(text[DATASET]);
    out->count++;
    if (!item->name || !item->person || !item->split || !item->dataset)
        return um_fail(UMCL_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i + 1 < out->count; i++)
        if (!strcmp(out->items[i].name, item->name))
            return um_fail(UMCL_ERR_FORMAT, "'%s' stands twice", item->name);
    return UMCL_OK;
}

umcl_status um_labels_read(um_labels *out, const char *path)
{
    char *fields[MAX_FIELDS], *text, *at;
    int column[N_COLUMNS], line = 1, n;
    umcl_status st;
    size_t bytes;

    *out = (um_labels){0};
    UM_TRY(um_file_read(&text, &bytes, path, MAX_CSV));
    at = text;
    n = split_record(&at, fields);
    st = find_columns(column, fields, n);
    while (st == UMCL_OK && *at) {
        line++;
        n = split_record(&at, fields);
        if (n == 1 && !*fields[0]) continue;
        st = add_row(out, column, fields, n);
    }
    free(text);
    if (st == UMCL_OK) return st;
    um_fail(st, "%s, line %d: %s", path, line, umcl_last_error());
    um_labels_clear(out);
    return st;
}

void um_labels_clear(um_labels *labels)
{
    for (size_t i = 0; i < labels->count; i++) {
        free(labels->items[i].name);
        free(labels->items[i].person);
        free(labels->items[i].split);
        free(labels->items[i].dataset);
    }
    free(labels->items);
    *labels = (um_labels){0};
}

const um_label *um_labels_find(const um_labels *labels, const char *name)
{
    for (size_t i = 0; i < labels->count; i++)
        if (!strcmp(labels->items[i].name, name)) return &labels->items[i];
    return NULL;
}
