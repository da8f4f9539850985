#include "model/lrnet_runner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BATCH 16
#define WINDOW_FLOATS ((size_t)UM_WINDOW_LANDMARKS * UM_LRNET_INPUTS)

typedef struct compiled {
    um_graph *graph;
    um_node *in, *out;
    size_t batch;
} compiled;

struct um_lrnet_runner {
    compiled one, many;
};

static umcl_status compile_batch(compiled *c, um_params *params, size_t batch)
{
    um_nn nn = {.set = params, .prefix = ""};
    um_lrnet_out out;

    UM_TRY(um_graph_new(&c->graph, um_params_backend(params), UM_INFER));
    nn.g = c->graph;
    c->batch = batch;
    c->in = um_input(c->graph, "landmarks", UM_F32,
                     UM_SHAPE((int64_t)batch, UM_WINDOW_LANDMARKS, UM_LRNET_INPUTS));
    um_lrnet(&out, &nn, c->in, (um_lrnet_options){0});
    c->out = out.prob;
    um_output(c->graph, c->out);
    return um_graph_compile(c->graph);
}

umcl_status um_lrnet_runner_new(um_lrnet_runner **out, um_params *params)
{
    um_lrnet_runner *r = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&r, 1, sizeof *r));
    UM_CHECK(compile_batch(&r->one, params, 1));
    UM_CHECK(compile_batch(&r->many, params, BATCH));
    *out = r;
    r = NULL;
done:
    um_lrnet_runner_free(r);
    return st;
}

void um_lrnet_runner_free(um_lrnet_runner *r)
{
    if (!r) return;
    um_graph_free(r->one.graph);
    um_graph_free(r->many.graph);
    free(r);
}

/* Kept finite where the network is all too sure. */
static double log_odds(float prob)
{
    double p = fmin(fmax((double)prob, 1e-6), 1 - 1e-6);

    return log(p / (1 - p));
}

umcl_status um_lrnet_run(um_lrnet_runner *r, const float *windows, size_t n, double *odds)
{
    for (size_t at = 0; at < n;) {
        const compiled *c = n - at > 1 ? &r->many : &r->one;
        size_t some = n - at < c->batch ? n - at : c->batch;
        const float *prob;

        memcpy(um_data(c->in), windows + at * WINDOW_FLOATS, some * WINDOW_FLOATS * sizeof(float));
        UM_TRY(um_graph_forward(c->graph));
        prob = um_data(c->out);
        for (size_t i = 0; i < some; i++) odds[at + i] = log_odds(prob[2 * i + 1]);
        at += some;
    }
    return UMCL_OK;
}
