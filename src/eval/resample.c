#include "eval/resample.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

typedef struct member {
    size_t group, item;
} member;

static int by_group(const void *a, const void *b)
{
    const member *x = a, *y = b;

    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

umcl_status um_resample_new(um_resample *out, const size_t *group, size_t n)
{
    member *members = NULL;
    size_t largest = 0;
    umcl_status st;

    *out = (um_resample){0};
    UM_CHECK(um_calloc(&members, n, sizeof *members));
    UM_CHECK(um_calloc(&out->order, n, sizeof *out->order));
    UM_CHECK(um_calloc(&out->start, n + 1, sizeof *out->start));
    for (size_t i = 0; i < n; i++) members[i] = (member){group[i], i};
    if (n) qsort(members, n, sizeof *members, by_group);
    for (size_t i = 0; i < n; i++) {
        out->order[i] = members[i].item;
        if (i == 0 || members[i].group != members[i - 1].group) out->start[out->n_groups++] = i;
    }
    out->start[out->n_groups] = n;
    for (size_t g = 0; g < out->n_groups; g++)
        if (out->start[g + 1] - out->start[g] > largest)
            largest = out->start[g + 1] - out->start[g];
    out->most = out->n_groups * largest;
done:
    free(members);
    if (st != UMCL_OK) um_resample_clear(out);
    return st;
}

void um_resample_clear(um_resample *r)
{
    free(r->order);
    free(r->start);
    *r = (um_resample){0};
}

size_t um_resample_draw(const um_resample *r, um_rng *rng, size_t *items)
{
    size_t n = 0;

    for (size_t g = 0; g < r->n_groups; g++) {
        size_t pick = um_rng_below(rng, r->n_groups), count = r->start[pick + 1] - r->start[pick];

        memcpy(items + n, r->order + r->start[pick], count * sizeof *items);
        n += count;
    }
    return n;
}
