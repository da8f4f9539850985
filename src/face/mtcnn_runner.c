#include "face/mtcnn_runner.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define MAX_GRAPHS 32

typedef struct cached {
    um_mtcnn_stage stage;
    int n, width, height;
    uint64_t used;
    um_graph *graph;
    um_node *x;
    um_mtcnn_heads heads;
} cached;

struct um_mtcnn_runner {
    um_params *set;
    uint64_t clock;
    size_t n;
    cached graph[MAX_GRAPHS];
};

umcl_status um_mtcnn_runner_new(um_mtcnn_runner **out, um_params *set)
{
    UM_TRY(um_calloc(out, 1, sizeof **out));
    (*out)->set = set;
    return UMCL_OK;
}

void um_mtcnn_runner_free(um_mtcnn_runner *r)
{
    if (!r) return;
    for (size_t i = 0; i < r->n; i++) um_graph_free(r->graph[i].graph);
    free(r);
}

float um_mtcnn_score(const float logits[2])
{
    return 1 / (1 + expf(logits[0] - logits[1]));
}

static umcl_status build(cached *c, um_params *set)
{
    umcl_status st;

    UM_CHECK(um_graph_new(&c->graph, um_params_backend(set), UM_INFER));
    c->x = um_input(c->graph, "picture", UM_F32, UM_SHAPE(c->n, 1, c->height, c->width, 3));
    c->heads = um_mtcnn_record(c->graph, set, c->stage, c->x, 0);
    um_output(c->graph, c->heads.logits);
    um_output(c->graph, c->heads.box);
    if (c->heads.points) um_output(c->graph, c->heads.points);
    UM_CHECK(um_graph_compile(c->graph));
    return UMCL_OK;
done:
    um_graph_free(c->graph);
    c->graph = NULL;
    return st;
}

static cached *place_for_one_more(um_mtcnn_runner *r)
{
    cached *oldest = &r->graph[0];

    if (r->n < MAX_GRAPHS) return &r->graph[r->n];
    for (size_t i = 1; i < r->n; i++)
        if (r->graph[i].used < oldest->used) oldest = &r->graph[i];
    um_graph_free(oldest->graph);
    *oldest = r->graph[--r->n];
    return &r->graph[r->n];
}

umcl_status um_mtcnn_prepare(um_mtcnn_runner *r, um_mtcnn_run *out, um_mtcnn_stage stage, int n,
                             int width, int height)
{
    cached *c = NULL;

    if (stage != UM_PNET) width = height = um_mtcnn_side(stage);
    for (size_t i = 0; i < r->n && !c; i++) {
        cached *k = &r->graph[i];

        if (k->stage == stage && k->n == n && k->width == width && k->height == height) c = k;
    }
    if (!c) {
        c = place_for_one_more(r);
        *c = (cached){.stage = stage, .n = n, .width = width, .height = height};
        UM_TRY(build(c, r->set));
        r->n++;
    }
    c->used = ++r->clock;
    *out = (um_mtcnn_run){.graph = c->graph,
                          .x = um_data(c->x),
                          .logits = um_data(c->heads.logits),
                          .box = um_data(c->heads.box),
                          .points = c->heads.points ? um_data(c->heads.points) : NULL,
                          .out_width = 1,
                          .out_height = 1};
    if (stage == UM_PNET) {
        out->out_height = (int)um_node_shape(c->heads.logits)->dim[2];
        out->out_width = (int)um_node_shape(c->heads.logits)->dim[3];
    }
    return UMCL_OK;
}
