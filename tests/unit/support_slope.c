#include "support_slope.h"

#include "../test.h"

#include <math.h>

#include "base/rng.h"

#define MAX_CHECKED 50 /* elements that are checked, spread evenly */

void check_slope(const char *name, loss_fn loss, void *ctx, float *x, const float *grad, size_t n,
                 double step)
{
    double largest = 0;

    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs((double)grad[i]));
    if (!(largest > 0)) fail_msg("%s: expected a gradient, found none", name);
    for (size_t i = 0; i<n; i += n> MAX_CHECKED ? n / MAX_CHECKED : 1) {
        float keep = x[i], hi = (float)((double)keep + step), lo = (float)((double)keep - step);
        double up, down, want;

        x[i] = hi;
        up = loss(ctx);
        x[i] = lo;
        down = loss(ctx);
        x[i] = keep;
        want = (up - down) / ((double)hi - (double)lo);
        if (!(fabs(want - (double)grad[i]) <= 1e-3 * largest))
            fail_msg("%s: element %zu: gradient %g, difference %g, largest %g", name, i,
                     (double)grad[i], want, largest);
    }
}

void fill_random(float *x, size_t n, const char *name)
{
    um_rng rng = um_rng_new(0, name);

    for (size_t i = 0; i < n; i++) x[i] = (float)um_rng_range(&rng, -1, 1);
}

void check_finite(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) fail_msg("element %zu is %g", i, (double)x[i]);
}
