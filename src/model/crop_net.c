#include "model/crop_net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/meso4.h"
#include "model/xception.h"

#define BATCH 8
#define BYTES ((size_t)UM_CROP_SIDE * UM_CROP_SIDE * 3)

static const um_crop_net nets[] = {
    {UM_MESO4_KIND, UM_MESO4_SIDE, UM_MESO4_SIDE, 0, 255, NULL, um_meso4},
    {UM_XCEPTION_KIND, UM_XCEPTION_LEAST, UM_XCEPTION_MOST, 127.5f, 127.5f, UM_XCEPTION_HEAD ".",
     um_xception},
};

const um_crop_net *um_crop_net_find(const char *kind)
{
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
        if (!strcmp(kind, nets[i].kind)) return &nets[i];
    return NULL;
}

umcl_status um_crop_net_check(const um_crop_net *net, int side)
{
    if (side >= net->least && side <= net->most) return UMCL_OK;
    if (net->least == net->most)
        return um_fail(UMCL_ERR_INVALID, "%s: expected crops of %d pixels, found %d", net->kind,
                       net->least, side);
    return um_fail(UMCL_ERR_INVALID, "%s: expected crops of %d to %d pixels, found %d", net->kind,
                   net->least, net->most, side);
}

/* Where pixel `i` of `side` lies between two of the crop's: the first, and the second's weight. */
static void between(int i, int side, int *first, float *weight)
{
    float at = ((float)i + 0.5f) * UM_CROP_SIDE / (float)side - 0.5f;

    at = fminf(fmaxf(at, 0), UM_CROP_SIDE - 1);
    *first = at < UM_CROP_SIDE - 2 ? (int)at : UM_CROP_SIDE - 2;
    *weight = at - (float)*first;
}

void um_crop_net_input(const um_crop_net *net, int side, float *out, const uint8_t *rgb)
{
    if (side == UM_CROP_SIDE) {
        for (size_t i = 0; i < BYTES; i++) out[i] = ((float)rgb[i] - net->centre) / net->range;
        return;
    }
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            const uint8_t *p, *q;
            float right, below;
            int column, row;

            between(x, side, &column, &right);
            between(y, side, &row, &below);
            p = rgb + ((size_t)row * UM_CROP_SIDE + (size_t)column) * 3;
            q = p + (size_t)UM_CROP_SIDE * 3;
            for (int c = 0; c < 3; c++) {
                float above = (float)p[c] + right * (float)(p[c + 3] - p[c]);
                float under = (float)q[c] + right * (float)(q[c + 3] - q[c]);

                *out++ = (above + below * (under - above) - net->centre) / net->range;
            }
        }
}

struct um_crop_runner {
    const um_crop_net *net;
    int side;
    um_graph *graph;
    um_node *in, *logits;
};

umcl_status um_crop_runner_new(um_crop_runner **out, um_params *params, const um_crop_net *net,
                               int side)
{
    um_nn nn = {.set = params, .prefix = ""};
    um_crop_runner *r = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_crop_net_check(net, side));
    UM_CHECK(um_calloc(&r, 1, sizeof *r));
    r->net = net;
    r->side = side;
    UM_CHECK(um_graph_new(&r->graph, um_params_backend(params), UM_INFER));
    nn.g = r->graph;
    r->in = um_input(r->graph, "crops", UM_F32, UM_SHAPE(BATCH, 1, side, side, 3));
    r->logits = net->record(&nn, r->in, 0);
    um_output(r->graph, r->logits);
    UM_CHECK(um_graph_compile(r->graph));
    *out = r;
    r = NULL;
done:
    um_crop_runner_free(r);
    return st;
}

void um_crop_runner_free(um_crop_runner *r)
{
    if (!r) return;
    um_graph_free(r->graph);
    free(r);
}

umcl_status um_crop_run(um_crop_runner *r, const uint8_t *rgb, size_t n, double *logit)
{
    size_t values = (size_t)r->side * (size_t)r->side * 3;
    float *in = um_data(r->in);

    for (size_t at = 0; at < n; at += BATCH) {
        size_t some = n - at < BATCH ? n - at : BATCH;
        const float *found;

        for (size_t i = 0; i < some; i++)
            um_crop_net_input(r->net, r->side, in + i * values, rgb + (at + i) * BYTES);
        UM_TRY(um_graph_forward(r->graph));
        found = um_data(r->logits);
        for (size_t i = 0; i < some; i++) logit[at + i] = (double)found[i];
    }
    return UMCL_OK;
}
