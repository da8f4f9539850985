#include "eval/curves.h"

#include <math.h>
#include <stdlib.h>

#define Z95 1.959963984540054

static int by_score_falling(const void *a, const void *b)
{
    double x = ((const um_scored *)a)->score, y = ((const um_scored *)b)->score;

    return (x < y) - (x > y);
}

size_t um_roc_curve(double *x, double *y, um_scored *items, size_t n)
{
    double count[2] = {0}, all[2] = {0};
    size_t points = 0;

    for (size_t i = 0; i < n; i++) all[items[i].fake]++;
    if (all[0] == 0 || all[1] == 0) return 0;
    qsort(items, n, sizeof *items, by_score_falling);
    x[points] = y[points] = 0;
    points++;
    for (size_t i = 0; i < n; i++) {
        count[items[i].fake]++;
        if (i + 1 < n && items[i + 1].score == items[i].score) continue;
        x[points] = count[0] / all[0];
        y[points] = count[1] / all[1];
        points++;
    }
    return points;
}

um_interval um_share_interval(double share, size_t n)
{
    const double m = (double)n, zz = Z95 * Z95;
    double middle = (share + zz / (2 * m)) / (1 + zz / m);
    double half = Z95 / (1 + zz / m) * sqrt(share * (1 - share) / m + zz / (4 * m * m));

    if (n == 0) return (um_interval){NAN, NAN};
    return (um_interval){fmax(0, middle - half), fmin(1, middle + half)};
}
