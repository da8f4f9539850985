#include "eval/evaluation.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/names.h"

#define DRAWS 2000
#define SEED 1

umcl_status um_measure_scores(um_measured *out, um_scored *items, size_t n, double threshold)
{
    UM_TRY(um_metrics_compute(&out->metrics, items, n, threshold));
    return um_metrics_bootstrap(out->interval, items, n, threshold, DRAWS, SEED);
}

const char *um_group_kind_name(um_group_kind kind)
{
    static const char *const names[] = {"manipulation", "dataset", "compression"};

    return names[kind];
}

static const char *group_of(const um_label *label, um_group_kind kind)
{
    if (kind == UM_BY_DATASET) return label->dataset;
    return kind == UM_BY_COMPRESSION ? label->compression : label->manipulation;
}

static um_scored scored(const um_eval_row *r, double score)
{
    return (um_scored){score, r->label->fake, r->person};
}

static bool belongs(const um_eval_row *r, um_group_kind kind, const char *name)
{
    if (r->reason) return false;
    if (kind == UM_BY_MANIPULATION && !r->label->fake) return true;
    return !strcmp(group_of(r->label, kind), name);
}

/* The names that stand in scored rows; for manipulations, in those of fakes. */
static umcl_status list_names(um_names *names, const um_eval_row *rows, size_t n,
                              um_group_kind kind)
{
    for (size_t i = 0; i < n; i++) {
        const char *name = group_of(rows[i].label, kind);

        if (rows[i].reason || !*name || (kind == UM_BY_MANIPULATION && !rows[i].label->fake))
            continue;
        UM_TRY(um_names_add(names, name, NULL));
    }
    return UMCL_OK;
}

/* `items` has room for all rows. */
static umcl_status measure_groups(um_evaluation *e, um_group_kind kind, const um_eval_row *rows,
                                  size_t n, double threshold, um_scored *items)
{
    um_names names = UM_NAMES_INIT;
    umcl_status st;

    UM_CHECK(list_names(&names, rows, n, kind));
    if (names.count < 2) goto done;
    UM_CHECK(um_calloc(&e->groups[kind], names.count, sizeof *e->groups[kind]));
    for (size_t g = 0; g < names.count; g++) {
        um_group *group = &e->groups[kind][e->n_groups[kind]++];
        size_t count = 0;

        for (size_t i = 0; i < n; i++) {
            if (!belongs(&rows[i], kind, names.text[g])) continue;
            if (!group->name && !strcmp(group_of(rows[i].label, kind), names.text[g]))
                group->name = group_of(rows[i].label, kind);
            items[count++] = scored(&rows[i], rows[i].score);
        }
        UM_CHECK(um_measure_scores(&group->videos, items, count, threshold));
    }
done:
    um_names_clear(&names);
    return st;
}

static umcl_status measure_windows(um_evaluation *e, const um_eval_row *rows, size_t n,
                                   double threshold)
{
    um_scored *items = NULL;
    size_t total = 0, at = 0;
    umcl_status st;

    for (size_t i = 0; i < n; i++) total += rows[i].n_windows;
    UM_TRY(um_calloc(&items, total, sizeof *items));
    for (size_t i = 0; i < n; i++)
        for (size_t w = 0; !rows[i].reason && w < rows[i].n_windows; w++)
            items[at++] = scored(&rows[i], rows[i].windows[w]);
    st = um_measure_scores(&e->windows, items, at, threshold);
    free(items);
    return st;
}

umcl_status um_evaluate(um_evaluation *out, const um_eval_row *rows, size_t n, double threshold)
{
    um_scored *items = NULL;
    size_t count = 0;
    umcl_status st;

    *out = (um_evaluation){0};
    UM_CHECK(um_calloc(&items, n, sizeof *items));
    for (size_t i = 0; i < n; i++)
        if (!rows[i].reason) items[count++] = scored(&rows[i], rows[i].score);
    out->n_unscored = n - count;
    UM_CHECK(um_measure_scores(&out->videos, items, count, threshold));
    um_calibration_curve(out->curve, items, count);
    UM_CHECK(measure_windows(out, rows, n, threshold));
    for (int k = 0; k < UM_N_GROUP_KINDS; k++)
        UM_CHECK(measure_groups(out, (um_group_kind)k, rows, n, threshold, items));
done:
    free(items);
    if (st != UMCL_OK) um_evaluation_clear(out);
    return st;
}

void um_evaluation_clear(um_evaluation *e)
{
    for (int k = 0; k < UM_N_GROUP_KINDS; k++) free(e->groups[k]);
    *e = (um_evaluation){0};
}
