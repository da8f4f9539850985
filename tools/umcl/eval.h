/*
 * umcl eval: models (rows) on qualities of the same labelled videos (columns). What is asked for,
 * the scores that are gathered, and the figures.
 */
#ifndef UM_TOOLS_EVAL_H
#define UM_TOOLS_EVAL_H

#include <stdio.h>

#include "detect/cached_track.h"
#include "eval/evaluation.h"
#include "model/judge.h"

#define EVAL_MAX_MODELS 8
#define EVAL_MAX_QUALITIES 8
#define EVAL_ORACLE "oracle: reads the label; not a detection figure"

typedef struct eval_quality {
    char name[32];     /* "" where it is the only one and has none */
    const char *cache; /* the folder that umcl extract filled; NULL: made on the fly */
    int crf;           /* of the re-encoding; -1: the video as it is */
} eval_quality;

typedef struct eval_settings {
    const char *models[EVAL_MAX_MODELS];
    eval_quality qualities[EVAL_MAX_QUALITIES];
    size_t n_models, n_qualities;
    const char *labels, *split, *dataset, *not_dataset; /* split NULL: every row */
    const char
        *videos; /* folder that on-the-fly qualities are made from; NULL: the labels' paths */
    const char *scores, *plots; /* a file and a folder to write; NULL: not */
    const char *features;       /* likewise, a file: of the only model */
    const char *encodings;      /* file in which encoders' results are kept; NULL: in memory */
    um_prompt_policy policy;
    um_prompt_set prompts;
    um_track_damage damage; /* of every track, before it is judged */
    bool has_policy, has_prompts, sure, json;
} eval_settings;

typedef struct eval_cell {
    um_eval_row *rows; /* [labels.count] */
    um_evaluation result;
} eval_cell;

typedef struct eval_table {
    const eval_settings *set;
    um_labels labels; /* the rows that were asked for */
    um_judge *judge[EVAL_MAX_MODELS];
    char *name[EVAL_MAX_MODELS]; /* of the files, without folder and ending where they differ so */
    eval_cell cell[EVAL_MAX_MODELS][EVAL_MAX_QUALITIES];
    um_body_store *bodies; /* what several models, or later runs, need not make again; or NULL */
    size_t n_failed;       /* videos that cannot be read, by quality; they were named */
} eval_table;

/** Whether the tracks are made worse before they are judged. */
bool eval_is_damaged(const eval_settings *set);

/** Opens the models and reads the labels. UMCL_ERR_NOT_FOUND: no row is asked for. */
umcl_status eval_open(eval_table *t, const eval_settings *set);

/** Scores every video in every quality with every model, and measures. */
umcl_status eval_run(eval_table *t);
void eval_close(eval_table *t);

/** Whether one of the models looks at crops. */
bool eval_wants_crops(const eval_table *t);

/**
 * Scores label `i`'s video with every model, from the tracks in `cache`.
 *
 * @param reason why there are no tracks; NULL: there are
 * @param rows   [n_models], filled; their windows are the caller's, released with free()
 */
umcl_status eval_score_video(const eval_table *t, size_t i, const char *cache, const char *reason,
                             um_eval_row *const *rows);

/** Whether model `m` is given prompts of the sample's own class. */
bool eval_is_oracle(const eval_table *t, size_t m);

/* The results: as text or JSON (umcl.eval/2) on standard output, the scores as CSV. */
void eval_print_text(const eval_table *t);
umcl_status eval_print_json(const eval_table *t);
umcl_status eval_write_scores(const eval_table *t);

/** A field of RFC 4180 and what follows it, a comma or the line's end. */
void eval_csv_field(FILE *f, const char *text, char after);

#endif
