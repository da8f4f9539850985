#include "data/leak_check.h"

#include <stdlib.h>

#include "base/str.h"

static const um_split pairs[3][2] = {
    {UM_SPLIT_TRAIN, UM_SPLIT_VAL}, {UM_SPLIT_TRAIN, UM_SPLIT_TEST}, {UM_SPLIT_VAL, UM_SPLIT_TEST}};

umcl_status um_shared_add(um_shared *shared, unsigned splits, const char *name)
{
    for (int i = 0; i < 3; i++)
        if (splits >> pairs[i][0] & splits >> pairs[i][1] & 1)
            UM_TRY(um_names_add(&shared->between[i], name, NULL));
    return UMCL_OK;
}

umcl_status um_shared_tell(um_findings *out, um_shared *shared, um_finding_kind kind,
                           const char *what)
{
    for (int i = 0; i < 3; i++)
        if (shared->between[i].count)
            UM_TRY(um_findings_add(out, kind, &shared->between[i], "%s and %s share %s",
                                   um_split_name(pairs[i][0]), um_split_name(pairs[i][1]), what));
    return UMCL_OK;
}

void um_shared_clear(um_shared *shared)
{
    for (int i = 0; i < 3; i++) um_names_clear(&shared->between[i]);
}

/* In which splits each name of a set occurs. */
typedef struct seen {
    um_names names;
    unsigned char *splits; /* [names.count], bits 1 << um_split; 1: it is a person that is seen */
    size_t cap;
} seen;

/* Notes that `name` occurs in `bits`; `had` (may be NULL) gets what was noted before. */
static umcl_status see(seen *s, const char *name, unsigned bits, unsigned *had)
{
    size_t i, before = s->names.count;

    if (had) *had = 0;
    if (!*name) return UMCL_OK;
    UM_TRY(um_names_add(&s->names, name, &i));
    if (s->names.count > s->cap) {
        UM_TRY(um_realloc(&s->splits, s->names.cap, 1));
        s->cap = s->names.cap;
    }
    if (s->names.count > before) s->splits[i] = 0;
    if (had) *had = s->splits[i];
    s->splits[i] |= (unsigned char)bits;
    return UMCL_OK;
}

static void seen_clear(seen *s)
{
    um_names_clear(&s->names);
    free(s->splits);
}

/* The bit of UM_SPLIT_NONE, which nobody shares, tells people from sources that are never seen. */
#define IS_PERSON (1U << UM_SPLIT_NONE)

static umcl_status check_people(um_findings *out, const um_dataset *d)
{
    um_shared people = {0}, sources = {0};
    seen s = {0};
    umcl_status st = UMCL_OK;

    for (size_t i = 0; i < d->count; i++) {
        unsigned bit = 1U << d->items[i].split & ~IS_PERSON;
        UM_CHECK(see(&s, d->items[i].person, bit | IS_PERSON, NULL));
        UM_CHECK(see(&s, d->items[i].source, bit, NULL));
    }
    for (size_t i = 0; i < s.names.count; i++)
        UM_CHECK(um_shared_add(s.splits[i] & IS_PERSON ? &people : &sources, s.splits[i],
                               s.names.text[i]));
    UM_CHECK(um_shared_tell(out, &people, UM_FINDING_PERSON, "people"));
    st = um_shared_tell(out, &sources, UM_FINDING_SOURCE, "sources");
done:
    um_shared_clear(&people);
    um_shared_clear(&sources);
    seen_clear(&s);
    return st;
}

static umcl_status check_recordings(um_findings *out, const um_dataset *d)
{
    um_shared shared = {0};
    seen s = {0};
    umcl_status st = UMCL_OK;

    for (size_t i = 0; i < d->count; i++)
        UM_CHECK(see(&s, d->items[i].group, 1U << d->items[i].split, NULL));
    for (size_t i = 0; i < s.names.count; i++)
        UM_CHECK(um_shared_add(&shared, s.splits[i], s.names.text[i]));
    st = um_shared_tell(out, &shared, UM_FINDING_RECORDING, "recordings");
done:
    um_shared_clear(&shared);
    seen_clear(&s);
    return st;
}

/* Bits beside the splits': a file that is called real, and one that is called fake. */
#define IS_REAL (1U << (UM_SPLIT_TEST + 1))
#define IS_FAKE (1U << (UM_SPLIT_TEST + 2))

/* A list may name one file in two splits, twice in one, or with two labels. */
static umcl_status check_paths(um_findings *out, const um_dataset *d)
{
    um_names twice = UM_NAMES_INIT, crossed = UM_NAMES_INIT;
    um_shared shared = {0};
    seen s = {0};
    umcl_status st = UMCL_OK;

    for (size_t i = 0; i < d->count; i++) {
        const um_item *item = &d->items[i];
        const char *path = *item->path ? item->path : item->name;
        unsigned bit = 1U << item->split, had;

        UM_CHECK(see(&s, path, bit | (item->fake ? IS_FAKE : IS_REAL), &had));
        if (had & bit) UM_CHECK(um_names_add(&twice, path, NULL));
    }
    for (size_t i = 0; i < s.names.count; i++) {
        UM_CHECK(um_shared_add(&shared, s.splits[i], s.names.text[i]));
        if (s.splits[i] & IS_REAL && s.splits[i] & IS_FAKE)
            UM_CHECK(um_names_add(&crossed, s.names.text[i], NULL));
    }
    UM_CHECK(um_shared_tell(out, &shared, UM_FINDING_FILE, "files"));
    if (crossed.count)
        UM_CHECK(um_findings_add(out, UM_FINDING_LABEL, &crossed, "files are real and fake"));
    if (twice.count)
        st = um_findings_add(out, UM_FINDING_NAME, &twice, "files stand twice in a split");
done:
    um_names_clear(&twice);
    um_names_clear(&crossed);
    um_shared_clear(&shared);
    seen_clear(&s);
    return st;
}

umcl_status um_class_check(um_findings *out, const um_dataset *d)
{
    size_t n[UM_SPLIT_TEST + 1][2] = {{0}};

    for (size_t i = 0; i < d->count; i++) n[d->items[i].split][d->items[i].fake]++;
    for (int s = UM_SPLIT_TRAIN; s <= UM_SPLIT_TEST; s++)
        if (!n[s][0] != !n[s][1])
            UM_TRY(um_findings_add(out, UM_FINDING_CLASS, NULL, "%s: %s videos only (%zu)",
                                   um_split_name((um_split)s), n[s][0] ? "real" : "fake",
                                   n[s][0] + n[s][1]));
    return UMCL_OK;
}

/* Grave ones first; else the order in which they were found. */
static void sort_findings(um_findings *f)
{
    for (size_t i = 0, end = 0; i < f->count; i++) {
        um_finding item = f->items[i];

        if (!um_finding_spoils(item.kind)) continue;
        for (size_t j = i; j > end; j--) f->items[j] = f->items[j - 1];
        f->items[end++] = item;
    }
}

umcl_status um_leak_check(um_findings *out, um_dataset *d, const um_leak_options *options)
{
    umcl_status st;

    *out = d->remarks;
    d->remarks = (um_findings){0};
    UM_CHECK(check_people(out, d));
    UM_CHECK(check_recordings(out, d));
    UM_CHECK(check_paths(out, d));
    if (d->on_disk) UM_CHECK(um_leak_files(out, d, options));
    sort_findings(out);
    st = UMCL_OK;
done:
    if (st != UMCL_OK) um_findings_clear(out);
    return st;
}
