/*
 * Lists of labelled videos: a CSV with a header row. Columns `name` or `path`, and `label` (real or
 * fake; 0 or 1 with fake = 1) are needed; `person`, `split`, `confidence` and `dataset` are used
 * where they are there, others are passed over. Fields may be quoted as in RFC 4180.
 */
#ifndef UM_DATA_LABELS_H
#define UM_DATA_LABELS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

typedef struct um_label {
    char *name; /* without folder and ending */
    bool fake;
    char *person;  /* "" where unknown: the name stands for the person */
    char *split;   /* "train", "val", "test", "none", "" */
    char *dataset; /* "" where unknown */
    bool sure;     /* confidence is "high", or not given */
} um_label;

typedef struct um_labels {
    um_label *items;
    size_t count, cap;
} um_labels;

/** UMCL_ERR_FORMAT names the line and what is wrong (a column that is missing, an unknown label,
 * a name that stands twice). */
umcl_status um_labels_read(um_labels *out, const char *path);
void um_labels_clear(um_labels *labels);

/** By name; NULL where there is none. */
const um_label *um_labels_find(const um_labels *labels, const char *name);

#endif
