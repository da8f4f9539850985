/*
 * The bootstrap over people: samples are drawn by whole groups, since what comes from one person is
 * not independent.
 */
#ifndef UM_EVAL_RESAMPLE_H
#define UM_EVAL_RESAMPLE_H

#include <stddef.h>

#include "base/rng.h"
#include "base/status.h"

typedef struct um_resample {
    size_t *order; /* [n], the items, group by group */
    size_t *start; /* [n_groups + 1], where each group begins in it */
    size_t n_groups;
    size_t most; /* items that a draw can hold */
} um_resample;

/** `group` [n] numbers the items' groups, any numbers. UMCL_ERR_NOMEM. */
umcl_status um_resample_new(um_resample *out, const size_t *group, size_t n);
void um_resample_clear(um_resample *r);

/**
 * One draw: as many groups as there are, with replacement. `items` has room for `most` numbers.
 * Returns how many were drawn.
 */
size_t um_resample_draw(const um_resample *r, um_rng *rng, size_t *items);

#endif
