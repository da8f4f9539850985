/*
 * The figures of umcl eval --plots DIR, each as SVG and PNG: MODEL-roc, MODEL-reliability,
 * where there are several qualities MODEL-auc, and where labels tell groups apart MODEL-groups.
 */
#ifndef UM_TOOLS_EVAL_PLOT_H
#define UM_TOOLS_EVAL_PLOT_H

#include "base/str.h"
#include "eval.h"
#include "plot/figure.h"

#define EVAL_PLOT_FEW 3 /* curves whose bands and whiskers can still be told apart */

/** Makes the folder and asks whether it can be written to, before long work. */
umcl_status eval_plots_prepare(const eval_table *t);

umcl_status eval_plots_write(const eval_table *t);

/* One model's figures that have a file of their own. */
umcl_status eval_plot_roc(const eval_table *t, size_t m);
umcl_status eval_plot_groups(const eval_table *t, size_t m);

/** Title and note of a figure, and the names of its series. */
typedef struct eval_plot_words {
    char title[128], note[256], name[EVAL_MAX_QUALITIES][96];
} eval_plot_words;

/** "ROC: lrnet", "split val" and `note`; and that it is no detection figure, where it is none. */
void eval_plot_say(eval_plot_words *w, const eval_table *t, size_t m, const char *title,
                   const char *note);

/** "c23: AUC 0.944 (0.871-0.990)" */
void eval_plot_say_measure(char *to, size_t size, const char *quality, const char *measure,
                           const um_measured *r, um_measure which);

/** A quality's name, "videos" where it is the only one and has none. */
const char *eval_plot_quality(const eval_table *t, size_t q);

/* Every figure is written in each. */
#define EVAL_PLOT_ENDINGS 2
extern const char *const eval_plot_endings[EVAL_PLOT_ENDINGS];

/** "DIR/MODEL-what.ending", where models of one name are told apart by a number. */
umcl_status eval_plot_path(um_str *out, const eval_table *t, size_t m, const char *what,
                           const char *ending);

/** Writes MODEL-`what`.svg and .png. */
umcl_status eval_plot_write(const um_figure *figure, const eval_table *t, size_t m,
                            const char *what);

#endif
