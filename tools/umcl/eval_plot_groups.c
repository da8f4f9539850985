/* The AUC of every group that the labels tell apart, as bars: a panel for each kind of groups. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "eval_plot.h"

#define MOST 40    /* groups of a kind; what is beyond is counted in the note */
#define LETTERS 26 /* of a group's name */

/* The bars of one kind: for every quality those of all groups. */
typedef struct bars {
    const char *group[MOST]; /* borrowed */
    char name[MOST][LETTERS + 64];
    const char *names[MOST];
    double x[MOST], auc[EVAL_MAX_QUALITIES][MOST];
    double low[EVAL_MAX_QUALITIES][MOST], high[EVAL_MAX_QUALITIES][MOST];
    size_t n, left_out;
} bars;

/* The part of a name that fits; a letter of UTF-8 is not cut in two. */
static int fitting(const char *name)
{
    int n = 0;

    for (int letters = 0; name[n]; n++) {
        letters += ((unsigned char)name[n] & 0xC0) != 0x80;
        if (letters > LETTERS) return n;
    }
    return n;
}

/* "FaceSwap (8)": a manipulation's fakes stand against all reals; others' counts are their own. */
static void name_group(char *to, size_t size, const um_group *g, um_group_kind kind)
{
    const um_metrics *m = &g->videos.metrics;
    int n = fitting(g->name);
    const char *more = g->name[n] ? "\u2026" : "";

    if (kind == UM_BY_MANIPULATION)
        snprintf(to, size, "%.*s%s (%zu)", n, g->name, more, m->n_fake);
    else
        snprintf(to, size, "%.*s%s (%zu + %zu)", n, g->name, more, m->n - m->n_fake, m->n_fake);
}

/* The place of a group; a new one's where it is there for the first time. MOST: there is none. */
static size_t place_of(bars *b, const um_group *g, um_group_kind kind)
{
    size_t i = 0;

    while (i < b->n && strcmp(b->group[i], g->name) != 0) i++;
    if (i < b->n || i == MOST) return i;
    b->group[i] = g->name;
    name_group(b->name[i], sizeof b->name[i], g, kind);
    b->names[i] = b->name[i];
    b->x[i] = (double)i;
    for (size_t q = 0; q < EVAL_MAX_QUALITIES; q++)
        b->auc[q][i] = b->low[q][i] = b->high[q][i] = NAN;
    b->n++;
    return i;
}

static void fill(bars *b, const eval_table *t, size_t m, um_group_kind kind)
{
    b->n = b->left_out = 0;
    for (size_t q = 0; q < t->set->n_qualities; q++) {
        const um_evaluation *e = &t->cell[m][q].result;

        for (size_t g = 0; g < e->n_groups[kind]; g++) {
            const um_group *group = &e->groups[kind][g];
            size_t i;

            if (isnan(group->videos.metrics.auc)) continue;
            i = place_of(b, group, kind);
            if (i == MOST) {
                b->left_out += q == 0;
                continue;
            }
            b->auc[q][i] = group->videos.metrics.auc;
            b->low[q][i] = group->videos.interval[UM_AUC].low;
            b->high[q][i] = group->videos.interval[UM_AUC].high;
        }
    }
}

/* px that the bars of one group take. */
static double group_width(const eval_table *t)
{
    return t->set->n_qualities < 2 ? 46 : 26 * (double)t->set->n_qualities;
}

/* The first panel's series stand in the legend for all. */
static void add_panel(um_panel *panel, um_series *series, const bars *b, const eval_table *t,
                      um_group_kind kind, bool first)
{
    static const double ends[] = {-1, MOST}, half[] = {0.5, 0.5};
    static const char *const labels[UM_N_GROUP_KINDS] = {
        [UM_BY_MANIPULATION] = "manipulation (its fakes), against all reals",
        [UM_BY_DATASET] = "data set (reals + fakes)",
        [UM_BY_COMPRESSION] = "compression of the files (reals + fakes)"};

    series[0] = (um_series){first ? "chance" : NULL, UM_SERIES_GUIDE, 2, ends, half, NULL, NULL};
    for (size_t q = 0; q < t->set->n_qualities; q++)
        series[q + 1] = (um_series){.name = first ? eval_plot_quality(t, q) : NULL,
                                    .kind = UM_SERIES_BARS,
                                    .n = b->n,
                                    .x = b->x,
                                    .y = b->auc[q],
                                    .low = b->low[q],
                                    .high = b->high[q]};
    *panel = (um_panel){.x = {.label = labels[kind], .names = b->names, .n_names = b->n},
                        .y = {.label = "video AUC", .low = 0, .high = 1.03},
                        .series = series,
                        .n_series = t->set->n_qualities + 1,
                        .height = 200};
}

/* One width for all panels, and for all bars. */
static void set_widths(um_panel *panels, size_t n, double each)
{
    double width = 360;

    for (size_t p = 0; p < n; p++)
        width = fmin(fmax(width, each * (double)panels[p].x.n_names), 3900);
    for (size_t p = 0; p < n; p++) {
        panels[p].width = width;
        panels[p].bar = fmin(0.8, 0.8 * each * (double)panels[p].x.n_names / width);
    }
}

umcl_status eval_plot_groups(const eval_table *t, size_t m)
{
    um_series series[UM_N_GROUP_KINDS][EVAL_MAX_QUALITIES + 1];
    um_panel panels[UM_N_GROUP_KINDS];
    bars of_kind[UM_N_GROUP_KINDS];
    size_t n = 0, left_out = 0;
    char note[128] = "; whiskers: 95 % by bootstrap over people";
    eval_plot_words w;

    for (int k = 0; k < UM_N_GROUP_KINDS; k++) {
        bars *b = &of_kind[k];

        fill(b, t, m, (um_group_kind)k);
        if (b->n == 0) continue;
        add_panel(&panels[n], series[n], b, t, (um_group_kind)k, n == 0);
        n++;
        left_out += b->left_out;
    }
    if (n == 0) return UMCL_OK;
    set_widths(panels, n, group_width(t));
    if (left_out)
        snprintf(note, sizeof note, "; whiskers: 95 %% by bootstrap over people; %zu more groups",
                 left_out);
    eval_plot_say(&w, t, m, "AUC by group", note);
    return eval_plot_write(&(um_figure){w.title, w.note, panels, n}, t, m, "groups");
}
