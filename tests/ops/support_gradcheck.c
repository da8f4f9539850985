#include "support_gradcheck.h"

#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"

#define MAX_CHECKED 60 /* elements of an input that are checked, spread evenly */

typedef struct setup {
    um_graph *g;
    um_node *in[UM_MAX_INPUTS], *out;
    float *host[UM_MAX_INPUTS], *cotangent, *value;
    size_t n_out;
} setup;

static size_t count(const um_node *n)
{
    return (size_t)um_shape_count(um_node_shape(n));
}

static bool is_ids(const um_op_case *c, int k)
{
    return c->op == UM_OP_EMBEDDING && k == 0;
}

static void fill_input(const um_op_case *c, setup *s, int k)
{
    um_rng rng = um_rng_new((uint64_t)k, c->name);
    float lo = c->lo == c->hi ? -1 : c->lo, hi = c->lo == c->hi ? 1 : c->hi;
    size_t n = count(s->in[k]);

    s->host[k] = malloc(n * sizeof(float));
    for (size_t i = 0; i < n; i++) {
        s->host[k][i] = (float)um_rng_range(&rng, lo, hi);
        if (c->op == UM_OP_BATCHNORM && k == 4) s->host[k][i] = fabsf(s->host[k][i]) + 0.5f;
        if (is_ids(c, k)) {
            int32_t id = (int32_t)um_rng_below(&rng, (size_t)c->in[1].dim[0]);
            memcpy(&s->host[k][i], &id, sizeof id);
        }
    }
}

static void open_setup(setup *s, const um_op_case *c, um_mode mode)
{
    um_rng rng = um_rng_new(99, c->name);

    memset(s, 0, sizeof *s);
    assert_ok(um_graph_new(&s->g, um_backend_cpu(), mode));
    um_graph_scope(s->g, c->name);
    for (int k = 0; k < c->n_in; k++) {
        s->in[k] = um_input(s->g, "in", is_ids(c, k) ? UM_I32 : UM_F32, c->in[k]);
        if (!(c->no_grad >> k & 1)) um_want_grad(s->g, s->in[k]);
        fill_input(c, s, k);
    }
    s->out = um_record(s->g, c->op, &c->attr, c->n_in, s->in);
    um_output(s->g, s->out);
    um_graph_seed(s->g, 5);
    assert_ok(um_graph_compile(s->g));
    s->n_out = count(s->out);
    s->cotangent = malloc(s->n_out * sizeof(float));
    s->value = malloc(s->n_out * sizeof(float));
    for (size_t i = 0; i < s->n_out; i++) s->cotangent[i] = (float)um_rng_range(&rng, -1, 1);
}

static void close_setup(setup *s, const um_op_case *c)
{
    for (int k = 0; k < c->n_in; k++) free(s->host[k]);
    free(s->cotangent);
    free(s->value);
    um_graph_free(s->g);
}

static double forward(setup *s, const um_op_case *c)
{
    double loss = 0;

    um_graph_seed(s->g, 5); /* the same dropout each time */
    for (int k = 0; k < c->n_in; k++) assert_ok(um_write(s->g, s->in[k], s->host[k]));
    assert_ok(um_graph_forward(s->g));
    assert_ok(um_read(s->g, s->out, s->value));
    for (size_t i = 0; i < s->n_out; i++) loss += (double)s->value[i] * (double)s->cotangent[i];
    return loss;
}

static double numeric(setup *s, const um_op_case *c, int k, size_t i)
{
    double h = c->step > 0 ? c->step : 1e-2, up, down;
    float keep = s->host[k][i], hi = (float)((double)keep + h), lo = (float)((double)keep - h);

    s->host[k][i] = hi;
    up = forward(s, c);
    s->host[k][i] = lo;
    down = forward(s, c);
    s->host[k][i] = keep;
    return (up - down) / ((double)hi - (double)lo);
}

static void check_input(setup *s, const um_op_case *c, int k)
{
    size_t n = count(s->in[k]), step = n > MAX_CHECKED ? n / MAX_CHECKED : 1;
    double tolerance = c->tolerance > 0 ? c->tolerance : 1e-3, largest = 0;
    float *grad = malloc(n * sizeof(float));

    forward(s, c);
    assert_ok(um_write_grad(s->g, s->out, s->cotangent));
    assert_ok(um_graph_backward(s->g));
    assert_ok(um_read_grad(s->g, s->in[k], grad));
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs((double)grad[i]));
    for (size_t i = 0; i < n; i += step) {
        double want = numeric(s, c, k, i);
        if (!(fabs(want - (double)grad[i]) <= tolerance * fmax(largest, 1)))
            fail_msg("%s: input %d, element %zu: gradient %g, finite difference %g", c->name, k, i,
                     (double)grad[i], want);
    }
    free(grad);
}

void check_gradient(const um_op_case *c)
{
    setup s;

    open_setup(&s, c, UM_TRAIN);
    for (int k = 0; k < c->n_in; k++)
        if (!(c->no_grad >> k & 1)) check_input(&s, c, k);
    close_setup(&s, c);
}

void run_case(const um_op_case *c, um_mode mode, float **out, size_t *n)
{
    setup s;

    open_setup(&s, c, mode);
    forward(&s, c);
    *n = s.n_out;
    *out = malloc(s.n_out * sizeof **out);
    memcpy(*out, s.value, s.n_out * sizeof **out);
    close_setup(&s, c);
}
