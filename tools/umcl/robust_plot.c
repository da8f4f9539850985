/*
 * Results of umcl robust as figures: for every perturbation the AUC of all models over its
 * strengths; curves: all of these on one sheet; robust: what of the AUC is left, by perturbation.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "plot/figure.h"
#include "robust.h"

#define PLACES (UM_PERTURB_LEVELS + 1) /* as they are, and the strengths */
#define COLUMNS 3                      /* of the sheet with all of them */

static umcl_status write_both(const robust_table *t, const um_figure *figure, const char *name)
{
    static const char *const endings[] = {"svg", "png"};
    um_str path = UM_STR_INIT;
    umcl_status st = UMCL_OK;

    for (size_t e = 0; e < 2; e++) {
        um_str_clear(&path);
        um_str_printf(&path, "%s/%s.%s", t->set->plots, name, endings[e]);
        UM_CHECK(um_str_status(&path));
        UM_CHECK(um_figure_write(figure, path.text));
    }
done:
    um_str_clear(&path);
    return st;
}

static void say_videos(char note[160], const robust_table *t, const char *more)
{
    snprintf(note, 160, "%s%s, %zu videos%s", t->set->eval.split ? "split " : "all splits",
             t->set->eval.split ? t->set->eval.split : "", t->eval.labels.count, more);
}

/* One model's line. */
typedef struct curve {
    double x[PLACES], auc[PLACES], low[PLACES], high[PLACES];
    size_t n;
} curve;

static void add_point(curve *to, const um_robust_change *r, double shift)
{
    to->x[to->n] = (double)to->n + shift;
    to->auc[to->n] = r->auc.value;
    to->low[to->n] = r->auc.interval.low;
    to->high[to->n++] = r->auc.interval.high;
}

/* The names of the places are the same for all models. */
static size_t fill_curve(curve *to, const char *names[PLACES], const robust_table *t, size_t m,
                         um_perturb_kind kind, double shift)
{
    names[0] = t->conditions[0].label;
    add_point(to, &t->result[m].clean, shift);
    for (size_t c = 1; c < t->n_conditions; c++) {
        if (t->conditions[c].perturb.kind != kind) continue;
        names[to->n] = t->conditions[c].label;
        add_point(to, &t->result[m].changes[c - 1], shift);
    }
    return to->n;
}

/* One perturbation's panel, with what it shows. */
typedef struct kind_plot {
    curve curves[EVAL_MAX_MODELS];
    um_series series[EVAL_MAX_MODELS + 1];
    const char *names[PLACES];
    char title[96];
} kind_plot;

/* The whole range is shown, down to the lowest whisker. `legend`: whether the series are named. */
static um_panel plan_kind(kind_plot *p, const robust_table *t, um_perturb_kind kind, bool legend)
{
    static const double half[] = {0.5, 0.5}, ends[] = {-1, PLACES};
    const size_t n_models = t->set->eval.n_models;
    double least = 0.45;
    size_t n_names = 0;

    *p = (kind_plot){.series[0] = {.name = legend ? "chance" : NULL,
                                   .kind = UM_SERIES_GUIDE,
                                   .n = 2,
                                   .x = ends,
                                   .y = half}};
    snprintf(p->title, sizeof p->title, "%s: %s", um_perturb_name(kind), um_perturb_text(kind));
    for (size_t m = 0; m < n_models; m++) {
        curve *c = &p->curves[m];
        double shift = 0.06 * ((double)m - (double)(n_models - 1) / 2);

        n_names = fill_curve(c, p->names, t, m, kind, shift);
        p->series[m + 1] = (um_series){.name = legend ? t->eval.name[m] : NULL,
                                       .kind = UM_SERIES_MARKED,
                                       .n = c->n,
                                       .x = c->x,
                                       .y = c->auc,
                                       .low = c->low,
                                       .high = c->high};
        for (size_t i = 0; i < c->n; i++) least = fmin(least, fmin(c->auc[i], c->low[i]) - 0.02);
    }
    return (um_panel){
        .x = {.label = "strength", .names = p->names, .n_names = n_names},
        .y = {.label = "video AUC", .low = fmax(least, -0.02), .high = 1.02},
        .series = p->series,
        .n_series = n_models + 1,
        .width = 560,
        .height = 300,
    };
}

static umcl_status plot_kind(const robust_table *t, um_perturb_kind kind)
{
    kind_plot p;
    char note[160];
    const um_panel panel = plan_kind(&p, t, kind, true);

    say_videos(note, t, "; whiskers: 95 % by bootstrap over people");
    return write_both(t,
                      &(um_figure){.title = p.title, .note = note, .panels = &panel, .n_panels = 1},
                      um_perturb_name(kind));
}

/* All perturbations on one sheet, small, with one range. */
static umcl_status plot_curves(const robust_table *t)
{
    um_panel panels[UM_N_PERTURBS];
    kind_plot *plots = NULL;
    double least = 1;
    size_t n = 0;
    char note[160];
    umcl_status st;

    UM_CHECK(um_calloc(&plots, UM_N_PERTURBS, sizeof *plots));
    for (int k = 0; k < UM_N_PERTURBS; k++) {
        um_panel *panel = &panels[n];

        if (!robust_has(t, (um_perturb_kind)k)) continue;
        *panel = plan_kind(&plots[n], t, (um_perturb_kind)k, n == 0);
        panel->title = plots[n].title;
        panel->x.label = NULL;
        if (n % COLUMNS) panel->y.label = NULL;
        panel->width = 256;
        panel->height = 120;
        least = fmin(least, panel->y.low);
        n++;
    }
    for (size_t i = 0; i < n; i++) panels[i].y.low = least;
    say_videos(note, t, "; over the strengths; whiskers: 95 % by bootstrap over people");
    st = write_both(t,
                    &(um_figure){.title = "Video AUC under changes",
                                 .note = note,
                                 .panels = panels,
                                 .n_panels = n,
                                 .columns = COLUMNS},
                    "curves");
done:
    free(plots);
    return st;
}

static umcl_status plot_means(const robust_table *t)
{
    double x[UM_N_PERTURBS], mean[EVAL_MAX_MODELS][UM_N_PERTURBS];
    const char *names[UM_N_PERTURBS];
    um_series series[EVAL_MAX_MODELS];
    char note[160], name[EVAL_MAX_MODELS][96];
    size_t n = 0;

    for (int k = 0; k < UM_N_PERTURBS; k++) {
        if (!robust_has(t, (um_perturb_kind)k)) continue;
        for (size_t m = 0; m < t->set->eval.n_models; m++)
            mean[m][n] = robust_mean(t, m, (um_perturb_kind)k);
        names[n] = um_perturb_name((um_perturb_kind)k);
        x[n] = (double)n;
        n++;
    }
    for (size_t m = 0; m < t->set->eval.n_models; m++) {
        const um_robust_figure *all = &t->result[m].merit;

        if (isnan(all->value))
            snprintf(name[m], sizeof name[m], "%.48s: none", t->eval.name[m]);
        else
            snprintf(name[m], sizeof name[m], "%.48s: %.3f (%.3f-%.3f)", t->eval.name[m],
                     all->value, all->interval.low, all->interval.high);
        series[m] = (um_series){name[m], UM_SERIES_BARS, n, x, mean[m], NULL, NULL};
    }
    const um_panel panel = {.x = {.names = names, .n_names = n},
                            .y = {.label = "mean relative AUC"},
                            .series = series,
                            .n_series = t->set->eval.n_models,
                            .width = 90.0 * (double)n < 300 ? 300 : 90.0 * (double)n,
                            .height = 300};

    say_videos(note, t, "; 1: as good as on the videos as they are, 0: chance");
    return write_both(t, &(um_figure){"What changes leave of the AUC", note, &panel, 1}, "robust");
}

umcl_status robust_write_plots(const robust_table *t)
{
    bool any = false;

    for (int k = 0; k < UM_N_PERTURBS; k++)
        if (robust_has(t, (um_perturb_kind)k)) {
            UM_TRY(plot_kind(t, (um_perturb_kind)k));
            any = true;
        }
    if (!any) return UMCL_OK;
    UM_TRY(plot_curves(t));
    return plot_means(t);
}
