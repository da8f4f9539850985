#include "model/loss_pearson.h"

#include <math.h>

#include "model/loss_views.h"

/* Two vectors around their origins: 0, or their means. */
typedef struct angle {
    const float *x, *y;
    size_t n;
    double x0, y0;     /* origins */
    double xx, yy, xy; /* products around them */
    bool defined;
} angle;

static double mean(const float *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) sum += x[i];
    return sum / (double)n;
}

static angle measure(const float *x, const float *y, size_t n, bool centred)
{
    angle a = {.x = x, .y = y, .n = n};
    double x_size = 0, y_size = 0;

    if (centred) {
        a.x0 = mean(x, n);
        a.y0 = mean(y, n);
    }
    for (size_t i = 0; i < n; i++) {
        double u = x[i] - a.x0, v = y[i] - a.y0;
        a.xx += u * u;
        a.yy += v * v;
        a.xy += u * v;
        x_size += (double)x[i] * x[i];
        y_size += (double)y[i] * y[i];
    }
    a.defined = !um_is_flat(a.xx, x_size) && !um_is_flat(a.yy, y_size);
    return a;
}

static double value(const angle *a)
{
    return a->defined ? a->xy / sqrt(a->xx * a->yy) : 0;
}

/* c = x.y / (|x| |y|): dc/dx = y / (|x| |y|) - c x / |x|^2. Centring changes nothing here: both
 * terms have mean 0 already. */
static void add_grad(const angle *a, double weight, float *dx, float *dy)
{
    double c = value(a), both;

    if (!a->defined) return;
    both = 1 / sqrt(a->xx * a->yy);
    for (size_t i = 0; i < a->n; i++) {
        double u = a->x[i] - a->x0, v = a->y[i] - a->y0;
        if (dx) dx[i] += (float)(weight * (v * both - c * u / a->xx));
        if (dy) dy[i] += (float)(weight * (u * both - c * v / a->yy));
    }
}

double um_cosine(const float *x, const float *y, size_t n)
{
    angle a = measure(x, y, n, false);

    return value(&a);
}

void um_cosine_grad(const float *x, const float *y, size_t n, double weight, float *dx, float *dy)
{
    angle a = measure(x, y, n, false);

    add_grad(&a, weight, dx, dy);
}

double um_loss_npc(const float *x, const float *y, size_t n, double weight, float *dx, float *dy)
{
    angle a = measure(x, y, n, true);

    add_grad(&a, -weight, dx, dy);
    return a.defined ? 1 - value(&a) : 0;
}

double um_loss_mpc(const float *x, const float *y, size_t n, double weight, float *dx, float *dy)
{
    angle a = measure(x, y, n, false);
    double c = value(&a);

    if (c != 0) add_grad(&a, c < 0 ? -weight : weight, dx, dy);
    return fabs(c);
}
