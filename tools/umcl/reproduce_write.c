/* A table as text and as CSV, and all its files. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "reproduce_table.h"

/* What a line of a row is: the paper's figures, or those that were measured here. */
static const char *line_name(const rp_table *t, const rp_row *row, bool paper)
{
    if (paper) return row->ours || rp_row_has_figures(t, row) ? "paper" : "published, not run";
    if (row->extra) return "scores given";
    return row->mark ? row->mark : "here";
}

static bool has_paper(const rp_table *t, const rp_row *row)
{
    for (int c = 0; c < t->n_columns; c++)
        if (!isnan(row->cell[c].paper)) return true;
    return false;
}

/* Letters of a text in UTF-8. */
static int letters(const char *text)
{
    int n = 0;

    for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void put(FILE *to, const char *text, int width)
{
    fprintf(to, "%s%*s", text, width > letters(text) ? width - letters(text) : 0, "");
}

static int wider(int width, const char *text)
{
    int n = letters(text) + 2;

    return n > width ? n : width;
}

typedef struct widths {
    int name, kind, column[RP_MAX_COLUMNS];
} widths;

static widths measure(const rp_table *t)
{
    widths w = {0};

    for (int r = 0; r < t->n_rows; r++) {
        const rp_row *row = t->rows[r];

        w.name = wider(w.name, row->name);
        w.kind = wider(wider(w.kind, line_name(t, row, true)), line_name(t, row, false));
        for (int c = 0; c < t->n_columns; c++)
            w.column[c] =
                wider(wider(w.column[c], rp_paper_text(t, row, c)), rp_value_text(t, row, c));
    }
    for (int c = 0; c < t->n_columns; c++)
        w.column[c] = wider(wider(w.column[c], t->column[c]), t->head[c]);
    return w;
}

static void heads(const rp_table *t, FILE *to, const widths *w)
{
    bool any = false;

    for (int c = 0; c < t->n_columns; c++) any = any || *t->head[c];
    if (any) {
        put(to, "", w->name + w->kind);
        for (int c = 0; c < t->n_columns; c++)
            put(to, c && !strcmp(t->head[c], t->head[c - 1]) ? "" : t->head[c], w->column[c]);
        fputc('\n', to);
    }
    put(to, "", w->name + w->kind);
    for (int c = 0; c < t->n_columns; c++) put(to, t->column[c], w->column[c]);
    fputc('\n', to);
}

static void row_text(const rp_table *t, const rp_row *row, FILE *to, const widths *w)
{
    bool paper = has_paper(t, row);

    if (paper) {
        put(to, row->name, w->name);
        put(to, line_name(t, row, true), w->kind);
        for (int c = 0; c < t->n_columns; c++) put(to, rp_paper_text(t, row, c), w->column[c]);
        fputc('\n', to);
    }
    if (!rp_row_has_figures(t, row)) return;
    put(to, paper ? "" : row->name, w->name);
    put(to, line_name(t, row, false), w->kind);
    for (int c = 0; c < t->n_columns; c++) put(to, rp_value_text(t, row, c), w->column[c]);
    fputc('\n', to);
}

umcl_status rp_write_text(rp_table *t, FILE *to)
{
    widths w = measure(t);
    const char *group = "";

    fprintf(to, "%s\n", t->title);
    if (*t->unit) fprintf(to, "%s\n", t->unit);
    fputc('\n', to);
    if (t->n_columns) heads(t, to, &w);
    for (int r = 0; r < t->n_rows; r++) {
        const rp_row *row = t->rows[r];

        if (strcmp(group, row->group) != 0) fprintf(to, "-- %s\n", row->group);
        group = row->group;
        row_text(t, row, to, &w);
    }
    fputc('\n', to);
    for (int i = 0; i < t->n_notes; i++) fprintf(to, "%s\n", t->notes[i]);
    return UMCL_OK;
}

static void field(FILE *to, const char *text)
{
    fputc('"', to);
    for (; *text; text++) {
        if (*text == '"') fputc('"', to);
        fputc(*text, to);
    }
    fputc('"', to);
}

static void csv_number(FILE *to, double v)
{
    if (isnan(v))
        fputc(',', to);
    else
        fprintf(to, ",%.4f", v);
}

/* A cell a line, so that every figure has its place, its interval and its seeds. */
umcl_status rp_write_csv(rp_table *t, FILE *to)
{
    fputs("group,row,column,source,value,low,high,deviation,seeds\n", to);
    for (int r = 0; r < t->n_rows; r++)
        for (int c = 0; c < t->n_columns; c++)
            for (int paper = 1; paper >= 0; paper--) {
                const rp_row *row = t->rows[r];
                const rp_cell *cell = &row->cell[c];

                if (isnan(paper ? cell->paper : cell->value)) continue;
                field(to, row->group);
                fputc(',', to);
                field(to, row->name);
                fputc(',', to);
                field(to,
                      rp_text(t->p, "%s%s%s", t->head[c], *t->head[c] ? " " : "", t->column[c]));
                fputc(',', to);
                field(to, line_name(t, row, paper));
                csv_number(to, paper ? cell->paper : cell->value);
                csv_number(to, paper ? NAN : cell->low);
                csv_number(to, paper ? NAN : cell->high);
                csv_number(to, paper ? NAN : cell->deviation);
                if (paper)
                    fputs(",\n", to);
                else
                    fprintf(to, ",%d\n", cell->n_found);
            }
    return UMCL_OK;
}

static umcl_status write_one(rp_table *t, const char *ending,
                             umcl_status (*write)(rp_table *, FILE *))
{
    const char *path = rp_text(t->p, "%s/%s.%s", t->p->set->out, t->id, ending);
    um_file_writer *w = NULL;
    umcl_status st;

    UM_TRY(um_file_writer_open(&w, path));
    st = write(t, um_file_writer_stream(w));
    if (st == UMCL_OK) return um_file_writer_commit(w);
    um_file_writer_abort(w);
    return st;
}

umcl_status rp_table_write(rp_table *t)
{
    UM_TRY(write_one(t, "txt", rp_write_text));
    UM_TRY(write_one(t, "csv", rp_write_csv));
    UM_TRY(write_one(t, "json", rp_write_json));
    UM_TRY(write_one(t, "html", rp_write_html));
    return rp_write_text(t, stdout);
}
