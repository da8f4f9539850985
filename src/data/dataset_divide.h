/*
 * Splits that keep identities apart, for data sets that bring none. The split is a hash of a name
 * (the person's, or the first of a circle): it depends neither on the order of the files nor on how
 * many there are, so a tree that grows, or its version of another compression, is divided alike.
 */
#ifndef UM_DATA_DATASET_DIVIDE_H
#define UM_DATA_DATASET_DIVIDE_H

#include "data/dataset.h"

typedef struct um_shares {
    int train, val, test; /* parts of their sum */
} um_shares;

typedef enum um_divide_by {
    /* Whoever is linked, over any number of fakes, goes together: a fake goes with both its target
     * and its source. For data sets whose swaps stay in small circles. */
    UM_DIVIDE_CIRCLES,
    /* Each person alone; a fake of people in two splits gets none. For data sets where everybody is
     * swapped with everybody (DFD, Celeb-DF), which are one circle. */
    UM_DIVIDE_PEOPLE
} um_divide_by;

/**
 * Gives a split to the items of `dataset` (NULL: all) that have none. What has neither person nor
 * source goes by its group, without one by its name. UMCL_ERR_NOMEM.
 */
umcl_status um_dataset_divide(um_dataset *d, const char *dataset, um_shares shares,
                              um_divide_by by);

/** Forgets the splits of a list and divides it 70 : 15 : 15, each data set as suits it. */
umcl_status um_dataset_divide_afresh(um_dataset *d);

#endif
