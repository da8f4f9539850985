#include "support_reference.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"

/* What a case must give, and what it last gave. */
typedef struct truth {
    const reference_case *c;
    char name[512];           /* with the shapes, for messages */
    double *x[UM_MAX_INPUTS]; /* the inputs */
    double *y, *cotangent;
    double *grad[UM_MAX_INPUTS]; /* NULL: not asked */
    size_t n_out;
    float *last[1 + UM_MAX_INPUTS]; /* value and gradients of the run before; NULL: none yet */
} truth;

typedef struct run {
    um_graph *g;
    um_node *in[UM_MAX_INPUTS], *out;
} run;

static size_t count(const reference_case *c, int i)
{
    return (size_t)um_shape_count(&c->in[i]);
}

static bool has_gradient(const reference_case *c, int i)
{
    return !c->infer && !(c->fixed >> i & 1);
}

static void start(run *r, const reference_case *c)
{
    assert_ok(um_graph_new(&r->g, um_backend_cpu(), c->infer ? UM_INFER : UM_TRAIN));
    um_graph_scope(r->g, c->name);
    for (int i = 0; i < c->n_in; i++) {
        r->in[i] = um_input(r->g, "x", UM_F32, c->in[i]);
        if (has_gradient(c, i)) um_want_grad(r->g, r->in[i]);
    }
    r->out = c->build(r->g, r->in, c->arg);
    assert_ok(um_graph_status(r->g));
    um_output(r->g, r->out);
    assert_ok(um_graph_compile(r->g));
}

static float *as_float(const double *x, size_t n)
{
    float *f;

    assert_ok(um_calloc(&f, n, sizeof *f));
    for (size_t i = 0; i < n; i++) f[i] = (float)x[i];
    return f;
}

static double *uniform(um_rng *rng, size_t n, double lo, double hi)
{
    double *x;

    assert_ok(um_calloc(&x, n, sizeof *x));
    for (size_t i = 0; i < n; i++) x[i] = (float)um_rng_range(rng, lo, hi);
    return x;
}

static double loss(truth *t)
{
    double sum = 0;

    t->c->reference(t->y, t->x, t->c->in, t->c->arg);
    for (size_t k = 0; k < t->n_out; k++) sum += t->y[k] * t->cotangent[k];
    return sum;
}

static double *finite_differences(truth *t, int i)
{
    const double eps = 1e-5;
    double *grad;

    assert_ok(um_calloc(&grad, count(t->c, i), sizeof *grad));
    for (size_t k = 0; k < count(t->c, i); k++) {
        double keep = t->x[i][k], up;

        t->x[i][k] = keep + eps;
        up = loss(t);
        t->x[i][k] = keep - eps;
        grad[k] = (up - loss(t)) / (2 * eps);
        t->x[i][k] = keep;
    }
    return grad;
}

static void make_truth(truth *t, const reference_case *c)
{
    um_rng rng = um_rng_new(7, c->name);
    double range = c->range > 0 ? c->range : 1;
    size_t at = (size_t)snprintf(t->name, sizeof t->name, "%s", c->name);
    char text[UM_SHAPE_TEXT];
    run r;

    t->c = c;
    for (int i = 0; i < c->n_in; i++) {
        bool positive = c->positive >> i & 1;

        at += (size_t)snprintf(t->name + at, sizeof t->name - at, " %s",
                               um_shape_text(text, &c->in[i]));
        t->x[i] = uniform(&rng, count(c, i), positive ? 0.5 : -range, range + positive * 0.5);
    }
    start(&r, c);
    t->n_out = (size_t)um_shape_count(um_node_shape(r.out));
    um_graph_free(r.g);
    t->y = uniform(&rng, t->n_out, 0, 1);
    t->cotangent = uniform(&rng, t->n_out, -1, 1);
    for (int i = 0; i < c->n_in; i++)
        if (has_gradient(c, i)) t->grad[i] = finite_differences(t, i);
    loss(t); /* leaves the reference's values in y */
}

static void forget_last(truth *t)
{
    for (int i = 0; i <= UM_MAX_INPUTS; i++) {
        free(t->last[i]);
        t->last[i] = NULL;
    }
}

static void truth_clear(truth *t)
{
    for (int i = 0; i < UM_MAX_INPUTS; i++) {
        free(t->x[i]);
        free(t->grad[i]);
    }
    free(t->y);
    free(t->cotangent);
    forget_last(t);
}

/* Takes `have` over. */
static void compare(truth *t, int which, float *have, const double *want, size_t n, double tol)
{
    double largest = 1e-30;
    char what[32] = "value";

    if (which) snprintf(what, sizeof what, "gradient of input %d", which - 1);
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(want[i]));
    for (size_t i = 0; i < n; i++)
        if (!(fabs(have[i] - want[i]) <= tol * largest))
            fail_msg("%s: %s[%zu]: expected %.9g, found %.9g (largest %.3g)", t->name, what, i,
                     want[i], have[i], largest);
    if (t->last[which] && memcmp(t->last[which], have, n * sizeof *have) != 0)
        fail_msg("%s: %s: other bits in the second run", t->name, what);
    free(t->last[which]);
    t->last[which] = have;
}

/* Forward and backward through the graph, against values and gradients that are known. */
static void check_once(run *r, truth *t)
{
    const reference_case *c = t->c;
    float *host;

    for (int i = 0; i < c->n_in; i++) {
        host = as_float(t->x[i], count(c, i));
        assert_ok(um_write(r->g, r->in[i], host));
        free(host);
    }
    assert_ok(um_graph_forward(r->g));
    assert_ok(um_calloc(&host, t->n_out, sizeof *host));
    assert_ok(um_read(r->g, r->out, host));
    compare(t, 0, host, t->y, t->n_out, c->tol);
    if (c->infer) return;
    host = as_float(t->cotangent, t->n_out);
    assert_ok(um_write_grad(r->g, r->out, host));
    free(host);
    assert_ok(um_graph_backward(r->g));
    for (int i = 0; i < c->n_in; i++) {
        if (!t->grad[i]) continue;
        assert_ok(um_calloc(&host, count(c, i), sizeof *host));
        assert_ok(um_read_grad(r->g, r->in[i], host));
        compare(t, 1 + i, host, t->grad[i], count(c, i), c->grad_tol);
    }
}

void check_reference(const reference_case *c)
{
    static const char *const levels[] = {"portable", "avx2", "avx512"};
    truth t = {0};
    run r;

    make_truth(&t, c);
    for (int level = 0; level < 3; level++) {
        setenv("UMCL_CPU", levels[level], 1);
        for (int threads = 1; threads <= 3; threads += 2) {
            um_threads_set(threads);
            forget_last(&t);
            start(&r, c);
            for (int twice = 0; twice < 2; twice++) check_once(&r, &t);
            um_graph_free(r.g);
        }
    }
    unsetenv("UMCL_CPU");
    um_threads_set(0);
    truth_clear(&t);
}
