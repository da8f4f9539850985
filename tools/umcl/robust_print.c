/* Results of umcl robust as text: every model's table, and the models side by side. */
#include <math.h>
#include <stdio.h>

#include "robust.h"

/* "0.944 (0.871-0.990)" */
static void print_figure(const um_robust_figure *f)
{
    char text[48];

    if (isnan(f->value))
        snprintf(text, sizeof text, "none");
    else if (isnan(f->interval.low))
        snprintf(text, sizeof text, "%.3f", f->value);
    else
        snprintf(text, sizeof text, "%.3f (%.3f-%.3f)", f->value, f->interval.low,
                 f->interval.high);
    printf("  %-22s", text);
}

static void print_line(const char *label, const um_robust_change *r)
{
    printf("  %-16s", label);
    print_figure(&r->auc);
    print_figure(&r->relative);
    printf("  %zu, %zu fake\n", r->n, r->n_fake);
}

static void print_number(double v, int width)
{
    char text[32];

    if (isnan(v))
        snprintf(text, sizeof text, "none");
    else
        snprintf(text, sizeof text, "%.3f", v);
    printf("  %-*s", width, text);
}

static void print_model(const robust_table *t, size_t m)
{
    const um_robustness *r = &t->result[m];
    int kind = -1;

    printf("%s\n  %-16s  %-22s  %-22s  scored\n", t->eval.name[m], "", "AUC", "relative AUC");
    print_line(t->conditions[0].label, &r->clean);
    for (size_t c = 1; c < t->n_conditions; c++) {
        const um_perturb *p = &t->conditions[c].perturb;

        if ((int)p->kind != kind)
            printf(" %s: %s\n", um_perturb_name(p->kind), um_perturb_text(p->kind));
        kind = (int)p->kind;
        print_line(t->conditions[c].label, &r->changes[c - 1]);
    }
    printf(" mean relative AUC over %zu change%s\n  %-16s  %-22s", t->n_conditions - 1,
           t->n_conditions == 2 ? "" : "s", "", "");
    print_figure(&r->merit);
    if (isnan(r->kept))
        putchar('\n');
    else
        printf("  %.1f %% keep a score\n", 100 * r->kept);
}

static void print_side_by_side(const robust_table *t)
{
    const size_t n = t->set->eval.n_models;

    printf("mean relative AUC, perturbations by models\n  %-16s", "");
    for (size_t m = 0; m < n; m++) printf("  %-22s", t->eval.name[m]);
    putchar('\n');
    for (int k = 0; k < UM_N_PERTURBS; k++) {
        if (!robust_has(t, (um_perturb_kind)k)) continue;
        printf("  %-16s", um_perturb_name((um_perturb_kind)k));
        for (size_t m = 0; m < n; m++) print_number(robust_mean(t, m, (um_perturb_kind)k), 22);
        putchar('\n');
    }
    printf("  %-16s", "all");
    for (size_t m = 0; m < n; m++) print_figure(&t->result[m].merit);
    putchar('\n');
}

void robust_print_text(const robust_table *t)
{
    bool undefined = false;

    for (size_t m = 0; m < t->set->eval.n_models; m++) {
        print_model(t, m);
        undefined = undefined || !(t->result[m].clean.auc.value > 0.5);
    }
    print_side_by_side(t);
    for (int k = 0; k < UM_N_PERTURBS; k++)
        if (t->set->kinds[k] && um_perturb_lacks((um_perturb_kind)k))
            printf("%s: not available, this FFmpeg has no %s\n",
                   um_perturb_name((um_perturb_kind)k), um_perturb_lacks((um_perturb_kind)k));
    if (undefined)
        printf("none: it takes an AUC above 0.5 of the videos as they are, and real and fake "
               "ones\n");
}
