#include "labelled_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

size_t labelled_person(const um_label *label)
{
    const char *who = um_label_person(label);

    return (size_t)um_fnv1a(UM_FNV_OFFSET, who, strlen(who));
}

const um_stored_track *labelled_longest(const um_stored_video *video)
{
    const um_stored_track *longest = NULL;

    for (size_t i = 0; i < video->n_tracks; i++)
        if (!longest || video->tracks[i].n_frames > longest->n_frames) longest = &video->tracks[i];
    return longest;
}

static void add_longest(labelled_cache *c, size_t video, int least)
{
    const um_stored_track *longest = labelled_longest(&c->videos[video]);

    if (!longest || longest->n_frames < (size_t)least) return;
    c->tracks[c->n_tracks++] = (um_labelled_track){longest, c->labels[video]->fake, video,
                                                   labelled_person(c->labels[video])};
}

umcl_status labelled_cache_read(labelled_cache *out, const char *cache, const um_labels *labels,
                                const char *split, bool sure, int least)
{
    umcl_status st;

    *out = (labelled_cache){0};
    UM_CHECK(um_calloc(&out->videos, labels->count, sizeof *out->videos));
    UM_CHECK(um_calloc(&out->labels, labels->count, sizeof *out->labels));
    UM_CHECK(um_calloc(&out->tracks, labels->count, sizeof *out->tracks));
    for (size_t i = 0; i < labels->count; i++) {
        const um_label *l = &labels->items[i];
        if ((split && strcmp(l->split, split)) || (sure && !l->sure)) continue;
        st = um_store_read(&out->videos[out->n_videos], cache, l->name);
        if (st == UMCL_ERR_NOT_FOUND) {
            fprintf(stderr, "not in the cache: %s\n", l->name);
            out->n_missing++;
            continue;
        }
        if (st != UMCL_OK) goto done;
        out->labels[out->n_videos++] = l;
    }
    for (size_t v = 0; v < out->n_videos; v++) add_longest(out, v, least);
    st = UMCL_OK;
done:
    if (st != UMCL_OK) labelled_cache_clear(out);
    return st;
}

void labelled_cache_clear(labelled_cache *c)
{
    for (size_t i = 0; i < c->n_videos; i++) um_stored_video_clear(&c->videos[i]);
    free(c->videos);
    free(c->labels);
    free(c->tracks);
    *c = (labelled_cache){0};
}
