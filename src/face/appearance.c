#include "face/appearance.h"

#include <assert.h>
#include <math.h>

#define N (UM_APPEARANCE_SIDE * UM_APPEARANCE_SIDE)

static void normalise(um_appearance *a)
{
    double mean = 0, square = 0;

    for (int i = 0; i < N; i++) mean += a->v[i] / (double)N;
    for (int i = 0; i < N; i++) {
        a->v[i] -= (float)mean;
        square += (double)a->v[i] * a->v[i];
    }
    a->known = square > 1e-6;
    for (int i = 0; i < N; i++) a->v[i] = a->known ? a->v[i] / (float)sqrt(square) : 0;
}

void um_appearance_set(um_appearance *a, const um_image *grey)
{
    assert(grey->width == UM_APPEARANCE_SIDE && grey->height == UM_APPEARANCE_SIDE);
    assert(grey->channels == 1);
    for (int i = 0; i < N; i++)
        a->v[i] = grey->data[(size_t)(i / UM_APPEARANCE_SIDE) * grey->stride +
                             (size_t)(i % UM_APPEARANCE_SIDE)];
    normalise(a);
}

float um_appearance_match(const um_appearance *a, const um_appearance *b)
{
    double s = 0;

    if (!a->known || !b->known) return 0;
    for (int i = 0; i < N; i++) s += (double)a->v[i] * b->v[i];
    return (float)s;
}

void um_appearance_learn(um_appearance *a, const um_appearance *b, float weight)
{
    if (!b->known) return;
    if (!a->known) weight = 1;
    for (int i = 0; i < N; i++) a->v[i] += weight * (b->v[i] - a->v[i]);
    normalise(a);
}
