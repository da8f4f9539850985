/*
 * umcl tsne: features of joint models, drawn in the plane and measured. A file is a column, what is
 * drawn of it (one feature, or all modalities in one picture) a row; where they meet is a view.
 */
#ifndef UM_TOOLS_TSNE_VIEW_H
#define UM_TOOLS_TSNE_VIEW_H

#include "eval/feature_file.h"
#include "eval/separation.h"
#include "eval/tsne.h"

#define TSNE_MAX_FILES 8
#define TSNE_MODALITIES UM_N_FEATURES /* in `of`: all modalities in one picture */
#define TSNE_MAX_OF (UM_N_FEATURES + 1)

/* What tells points apart. */
typedef enum tsne_key { TSNE_LABEL, TSNE_QUALITY, TSNE_GROUP, TSNE_MODALITY, TSNE_N_KEYS } tsne_key;

typedef struct tsne_settings {
    const char *files[TSNE_MAX_FILES], *names[TSNE_MAX_FILES]; /* names: NULL: the model's */
    size_t n_files, n_names;
    int of[TSNE_MAX_OF];
    size_t n_of;
    tsne_key colour, mark;
    bool has_mark, has_angle, cosine, json;
    um_tsne_options options; /* perplexity 0: by the number of points */
    const char *plots, *points, *title;
} tsne_settings;

/** Classes of a view's points. */
typedef struct tsne_classes {
    const char **names; /* [n], borrowed from the tables */
    size_t n;
    size_t *count; /* [n] */
    size_t *of;    /* [points], 0 to n - 1 */
    bool measured; /* there are two or more, and points that differ */
    um_separation separation;
} tsne_classes;

typedef struct tsne_view {
    const um_feature_table *table; /* borrowed */
    const char *name;              /* of the column */
    int of;
    size_t n, d;
    float *points; /* [n, d]; point i is row i % table->n */
    tsne_classes classes[TSNE_N_KEYS];
    double shift;   /* of a video between qualities (um_separation_pairs); NaN: one quality */
    bool constant;  /* all points are one: nothing to draw or to measure */
    double *places; /* [n, 2]; NULL: not drawn */
    double loss;    /* nats; NaN: not drawn */
    um_tsne_options options; /* as they were used */
} tsne_view;

typedef struct tsne_board {
    const tsne_settings *set;
    um_feature_table tables[TSNE_MAX_FILES];
    tsne_view views[TSNE_MAX_OF][TSNE_MAX_FILES]; /* [n_of][n_files] */
} tsne_board;

/** "label", "quality", "group", "modality" */
const char *tsne_key_name(tsne_key key);

/** "fused", "pulse" ..., "modalities" */
const char *tsne_of_name(int of);

/** The modality of point `i`: of a view of one feature that one. */
int tsne_modality(const tsne_view *v, size_t i);

/** Whether a modality is not in the picture of all because it is the same in every row. */
bool tsne_left_out(const tsne_view *v, int modality);

/** Reads the files and gathers the points. UMCL_ERR_NOT_FOUND: a feature that a model lacks. */
umcl_status tsne_open(tsne_board *b, const tsne_settings *set);
void tsne_close(tsne_board *b);

/** Measures classes, and finds places where something is to be drawn. */
umcl_status tsne_run(tsne_board *b);

/* The results: as text or JSON (umcl.tsne/1) on standard output, the places as CSV. */
void tsne_print_text(const tsne_board *b);
umcl_status tsne_print_json(const tsne_board *b);
umcl_status tsne_write_points(const tsne_board *b);

/** Makes the folder and asks whether it can be written to, before long work. */
umcl_status tsne_plots_prepare(const tsne_settings *set);

/** Writes tsne.svg and tsne.png. */
umcl_status tsne_plots_write(const tsne_board *b);

#endif
