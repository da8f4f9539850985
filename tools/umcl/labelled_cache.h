/*
 * What `umcl train` and `umcl eval` read: cached tracks with their labels, one part of the split.
 */
#ifndef UM_TOOLS_LABELLED_CACHE_H
#define UM_TOOLS_LABELLED_CACHE_H

#include "data/labels.h"
#include "train/lrnet_fit.h"

typedef struct labelled_cache {
    um_stored_video *videos;
    const um_label **labels; /* [n_videos], borrowed */
    size_t n_videos, n_missing;
    um_labelled_track *tracks; /* long enough for a window */
    size_t n_tracks;
} labelled_cache;

/** The number of a label's person, for drawing and keeping apart. */
size_t labelled_person(const um_label *label);

/** The track that speaks for a video (the fake of a two-face clip need not be in every face). */
const um_stored_track *labelled_longest(const um_stored_video *video); /* NULL: it has none */

/**
 * Reads the cached videos whose row has the split `split` (NULL: all) and, where `sure`, a label
 * of high confidence. Of each video the longest track is taken, if it has `least` frames. Rows
 * without a cached video are counted and named on standard error.
 */
umcl_status labelled_cache_read(labelled_cache *out, const char *cache, const um_labels *labels,
                                const char *split, bool sure, int least);
void labelled_cache_clear(labelled_cache *c);

#endif
