/*
 * One detector measured on labelled videos of one quality: figures with intervals over people, per
 * video and per window, the calibration curve, and the same for groups of the videos.
 */
#ifndef UM_EVAL_EVALUATION_H
#define UM_EVAL_EVALUATION_H

#include "data/labels.h"
#include "eval/metrics.h"

/** What a detector said of one video. */
typedef struct um_eval_row {
    const um_label *label; /* borrowed */
    size_t person;         /* number: rows of one person are drawn together */
    double score;          /* P(fake); NaN: none */
    const char *reason;    /* why there is no score; a literal; NULL: there is one */
    double *windows;       /* [n_windows], P(fake) */
    size_t n_windows;
    float *features; /* model/features.h, mean over the windows; NULL: not kept */
} um_eval_row;

typedef struct um_measured {
    um_metrics metrics;
    um_interval interval[UM_N_MEASURES];
} um_measured;

/** 2,000 draws, seed 1. `items` is sorted. */
umcl_status um_measure_scores(um_measured *out, um_scored *items, size_t n, double threshold);

typedef enum um_group_kind {
    UM_BY_MANIPULATION, /* the fakes of one kind against all reals */
    UM_BY_DATASET,
    UM_BY_COMPRESSION, /* of the original files, as the labels tell */
    UM_N_GROUP_KINDS
} um_group_kind;

/** "manipulation", "dataset", "compression" */
const char *um_group_kind_name(um_group_kind kind);

typedef struct um_group {
    const char *name; /* borrowed from the label */
    um_measured videos;
} um_group;

typedef struct um_evaluation {
    um_measured windows, videos;
    um_curve_bin curve[UM_CURVE_BINS]; /* of the videos */
    size_t n_unscored;
    um_group *groups[UM_N_GROUP_KINDS]; /* in the order of the rows; none below two */
    size_t n_groups[UM_N_GROUP_KINDS];
} um_evaluation;

/**
 * Measures the rows that have a score and counts the others. Where a class is missing its measures
 * are NaN. `out` is the caller's: um_evaluation_clear.
 *
 * @return UMCL_ERR_INVALID (a score is not finite), UMCL_ERR_NOMEM
 */
umcl_status um_evaluate(um_evaluation *out, const um_eval_row *rows, size_t n, double threshold);
void um_evaluation_clear(um_evaluation *e);

#endif
