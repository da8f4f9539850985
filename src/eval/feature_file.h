/*
 * Features of videos as umcl eval --features writes them and umcl tsne reads them: a safetensors
 * file with a tensor [n, width] for every feature of model/features.h, and as metadata where they
 * are from and, as JSON, a column for each of video, label, quality, group and score
 * (docs/formats.md).
 */
#ifndef UM_EVAL_FEATURE_FILE_H
#define UM_EVAL_FEATURE_FILE_H

#include <stdbool.h>

#include "base/mem.h"
#include "base/safetensors.h"
#include "model/features.h"

typedef struct um_feature_row {
    const char *video, *quality; /* "": the only one, unnamed */
    const char *group;           /* "real", or what a fake was made by */
    bool fake;
    double score; /* P(fake) */
} um_feature_row;

/** Texts live in `strings`, or where the caller keeps them. */
typedef struct um_feature_table {
    const char *model, *hash, *policy, *split; /* "" where there is none */
    um_feature_row *rows;
    size_t n;
    size_t width[UM_N_FEATURES];  /* 0: there is none */
    float *values[UM_N_FEATURES]; /* [n, width] */
    um_arena *strings;            /* NULL: they are the caller's */
} um_feature_table;

/** UMCL_ERR_INVALID (a name that is not UTF-8), UMCL_ERR_IO, UMCL_ERR_NOMEM. */
umcl_status um_feature_file_write(const um_feature_table *table, const char *path);

/** UMCL_ERR_NOT_FOUND, UMCL_ERR_IO, UMCL_ERR_FORMAT (the sentence says what), UMCL_ERR_NOMEM. */
umcl_status um_feature_file_read(um_feature_table *out, const char *path);

/** The same of a file that was read; `name` is what messages call it. */
umcl_status um_feature_file_parse(um_feature_table *out, const um_st_file *file, const char *name);

/**
 * Adds the rows of another table of the same model: other qualities, whose lists are others. `to`
 * was read, from a file.
 *
 * @return UMCL_ERR_MISMATCH (another model, other widths), UMCL_ERR_NOMEM
 */
umcl_status um_feature_table_append(um_feature_table *to, const um_feature_table *more);

/** Releases rows, values and texts of its own. */
void um_feature_table_clear(um_feature_table *table);

#endif
