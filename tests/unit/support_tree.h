/*
 * Folders of small files for the tests of data sets.
 */
#ifndef UM_TEST_SUPPORT_TREE_H
#define UM_TEST_SUPPORT_TREE_H

#include "data/dataset.h"

/** Makes the empty folder `root`; what was there is removed. */
void tree_make(const char *root);

/** Writes root/path and its folders. NULL `text`: the path itself, so that no two are alike. */
void tree_put(const char *root, const char *text, const char *path, ...)
    __attribute__((format(printf, 3, 4)));
void tree_remove(const char *root);

/** Reads a tree that must be readable, with these options (NULL: none). */
um_dataset tree_read(const char *root, const um_dataset_options *options);

/** The item with this path, which must be there. */
const um_item *tree_item(const um_dataset *d, const char *path);

/** The first finding of a kind; NULL where there is none. */
const um_finding *tree_finding(const um_findings *findings, um_finding_kind kind);

/** Fails if somebody, or some recording, is in two of train, val and test. */
void tree_assert_apart(const um_dataset *d);

#endif
