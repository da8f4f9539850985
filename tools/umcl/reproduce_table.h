/*
 * A table of the paper beside what was measured here. Its cells point to steps; assembling reads
 * what those have made.
 */
#ifndef UM_TOOLS_REPRODUCE_TABLE_H
#define UM_TOOLS_REPRODUCE_TABLE_H

#include <math.h>
#include <stdio.h>

#include "reproduce.h"

#define RP_MAX_COLUMNS 12
#define RP_MAX_ROWS 96
#define RP_MAX_NOTES 12

/** One seed's figure. NaN: there is none, or no interval of it. */
typedef struct rp_found {
    const rp_step *step; /* whose result it is */
    double value, low, high;
} rp_found;

typedef struct rp_cell {
    double paper;         /* as printed; NaN: the paper has none */
    const char *measure;  /* key in the result: "auc"; NULL: nothing is measured here */
    const char *group;    /* its manipulation; NULL: all videos */
    int mean_of, n_means; /* the mean of so many columns instead; 0: not so */
    rp_found *found;      /* [n_found], by seed; what a mean has is computed */
    int n_found;
    double value, low, high; /* over the seeds, in the table's unit: the mean, the widest bounds */
    double deviation;        /* of the seeds from their mean, n - 1; NaN: there is but one */
    int base_row, base_column; /* what a difference is shown to; -1: none */
} rp_cell;

typedef struct rp_row {
    const char *group, *name; /* group: what several rows share, as a training set */
    const char *mark;         /* a word on what was run here, as "reads the label"; or NULL */
    bool ours;                /* this program has it; else published, not run */
    bool extra;               /* scores that were given */
    rp_cell cell[RP_MAX_COLUMNS];
} rp_row;

typedef struct rp_table {
    rp_protocol *p;
    const char *id, *title, *unit;
    const char *figure; /* a picture for the page; NULL: none */
    const char *second; /* another one below it */
    double scale;       /* of the results: 100 for percent */
    const char *head[RP_MAX_COLUMNS], *column[RP_MAX_COLUMNS]; /* head: over several, or "" */
    const char *notes[RP_MAX_NOTES];
    rp_row *rows[RP_MAX_ROWS];
    int n_columns, n_rows, n_notes;
    int decimals; /* of the figures in text and HTML */
} rp_table;

void rp_table_open(rp_table *t, rp_protocol *p, const char *id, const char *title);

int rp_column(rp_table *t, const char *head, const char *name);
void rp_note(rp_table *t, const char *text);

/** Adds a row. `paper`: [n_columns], NaN where it has none; NULL: it has none at all. */
int rp_row_add(rp_table *t, const char *group, const char *name, const double *paper);

/** A figure of the step's result; another call for the same cell adds another seed's. */
void rp_figure(rp_table *t, int row, int column, const rp_step *step, const char *measure,
               const char *group);

/** The mean of `n` columns from `first`, in the paper and here. */
void rp_mean(rp_table *t, int row, int column, int first, int n);

/** Shows the cell's difference to another one, in the paper and here. */
void rp_difference(rp_table *t, int row, int column, int base_row, int base_column);

/** Reads the results of all steps. UMCL_ERR_FORMAT where one is not what its command makes. */
umcl_status rp_table_assemble(rp_table *t);

/** Adds a row for scores of another program: "NAME=scores.csv" (columns video, score). */
umcl_status rp_extra(rp_table *t, const char *extra);

/** Whether anything in the row was measured here. */
bool rp_row_has_figures(const rp_table *t, const rp_row *row);

/**
 * "96.56", "96.56 (91.20-99.10)", of several seeds "96.56 +- 0.40 (91.20-99.10)" with a plus-minus
 * sign, with a difference "[-1.20]"; "-" where there is nothing.
 */
const char *rp_paper_text(const rp_table *t, const rp_row *row, int column);
const char *rp_value_text(const rp_table *t, const rp_row *row, int column);

/** Writes OUT/ID.txt, .csv, .json and .html, and prints the first. */
umcl_status rp_table_write(rp_table *t);
umcl_status rp_write_text(rp_table *t, FILE *to);
umcl_status rp_write_csv(rp_table *t, FILE *to);
umcl_status rp_write_json(rp_table *t, FILE *to);
umcl_status rp_write_html(rp_table *t, FILE *to);

#endif
