/*
 * Scores of videos as CSV, of this program (umcl eval --scores) or any other.
 */
#ifndef UM_EVAL_SCORE_FILE_H
#define UM_EVAL_SCORE_FILE_H

#include <stdbool.h>

#include "base/names.h"

/** Which rows of a file are meant; NULL: all of them. */
typedef struct um_score_choice {
    const char *model, *quality;
} um_score_choice;

typedef struct um_score_row {
    char *person;         /* "" where the file does not say */
    double score;         /* NaN: the video has none */
    bool has_label, fake; /* what the file says itself */
} um_score_row;

typedef struct um_score_file {
    um_names videos;    /* numbered as the rows */
    um_score_row *rows; /* [videos.count] */
    size_t cap;
} um_score_file;

/**
 * Reads a CSV with a header row, a file or bytes that are called `name` in messages. Columns:
 * `video` (or `name`, or `path`) and `score` are needed; `label`, `person`, `model` and `quality`
 * are used where they are there, others are passed over. An empty score, or "nan", is none.
 *
 * @return UMCL_ERR_FORMAT names the line (a column that is missing, a score that is no number, a
 *         video that stands twice: a choice is then needed), UMCL_ERR_NOT_FOUND (no row is left),
 *         what um_csv_open returns, UMCL_ERR_NOMEM
 */
umcl_status um_score_file_read(um_score_file *out, const char *path, um_score_choice choice);
umcl_status um_score_file_parse(um_score_file *out, const char *name, const void *bytes, size_t n,
                                um_score_choice choice);
void um_score_file_clear(um_score_file *file);

#endif
