#include "data/dataset_divide.h"

#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/rng.h"
#include "base/str.h"

/* The first with which the 28 actors of DFD fall 20 : 4 : 4 and the 59 people of Celeb-DF 41 : 9 :
 * 9, or 49 : 10 beside the test list. */
#define SEED 4891

static um_split split_of(const char *unit, um_shares s)
{
    um_rng rng = um_rng_new(SEED, unit);
    double u = um_rng_uniform(&rng) * (s.train + s.val + s.test);

    return u < s.train ? UM_SPLIT_TRAIN : u < s.train + s.val ? UM_SPLIT_VAL : UM_SPLIT_TEST;
}

static const char *unit_without_people(const um_item *item)
{
    return *item->group ? item->group : item->name;
}

static um_split split_by_people(const um_item *item, um_shares shares)
{
    const char *first = *item->person ? item->person : item->source;
    um_split split = split_of(*first ? first : unit_without_people(item), shares);

    if (*item->source && split_of(item->source, shares) != split) return UM_SPLIT_NONE;
    return split;
}

/* Union-find over names; the root of a circle is its first name in the order of bytes, so that the
 * circle's split does not depend on the order of the items. */
typedef struct circles {
    um_names names; /* "p" + person or source, "g" + group, "n" + name */
    size_t *parent; /* [names.count] */
    size_t cap;
} circles;

static size_t root_of(circles *c, size_t i)
{
    while (c->parent[i] != i) i = c->parent[i] = c->parent[c->parent[i]];
    return i;
}

/* Adds kind + text and joins it to `*first`, which is SIZE_MAX at the beginning. */
static umcl_status join(circles *c, um_str *key, const char *kind, const char *text, size_t *first)
{
    size_t i, a, before = c->names.count;

    um_str_clear(key);
    um_str_printf(key, "%s%s", kind, text);
    UM_TRY(um_str_status(key));
    UM_TRY(um_names_add(&c->names, key->text, &i));
    if (c->names.count > c->cap) {
        UM_TRY(um_realloc(&c->parent, c->names.cap, sizeof *c->parent));
        c->cap = c->names.cap;
    }
    if (c->names.count > before) c->parent[i] = i;
    if (*first == SIZE_MAX) *first = i;
    a = root_of(c, *first);
    i = root_of(c, i);
    if (strcmp(c->names.text[a], c->names.text[i]) < 0)
        c->parent[i] = a;
    else
        c->parent[a] = i;
    return UMCL_OK;
}

static umcl_status join_item(circles *c, um_str *key, const um_item *item, size_t *circle)
{
    *circle = SIZE_MAX;
    if (*item->person) UM_TRY(join(c, key, "p", item->person, circle));
    if (*item->source) UM_TRY(join(c, key, "p", item->source, circle));
    if (*item->group) UM_TRY(join(c, key, "g", item->group, circle));
    if (*circle == SIZE_MAX) UM_TRY(join(c, key, "n", item->name, circle));
    return UMCL_OK;
}

/* Which items are divided. */
typedef bool (*choice)(const um_item *item, const char *dataset);

static bool concerned(const um_item *item, const char *dataset)
{
    return item->split == UM_SPLIT_NONE && (!dataset || !strcmp(item->dataset, dataset));
}

/* Data sets in which everybody is swapped with everybody. */
static bool one_circle(const um_item *item)
{
    return !strcmp(item->dataset, "DFD") || !strcmp(item->dataset, "DeepFakeDetection") ||
           um_str_starts(item->dataset, "Celeb-DF");
}

static bool in_small_circles(const um_item *item, const char *dataset)
{
    return concerned(item, dataset) && !one_circle(item);
}

static umcl_status divide_circles(um_dataset *d, choice chosen, const char *dataset,
                                  um_shares shares)
{
    um_str key = UM_STR_INIT;
    size_t *circle = NULL;
    circles c = {0};
    umcl_status st;

    UM_CHECK(um_calloc(&circle, d->count, sizeof *circle));
    for (size_t i = 0; i < d->count; i++)
        if (chosen(&d->items[i], dataset)) UM_CHECK(join_item(&c, &key, &d->items[i], &circle[i]));
    if (c.names.count == 0) goto done;
    for (size_t i = 0; i < d->count; i++)
        if (chosen(&d->items[i], dataset))
            d->items[i].split = split_of(c.names.text[root_of(&c, circle[i])] + 1, shares);
done:
    um_names_clear(&c.names);
    free(c.parent);
    free(circle);
    um_str_clear(&key);
    return st;
}

umcl_status um_dataset_divide(um_dataset *d, const char *dataset, um_shares shares, um_divide_by by)
{
    if (by == UM_DIVIDE_CIRCLES) return divide_circles(d, concerned, dataset, shares);
    for (size_t i = 0; i < d->count; i++)
        if (concerned(&d->items[i], dataset))
            d->items[i].split = split_by_people(&d->items[i], shares);
    return UMCL_OK;
}

umcl_status um_dataset_divide_afresh(um_dataset *d)
{
    static const um_shares shares = {70, 15, 15};

    for (size_t i = 0; i < d->count; i++)
        d->items[i].split =
            one_circle(&d->items[i]) ? split_by_people(&d->items[i], shares) : UM_SPLIT_NONE;
    return divide_circles(d, in_small_circles, NULL, shares);
}
