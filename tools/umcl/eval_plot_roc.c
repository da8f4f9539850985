/* ROC curves of a model, quality by quality, with their bands. */
#include <stdlib.h>

#include "base/mem.h"
#include "eval/roc_band.h"
#include "eval_plot.h"

#define DRAWS 2000 /* and seed, as those of the AUC's interval */
#define SEED 1

static umcl_status measure(um_roc *out, um_scored *items, const eval_table *t, size_t m, size_t q)
{
    size_t n = 0;

    for (size_t i = 0; i < t->labels.count; i++) {
        const um_eval_row *r = &t->cell[m][q].rows[i];

        if (!r->reason) items[n++] = (um_scored){r->score, r->label->fake, r->person};
    }
    return um_roc_measure(out, items, n, DRAWS, SEED);
}

umcl_status eval_plot_roc(const eval_table *t, size_t m)
{
    static const double ends[] = {0, 1};
    const bool few = t->set->n_qualities <= EVAL_PLOT_FEW;
    um_series series[EVAL_MAX_QUALITIES + 1] = {
        {.name = "chance", .kind = UM_SERIES_GUIDE, .n = 2, .x = ends, .y = ends}};
    um_panel panel = {.x = {.label = "share of real videos called fake", .low = 0, .high = 1},
                      .y = {.label = "share of fakes found", .low = 0, .high = 1},
                      .series = series,
                      .n_series = 1,
                      .width = 420,
                      .height = 420};
    um_roc roc[EVAL_MAX_QUALITIES] = {{0}};
    um_scored *items = NULL;
    const char *note = "; no curve: it takes real and fake ones";
    eval_plot_words w;
    umcl_status st;

    UM_CHECK(um_calloc(&items, t->labels.count, sizeof *items));
    for (size_t q = 0; q < t->set->n_qualities; q++) {
        um_roc *r = &roc[q];

        UM_CHECK(measure(r, items, t, m, q));
        eval_plot_say_measure(w.name[q], sizeof w.name[q], eval_plot_quality(t, q), "AUC",
                              &t->cell[m][q].result.videos, UM_AUC);
        if (r->n == 0) continue;
        series[panel.n_series++] = (um_series){.name = w.name[q],
                                               .kind = UM_SERIES_LINE,
                                               .n = r->n,
                                               .x = r->x,
                                               .y = r->y,
                                               .low = few ? r->low : NULL,
                                               .high = few ? r->high : NULL};
        note = few ? "; 95 % bands and intervals by bootstrap over people"
                   : "; 95 % intervals by bootstrap over people";
    }
    eval_plot_say(&w, t, m, "ROC", note);
    st = eval_plot_write(&(um_figure){w.title, w.note, &panel, 1}, t, m, "roc");
done:
    free(items);
    for (size_t q = 0; q < EVAL_MAX_QUALITIES; q++) um_roc_clear(&roc[q]);
    return st;
}
