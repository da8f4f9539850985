/* Scores of other programs as rows of a table, on the videos of its columns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "data/csv.h"
#include "data/labels.h"
#include "eval/evaluation.h"
#include "labelled_cache.h"
#include "reproduce_table.h"

typedef struct scores {
    um_names names;
    double *value; /* [names.count] */
} scores;

/* A finite number and nothing else. */
static bool parse(double *out, const char *text)
{
    char *end;

    *out = strtod(text, &end);
    return end != text && !*end && isfinite(*out);
}

static umcl_status read_scores(scores *out, const char *path)
{
    size_t cap = 0, number;
    um_csv csv = {0};
    int video, score;
    umcl_status st;

    UM_CHECK(um_csv_open(&csv, path));
    um_csv_next(&csv);
    video = um_csv_column(&csv, "video");
    score = um_csv_column(&csv, "score");
    if (video < 0 || score < 0) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected the columns video and score", path);
        goto done;
    }
    while (um_csv_next(&csv)) {
        char *name = um_plain_name(um_csv_field(&csv, video));
        double value;

        st = name ? um_names_add(&out->names, name, &number) : UMCL_ERR_NOMEM;
        free(name);
        if (st != UMCL_OK) goto done;
        if (out->names.count > cap) {
            cap = 2 * out->names.count;
            UM_CHECK(um_realloc(&out->value, cap, sizeof *out->value));
        }
        if (!parse(&value, um_csv_field(&csv, score))) {
            st = um_fail(UMCL_ERR_FORMAT, "%s:%zu: expected a number as score, found '%s'", path,
                         csv.line, um_csv_field(&csv, score));
            goto done;
        }
        out->value[number] = value;
    }
done:
    um_csv_close(&csv);
    return st;
}

/* Whose videos a column is measured on: those of any row that has it. */
static const rp_cell *example_of(const rp_table *t, int column)
{
    for (int r = 0; r < t->n_rows; r++) {
        const rp_cell *c = &t->rows[r]->cell[column];

        if (c->n_found && !c->n_means && c->found[0].step->kind == RP_EVAL) return c;
    }
    return NULL;
}

static bool is_of(const um_label *l, const rp_cell *c)
{
    return !strcmp(l->split, c->found[0].step->split) && l->sure &&
           (!c->group || !l->fake || !strcmp(l->manipulation, c->group));
}

static umcl_status measure(rp_cell *out, const rp_cell *like, const scores *s, double scale)
{
    um_eval_row *rows = NULL;
    um_evaluation e = {0};
    um_labels labels = {0};
    um_measure m = !strcmp(like->measure, "accuracy") ? UM_ACCURACY : UM_AUC;
    size_t n = 0, at, scored = 0;
    umcl_status st;

    UM_CHECK(um_labels_read(&labels, like->found[0].step->labels));
    UM_CHECK(um_calloc(&rows, labels.count, sizeof *rows));
    for (size_t i = 0; i < labels.count; i++) {
        const um_label *l = &labels.items[i];
        bool has;

        if (!is_of(l, like)) continue;
        has = s->value && um_names_find(&s->names, l->name, &at);
        rows[n++] = (um_eval_row){.label = l,
                                  .person = labelled_person(l),
                                  .score = has ? s->value[at] : NAN,
                                  .reason = has ? NULL : "missing"};
        scored += has;
    }
    if (!scored) goto done;
    UM_CHECK(um_evaluate(&e, rows, n, 0.5));
    out->value = scale * um_metrics_get(&e.videos.metrics, m);
    out->low = scale * e.videos.interval[m].low;
    out->high = scale * e.videos.interval[m].high;
done:
    um_evaluation_clear(&e);
    um_labels_clear(&labels);
    free(rows);
    return st;
}

umcl_status rp_extra(rp_table *t, const char *extra)
{
    const char *equals = strchr(extra, '=');
    scores s = {.names = UM_NAMES_INIT};
    int row;
    umcl_status st;

    if (!equals || equals == extra)
        return um_fail(UMCL_ERR_INVALID, "--extra: expected NAME=scores.csv, found '%s'", extra);
    row = rp_row_add(t, "scores of other programs",
                     rp_text(t->p, "%.*s", (int)(equals - extra), extra), NULL);
    t->rows[row]->extra = true;
    UM_CHECK(read_scores(&s, equals + 1));
    for (int c = 0; c < t->n_columns; c++) {
        const rp_cell *like = example_of(t, c);

        if (like) UM_CHECK(measure(&t->rows[row]->cell[c], like, &s, t->scale));
    }
done:
    um_names_clear(&s.names);
    free(s.value);
    return st;
}
