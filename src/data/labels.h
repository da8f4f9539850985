/*
 * Lists of labelled videos: a CSV with a header row, as `umcl dataset list --csv` prints it.
 * Columns `name` or `path`, and `label` (real or fake; 0 or 1 with fake = 1) are needed; `person`,
 * `split`, `confidence`, `dataset`, `manipulation` (or `method`) and `compression` are used where
 * they are there, others are passed over. Fields may be quoted as in RFC 4180.
 */
#ifndef UM_DATA_LABELS_H
#define UM_DATA_LABELS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

typedef struct um_label {
    char *name; /* the column `name`, or that of the path, without folder and ending */
    char *path; /* "" where there is no such column; relative ones start at the list's folder */
    bool fake;
    char *person;                     /* "" where unknown: the name stands for the person */
    char *split;                      /* "train", "val", "test", "none", "" */
    char *dataset;                    /* "" where unknown */
    char *manipulation, *compression; /* likewise */
    bool sure;                        /* confidence is "high", or not given */
} um_label;

typedef struct um_labels {
    um_label *items;
    size_t count, cap;
} um_labels;

/** UMCL_ERR_FORMAT names the line and what is wrong (a column that is missing, an unknown label,
 * a name that stands twice). */
umcl_status um_labels_read(um_labels *out, const char *path);
void um_labels_clear(um_labels *labels);

/** Keeps the first `count` and releases the others. */
void um_labels_truncate(um_labels *labels, size_t count);

/** The person's name; a video without one is a person of its own. */
const char *um_label_person(const um_label *label);

/** UMCL_ERR_INVALID where two splits (given by name) share a person: the sentence names a video. */
umcl_status um_labels_apart(const um_labels *labels, const char *list, const char *split,
                            const char *other);

/** By name; NULL where there is none. */
const um_label *um_labels_find(const um_labels *labels, const char *name);

/** Reads the texts real, 0, fake, 1. UMCL_ERR_FORMAT. */
umcl_status um_label_parse(bool *fake, const char *text);

/** "a/b/clip.mp4" -> "clip"; released with free(), NULL when memory is out. */
char *um_plain_name(const char *path);

/** `path` as it is found from the current folder: relative ones start at the folder of `list`. */
umcl_status um_path_beside(char **out, const char *list, const char *path);

#endif
