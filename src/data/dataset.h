/*
 * Public deepfake data sets as their owners hand them out: one list of videos with labels, people
 * and splits, whatever the layout. docs/datasets.md describes the layouts.
 */
#ifndef UM_DATA_DATASET_H
#define UM_DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "base/status.h"
#include "base/str.h"
#include "data/finding.h"

typedef enum um_split { UM_SPLIT_NONE, UM_SPLIT_TRAIN, UM_SPLIT_VAL, UM_SPLIT_TEST } um_split;
#define UM_N_SPLITS 4

typedef enum um_compression {
    UM_COMPRESSION_NONE, /* the data set has one quality */
    UM_COMPRESSION_RAW,
    UM_COMPRESSION_C23,
    UM_COMPRESSION_C40
} um_compression;

/** One video (or folder of frames, or landmark file). No string is NULL; "" where unknown. */
typedef struct um_item {
    const char *path; /* from the root; absolute where a list says so */
    const char
        *name; /* the path as one word, or as a list says: what the extraction cache calls it */
    const char *dataset; /* "FF++", "DFD", "Celeb-DF-v2" ... */
    const char *method;  /* "real" or the manipulation */
    const char *person;  /* who is seen: the target */
    const char *source;  /* whose face or motion was put in; "" in real videos */
    const char *group;   /* the recording of the target: a real video and the fakes made from it */
    um_split split;
    um_compression compression;
    bool fake;
    bool sure; /* false: the list itself doubts the label */
} um_item;

typedef struct um_dataset {
    um_item *items;
    size_t count, cap;
    um_arena *strings;   /* all strings of the items */
    um_findings remarks; /* what the reader saw on the way */
    char *root;          /* absolute: the folder that paths start from */
    const char *layout;
    bool on_disk; /* paths name files of this machine, not of whoever made the list */
} um_dataset;

typedef struct um_dataset_layout {
    const char *name;
    const char *text; /* how it is recognised, in a few words */
} um_dataset_layout;

/** The known layouts, one after the other; NULL behind the last. */
const um_dataset_layout *um_dataset_layout_at(size_t i);

typedef struct um_dataset_options {
    const char *layout; /* NULL: recognise it */
    const char *splits; /* NULL, or the folder with FF++'s train.json, val.json, test.json */
    bool apart;         /* divide by identity even where the data set has splits of its own */
    bool one_compression;
    um_compression compression; /* with `one_compression`: only this one */
} um_dataset_options;

/**
 * Reads a tree or a list.
 *
 * @param root a folder, or a CSV or JSON file
 * @return UMCL_ERR_NOT_FOUND (no such place, nothing there that could be read),
 *         UMCL_ERR_UNSUPPORTED (no known layout), UMCL_ERR_INVALID (an option that does not fit),
 *         UMCL_ERR_FORMAT (a list that is damaged: the message names it and the place), _IO, _NOMEM
 */
umcl_status um_dataset_read(um_dataset *out, const char *root, const um_dataset_options *options);
void um_dataset_clear(um_dataset *d);

/** Adds a copy of `item`; NULL strings become "", a NULL name is made from the path. */
umcl_status um_dataset_add(um_dataset *d, const um_item *item);

/** Sets `out` to root/path, or to a path that is absolute; the caller releases it. */
umcl_status um_dataset_path(um_str *out, const um_dataset *d, const char *path);

/** "none", "train", "val", "test"; parsing takes "" as none and "validation" as val. */
const char *um_split_name(um_split split);
bool um_split_parse(um_split *out, const char *text);

/** "none", "raw", "c23", "c40"; parsing takes "" as none. */
const char *um_compression_name(um_compression c);
bool um_compression_parse(um_compression *out, const char *text);

#endif
