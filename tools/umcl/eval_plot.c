/* Results of umcl eval as figures: a set of files for every model. */
#include "eval_plot.h"

#include <math.h>

#include "base/str.h"
#include "eval/curves.h"
#include "plot/reliability.h"

static umcl_status plot_reliability(const eval_table *t, size_t m)
{
    double score[EVAL_MAX_QUALITIES][UM_CURVE_BINS], share[EVAL_MAX_QUALITIES][UM_CURVE_BINS];
    double low[EVAL_MAX_QUALITIES][UM_CURVE_BINS], high[EVAL_MAX_QUALITIES][UM_CURVE_BINS];
    double count[EVAL_MAX_QUALITIES][UM_CURVE_BINS];
    um_reliability curves[EVAL_MAX_QUALITIES];
    const bool few = t->set->n_qualities <= EVAL_PLOT_FEW;
    um_str path = UM_STR_INIT;
    umcl_status st = UMCL_OK;
    eval_plot_words w;

    for (size_t q = 0; q < t->set->n_qualities; q++) {
        const um_evaluation *e = &t->cell[m][q].result;

        for (int b = 0; b < UM_CURVE_BINS; b++) {
            um_interval ci = um_share_interval(e->curve[b].fakes, e->curve[b].n);

            score[q][b] = e->curve[b].score;
            share[q][b] = e->curve[b].fakes;
            low[q][b] = ci.low;
            high[q][b] = ci.high;
            count[q][b] = (double)e->curve[b].n;
        }
        eval_plot_say_measure(w.name[q], sizeof w.name[q], eval_plot_quality(t, q), "ECE",
                              &e->videos, UM_ECE);
        curves[q] = (um_reliability){w.name[q],           UM_CURVE_BINS,        score[q], share[q],
                                     few ? low[q] : NULL, few ? high[q] : NULL, count[q]};
    }
    eval_plot_say(&w, t, m, "Reliability",
                  few ? "; whiskers: 95 % (Wilson), as if videos were independent"
                      : "; 95 % intervals of ECE by bootstrap over people");
    for (size_t e = 0; e < EVAL_PLOT_ENDINGS; e++) {
        UM_CHECK(eval_plot_path(&path, t, m, "reliability", eval_plot_endings[e]));
        UM_CHECK(um_reliability_write(&(um_reliability_figure){.title = w.title,
                                                               .note = w.note,
                                                               .score_label = "P(fake)",
                                                               .share_label = "share of fakes",
                                                               .curves = curves,
                                                               .n_curves = t->set->n_qualities},
                                      path.text));
    }
done:
    um_str_clear(&path);
    return st;
}

/* The AUC of videos and of windows, quality by quality. */
static umcl_status plot_qualities(const eval_table *t, size_t m)
{
    const size_t n = t->set->n_qualities;
    double x[2][EVAL_MAX_QUALITIES], auc[2][EVAL_MAX_QUALITIES];
    double low[2][EVAL_MAX_QUALITIES], high[2][EVAL_MAX_QUALITIES], least = 0.45;
    const double ends[] = {-1, (double)n}, half[] = {0.5, 0.5};
    const char *names[EVAL_MAX_QUALITIES];
    eval_plot_words w;

    for (size_t q = 0; q < n; q++) {
        const um_evaluation *e = &t->cell[m][q].result;

        names[q] = eval_plot_quality(t, q);
        for (int k = 0; k < 2; k++) {
            const um_measured *r = k ? &e->windows : &e->videos;

            x[k][q] = (double)q + (k ? 0.05 : -0.05); /* whiskers beside each other */
            auc[k][q] = r->metrics.auc;
            low[k][q] = r->interval[UM_AUC].low;
            high[k][q] = r->interval[UM_AUC].high;
            least = fmin(least, fmin(auc[k][q], low[k][q]) - 0.02);
        }
    }
    const um_series series[] = {
        {"chance", UM_SERIES_GUIDE, 2, ends, half, NULL, NULL},
        {"videos", UM_SERIES_MARKED, n, x[0], auc[0], low[0], high[0]},
        {"windows", UM_SERIES_MARKED, n, x[1], auc[1], low[1], high[1]},
    };
    const um_panel panel = {.x = {.label = "quality", .names = names, .n_names = n},
                            .y = {.label = "AUC", .low = fmax(least, -0.02), .high = 1.02},
                            .series = series,
                            .n_series = 3,
                            .width = 420,
                            .height = 300};

    eval_plot_say(&w, t, m, "AUC over quality", "; whiskers: 95 % by bootstrap over people");
    return eval_plot_write(&(um_figure){w.title, w.note, &panel, 1}, t, m, "auc");
}

umcl_status eval_plots_write(const eval_table *t)
{
    for (size_t m = 0; m < t->set->n_models; m++) {
        UM_TRY(eval_plot_roc(t, m));
        UM_TRY(plot_reliability(t, m));
        UM_TRY(eval_plot_groups(t, m));
        if (t->set->n_qualities > 1) UM_TRY(plot_qualities(t, m));
    }
    return UMCL_OK;
}
