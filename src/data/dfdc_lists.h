/*
 * DFDC's lists: the metadata.json of a part, {"file": {"label": "FAKE", "split": "train",
 * "original": "file"}} where original may be null or missing, and the labels.csv of a test set,
 * "filename,label" with fake = 1.
 */
#ifndef UM_DATA_DFDC_LISTS_H
#define UM_DATA_DFDC_LISTS_H

#include <stdbool.h>
#include <stddef.h>

#include "data/dataset.h"

typedef struct um_dfdc_entry {
    const char *file;     /* a plain name */
    const char *original; /* of a fake, where it is known; else NULL */
    bool fake;
    um_split split; /* none where the list does not say, or says train as it always does */
} um_dfdc_entry;

typedef struct um_dfdc_list {
    um_dfdc_entry *entries;
    size_t count, cap;
    um_arena *strings;
    um_names odd; /* entries that were passed over: no label, not a plain name */
} um_dfdc_list;

/** `name` is for messages. UMCL_ERR_FORMAT (with the line), UMCL_ERR_NOMEM. */
umcl_status um_dfdc_metadata_parse(um_dfdc_list *out, const char *name, const void *bytes,
                                   size_t n);
umcl_status um_dfdc_labels_parse(um_dfdc_list *out, const char *name, const void *bytes, size_t n);

/** Reads either, told by the ending. */
umcl_status um_dfdc_list_read(um_dfdc_list *out, const char *path);
void um_dfdc_list_clear(um_dfdc_list *list);

#endif
