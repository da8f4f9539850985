/*
 * umcl robust: models on videos that were changed in many ways. What is asked for, the scores under
 * every change, and the figures.
 */
#ifndef UM_TOOLS_ROBUST_H
#define UM_TOOLS_ROBUST_H

#include "base/str.h"
#include "data/perturb.h"
#include "eval.h"
#include "eval/robustness.h"

typedef struct robust_settings {
    eval_settings eval;             /* models, labels, videos, split; no qualities */
    bool kinds[UM_N_PERTURBS];      /* asked for */
    bool levels[UM_PERTURB_LEVELS]; /* likewise */
    const char *out, *plots;        /* folders; NULL: none */
    uint64_t seed;
    bool csv;
} robust_settings;

/** The videos as they are, or one strength of one perturbation. */
typedef struct robust_condition {
    bool clean;
    int level; /* 1 .. UM_PERTURB_LEVELS */
    um_perturb perturb;
    char label[32];                     /* "CRF 23", "as they are" */
    um_eval_row *rows[EVAL_MAX_MODELS]; /* [labels.count]; label NULL: not scored yet */
    um_str others[EVAL_MAX_MODELS];     /* kept lines of videos that are not asked for now */
} robust_condition;

typedef struct robust_table {
    const robust_settings *set;
    eval_table eval;
    robust_condition *conditions; /* [n_conditions]; the first is the videos as they are */
    size_t n_conditions;
    um_robustness result[EVAL_MAX_MODELS];
    size_t n_failed; /* videos that could not be read or changed; they were named */
} robust_table;

/** Opens the models, reads the labels and lists the changes. Release with robust_close always. */
umcl_status robust_open(robust_table *t, const robust_settings *set);
void robust_close(robust_table *t);

/** Scores every video under every change with every model, and measures. */
umcl_status robust_run(robust_table *t);

/**
 * Scores that were kept: OUT/scores/<model>/<perturbation>-<level>.csv. Reading fills the rows that
 * were scored in the same way before (`reason` and `score`) and marks them in `known`
 * [labels.count]; a file of another seed, recipe or strength is passed over.
 */
umcl_status robust_read_scores(robust_table *t, size_t m, size_t c, bool *known);

/** Keeps the rows of a condition that are scored, besides those of videos not asked for now. */
umcl_status robust_keep_scores(const robust_table *t, size_t m, size_t c);

/** Mean relative AUC over the strengths of one perturbation; NaN: there is none. */
double robust_mean(const robust_table *t, size_t m, um_perturb_kind kind);

/** Whether it is asked for, and the linked FFmpeg has what it takes. */
bool robust_has(const robust_table *t, um_perturb_kind kind);

/* The results. */
void robust_print_text(const robust_table *t);
umcl_status robust_write_json(const robust_table *t, FILE *to);
void robust_write_csv(const robust_table *t, FILE *to);

/** robust.json and robust.csv in OUT. */
umcl_status robust_write_files(const robust_table *t);

/** Figures of AUC over strength in the folder `plots`, as SVG and PNG. */
umcl_status robust_write_plots(const robust_table *t);

#endif
