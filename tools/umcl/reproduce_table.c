/* Building tables and reading what the steps have made. */
#include "reproduce_table.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

void rp_table_open(rp_table *t, rp_protocol *p, const char *id, const char *title)
{
    *t = (rp_table){
        .p = p, .id = id, .title = title, .unit = "AUC in %", .scale = 100, .decimals = 2};
}

int rp_column(rp_table *t, const char *head, const char *name)
{
    t->head[t->n_columns] = head;
    t->column[t->n_columns] = name;
    return t->n_columns++;
}

void rp_note(rp_table *t, const char *text)
{
    if (t->n_notes < RP_MAX_NOTES) t->notes[t->n_notes++] = text;
}

int rp_row_add(rp_table *t, const char *group, const char *name, const double *paper)
{
    static rp_row nowhere;
    rp_row *row = t->n_rows < RP_MAX_ROWS ? um_arena_alloc(t->p->arena, sizeof *row) : NULL;

    if (!row) {
        t->p->failed = true;
        t->rows[0] = &nowhere;
        return 0;
    }
    row->group = group;
    row->name = name;
    for (int c = 0; c < RP_MAX_COLUMNS; c++)
        row->cell[c] = (rp_cell){.paper = paper && c < t->n_columns ? paper[c] : NAN,
                                 .value = NAN,
                                 .low = NAN,
                                 .high = NAN,
                                 .deviation = NAN,
                                 .base_row = -1,
                                 .base_column = -1};
    t->rows[t->n_rows] = row;
    return t->n_rows++;
}

static rp_found *add_found(rp_table *t, rp_cell *c)
{
    if (!c->found) c->found = um_arena_alloc(t->p->arena, RP_MAX_SEEDS * sizeof *c->found);
    if (!c->found || c->n_found == RP_MAX_SEEDS) {
        t->p->failed = true;
        return NULL;
    }
    return &c->found[c->n_found++];
}

void rp_figure(rp_table *t, int row, int column, const rp_step *step, const char *measure,
               const char *group)
{
    rp_cell *c = &t->rows[row]->cell[column];
    rp_found *found = add_found(t, c);

    t->rows[row]->ours = true;
    c->measure = measure;
    c->group = group;
    if (found) *found = (rp_found){step, NAN, NAN, NAN};
}

void rp_mean(rp_table *t, int row, int column, int first, int n)
{
    t->rows[row]->cell[column].mean_of = first;
    t->rows[row]->cell[column].n_means = n;
}

void rp_difference(rp_table *t, int row, int column, int base_row, int base_column)
{
    t->rows[row]->cell[column].base_row = base_row;
    t->rows[row]->cell[column].base_column = base_column;
}

static double number(const json_t *of, const char *key)
{
    const json_t *v = json_object_get(of, key);

    return json_is_number(v) ? json_number_value(v) : NAN;
}

/* The videos of a manipulation; where the labels tell no two apart, all are of it. */
static const json_t *videos_of(const json_t *result, const char *group)
{
    const json_t *list = json_object_get(json_object_get(result, "groups"), "manipulation");
    size_t n = json_array_size(list);

    if (!group || n == 0) return json_object_get(result, "videos");
    for (size_t i = 0; i < n; i++) {
        const json_t *g = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(g, "name"));

        if (name && !strcmp(name, group)) return json_object_get(g, "videos");
    }
    return NULL;
}

/* "a.b.c" in a document; of an array by number. */
static const json_t *at_path(const json_t *doc, const char *path)
{
    while (doc && *path) {
        size_t n = strcspn(path, ".");

        if (json_is_array(doc))
            doc = json_array_get(doc, strtoul(path, NULL, 10));
        else
            doc = json_object_getn(doc, path, n);
        path += n + (path[n] == '.');
    }
    return doc;
}

static umcl_status read_found(rp_found *f, const rp_cell *c)
{
    json_error_t e;
    json_t *doc = json_load_file(f->step->makes, 0, &e);
    const json_t *measure;

    if (!doc) return um_fail(UMCL_ERR_FORMAT, "%s: %s", f->step->makes, e.text);
    if (f->step->kind == RP_EVAL) {
        measure = json_object_get(
            videos_of(json_array_get(json_object_get(doc, "results"), 0), c->group), c->measure);
        f->value = number(measure, "value");
        f->low = number(measure, "low");
        f->high = number(measure, "high");
    } else {
        measure = at_path(doc, c->measure);
        if (json_is_number(measure)) f->value = json_number_value(measure);
    }
    json_decref(doc);
    return UMCL_OK;
}

/* Over the seeds: the mean, its spread, and the widest bounds. */
static void summarise(rp_cell *c, double scale)
{
    int n = 0;

    c->value = 0;
    for (int i = 0; i < c->n_found; i++) {
        const rp_found *f = &c->found[i];

        if (isnan(f->value)) continue;
        c->value += scale * f->value;
        c->low = fmin(c->low, scale * f->low); /* fmin passes NaN over */
        c->high = fmax(c->high, scale * f->high);
        n++;
    }
    c->value = n ? c->value / n : NAN;
    if (n < 2) return;
    c->deviation = 0;
    for (int i = 0; i < c->n_found; i++)
        if (!isnan(c->found[i].value))
            c->deviation += pow(scale * c->found[i].value - c->value, 2) / (n - 1);
    c->deviation = sqrt(c->deviation);
}

/* A mean's figures, seed by seed, where all its columns have them. */
static void average(rp_table *t, rp_row *row, rp_cell *c)
{
    const rp_cell *first = &row->cell[c->mean_of];

    c->n_found = 0;
    for (int s = 0; s < first->n_found; s++) {
        double sum = 0;
        rp_found *f;

        for (int k = 0; k < c->n_means; k++)
            sum += s < first[k].n_found ? first[k].found[s].value : NAN;
        f = add_found(t, c);
        if (f) *f = (rp_found){first->found[s].step, sum / c->n_means, NAN, NAN};
    }
    summarise(c, t->scale);
}

umcl_status rp_table_assemble(rp_table *t)
{
    for (int r = 0; r < t->n_rows; r++) {
        rp_row *row = t->rows[r];

        for (int c = 0; c < t->n_columns; c++) {
            rp_cell *cell = &row->cell[c];

            if (cell->n_means) continue;
            for (int i = 0; i < cell->n_found; i++)
                if (isnan(cell->found[i].value)) UM_TRY(read_found(&cell->found[i], cell));
            summarise(cell, t->scale);
        }
        for (int c = 0; c < t->n_columns; c++)
            if (row->cell[c].n_means) average(t, row, &row->cell[c]);
    }
    return t->p->failed ? um_fail(UMCL_ERR_NOMEM, "%s: out of memory, or too large", t->id)
                        : UMCL_OK;
}

bool rp_row_has_figures(const rp_table *t, const rp_row *row)
{
    for (int c = 0; c < t->n_columns; c++)
        if (row->cell[c].n_found || (row->extra && !isnan(row->cell[c].value))) return true;
    return false;
}

/* Digits behind the point: none where the number is large. */
static int digits(const rp_table *t, double v)
{
    return fabs(v) >= 10000 ? 0 : t->decimals;
}

const char *rp_paper_text(const rp_table *t, const rp_row *row, int column)
{
    const rp_cell *c = &row->cell[column];
    double base = c->base_row < 0 ? NAN : t->rows[c->base_row]->cell[c->base_column].paper;
    int n = digits(t, c->paper);

    if (isnan(c->paper)) return "-";
    if (isnan(base)) return rp_text(t->p, "%.*f", n, c->paper);
    return rp_text(t->p, "%.*f [%+.*f]", n, c->paper, n, c->paper - base);
}

const char *rp_value_text(const rp_table *t, const rp_row *row, int column)
{
    const rp_cell *c = &row->cell[column];
    double base = c->base_row < 0 ? NAN : t->rows[c->base_row]->cell[c->base_column].value;
    const char *text;
    int n = digits(t, c->value);

    if (isnan(c->value)) return "-";
    text = rp_text(t->p, "%.*f", n, c->value);
    if (!isnan(c->deviation)) text = rp_text(t->p, "%s \xC2\xB1 %.*f", text, n, c->deviation);
    if (!isnan(c->low)) text = rp_text(t->p, "%s (%.*f-%.*f)", text, n, c->low, n, c->high);
    return isnan(base) ? text : rp_text(t->p, "%s [%+.*f]", text, n, c->value - base);
}
