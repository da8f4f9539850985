#include "nn/schedule.h"

#include <assert.h>
#include <math.h>

um_schedule um_schedule_constant(double rate)
{
    return (um_schedule){.rate = rate, .last = rate};
}

um_schedule um_schedule_cosine(double rate, double last)
{
    return (um_schedule){.rate = rate, .last = last};
}

um_schedule um_schedule_paper(void)
{
    return (um_schedule){.rate = 5e-5, .last = 0, .head_rate = 1e-3, .head_share = 0.1};
}

double um_schedule_at(const um_schedule *s, int64_t step, int64_t total)
{
    int64_t head = llround(s->head_share * (double)total);
    double rate = s->head_rate;

    assert(total > 0);
    if (step >= head) {
        double done = head < total ? (double)(step - head) / (double)(total - head) : 1;
        rate = s->last + (s->rate - s->last) * 0.5 * (1 + cos(M_PI * fmin(done, 1)));
    }
    if (step < s->warmup) rate *= (double)(step + 1) / (double)s->warmup;
    return rate;
}
