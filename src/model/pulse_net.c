#include "model/pulse_net.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/model_file.h"

#define SIDE UM_PHYSFORMER_SIZE
#define FRAMES UM_PHYSFORMER_FRAMES

struct um_pulse_net {
    um_params *params;
    um_graph *graph;
    um_node *in, *waveform;
};

umcl_status um_pulse_net_open(um_pulse_net **out, const char *path)
{
    um_pulse_net *net = NULL;
    um_physformer_out recorded;
    um_st_file *file = NULL;
    um_nn nn = {.prefix = ""};
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_weights_open(&file, path, "physformer"));
    UM_CHECK(um_calloc(&net, 1, sizeof *net));
    UM_CHECK(um_params_new(&net->params, um_backend_cpu()));
    UM_CHECK(um_graph_new(&net->graph, um_backend_cpu(), UM_INFER));
    nn.g = net->graph;
    nn.set = net->params;
    net->in = um_input(net->graph, "clip", UM_F32, UM_SHAPE(1, FRAMES, SIDE, SIDE, 3));
    um_physformer(&recorded, &nn, net->in, 0);
    net->waveform = recorded.waveform;
    um_output(net->graph, net->waveform);
    UM_CHECK(um_graph_compile(net->graph));
    UM_CHECK(um_params_load(net->params, file, ""));
    *out = net;
    net = NULL;
done:
    um_pulse_net_free(net);
    um_st_free(file);
    return st;
}

void um_pulse_net_free(um_pulse_net *net)
{
    if (!net) return;
    um_graph_free(net->graph);
    um_params_free(net->params);
    free(net);
}

umcl_status um_pulse_net_run(um_pulse_net *net, const uint8_t *rgb, float *waveform)
{
    um_physformer_input(um_data(net->in), rgb, FRAMES);
    UM_TRY(um_graph_forward(net->graph));
    memcpy(waveform, um_data(net->waveform), FRAMES * sizeof *waveform);
    return UMCL_OK;
}
