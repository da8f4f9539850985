/* Results of umcl eval as text: models side by side. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "eval.h"

#define COLUMN 22

static const char *const measure_names[UM_N_MEASURES] = {
    [UM_AUC] = "AUC",
    [UM_ACCURACY] = "accuracy",
    [UM_ACCURACY_HALF] = "accuracy, 0.5",
    [UM_EER] = "EER",
    [UM_AP] = "AP",
    [UM_BALANCED] = "balanced",
    [UM_ECE] = "ECE",
};

/* "0.944 (0.871-0.990)" */
static void print_value(const um_measured *r, um_measure which)
{
    double value = um_metrics_get(&r->metrics, which);
    um_interval ci = r->interval[which];
    char text[48];

    if (isnan(value))
        snprintf(text, sizeof text, "none");
    else if (isnan(ci.low))
        snprintf(text, sizeof text, "%.3f", value);
    else
        snprintf(text, sizeof text, "%.3f (%.3f-%.3f)", value, ci.low, ci.high);
    printf("  %-*s", COLUMN, text);
}

static void print_counts(const um_metrics *m)
{
    char text[48];

    snprintf(text, sizeof text, "%zu, %zu fake", m->n, m->n_fake);
    printf("  %-*s", COLUMN, text);
}

static const um_measured *part(const eval_table *t, size_t m, size_t q, bool windows)
{
    const um_evaluation *e = &t->cell[m][q].result;

    return windows ? &e->windows : &e->videos;
}

static bool any_oracle(const eval_table *t)
{
    for (size_t m = 0; m < t->set->n_models; m++)
        if (eval_is_oracle(t, m)) return true;
    return false;
}

/* The names of the models, above their columns. */
static void print_head(const eval_table *t, const char *what, size_t q)
{
    const char *quality = t->set->qualities[q].name;

    printf("%s%s%s%s\n  %-14s", *quality ? quality : "", *quality ? ": " : "", what,
           any_oracle(t) ? "  ** " EVAL_ORACLE " **" : "", "");
    for (size_t m = 0; m < t->set->n_models; m++) {
        char text[64];

        snprintf(text, sizeof text, "%.40s%s", t->name[m], eval_is_oracle(t, m) ? " (oracle)" : "");
        printf("  %-*s", COLUMN, text);
    }
    putchar('\n');
}

static void print_part(const eval_table *t, size_t q, bool windows)
{
    const size_t n = t->set->n_models;
    bool one_class = false;

    print_head(t, windows ? "windows" : "videos", q);
    printf("  %-14s", "scored");
    for (size_t m = 0; m < n; m++) print_counts(&part(t, m, q, windows)->metrics);
    putchar('\n');
    if (!windows) {
        printf("  %-14s", "no score");
        for (size_t m = 0; m < n; m++) printf("  %-*zu", COLUMN, t->cell[m][q].result.n_unscored);
        putchar('\n');
    }
    for (int k = 0; k < UM_N_MEASURES; k++) {
        printf("  %-14s", measure_names[k]);
        for (size_t m = 0; m < n; m++) {
            print_value(part(t, m, q, windows), (um_measure)k);
            one_class = one_class || isnan(part(t, m, q, windows)->metrics.auc);
        }
        putchar('\n');
    }
    if (one_class) printf("  none: it takes real and fake ones\n");
}

/* Groups stand in the order of the rows; a model that scores fewer videos may lack one. */
static const um_group *find_group(const um_evaluation *e, um_group_kind kind, const char *name)
{
    for (size_t g = 0; g < e->n_groups[kind]; g++)
        if (!strcmp(e->groups[kind][g].name, name)) return &e->groups[kind][g];
    return NULL;
}

static void print_groups(const eval_table *t, size_t q, um_group_kind kind)
{
    const um_evaluation *first = &t->cell[0][q].result;
    size_t one_class = 0;
    char what[64];

    if (first->n_groups[kind] == 0) return;
    snprintf(what, sizeof what, "video AUC by %s", um_group_kind_name(kind));
    print_head(t, what, q);
    for (size_t g = 0; g < first->n_groups[kind]; g++) {
        const um_group *group = &first->groups[kind][g];
        const um_metrics *own = &group->videos.metrics;

        if (isnan(own->auc)) {
            one_class++;
            continue;
        }
        printf("  %s: %zu real, %zu fake\n  %-14s", group->name, own->n - own->n_fake, own->n_fake,
               "");
        for (size_t m = 0; m < t->set->n_models; m++) {
            const um_group *same = find_group(&t->cell[m][q].result, kind, group->name);

            if (same)
                print_value(&same->videos, UM_AUC);
            else
                printf("  %-*s", COLUMN, "none");
        }
        putchar('\n');
    }
    if (one_class) printf("  of real or fake ones alone: %zu more\n", one_class);
}

/* Rows: models, that is what each was trained on; columns: what is tested on. */
static void print_cross(const eval_table *t, um_measure which)
{
    printf("video %s, models by qualities; in brackets: against %s%s\n  %-14s",
           measure_names[which], t->set->qualities[0].name,
           any_oracle(t) ? "  ** " EVAL_ORACLE " **" : "", "");
    for (size_t q = 0; q < t->set->n_qualities; q++) printf("  %-15s", t->set->qualities[q].name);
    putchar('\n');
    for (size_t m = 0; m < t->set->n_models; m++) {
        double first = um_metrics_get(&part(t, m, 0, false)->metrics, which);

        printf("  %-14s", t->name[m]);
        for (size_t q = 0; q < t->set->n_qualities; q++) {
            double v = um_metrics_get(&part(t, m, q, false)->metrics, which);
            char text[48];

            if (isnan(v))
                snprintf(text, sizeof text, "none");
            else if (q == 0 || isnan(first))
                snprintf(text, sizeof text, "%.3f", v);
            else
                snprintf(text, sizeof text, "%.3f (%+.3f)", v, v - first);
            printf("  %-15s", text);
        }
        printf("%s\n", eval_is_oracle(t, m) ? "(oracle)" : "");
    }
}

void eval_print_text(const eval_table *t)
{
    for (size_t q = 0; q < t->set->n_qualities; q++) {
        print_part(t, q, false);
        print_part(t, q, true);
        for (int k = 0; k < UM_N_GROUP_KINDS; k++) print_groups(t, q, (um_group_kind)k);
    }
    if (t->set->n_qualities < 2) return;
    print_cross(t, UM_AUC);
    print_cross(t, UM_ACCURACY);
}
