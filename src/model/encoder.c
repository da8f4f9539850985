#include "model/encoder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/lrnet.h"
#include "model/pulse_stem.h"
#include "model/texture.h"

#define CROP_VALUES ((size_t)128 * 128 * 3)

_Static_assert(UM_TEXTURE_SIDE == UM_PHYSFORMER_SIZE, "both look at the same crops");

struct um_encoder {
    const um_modality_info *info;
    um_modality_kind kind;
    size_t batch, frames;
    um_pulse_stem *stem; /* of a pulse encoder in use: `in` is what it gives. Else NULL */
    um_graph *graph;
    um_node *in, *out;
};

/* The pulse encoder behind its stem, which has graphs of its own. */
static umcl_status record_behind_stem(um_encoder *e, um_nn *nn)
{
    const int64_t side = UM_PHYSFORMER_STEM_SIDE;
    um_physformer_out out;

    UM_TRY(um_pulse_stem_new(&e->stem, nn, (int)e->frames));
    e->in = um_input(e->graph, "stem", UM_F32,
                     UM_SHAPE(1, (int64_t)e->frames, side, side, UM_PHYSFORMER_WIDTH));
    um_physformer_tokens(&out, nn, e->in, 0);
    e->out = um_physformer_body(nn, &out);
    return UMCL_OK;
}

/* Records the network on its input; fills in e->in, returns the body. */
static um_node *record(um_encoder *e, um_nn *nn)
{
    int64_t b = (int64_t)e->batch, t = (int64_t)e->frames, side = UM_TEXTURE_SIDE;
    um_graph *g = e->graph;

    if (e->kind == UM_PULSE) {
        um_physformer_out out;

        e->in = um_input(g, "crops", UM_F32, UM_SHAPE(b, t, side, side, 3));
        um_physformer(&out, nn, e->in, 0.1f);
        return um_physformer_body(nn, &out);
    }
    if (e->kind == UM_LANDMARKS) {
        um_lrnet_out out;

        e->in = um_input(g, "landmarks", UM_F32, UM_SHAPE(b, t, UM_LRNET_INPUTS));
        um_lrnet(&out, nn, e->in, UM_LRNET_OPTIONS_TRAIN);
        return out.feature;
    }
    e->in = um_input(g, "crops", UM_F32, UM_SHAPE(b * UM_TEXTURE_FRAMES, 1, side, side, 3));
    return um_reduce(g, UM_MEAN,
                     um_reshape(g, um_texture(nn, e->in, NULL),
                                UM_SHAPE(b, UM_TEXTURE_FRAMES, UM_TEXTURE_FEATURE)),
                     1u << 1, false);
}

umcl_status um_encoder_new(um_encoder **out, um_params *params, um_modality_kind kind, size_t batch,
                           int frames, um_mode mode, uint64_t seed)
{
    um_nn nn = {.set = params, .seed = seed, .frozen_norms = true};
    um_encoder *e = NULL;
    char prefix[32];
    umcl_status st;

    *out = NULL;
    if (um_modality_get(kind)->crop_step && frames != UM_WINDOW)
        return um_fail(UMCL_ERR_SHAPE, "encoder %s: expected windows of %d frames, found %d",
                       um_modality_get(kind)->name, UM_WINDOW, frames);
    UM_CHECK(um_calloc(&e, 1, sizeof *e));
    e->info = um_modality_get(kind);
    e->kind = kind;
    e->batch = batch;
    e->frames = (size_t)frames;
    snprintf(prefix, sizeof prefix, "%s.", e->info->name);
    nn.prefix = prefix;
    UM_CHECK(um_graph_new(&e->graph, um_params_backend(params), mode));
    um_graph_scope(e->graph, e->info->name);
    nn.g = e->graph;
    if (kind == UM_PULSE && mode == UM_INFER && batch == 1)
        UM_CHECK(record_behind_stem(e, &nn));
    else
        e->out = record(e, &nn);
    um_output(e->graph, e->out);
    UM_CHECK(um_graph_compile(e->graph));
    *out = e;
    e = NULL;
done:
    um_encoder_free(e);
    return st;
}

void um_encoder_free(um_encoder *e)
{
    if (!e) return;
    um_pulse_stem_free(e->stem);
    um_graph_free(e->graph);
    free(e);
}

size_t um_encoder_batch(const um_encoder *e)
{
    return e->batch;
}

size_t um_encoder_memory(const um_encoder *e)
{
    return um_graph_memory(e->graph) + (e->stem ? um_pulse_stem_memory(e->stem) : 0);
}

void um_encoder_flops(um_flops *sum, const um_encoder *e)
{
    um_graph_flops(sum, e->graph);
    if (e->stem) um_pulse_stem_flops(sum, e->stem);
}

umcl_status um_encoder_fill(um_encoder *e, size_t i, const um_window *window)
{
    size_t step = (size_t)e->info->crop_step, held = (size_t)window->crop_step;
    size_t values = (size_t)um_shape_count(um_node_shape(e->in)) / e->batch;
    float *to = (float *)um_data(e->in) + i * values;

    if (!step) {
        if (!window->landmarks)
            return um_fail(UMCL_ERR_INVALID, "%s: expected landmarks, found none", e->info->name);
        memcpy(to, window->landmarks, values * sizeof *to);
        return UMCL_OK;
    }
    if (!window->crops || !held || step % held)
        return um_fail(UMCL_ERR_INVALID, "%s: expected every %zu-th crop, found every %zu-th",
                       e->info->name, step, held);
    if (e->stem) return um_pulse_stem_run(e->stem, window->crops, to);
    if (e->kind == UM_PULSE) {
        um_physformer_input(to, window->crops, e->frames);
        return UMCL_OK;
    }
    for (size_t k = 0; k < UM_TEXTURE_FRAMES; k++)
        um_texture_input(to + k * CROP_VALUES, window->crops + k * (step / held) * CROP_VALUES);
    return UMCL_OK;
}

umcl_status um_encoder_run(um_encoder *e, uint64_t key)
{
    um_graph_seed(e->graph, key);
    return um_graph_forward(e->graph);
}

const float *um_encoder_body(const um_encoder *e, size_t i)
{
    return (const float *)um_data(e->out) + i * (size_t)e->info->body;
}

umcl_status um_encoder_backward(um_encoder *e, const float *grad)
{
    UM_TRY(um_write_grad(e->graph, e->out, grad));
    return um_graph_backward(e->graph);
}
