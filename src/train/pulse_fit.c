#include "train/pulse_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/model_file.h"
#include "model/physformer.h"
#include "model/pulse_spectrum.h"
#include "nn/optim.h"
#include "nn/schedule.h"

#define SIDE UM_PHYSFORMER_SIZE
#define FRAME_VALUES ((size_t)SIDE * SIDE * 3)
#define WARMUP 20 /* one step in so many */
#define KIND "physformer"
#define OPTIM "training.adamw."
#define RECIPE "training.recipe" /* metadata: what a checkpoint can be continued with */

typedef struct fit {
    const um_pulse_fit_options *options;
    um_pulse_draw_fn draw;
    const void *source;
    um_schedule schedule;
    uint64_t clips, masks; /* keys of the clips, and of dropout */
    um_params *params;
    um_graph *graph;
    um_node *in, *waveform;
    um_adamw *optim;
    float *input, *pulse, *grad;
    double *bpm;
    int done; /* steps */
} fit;

/* Records the network, which declares its parameters. */
static umcl_status record(fit *f)
{
    const um_pulse_fit_options *o = f->options;
    um_nn nn = {.set = f->params, .prefix = "", .seed = o->seed};
    um_physformer_out out;

    UM_TRY(um_graph_new(&f->graph, um_params_backend(f->params), UM_TRAIN));
    nn.g = f->graph;
    f->in = um_input(f->graph, "clip", UM_F32, UM_SHAPE(o->batch, o->frames, SIDE, SIDE, 3));
    um_physformer(&out, &nn, f->in, (float)o->dropout);
    f->waveform = out.waveform;
    return um_graph_status(f->graph);
}

/* What must not change between a checkpoint and its continuation. */
static void recipe_text(um_str *s, const um_pulse_fit_options *o)
{
    um_str_printf(s,
                  "steps %d, batch %d, frames %d, learning rate %g, weight decay %g, dropout %g, "
                  "seed %llu",
                  o->steps, o->batch, o->frames, o->learning_rate, o->weight_decay, o->dropout,
                  (unsigned long long)o->seed);
}

static umcl_status load_checkpoint(fit *f)
{
    const char *path = f->options->checkpoint, *found;
    um_str recipe = UM_STR_INIT;
    um_st_file *file = NULL;
    const um_st_tensor *step;
    int64_t done;
    umcl_status st;

    recipe_text(&recipe, f->options);
    UM_CHECK(um_str_status(&recipe));
    UM_CHECK(um_model_file_open(&file, path, KIND));
    found = um_st_meta(file, RECIPE);
    step = um_st_find(file, OPTIM "step");
    if (!found || strcmp(found, recipe.text) || !step || step->count != 1) {
        st = um_fail(UMCL_ERR_MISMATCH, "%s: expected a checkpoint of \"%s\", found \"%s\"", path,
                     recipe.text, found ? found : "none");
        goto done;
    }
    UM_CHECK(um_params_load(f->params, file, ""));
    UM_CHECK(um_adamw_load(f->optim, file, OPTIM));
    UM_CHECK(um_st_to_i64(&done, step));
    f->done = (int)done;
done:
    um_st_free(file);
    um_str_clear(&recipe);
    return st;
}

static umcl_status save_checkpoint(const fit *f)
{
    um_str recipe = UM_STR_INIT;
    um_st_writer *w = NULL;
    umcl_status st;

    recipe_text(&recipe, f->options);
    UM_CHECK(um_str_status(&recipe));
    UM_CHECK(um_st_writer_new(&w));
    UM_CHECK(um_params_save(f->params, w, ""));
    UM_CHECK(um_adamw_save(f->optim, w, OPTIM));
    UM_CHECK(um_st_writer_meta(w, RECIPE, recipe.text));
    UM_CHECK(um_model_file_write(w, f->options->checkpoint, KIND, "1", f->options->made_by, NULL));
done:
    um_st_writer_free(w);
    um_str_clear(&recipe);
    return st;
}

static umcl_status load_init(um_params *params, const char *path)
{
    um_st_file *file;
    umcl_status st;

    UM_TRY(um_weights_open(&file, path, KIND));
    st = um_params_load(params, file, "");
    um_st_free(file);
    return st;
}

static umcl_status open_fit(fit *f)
{
    const um_pulse_fit_options *o = f->options;
    um_adamw_options adamw = UM_ADAMW_OPTIONS_INIT;
    size_t batch = (size_t)o->batch, values = batch * (size_t)o->frames;

    adamw.weight_decay = o->weight_decay;
    adamw.clip_norm = 5;
    if (o->frames % 4 || o->frames < UM_PULSE_MIN_FRAMES)
        return um_fail(UMCL_ERR_INVALID, "pulse: expected clips of 60, 64, 68 ... frames, found %d",
                       o->frames);
    f->schedule = um_schedule_cosine(o->learning_rate, 0);
    f->schedule.warmup = o->steps / WARMUP;
    f->clips = um_rng_new(o->seed, "pulse clips").key;
    f->masks = um_rng_new(o->seed, "pulse dropout").key;
    UM_TRY(um_params_new(&f->params, um_backend_cpu()));
    UM_TRY(record(f));
    UM_TRY(um_adamw_new(&f->optim, f->params, &adamw));
    if (o->resume)
        UM_TRY(load_checkpoint(f));
    else if (o->init)
        UM_TRY(load_init(f->params, o->init));
    um_output(f->graph, f->waveform);
    UM_TRY(um_graph_compile(f->graph)); /* takes the memory: after what may be missing */
    UM_TRY(um_calloc(&f->input, values, FRAME_VALUES * sizeof *f->input));
    UM_TRY(um_calloc(&f->pulse, values, sizeof *f->pulse));
    UM_TRY(um_calloc(&f->grad, values, sizeof *f->grad));
    return um_calloc(&f->bpm, batch, sizeof *f->bpm);
}

static void close_fit(fit *f)
{
    um_graph_free(f->graph);
    um_adamw_free(f->optim);
    um_params_free(f->params);
    free(f->input);
    free(f->pulse);
    free(f->grad);
    free(f->bpm);
}

static umcl_status draw_batch(fit *f)
{
    size_t batch = (size_t)f->options->batch, n = (size_t)f->options->frames;

    for (size_t i = 0; i < batch; i++) {
        um_pulse_clip clip;

        UM_TRY(f->draw(f->source, &clip, n, um_rng_at(f->clips, (size_t)f->done * batch + i)));
        um_physformer_input(f->input + i * n * FRAME_VALUES, clip.face.rgb, n);
        memcpy(f->pulse + i * n, clip.wave, n * sizeof *clip.wave);
        f->bpm[i] = clip.bpm;
        um_pulse_clip_clear(&clip);
    }
    return UMCL_OK;
}

static umcl_status check_loss(const um_physformer_loss *loss, int step)
{
    const char *term = !isfinite(loss->time)           ? "L_time"
                       : !isfinite(loss->frequency)    ? "L_CE"
                       : !isfinite(loss->distribution) ? "L_LD"
                                                       : NULL;

    if (!term) return UMCL_OK;
    return um_fail(UMCL_ERR_INTERNAL, "pulse: %s of step %d is not a finite number", term, step);
}

static umcl_status train_step(fit *f, um_physformer_loss *loss)
{
    const um_pulse_fit_options *o = f->options;
    size_t batch = (size_t)o->batch, n = (size_t)o->frames;
    um_physformer_batch b = {batch,    n,      UM_CLIP_FPS, um_data(f->waveform),
                             f->pulse, f->bpm, f->grad};

    UM_TRY(draw_batch(f));
    um_graph_seed(f->graph, um_rng_at(f->masks, (uint64_t)f->done));
    UM_TRY(um_write(f->graph, f->in, f->input));
    UM_TRY(um_graph_forward(f->graph));
    memset(f->grad, 0, batch * n * sizeof *f->grad);
    UM_TRY(um_loss_physformer(loss, &b, (double)f->done / o->steps, 1));
    UM_TRY(check_loss(loss, f->done + 1));
    UM_TRY(um_params_zero_grad(f->params));
    UM_TRY(um_write_grad(f->graph, f->waveform, f->grad));
    UM_TRY(um_graph_backward(f->graph));
    UM_TRY(um_adamw_step(f->optim, um_schedule_at(&f->schedule, f->done, o->steps)));
    f->done++;
    return UMCL_OK;
}

static void add(um_physformer_loss *sum, const um_physformer_loss *l, double weight)
{
    sum->time += weight * l->time;
    sum->frequency += weight * l->frequency;
    sum->distribution += weight * l->distribution;
    sum->total += weight * l->total;
}

umcl_status um_pulse_fit(um_params **out, um_pulse_draw_fn draw, const void *source,
                         const um_pulse_fit_options *options, um_pulse_fit_fn progress, void *user)
{
    fit f = {.options = options, .draw = draw, .source = source};
    um_physformer_loss sum = {0}, loss;
    int summed = 0;
    umcl_status st;

    *out = NULL;
    UM_CHECK(open_fit(&f));
    while (f.done < options->steps) {
        um_pulse_fit_report report = {.steps = options->steps, .memory = um_graph_memory(f.graph)};
        bool last;

        UM_CHECK(train_step(&f, &loss));
        add(&sum, &loss, 1);
        summed++;
        last = f.done == options->steps;
        if (options->checkpoint && (last || f.done % options->save_every == 0))
            UM_CHECK(save_checkpoint(&f));
        if (!progress || (!last && f.done % options->report_every)) continue;
        report.step = f.done;
        add(&report.loss, &sum, 1.0 / summed);
        sum = (um_physformer_loss){0};
        summed = 0;
        if (!progress(user, &report)) {
            st = um_fail(UMCL_ERR_CANCELLED, "pulse: stopped at step %d", f.done);
            goto done;
        }
    }
    *out = f.params;
    f.params = NULL;
done:
    close_fit(&f);
    return st;
}

umcl_status um_pulse_params_read(um_params **out, const char *path)
{
    const um_pulse_fit_options one = {.batch = 1, .frames = UM_PULSE_MIN_FRAMES};
    fit f = {.options = &one};
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_params_new(&f.params, um_backend_cpu()));
    UM_CHECK(record(&f));
    UM_CHECK(load_init(f.params, path));
    *out = f.params;
    f.params = NULL;
done:
    close_fit(&f);
    return st;
}

umcl_status um_pulse_params_write(const um_params *params, const char *path, const char *made_by)
{
    um_st_writer *w;
    umcl_status st;

    UM_TRY(um_st_writer_new(&w));
    UM_CHECK(um_params_save(params, w, ""));
    UM_CHECK(um_model_file_write(w, path, KIND, "1", made_by, NULL));
done:
    um_st_writer_free(w);
    return st;
}
