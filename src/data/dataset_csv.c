/* A plain CSV: what `umcl dataset list --csv` prints, or a list that somebody wrote. */
#include "data/dataset_reader.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "data/csv.h"
#include "data/dataset_divide.h"
#include "data/labels.h"

#define MAX_BYTES ((size_t)256 << 20)

enum {
    NAME,
    PATH,
    LABEL,
    DATASET,
    METHOD,
    COMPRESSION,
    PERSON,
    SOURCE,
    GROUP,
    SPLIT,
    CONFIDENCE,
    N_COLUMNS
};

static umcl_status find_columns(int column[N_COLUMNS], um_csv *csv)
{
    static const char *const names[] = {"name",   "path",        "label",     "dataset",
                                        "method", "compression", "person",    "source",
                                        "group",  "split",       "confidence"};

    um_csv_next(csv);
    for (int c = 0; c < N_COLUMNS; c++) column[c] = um_csv_column(csv, names[c]);
    if (column[METHOD] < 0) column[METHOD] = um_csv_column(csv, "manipulation");
    if ((column[NAME] < 0 && column[PATH] < 0) || column[LABEL] < 0)
        return um_fail(UMCL_ERR_FORMAT,
                       "expected columns 'name' (or 'path') and 'label', found '%s' ...",
                       um_csv_field(csv, 0));
    return UMCL_OK;
}

static umcl_status add_row(um_dataset *d, const um_csv *csv, const int column[N_COLUMNS])
{
    const char *text[N_COLUMNS];
    um_item item = {0};
    char *name;
    umcl_status st;

    for (int c = 0; c < N_COLUMNS; c++) text[c] = um_csv_field(csv, column[c]);
    UM_TRY(um_label_parse(&item.fake, text[LABEL]));
    if (!um_split_parse(&item.split, text[SPLIT]))
        return um_fail(UMCL_ERR_FORMAT, "expected the split train, val, test or none, found '%s'",
                       text[SPLIT]);
    if (!um_compression_parse(&item.compression, text[COMPRESSION]))
        return um_fail(UMCL_ERR_FORMAT,
                       "expected the compression raw, c23, c40 or none, found '%s'",
                       text[COMPRESSION]);
    name = um_plain_name(*text[NAME] ? text[NAME] : text[PATH]);
    if (!name) return um_fail(UMCL_ERR_NOMEM, "out of memory");
    if (!*name) {
        free(name);
        return um_fail(UMCL_ERR_FORMAT, "expected a name or a path, found none");
    }
    item.name = name;
    item.path = text[PATH];
    item.dataset = text[DATASET];
    item.method = item.fake ? *text[METHOD] ? text[METHOD] : "fake" : "real";
    item.person = text[PERSON];
    item.source = text[SOURCE];
    item.group = text[GROUP];
    item.sure = !*text[CONFIDENCE] || !strcasecmp(text[CONFIDENCE], "high");
    st = um_dataset_add(d, &item);
    free(name);
    return st;
}

umcl_status um_rows_parse(um_dataset *d, const char *name, const void *bytes, size_t n)
{
    int column[N_COLUMNS];
    umcl_status st;
    um_csv csv;

    UM_TRY(um_csv_parse(&csv, name, bytes, n));
    st = find_columns(column, &csv);
    while (st == UMCL_OK && um_csv_next(&csv)) st = add_row(d, &csv, column);
    if (st != UMCL_OK) um_fail(st, "%s, line %zu: %s", name, csv.line, umcl_last_error());
    um_csv_close(&csv);
    return st;
}

static bool detect(const char *root, const char *file)
{
    (void)root;
    return file && um_str_ends(file, ".csv");
}

static umcl_status read_list(um_dataset *d, const char *file, const um_dataset_options *o)
{
    umcl_status st;
    char *bytes;
    size_t n;

    if (!file) return um_fail(UMCL_ERR_INVALID, "%s: expected a CSV file, found a folder", d->root);
    UM_TRY(um_file_read(&bytes, &n, file, MAX_BYTES));
    st = um_rows_parse(d, file, bytes, n);
    free(bytes);
    return st == UMCL_OK && o->apart ? um_dataset_divide_afresh(d) : st;
}

const um_dataset_reader um_reader_csv = {
    {"csv", "a CSV file with a header: name or path, label"}, detect, read_list};
