#include "eval/tsne.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "eval/plane_tree.h"

#define EXAGGERATION 12 /* of P while clusters form */
#define EXAGGERATED 250 /* steps, at most */
#define FIRST_SPREAD 1e-4
#define LEAST_GAIN 0.01
#define MOST_ANGLE 0.7

/* The forces on every point, each found by itself: sums do not depend on the threads. */
typedef struct forces {
    const um_affinity *p;
    const double *y;
    const um_plane_tree *tree; /* NULL: every pair */
    double angle;
    double *attract, *repel; /* [n, 2] */
    double *weight, *log_w;  /* [n]: sum of w; of p * log(p / w) */
} forces;

static double repel_plainly(const forces *f, size_t i, double force[2])
{
    const double *y = f->y;
    double total = 0;

    for (size_t j = 0; j < f->p->n; j++) {
        double dx = y[2 * i] - y[2 * j], dy = y[2 * i + 1] - y[2 * j + 1];
        double w = 1 / (1 + dx * dx + dy * dy);

        if (j == i) continue;
        total += w;
        force[0] += w * w * dx;
        force[1] += w * w * dy;
    }
    return total;
}

static void find_forces(void *ctx, size_t begin, size_t end)
{
    const forces *f = ctx;
    const um_affinity *p = f->p;
    const double *y = f->y;

    for (size_t i = begin; i < end; i++) {
        double attract[2] = {0}, repel[2] = {0}, log_w = 0;

        for (size_t e = p->start[i]; e < p->start[i + 1]; e++) {
            size_t j = p->index[e];
            double dx = y[2 * i] - y[2 * j], dy = y[2 * i + 1] - y[2 * j + 1];
            double w = 1 / (1 + dx * dx + dy * dy);

            attract[0] += p->value[e] * w * dx;
            attract[1] += p->value[e] * w * dy;
            if (p->value[e] > 0) log_w += p->value[e] * log(p->value[e] / w);
        }
        f->weight[i] =
            f->tree ? um_plane_tree_repel(f->tree, i, f->angle, repel) : repel_plainly(f, i, repel);
        f->log_w[i] = log_w;
        memcpy(f->attract + 2 * i, attract, sizeof attract);
        memcpy(f->repel + 2 * i, repel, sizeof repel);
    }
}

/* `room` [6 n]. The gradient with P times `exaggeration`. */
static umcl_status gradient_at(double *gradient, double *loss, const um_affinity *p,
                               const double *y, double angle, double exaggeration, double *room)
{
    const size_t n = p->n;
    um_plane_tree *tree = NULL;
    double z = 0, divergence = 0;

    if (angle > 0) UM_TRY(um_plane_tree_new(&tree, y, n));

    forces f = {p, y, tree, angle, room, room + 2 * n, room + 4 * n, room + 5 * n};

    um_parallel_for(n, 32, find_forces, &f);
    for (size_t i = 0; i < n; i++) {
        z += f.weight[i];
        divergence += f.log_w[i];
    }
    for (size_t i = 0; i < 2 * n; i++)
        gradient[i] = 4 * (exaggeration * f.attract[i] - f.repel[i] / z);
    if (loss) *loss = divergence + log(z); /* P sums to 1 */
    um_plane_tree_free(tree);
    return UMCL_OK;
}

umcl_status um_tsne_gradient(double *gradient, double *loss, const um_affinity *p, const double *y,
                             double angle)
{
    double *room;
    umcl_status st;

    UM_TRY(um_calloc(&room, 6 * p->n, sizeof *room));
    st = gradient_at(gradient, loss, p, y, angle, 1, room);
    free(room);
    return st;
}

static void centre(double *y, size_t n)
{
    double mean[2] = {0};

    for (size_t i = 0; i < 2 * n; i++) mean[i % 2] += y[i] / (double)n;
    for (size_t i = 0; i < 2 * n; i++) y[i] -= mean[i % 2];
}

/* Descent with momentum and a gain for every number (Jacobs, 1988), its rate after Belkina et al.
   (Nature Communications 2019): n over the exaggeration, and over the 4 of the gradient. `room`
   [12 n]. */
static umcl_status descend(double *y, double *loss, const um_affinity *p, const um_tsne_options *o,
                           double *room)
{
    const size_t n = p->n;
    const int early = o->steps / 4 < EXAGGERATED ? o->steps / 4 : EXAGGERATED;
    const double rate = fmax((double)n / EXAGGERATION / 4, 50);
    double *gradient = room + 6 * n, *speed = room + 8 * n, *gain = room + 10 * n;

    for (size_t i = 0; i < 2 * n; i++) gain[i] = 1;
    for (int step = 0; step < o->steps; step++) {
        const double momentum = step < early ? 0.5 : 0.8;

        UM_TRY(gradient_at(gradient, NULL, p, y, o->angle, step < early ? EXAGGERATION : 1, room));
        for (size_t i = 0; i < 2 * n; i++) {
            bool turned = (gradient[i] > 0) != (speed[i] > 0);

            gain[i] = fmax(turned ? gain[i] + 0.2 : 0.8 * gain[i], LEAST_GAIN);
            speed[i] = momentum * speed[i] - rate * gain[i] * gradient[i];
            y[i] += speed[i];
        }
        centre(y, n);
    }
    return gradient_at(gradient, loss, p, y, o->angle, 1, room);
}

static umcl_status check(const um_tsne_options *o)
{
    if (!(o->angle >= 0 && o->angle <= MOST_ANGLE))
        return um_fail(UMCL_ERR_INVALID, "t-SNE: expected an angle from 0 to %g, found %g",
                       MOST_ANGLE, o->angle);
    if (o->steps < 1 || o->steps > 100000)
        return um_fail(UMCL_ERR_INVALID, "t-SNE: expected 1 to 100000 steps, found %d", o->steps);
    return UMCL_OK;
}

umcl_status um_tsne(double *out, double *loss, const float *points, size_t n, size_t d,
                    const um_tsne_options *o)
{
    um_rng rng = um_rng_new(o->seed, "t-SNE");
    size_t neighbours = o->angle > 0 ? (size_t)fmax(3 * o->perplexity, 1) : 0;
    um_affinity conditional = {0}, p = {0};
    double *room = NULL;
    umcl_status st;

    UM_CHECK(check(o));
    UM_CHECK(um_affinity_conditional(&conditional, points, n, d, o->perplexity, neighbours));
    UM_CHECK(um_affinity_joint(&p, &conditional));
    um_affinity_clear(&conditional);
    UM_CHECK(um_calloc(&room, 12 * n, sizeof *room));
    for (size_t i = 0; i < 2 * n; i++) out[i] = FIRST_SPREAD * um_rng_normal(&rng);
    st = descend(out, loss, &p, o, room);
done:
    um_affinity_clear(&conditional);
    um_affinity_clear(&p);
    free(room);
    return st;
}
