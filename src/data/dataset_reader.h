/*
 * Between dataset.c and the readers, one a layout, and what they share.
 */
#ifndef UM_DATA_DATASET_READER_H
#define UM_DATA_DATASET_READER_H

#include "base/dir.h"
#include "base/str.h"
#include "data/dataset.h"

/** A reader gets an empty list whose root is set; `file` is the file given as root, or NULL. */
typedef struct um_dataset_reader {
    um_dataset_layout layout;
    bool (*detect)(const char *root, const char *file);
    umcl_status (*read)(um_dataset *d, const char *file, const um_dataset_options *options);
} um_dataset_reader;

extern const um_dataset_reader um_reader_ffpp, um_reader_celebdf, um_reader_dfdc, um_reader_bench,
    um_reader_lrnet, um_reader_csv;

/**
 * The names in a folder below the root. One that cannot be read becomes a finding and has none; one
 * that is not there has none.
 */
umcl_status um_dataset_dir(um_dir *out, um_dataset *d, const char *path);

bool um_dataset_has_dir(const um_dataset *d, const char *path);

/** `folder` is "" for the root; `enough` set: do not look into the folders below. */
typedef umcl_status (*um_dataset_visit)(void *user, const char *folder, const um_dir *dir,
                                        bool *enough);

/**
 * Visits the root and the folders below it, `depth` levels down, each once however many links lead
 * to it. Stops at the first failure.
 */
umcl_status um_dataset_walk(um_dataset *d, int depth, um_dataset_visit visit, void *user);

/** Adds a finding UM_FINDING_COUNT where the numbers differ. */
umcl_status um_dataset_expect(um_dataset *d, const char *where, size_t expected, size_t found);

/** Adds a finding about `names` unless there are none: "WHERE: WHAT (N): first, second, ...". */
umcl_status um_dataset_note(um_dataset *d, um_finding_kind kind, um_names *names, const char *where,
                            const char *what);

/** Adds the videos of a DeepfakeBench list; `name` is for messages. UMCL_ERR_FORMAT. */
umcl_status um_bench_parse(um_dataset *d, const char *name, const void *bytes, size_t n);

/** Adds the rows of a plain CSV. UMCL_ERR_FORMAT names the line. */
umcl_status um_rows_parse(um_dataset *d, const char *name, const void *bytes, size_t n);

#endif
