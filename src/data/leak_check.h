/*
 * Whether a split measures anything: what two splits share, and what is not as it should be.
 */
#ifndef UM_DATA_LEAK_CHECK_H
#define UM_DATA_LEAK_CHECK_H

#include "data/dataset.h"

typedef struct um_leak_options {
    bool whole_files; /* compare whole files; else their sizes and first MiB */
} um_leak_options;

/**
 * Takes over the reader's remarks and adds what the items show: people (as target or source),
 * sources, recordings and files that two of train, val and test share; files that are copies of one
 * another but have different labels; files that are missing, empty or unreadable. Files are opened
 * only where two have the same size.
 *
 * @param out the findings, the grave ones first
 * @return UMCL_ERR_NOMEM alone: what cannot be read is a finding
 */
umcl_status um_leak_check(um_findings *out, um_dataset *d, const um_leak_options *options);

/**
 * Adds a finding for every split of train, val and test that is of one class alone: nothing can be
 * learnt from it, nor measured on it. UMCL_ERR_NOMEM.
 */
umcl_status um_class_check(um_findings *out, const um_dataset *d);

/** What pairs of splits share. */
typedef struct um_shared {
    um_names between[3]; /* train and val, train and test, val and test */
} um_shared;

/** Adds `name` to the pairs of which both are in `splits` (bits 1 << um_split). */
umcl_status um_shared_add(um_shared *shared, unsigned splits, const char *name);

/** One finding a pair: "train and test share WHAT (3): ...". Empties `shared`. */
umcl_status um_shared_tell(um_findings *out, um_shared *shared, um_finding_kind kind,
                           const char *what);
void um_shared_clear(um_shared *shared);

/** The part of um_leak_check that looks at the files themselves. */
umcl_status um_leak_files(um_findings *out, const um_dataset *d, const um_leak_options *options);

#endif
