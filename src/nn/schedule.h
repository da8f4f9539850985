/*
 * Learning rate as a function of the step: a constant head (the paper's first 10 % at a high
 * rate), then a rate that stays or falls along half a cosine (SGDR without restarts, Loshchilov
 * and Hutter, ICLR 2017).
 */
#ifndef UM_NN_SCHEDULE_H
#define UM_NN_SCHEDULE_H

#include <stdint.h>

typedef struct um_schedule {
    double rate;       /* after the head */
    double last;       /* where the cosine ends; equal to `rate`: constant */
    double head_rate;  /* during the head */
    double head_share; /* of all steps, 0..1 */
    int64_t warmup;    /* first steps: the rate rises linearly from its 1 / warmup-th */
} um_schedule;

um_schedule um_schedule_constant(double rate);

/** From `rate` at step 0 to `last` at step `total`, as PyTorch's CosineAnnealingLR. */
um_schedule um_schedule_cosine(double rate, double last);

/** UMCL's: 1e-3 for the first 10 % of the iterations, then from 5e-5 to 0 along a cosine. */
um_schedule um_schedule_paper(void);

/** The rate of step `step` = 0 .. total - 1; `total` > 0. */
double um_schedule_at(const um_schedule *s, int64_t step, int64_t total);

#endif
