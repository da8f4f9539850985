#include "train/texture_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "data/pseudo_fake.h"
#include "model/texture.h"
#include "nn/optim.h"

#define SIDE UM_TEXTURE_SIDE
#define VALUES (SIDE * SIDE * 3)
#define PLACES (UM_TEXTURE_MAP * UM_TEXTURE_MAP)
#define EASY 2.0       /* contrast to begin with */
#define EASY_PART 0.33 /* of the steps */
#define REPORT_EVERY 100
#define MEMORY 0.02 /* weight of a step in the running means */

umcl_status um_texture_faces_add(um_texture_faces *set, um_face_clip *clip, size_t source)
{
    if (set->n == set->room) {
        size_t room = set->room ? 2 * set->room : 1024;

        UM_TRY(um_realloc(&set->clips, room, sizeof *set->clips));
        UM_TRY(um_realloc(&set->source, room, sizeof *set->source));
        set->room = room;
    }
    set->clips[set->n] = *clip;
    set->source[set->n++] = source;
    *clip = (um_face_clip){0};
    return UMCL_OK;
}

void um_texture_faces_clear(um_texture_faces *set)
{
    for (size_t i = 0; i < set->n; i++) um_face_clip_clear(&set->clips[i]);
    free(set->clips);
    free(set->source);
    *set = (um_texture_faces){0};
}

void um_texture_material_clear(um_texture_material *m)
{
    um_texture_faces_clear(&m->stills);
    um_texture_faces_clear(&m->real);
    um_texture_faces_clear(&m->fake);
}

/* Where each source's crops begin, and one past the last. */
typedef struct sources {
    size_t *first, n;
} sources;

static umcl_status index_sources(sources *s, const um_texture_faces *set)
{
    UM_TRY(um_calloc(&s->first, set->n + 1, sizeof *s->first));
    for (size_t i = 0; i < set->n; i++)
        if (i == 0 || set->source[i] != set->source[i - 1]) s->first[s->n++] = i;
    s->first[s->n] = set->n;
    return UMCL_OK;
}

/* Crops to draw from. */
typedef struct pool {
    const um_texture_faces *set;
    sources by;
} pool;

static umcl_status open_pool(pool *p, const um_texture_faces *set)
{
    p->set = set;
    return index_sources(&p->by, set);
}

static const um_face_clip *pick(const pool *p, um_rng *rng)
{
    size_t at = um_rng_below(rng, p->by.n), first = p->by.first[at];

    return &p->set->clips[first + um_rng_below(rng, p->by.first[at + 1] - first)];
}

typedef struct fit {
    const um_texture_fit_options *options;
    pool stills, real, fake;
    um_params *params;
    um_graph *graph;
    um_node *in, *logits, *blend;
    um_adamw *optim;
    float *input, *grad;
    float *target, *blend_grad; /* [batch, 64]: share of a place that is blended in; < 0: unknown */
    umcl_status *status;        /* of each sample's drawing */
    double contrast;            /* of this step */
    uint64_t key;
} fit;

static umcl_status open_graph(fit *f)
{
    um_nn nn = {.prefix = "", .seed = f->options->seed};
    um_node *feature, *map;

    UM_TRY(um_params_new(&f->params, um_backend_cpu()));
    UM_TRY(um_graph_new(&f->graph, um_params_backend(f->params), UM_TRAIN));
    nn.g = f->graph;
    nn.set = f->params;
    f->in = um_input(f->graph, "frames", UM_F32, UM_SHAPE(f->options->batch, 1, SIDE, SIDE, 3));
    feature = um_texture(&nn, f->in, &map);
    f->logits = um_texture_head(&nn, feature, 0.2f);
    f->blend = um_texture_blend(&nn, map);
    um_output(f->graph, f->logits);
    um_output(f->graph, f->blend);
    um_graph_seed(f->graph, f->options->seed);
    return um_graph_compile(f->graph);
}

static umcl_status open_fit(fit *f, const um_texture_material *m)
{
    um_adamw_options adamw = UM_ADAMW_OPTIONS_INIT;
    size_t batch = (size_t)f->options->batch;

    adamw.weight_decay = f->options->weight_decay;
    adamw.clip_norm = 5;
    if (!m->stills.n && !m->real.n)
        return um_fail(UMCL_ERR_INVALID, "texture: expected real faces to learn from, found none");
    UM_TRY(open_pool(&f->stills, &m->stills));
    UM_TRY(open_pool(&f->real, &m->real));
    UM_TRY(open_pool(&f->fake, &m->fake));
    UM_TRY(open_graph(f));
    UM_TRY(um_adamw_new(&f->optim, f->params, &adamw));
    UM_TRY(um_calloc(&f->input, batch * VALUES, sizeof *f->input));
    UM_TRY(um_calloc(&f->grad, batch * 2, sizeof *f->grad));
    UM_TRY(um_calloc(&f->target, batch * PLACES, sizeof *f->target));
    UM_TRY(um_calloc(&f->blend_grad, batch * PLACES, sizeof *f->blend_grad));
    return um_calloc(&f->status, batch / 2, sizeof *f->status);
}

static void close_fit(fit *f)
{
    um_graph_free(f->graph);
    um_adamw_free(f->optim);
    um_params_free(f->params);
    free(f->stills.by.first);
    free(f->real.by.first);
    free(f->fake.by.first);
    free(f->input);
    free(f->grad);
    free(f->target);
    free(f->blend_grad);
    free(f->status);
}

/* Shares of the places of the map that lie in the mask, as if it covered wholly what it covers. */
static void read_mask(float *target, const uint8_t *mask)
{
    enum { CELL = SIDE / UM_TEXTURE_MAP };
    int most = 1;

    memset(target, 0, PLACES * sizeof *target);
    for (int p = 0; p < SIDE * SIDE; p++)
        if (mask[p] > most) most = mask[p];
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            target[y / CELL * UM_TEXTURE_MAP + x / CELL] +=
                (float)mask[y * SIDE + x] / (float)(most * CELL * CELL);
}

/* Both are found, none is made: the same augmentation, drawn twice. */
static umcl_status draw_manipulated(const fit *f, um_face_clip *real, um_face_clip *fake,
                                    const um_augment_options *augment, um_rng *rng)
{
    um_augment a = um_augment_draw(augment, rng), b = um_augment_draw(augment, rng);

    um_face_clip_copy(real, pick(f->real.by.n ? &f->real : &f->stills, rng));
    um_face_clip_copy(fake, pick(&f->fake, rng));
    UM_TRY(um_augment_apply(&a, real));
    return um_augment_apply(&b, fake);
}

static const pool *pool_of_reals(const fit *f, um_rng *rng)
{
    if (!f->real.by.n) return &f->stills;
    return f->stills.by.n && um_rng_uniform(rng) < f->options->stills ? &f->stills : &f->real;
}

/* Samples 2i (real) and 2i + 1 (fake) of the batch. */
static umcl_status draw_pair(const fit *f, size_t i, um_face_clip *real, um_face_clip *fake)
{
    um_pseudo_options pseudo = UM_PSEUDO_OPTIONS_INIT;
    um_augment_options augment = UM_AUGMENT_OPTIONS_INIT;
    um_rng rng = {um_rng_at(f->key, i), 0};
    float *target = f->target + 2 * i * PLACES;

    augment.strength = (float)f->options->strength;
    augment.h264 = (float)f->options->h264;
    pseudo.strength = (float)f->contrast;
    memset(target, 0, PLACES * sizeof *target);
    if (f->fake.by.n && um_rng_uniform(&rng) < f->options->fakes) {
        UM_TRY(draw_manipulated(f, real, fake, &augment, &rng));
        for (int p = 0; p < PLACES; p++) target[PLACES + p] = -1;
    } else {
        UM_TRY(um_pseudo_pair(real, fake, pick(pool_of_reals(f, &rng), &rng), &pseudo, &augment,
                              &rng));
        read_mask(target + PLACES, fake->mask);
    }
    um_texture_input(f->input + 2 * i * VALUES, real->rgb);
    um_texture_input(f->input + (2 * i + 1) * VALUES, fake->rgb);
    return UMCL_OK;
}

static void draw_pairs(void *ctx, size_t begin, size_t end)
{
    const fit *f = ctx;
    um_face_clip real = {0}, fake = {0};
    umcl_status st = um_face_clip_new(&real, 1, SIDE, true);

    if (st == UMCL_OK) st = um_face_clip_new(&fake, 1, SIDE, true);
    for (size_t i = begin; i < end; i++)
        f->status[i] = st == UMCL_OK ? draw_pair(f, i, &real, &fake) : st;
    um_face_clip_clear(&real);
    um_face_clip_clear(&fake);
}

/* Mean cross-entropy; its gradient by the logits. `right` gets the share judged rightly. */
static double cross_entropy(float *grad, const float *logits, int batch, double *right)
{
    double loss = 0;

    *right = 0;
    for (int i = 0; i < batch; i++) {
        double margin = (double)logits[2 * i + 1] - logits[2 * i];
        double y = i % 2, p = 1 / (1 + exp(-margin));

        if (!y) margin = -margin;
        loss += (margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin) / batch;
        *right += (margin > 0) / (double)batch;
        grad[2 * i] = (float)((y - p) / batch);
        grad[2 * i + 1] = (float)((p - y) / batch);
    }
    return loss;
}

/* Gradient by the blend's log-odds of their mean cross-entropy, times the second loss's weight. */
static void blend_gradient(const fit *f)
{
    size_t n = (size_t)f->options->batch * PLACES;
    const float *odds = um_data(f->blend);

    for (size_t i = 0; i < n; i++)
        f->blend_grad[i] = f->target[i] < 0 ? 0
                                            : (float)f->options->blend / (float)n *
                                                  (1 / (1 + expf(-odds[i])) - f->target[i]);
}

static umcl_status train_step(fit *f, int step, double *loss, double *right)
{
    const um_texture_fit_options *o = f->options;
    double done = (double)step / o->steps;
    double rate = o->learning_rate * 0.5 * (1 + cos(M_PI * done)) * fmin(done / 0.02, 1);
    size_t pairs = (size_t)o->batch / 2;

    f->key = um_rng_at(o->seed, (uint64_t)step);
    f->contrast = o->contrast + fmax(0, 1 - done / EASY_PART) * fmax(0, EASY - o->contrast);
    um_parallel_for(pairs, 1, draw_pairs, f);
    for (size_t i = 0; i < pairs; i++) /* a worker's sentence stays in its thread */
        if (f->status[i] != UMCL_OK)
            return um_fail(f->status[i], "texture: pair %zu of step %d cannot be drawn", i,
                           step + 1);
    UM_TRY(um_write(f->graph, f->in, f->input));
    UM_TRY(um_graph_forward(f->graph));
    *loss = cross_entropy(f->grad, um_data(f->logits), o->batch, right);
    if (!isfinite(*loss))
        return um_fail(UMCL_ERR_INTERNAL, "texture: the loss of step %d is no number", step + 1);
    UM_TRY(um_params_zero_grad(f->params));
    blend_gradient(f);
    UM_TRY(um_write_grad(f->graph, f->logits, f->grad));
    UM_TRY(um_write_grad(f->graph, f->blend, f->blend_grad));
    UM_TRY(um_graph_backward(f->graph));
    return um_adamw_step(f->optim, rate);
}

umcl_status um_texture_fit(um_params **out, const um_texture_material *material,
                           const um_texture_fit_options *options, um_texture_fit_fn progress,
                           void *user)
{
    fit f = {.options = options};
    double mean_loss = 0, mean_right = 0, loss = 0, right = 0;
    umcl_status st;

    *out = NULL;
    UM_CHECK(open_fit(&f, material));
    for (int step = 0; step < options->steps; step++) {
        double weight = fmax(MEMORY, 1.0 / (step + 1));

        UM_CHECK(train_step(&f, step, &loss, &right));
        mean_loss += weight * (loss - mean_loss);
        mean_right += weight * (right - mean_right);
        if ((step + 1) % REPORT_EVERY && step + 1 != options->steps) continue;
        if (progress &&
            !progress(user, step + 1, options->steps, mean_loss, mean_right, f.params)) {
            st = um_fail(UMCL_ERR_CANCELLED, "texture: stopped at step %d", step + 1);
            goto done;
        }
    }
    *out = f.params;
    f.params = NULL;
done:
    close_fit(&f);
    return st;
}
