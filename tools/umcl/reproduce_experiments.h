/* The paper's tables and figures, each a protocol and what is made of its results. */
#ifndef UM_TOOLS_REPRODUCE_EXPERIMENTS_H
#define UM_TOOLS_REPRODUCE_EXPERIMENTS_H

#include "reproduce_parts.h"
#include "reproduce_table.h"

typedef struct rp_experiment {
    const char *name; /* "table10" */
    const char *text; /* in --help */
    /** Adds the steps and the table that is filled from them. */
    void (*build)(rp_table *t, rp_protocol *p);
    /** Draws from what the steps have made, after they have run; NULL: the table is all. */
    umcl_status (*draw)(rp_table *t);
} rp_experiment;

/** By number; NULL behind the last. */
const rp_experiment *rp_experiment_at(size_t i);

void rp_build_table3(rp_table *t, rp_protocol *p);
void rp_build_table4(rp_table *t, rp_protocol *p);
void rp_build_table5(rp_table *t, rp_protocol *p);
void rp_build_table6(rp_table *t, rp_protocol *p);
void rp_build_table7(rp_table *t, rp_protocol *p);
void rp_build_table8(rp_table *t, rp_protocol *p);
void rp_build_table9(rp_table *t, rp_protocol *p);
void rp_build_table10(rp_table *t, rp_protocol *p);
void rp_build_table11(rp_table *t, rp_protocol *p);

void rp_build_fig2(rp_table *t, rp_protocol *p);
void rp_build_fig6(rp_table *t, rp_protocol *p);
void rp_build_fig8(rp_table *t, rp_protocol *p);

void rp_build_fig7(rp_table *t, rp_protocol *p);
umcl_status rp_draw_fig7(rp_table *t);

void rp_build_fig9(rp_table *t, rp_protocol *p);
umcl_status rp_draw_fig9(rp_table *t);

/* ---- what they share ---- */

/** Columns DF, F2F, FS, NT, Avg. */
void rp_method_columns(rp_table *t, const char *head);

/** Fills a row of those: a system trained on `learn`, tested on the manipulations of `test`. */
void rp_method_row(rp_table *t, int row, const rp_system *system, const rp_videos *learn,
                   const rp_videos *test);

#endif
