#include "eval/score_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/csv.h"
#include "data/labels.h"

enum { VIDEO, SCORE, LABEL, PERSON, MODEL, QUALITY, N_COLUMNS };

static umcl_status find_columns(int column[N_COLUMNS], um_csv *csv)
{
    static const char *const names[] = {"video", "score", "label", "person", "model", "quality"};

    um_csv_next(csv);
    for (int c = 0; c < N_COLUMNS; c++) column[c] = um_csv_column(csv, names[c]);
    if (column[VIDEO] < 0) column[VIDEO] = um_csv_column(csv, "name");
    if (column[VIDEO] < 0) column[VIDEO] = um_csv_column(csv, "path");
    if (column[VIDEO] >= 0 && column[SCORE] >= 0) return UMCL_OK;
    return um_fail(UMCL_ERR_FORMAT,
                   "expected columns 'video' (or 'name', or 'path') and 'score', found '%s' ...",
                   um_csv_field(csv, 0));
}

static umcl_status parse_score(double *out, const char *text)
{
    char *end;

    *out = NAN;
    if (!*text) return UMCL_OK;
    *out = strtod(text, &end);
    if (end != text && !*end && !isinf(*out)) return UMCL_OK;
    return um_fail(UMCL_ERR_FORMAT, "expected a score, found '%s'", text);
}

static umcl_status add_row(um_score_file *out, const um_csv *csv, const int column[N_COLUMNS])
{
    const char *video = um_csv_field(csv, column[VIDEO]);
    const char *label = um_csv_field(csv, column[LABEL]);
    size_t before = out->videos.count, cap = out->cap ? 2 * out->cap : 256;
    um_score_row row = {0};

    if (!*video) return um_fail(UMCL_ERR_FORMAT, "expected the name of a video, found none");
    UM_TRY(parse_score(&row.score, um_csv_field(csv, column[SCORE])));
    row.has_label = *label != '\0';
    if (row.has_label) UM_TRY(um_label_parse(&row.fake, label));
    if (before == out->cap) {
        UM_TRY(um_realloc(&out->rows, cap, sizeof *out->rows));
        out->cap = cap;
    }
    UM_TRY(um_names_add(&out->videos, video, NULL));
    if (out->videos.count == before)
        return um_fail(UMCL_ERR_FORMAT,
                       "'%s' stands twice: say which model or quality is meant where the file "
                       "holds several",
                       video);
    row.person = strdup(um_csv_field(csv, column[PERSON]));
    out->rows[before] = row;
    return row.person ? UMCL_OK : um_fail(UMCL_ERR_NOMEM, "out of memory");
}

static bool is_meant(const um_csv *csv, int column, const char *wanted)
{
    return !wanted || !strcmp(um_csv_field(csv, column), wanted);
}

/* Closes `csv`. */
static umcl_status read_rows(um_score_file *out, const char *name, um_csv *csv,
                             um_score_choice choice)
{
    int column[N_COLUMNS];
    umcl_status st = find_columns(column, csv);

    while (st == UMCL_OK && um_csv_next(csv))
        if (is_meant(csv, column[MODEL], choice.model) &&
            is_meant(csv, column[QUALITY], choice.quality))
            st = add_row(out, csv, column);
    if (st != UMCL_OK)
        um_fail(st, "%s, line %zu: %s", name, csv->line, umcl_last_error());
    else if (out->videos.count == 0)
        st =
            um_fail(UMCL_ERR_NOT_FOUND, "%s: expected scores%s%s%s%s, found no such row", name,
                    choice.model ? " of the model " : "", choice.model ? choice.model : "",
                    choice.quality ? " of the quality " : "", choice.quality ? choice.quality : "");
    um_csv_close(csv);
    if (st != UMCL_OK) um_score_file_clear(out);
    return st;
}

umcl_status um_score_file_read(um_score_file *out, const char *path, um_score_choice choice)
{
    um_csv csv;

    *out = (um_score_file){.videos = UM_NAMES_INIT};
    UM_TRY(um_csv_open(&csv, path));
    return read_rows(out, path, &csv, choice);
}

umcl_status um_score_file_parse(um_score_file *out, const char *name, const void *bytes, size_t n,
                                um_score_choice choice)
{
    um_csv csv;

    *out = (um_score_file){.videos = UM_NAMES_INIT};
    UM_TRY(um_csv_parse(&csv, name, bytes, n));
    return read_rows(out, name, &csv, choice);
}

void um_score_file_clear(um_score_file *file)
{
    for (size_t i = 0; i < file->videos.count; i++) free(file->rows[i].person);
    free(file->rows);
    um_names_clear(&file->videos);
    *file = (um_score_file){.videos = UM_NAMES_INIT};
}
