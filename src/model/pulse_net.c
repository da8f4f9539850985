#include "model/pulse_net.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/model_file.h"
#include "model/pulse_stem.h"

#define SIDE UM_PHYSFORMER_STEM_SIDE
#define FRAMES UM_PHYSFORMER_FRAMES

struct um_pulse_net {
    um_params *params;
    um_pulse_stem *stem;
    um_graph *graph; /* behind the stem */
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
    UM_CHECK(um_pulse_stem_new(&net->stem, &nn, FRAMES));
    net->in =
        um_input(net->graph, "stem", UM_F32, UM_SHAPE(1, FRAMES, SIDE, SIDE, UM_PHYSFORMER_WIDTH));
    um_physformer_tokens(&recorded, &nn, net->in, 0);
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
    um_pulse_stem_free(net->stem);
    um_graph_free(net->graph);
    um_params_free(net->params);
    free(net);
}

umcl_status um_pulse_net_run(um_pulse_net *net, const uint8_t *rgb, float *waveform)
{
    UM_TRY(um_pulse_stem_run(net->stem, rgb, um_data(net->in)));
    UM_TRY(um_graph_forward(net->graph));
    memcpy(waveform, um_data(net->waveform), FRAMES * sizeof *waveform);
    return UMCL_OK;
}
