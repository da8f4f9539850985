#include "plot/ticks.h"

#include <math.h>
#include <stdio.h>

/* The step of 1, 2 or 5 times a power of ten that gives about `wanted` of them. */
static double round_step(double span, int wanted)
{
    double rough = span / wanted, unit = pow(10, floor(log10(rough)));
    double part = rough / unit;

    return unit * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}

void um_ticks_choose(um_ticks *out, double low, double high, int wanted)
{
    const double step = round_step(high - low, wanted), slack = 1e-9 * step;
    const double largest = fmax(fabs(low), fabs(high));
    int decimals = (int)fmax(0, -floor(log10(step) + 1e-9));

    out->n = 0;
    for (double k = ceil(low / step - 1e-9); out->n < UM_TICKS_MOST; k++) {
        double v = k * step;

        if (v > high + slack || !(step > 0)) break;
        if (fabs(v) < slack) v = 0; /* not "-0.0" */
        out->value[out->n] = v;
        if (largest < 1e6 && decimals <= 6)
            snprintf(out->text[out->n], sizeof out->text[0], "%.*f", decimals, v);
        else
            snprintf(out->text[out->n], sizeof out->text[0], "%.6g", v);
        out->n++;
    }
}

void um_ticks_margin(double *low, double *high)
{
    double span = *high - *low;

    if (!(span > 1e-12 * fmax(fabs(*low), fabs(*high)))) {
        span = fmax(fabs(*low), 1) / 2; /* one value alone stands in the middle */
        *low -= span;
        *high += span;
        return;
    }
    *low -= 0.05 * span;
    *high += 0.05 * span;
}
