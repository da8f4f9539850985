/*
 * FaceForensics++'s split files: train.json, val.json, test.json, each a list of pairs of ids. A
 * pair (a, b) stands for the real videos a and b and, per method, the fakes a_b and b_a.
 */
#ifndef UM_DATA_FFPP_SPLITS_H
#define UM_DATA_FFPP_SPLITS_H

#include <stdbool.h>
#include <stddef.h>

#include "data/dataset.h"

typedef struct um_ffpp_pair {
    char a[4], b[4]; /* three digits */
    um_split split;
} um_ffpp_pair;

typedef struct um_ffpp_splits {
    um_ffpp_pair *pairs;
    size_t count, cap;
    um_split of_id[1000]; /* UM_SPLIT_NONE: in no pair */
    um_names twice;       /* ids in more than one split */
} um_ffpp_splits;

/** Adds one file's pairs. UMCL_ERR_FORMAT: the message names the pair that is none. */
umcl_status um_ffpp_splits_parse(um_ffpp_splits *s, um_split split, const char *name,
                                 const void *bytes, size_t n);

/** Adds the three files of a folder. UMCL_ERR_NOT_FOUND where one lacks. */
umcl_status um_ffpp_splits_read(um_ffpp_splits *s, const char *folder);
void um_ffpp_splits_clear(um_ffpp_splits *s);

/** The split of ids of three digits; `source` may be "". None where they are in two. */
um_split um_ffpp_split_of(const um_ffpp_splits *s, const char *person, const char *source);

#endif
