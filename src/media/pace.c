#include "media/pace.h"

#include <math.h>

/* Times beyond this (30 years) are damage. */
#define MAX_TIME 1e9
/* A larger step backwards is a restart of the stream's clock. */
#define RESTART 1.0
/* Moments nearer to each other than this are the same. */
#define SAME 1e-6

double um_clock_next(um_clock *c, double pts)
{
    double expected = c->begun ? c->last + c->nominal : 0, t;

    if (!isfinite(pts) || fabs(pts) > MAX_TIME) {
        t = expected;
    } else {
        if (!c->has_origin) {
            c->origin = pts - expected;
            c->has_origin = true;
        }
        t = pts - c->origin;
        if (c->begun && t < c->last - RESTART) {
            c->origin = pts - expected;
            t = expected;
        } else if (c->begun && t <= c->last) {
            /* Less than a frame, so that the stream's own times soon catch up. */
            t = c->last + c->nominal / 2;
        }
    }
    c->begun = true;
    c->last = t;
    return t;
}

void um_clock_restart(um_clock *c)
{
    c->begun = false;
}

double um_pace_time(const um_pace *p)
{
    return p->start + (double)p->i / p->fps;
}

um_pace_choice um_pace_choose(um_pace *p, double held, double ahead)
{
    double t = um_pace_time(p);

    if (t > held + UM_PACE_MAX_GAP && ahead > t) {
        /* Leave the gap: on to the moment nearest to the frame ahead. */
        double i = rint((ahead - p->start) * p->fps);
        if (i > (double)p->i && i < 1e15) p->i = (int64_t)i;
        t = um_pace_time(p);
    }
    if (t >= p->end - SAME) return UM_PACE_END;
    return ahead - t + SAME < t - held ? UM_PACE_ADVANCE : UM_PACE_SHOW;
}

um_pace_choice um_pace_choose_last(const um_pace *p, double held, double until)
{
    double t = um_pace_time(p);

    if (t >= p->end - SAME) return UM_PACE_END;
    /* Half a step of tolerance: n frames of 1/fps give n, also with rounded times. */
    return t <= held + SAME || t < until - 0.5 / p->fps + SAME ? UM_PACE_SHOW : UM_PACE_END;
}
