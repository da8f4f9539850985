#include "model/pulse_stem.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define FRAME_BYTES ((size_t)UM_PHYSFORMER_SIZE * UM_PHYSFORMER_SIZE * 3)
#define MAP ((size_t)UM_PHYSFORMER_STEM)

enum {
    HALO = 2,   /* frames to either side on which a map depends: two convolutions of 3 frames */
    SLICE = 44, /* frames: 40 new ones between two halos */
    EDGE = 4,   /* frames: the shortest slice, for the two maps at the start of a clip */
    KEPT = 2    /* clips that are kept: of as many faces side by side */
};

/* The network on `frames` frames; before and behind them it sees zeros, as it does at the ends of
 * a clip. */
typedef struct slice {
    int frames;
    um_graph *graph;
    um_node *in, *out;
} slice;

/* A clip that was run, and its maps. */
typedef struct clip {
    uint8_t *rgb; /* [frames, 128, 128, 3]; NULL: none yet */
    float *maps;
    uint64_t used; /* by the count of runs */
} clip;

struct um_pulse_stem {
    const um_params *params;
    uint64_t versions; /* of the parameters that the kept maps were made with */
    int frames;
    slice slice, edge;
    clip kept[KEPT];
    uint64_t runs;
    size_t computed;
};

static umcl_status open_slice(slice *s, const um_nn *like, int frames)
{
    const int side = UM_PHYSFORMER_SIZE;
    um_nn nn = *like;

    s->frames = frames;
    UM_TRY(um_graph_new(&s->graph, um_params_backend(nn.set), UM_INFER));
    um_graph_scope(s->graph, "pulse stem");
    nn.g = s->graph;
    s->in = um_input(s->graph, "crops", UM_F32, UM_SHAPE(1, frames, side, side, 3));
    s->out = um_physformer_stem(&nn, s->in);
    um_output(s->graph, s->out);
    return um_graph_compile(s->graph);
}

umcl_status um_pulse_stem_new(um_pulse_stem **out, const um_nn *nn, int frames)
{
    um_pulse_stem *s = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&s, 1, sizeof *s));
    s->params = nn->set;
    s->frames = frames;
    UM_CHECK(open_slice(&s->slice, nn, frames < SLICE ? frames : SLICE));
    UM_CHECK(open_slice(&s->edge, nn, EDGE));
    *out = s;
    s = NULL;
done:
    um_pulse_stem_free(s);
    return st;
}

void um_pulse_stem_free(um_pulse_stem *s)
{
    if (!s) return;
    um_graph_free(s->slice.graph);
    um_graph_free(s->edge.graph);
    for (int i = 0; i < KEPT; i++) {
        free(s->kept[i].rgb);
        free(s->kept[i].maps);
    }
    free(s);
}

/* Where a slice that is to give the map of `first` begins, and the map behind its last good one. */
static int place(const um_pulse_stem *s, const slice *with, int first, int *end)
{
    int at = first < HALO ? 0 : first - HALO, last = s->frames - with->frames;

    if (at > last) at = last;
    *end = at == last ? s->frames : at + with->frames - HALO;
    return at;
}

/* The maps [first, end) of a clip into its array. */
static umcl_status compute(um_pulse_stem *s, clip *c, int first, int end)
{
    while (first < end) {
        const slice *with = &s->edge;
        int good, at = place(s, with, first, &good), n;

        if (good < end) {
            with = &s->slice;
            at = place(s, with, first, &good);
        }
        n = (good < end ? good : end) - first;
        um_physformer_input(um_data(with->in), c->rgb + (size_t)at * FRAME_BYTES,
                            (size_t)with->frames);
        UM_TRY(um_graph_forward(with->graph));
        memcpy(c->maps + (size_t)first * MAP,
               (const float *)um_data(with->out) + (size_t)(first - at) * MAP,
               (size_t)n * MAP * sizeof(float));
        s->computed += (size_t)with->frames;
        first += n;
    }
    return UMCL_OK;
}

/* By how many frames the clip lies behind the kept one; `frames`: they share too few. */
static int lag(const um_pulse_stem *s, const clip *kept, const uint8_t *rgb)
{
    const int most = s->frames - 2 * HALO - EDGE;

    if (!kept->rgb) return s->frames;
    for (int d = 0; d <= most; d++)
        if (!memcmp(kept->rgb + (size_t)d * FRAME_BYTES, rgb,
                    (size_t)(s->frames - d) * FRAME_BYTES))
            return d;
    return s->frames;
}

/* The kept clip that shares most with `rgb`; if none does, the one that was not used for longest.
 */
static clip *choose(um_pulse_stem *s, const uint8_t *rgb, int *behind)
{
    clip *best = NULL, *oldest = &s->kept[0];

    *behind = s->frames;
    for (int i = 0; i < KEPT; i++) {
        clip *c = &s->kept[i];
        int d = lag(s, c, rgb);

        if (d < *behind) {
            *behind = d;
            best = c;
        }
        if (c->used < oldest->used) oldest = c;
    }
    return best ? best : oldest;
}

static umcl_status make_room(const um_pulse_stem *s, clip *c)
{
    if (!c->rgb) UM_TRY(um_calloc(&c->rgb, (size_t)s->frames, FRAME_BYTES));
    if (!c->maps) UM_TRY(um_calloc(&c->maps, (size_t)s->frames, MAP * sizeof(float)));
    return UMCL_OK;
}

/* Fills c->maps for its new frames; before, it holds those of frames `behind` later. */
static umcl_status fill(um_pulse_stem *s, clip *c, int behind)
{
    int shared = s->frames - behind;

    if (behind == 0) return UMCL_OK;
    if (shared == 0) return compute(s, c, 0, s->frames);
    memmove(c->maps, c->maps + (size_t)behind * MAP, (size_t)shared * MAP * sizeof(float));
    UM_TRY(compute(s, c, 0, HALO));
    return compute(s, c, shared - HALO, s->frames);
}

static void forget(clip *c)
{
    free(c->rgb);
    c->rgb = NULL;
    c->used = 0;
}

/* Maps of other parameters are of no use. */
static void follow_parameters(um_pulse_stem *s)
{
    uint64_t versions = 0;

    for (size_t i = 0; i < um_params_count(s->params); i++)
        versions += um_params_at(s->params, i)->version;
    for (int i = 0; i < KEPT && versions != s->versions; i++) forget(&s->kept[i]);
    s->versions = versions;
}

umcl_status um_pulse_stem_run(um_pulse_stem *s, const uint8_t *rgb, float *maps)
{
    const size_t n = (size_t)s->frames;
    int behind;
    clip *c;
    umcl_status st;

    follow_parameters(s);
    c = choose(s, rgb, &behind);
    UM_TRY(make_room(s, c));
    memcpy(c->rgb, rgb, n * FRAME_BYTES);
    c->used = ++s->runs;
    st = fill(s, c, behind);
    if (st != UMCL_OK) { /* half of it is another clip's */
        forget(c);
        return st;
    }
    memcpy(maps, c->maps, n * MAP * sizeof *maps);
    return UMCL_OK;
}

size_t um_pulse_stem_memory(const um_pulse_stem *s)
{
    size_t bytes = um_graph_memory(s->slice.graph) + um_graph_memory(s->edge.graph);

    for (int i = 0; i < KEPT; i++)
        if (s->kept[i].rgb) bytes += (size_t)s->frames * (FRAME_BYTES + MAP * sizeof(float));
    return bytes;
}

void um_pulse_stem_flops(um_flops *sum, const um_pulse_stem *s)
{
    um_flops few = {{0}};

    um_graph_flops(&few, s->edge.graph);
    for (int k = 0; k < UM_N_FLOPS; k++) sum->of[k] += few.of[k] / EDGE * s->frames;
}

size_t um_pulse_stem_frames(const um_pulse_stem *s)
{
    return s->computed;
}
