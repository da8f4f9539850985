/*
 * The figures of umcl eval --plots DIR, each as SVG and PNG: MODEL-roc, MODEL-reliability and,
 * where there are several qualities, MODEL-auc.
 */
#ifndef UM_TOOLS_EVAL_PLOT_H
#define UM_TOOLS_EVAL_PLOT_H

#include "eval.h"

/** Makes the folder and asks whether it can be written to, before long work. */
umcl_status eval_plots_prepare(const eval_table *t);

umcl_status eval_plots_write(const eval_table *t);

#endif
