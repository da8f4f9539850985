#include "train/crop_fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/augment.h"
#include "nn/optim.h"
#include "nn/schedule.h"

#define DROPOUT 0.5f

/* Crops of one class, and where each source's begin. */
typedef struct class
{
    const um_texture_faces *set;
    size_t *first, n; /* [n + 1] */
} class;

typedef struct fit {
    const um_crop_fit_options *options;
    class of[2]; /* real, fake */
    um_params *params;
    um_graph *graph;
    um_node *in, *logits;
    um_adamw *optim;
    size_t values; /* of a crop as the network reads it */
    float *input, *grad, *best;
    um_face_clip crop;
    um_rng rng;
} fit;

static umcl_status index_class(class *c)
{
    UM_TRY(um_calloc(&c->first, c->set->n + 1, sizeof *c->first));
    for (size_t i = 0; i < c->set->n; i++)
        if (i == 0 || c->set->source[i] != c->set->source[i - 1]) c->first[c->n++] = i;
    c->first[c->n] = c->set->n;
    return UMCL_OK;
}

static umcl_status open_fit(fit *f)
{
    um_nn nn = {.prefix = "", .seed = f->options->seed};
    um_adamw_options adamw = UM_ADAMW_OPTIONS_INIT;
    int side = f->options->side;
    size_t batch = (size_t)f->options->batch;

    UM_TRY(um_crop_net_check(f->options->net, side));
    f->values = (size_t)side * (size_t)side * 3;
    adamw.weight_decay = f->options->weight_decay;
    adamw.clip_norm = 5;
    if (!f->of[0].set->n || !f->of[1].set->n)
        return um_fail(UMCL_ERR_INVALID,
                       "training: expected crops of both classes, found %zu real and %zu fake ones",
                       f->of[0].set->n, f->of[1].set->n);
    for (int i = 0; i < 2; i++) UM_TRY(index_class(&f->of[i]));
    UM_TRY(um_params_new(&f->params, um_backend_cpu()));
    UM_TRY(um_graph_new(&f->graph, um_params_backend(f->params), UM_TRAIN));
    nn.g = f->graph;
    nn.set = f->params;
    f->in = um_input(f->graph, "crops", UM_F32, UM_SHAPE((int64_t)batch, 1, side, side, 3));
    f->logits = f->options->net->record(&nn, f->in, DROPOUT);
    um_output(f->graph, f->logits);
    um_graph_seed(f->graph, f->options->seed);
    UM_TRY(um_graph_compile(f->graph));
    if (f->options->pretrained)
        UM_TRY(um_params_load_but(f->params, f->options->pretrained, "", f->options->net->head));
    UM_TRY(um_adamw_new(&f->optim, f->params, &adamw));
    UM_TRY(um_calloc(&f->input, batch * f->values, sizeof *f->input));
    UM_TRY(um_calloc(&f->grad, batch, sizeof *f->grad));
    return um_face_clip_new(&f->crop, 1, UM_CROP_SIDE, false);
}

static void close_fit(fit *f)
{
    um_graph_free(f->graph);
    um_adamw_free(f->optim);
    um_params_free(f->params);
    um_face_clip_clear(&f->crop);
    for (int i = 0; i < 2; i++) free(f->of[i].first);
    free(f->input);
    free(f->grad);
    free(f->best);
}

/* A random crop of a random source, so that long videos count no more than short ones. */
static umcl_status draw_crop(fit *f, const class *c, float *to)
{
    um_augment_options options = UM_AUGMENT_OPTIONS_INIT;
    size_t source = um_rng_below(&f->rng, c->n), first = c->first[source];
    size_t at = first + um_rng_below(&f->rng, c->first[source + 1] - first);
    um_augment augment;

    options.strength = (float)f->options->strength;
    augment = um_augment_draw(&options, &f->rng);
    um_face_clip_copy(&f->crop, &c->set->clips[at]);
    UM_TRY(um_augment_apply(&augment, &f->crop));
    um_crop_net_input(f->options->net, f->options->side, to, f->crop.rgb);
    return UMCL_OK;
}

/* Mean cross-entropy and its gradient; samples 0, 2 .. are real. */
static double cross_entropy(float *grad, const float *logits, int batch, double *right)
{
    double loss = 0;

    *right = 0;
    for (int i = 0; i < batch; i++) {
        double z = (double)logits[i], margin = i % 2 ? z : -z;

        loss += (fmax(-margin, 0) + log1p(exp(-fabs(margin)))) / batch;
        *right += (margin > 0) / (double)batch;
        grad[i] = (float)((1 / (1 + exp(-z)) - i % 2) / batch);
    }
    return loss;
}

static umcl_status train_step(fit *f, double rate, double *loss, double *right)
{
    int batch = f->options->batch;

    for (int i = 0; i < batch; i++)
        UM_TRY(draw_crop(f, &f->of[i % 2], f->input + (size_t)i * f->values));
    UM_TRY(um_write(f->graph, f->in, f->input));
    UM_TRY(um_graph_forward(f->graph));
    *loss = cross_entropy(f->grad, um_data(f->logits), batch, right);
    if (!isfinite(*loss)) return um_fail(UMCL_ERR_INTERNAL, "training: the loss is no number");
    UM_TRY(um_params_zero_grad(f->params));
    UM_TRY(um_write_grad(f->graph, f->logits, f->grad));
    UM_TRY(um_graph_backward(f->graph));
    return um_adamw_step(f->optim, rate);
}

static umcl_status train_epoch(fit *f, int epoch, um_crop_epoch *e)
{
    const um_crop_fit_options *o = f->options;
    const um_schedule schedule = um_schedule_cosine(o->learning_rate, 0);
    int64_t first = (int64_t)epoch * o->steps, all = (int64_t)o->epochs * o->steps;

    *e = (um_crop_epoch){.epoch = epoch + 1, .epochs = o->epochs, .params = f->params};
    for (int i = 0; i < o->steps; i++) {
        double loss, right;

        UM_TRY(train_step(f, um_schedule_at(&schedule, first + i, all), &loss, &right));
        e->loss += loss / o->steps;
        e->right += right / o->steps;
    }
    return UMCL_OK;
}

/* All values, running statistics too, one after the other: to `kept`, or from there. */
static umcl_status keep(um_params *params, float *kept, bool restore)
{
    for (size_t i = 0; i < um_params_count(params); i++) {
        um_param *p = um_params_at(params, i);

        UM_TRY(restore ? um_param_set(params, p, kept) : um_param_get(params, p, kept));
        kept += um_shape_count(&p->value.shape);
    }
    return UMCL_OK;
}

static umcl_status new_best(fit *f)
{
    size_t n = 0;

    for (size_t i = 0; i < um_params_count(f->params); i++)
        n += (size_t)um_shape_count(&um_params_at(f->params, i)->value.shape);
    UM_TRY(um_calloc(&f->best, n, sizeof *f->best));
    return keep(f->params, f->best, false);
}

umcl_status um_crop_fit(um_params **out, const um_texture_faces *real, const um_texture_faces *fake,
                        const um_crop_fit_options *options, um_crop_epoch_fn call, void *user)
{
    fit f = {.options = options, .of = {{.set = real}, {.set = fake}}};
    double best = -INFINITY;
    char name[32];
    umcl_status st;

    *out = NULL;
    snprintf(name, sizeof name, "%s samples", options->net->kind);
    f.rng = um_rng_new(options->seed, name);
    UM_CHECK(open_fit(&f));
    UM_CHECK(new_best(&f));
    for (int i = 0; i < options->epochs; i++) {
        double value = i;
        um_crop_epoch e;

        UM_CHECK(train_epoch(&f, i, &e));
        if (call) UM_CHECK(call(user, &e, &value));
        if (!(value > best)) continue;
        best = value;
        UM_CHECK(keep(f.params, f.best, false));
    }
    UM_CHECK(keep(f.params, f.best, true));
    *out = f.params;
    f.params = NULL;
done:
    close_fit(&f);
    return st;
}
