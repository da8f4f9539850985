#include "train/joint_fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/model_meta.h"
#include "base/str.h"
#include "model/umcl_file.h"
#include "nn/optim.h"
#include "train/standardise.h"

#define RECIPE "training"
#define STATE "training_state"
#define CONTENT "training_tracks"
#define OPTIM "optim."
#define REPORT_EVERY 10 /* updates */

typedef struct fit {
    const um_joint_fit_options *options;
    const um_umcl_spec *spec;
    um_params *params;
    um_joint *joint;
    um_adamw *optim;
    size_t *order, n_couples, per_batch;
    int64_t per_epoch, steps; /* updates */
    int64_t done;
    double best;
    int since_best; /* epochs */
    um_str recipe;
} fit;

/* LRNet's own head is no part of UMCL, and of frozen encoders the neck alone is trained. */
static bool is_trained(const um_joint_options *o, const char *name)
{
    if (strstr(name, ".dense.")) return false;
    if (um_str_starts(name, "pulse.feature.")) return true;
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        const char *modality = um_modality_get((um_modality_kind)k)->name;
        size_t n = strlen(modality);

        if (!strncmp(name, modality, n) && name[n] == '.')
            return um_has(o->trained, (um_modality_kind)k);
    }
    return true;
}

void um_joint_count(const um_params *params, int64_t *trained, int64_t *frozen)
{
    *trained = *frozen = 0;
    for (size_t i = 0; i < um_params_count(params); i++) {
        const um_param *p = um_params_at(params, i);

        if (p->buffer) continue;
        *(p->trainable ? trained : frozen) += um_shape_count(&p->value.shape);
    }
}

static umcl_status scale_param(um_params *params, const char *name, double by)
{
    um_param *p = um_params_find(params, name);
    size_t n;
    float *w;
    umcl_status st;

    if (!p) return UMCL_OK;
    n = (size_t)um_shape_count(&p->value.shape);
    UM_TRY(um_calloc(&w, n, sizeof *w));
    UM_CHECK(um_param_get(params, p, w));
    for (size_t i = 0; i < n; i++) w[i] = (float)(by * w[i]);
    UM_CHECK(um_param_set(params, p, w));
done:
    free(w);
    return st;
}

static void recipe_text(um_str *s, const um_joint_fit_options *o)
{
    const um_joint_options *j = &o->joint;
    char set[UM_N_MODALITIES + 1], trained[UM_N_MODALITIES + 1];

    um_modalities_text(set, j->set);
    um_modalities_text(trained, j->trained);
    um_str_printf(s,
                  "%s; modalities %s, trained %s, batch %d x %d, epochs %d, asa %d, cqsl %d, "
                  "affinity %d, alpha %g, beta %g, prompts %d, class prompts %g, dropout %g, "
                  "weight decay %g, clip %g, rates %g %g %g %g, scales %g %g %g, start %g, "
                  "standardise %d, seed %llu",
                  o->recipe, set, trained, j->batch, o->accumulate, o->epochs, j->asa, j->cqsl,
                  (int)j->affinity, j->alpha, j->beta, (int)j->prompts, j->class_prompt, j->dropout,
                  o->weight_decay, o->clip_norm, o->schedule.rate, o->schedule.last,
                  o->schedule.head_rate, o->schedule.head_share, o->rate_scale[UM_PULSE],
                  o->rate_scale[UM_LANDMARKS], o->rate_scale[UM_TEXTURE], o->start, o->standardise,
                  (unsigned long long)j->seed);
    if (j->fusion != UM_FUSION_UMCL) um_str_printf(s, ", fusion %s", um_fusion_name(j->fusion));
}

static umcl_status write_state(const fit *f, const char *path, bool optimiser)
{
    um_st_writer *w = NULL;
    char text[96];
    umcl_status st;

    if (!path) return UMCL_OK;
    UM_CHECK(um_st_writer_new(&w));
    UM_CHECK(um_umcl_save(w, f->params, f->spec));
    UM_CHECK(um_st_writer_meta(w, RECIPE, f->recipe.text));
    if (f->options->content) UM_CHECK(um_st_writer_meta(w, CONTENT, f->options->content));
    if (optimiser) {
        UM_CHECK(um_adamw_save(f->optim, w, OPTIM));
        snprintf(text, sizeof text, "%lld %.17g %d", (long long)f->done, f->best, f->since_best);
        UM_CHECK(um_st_writer_meta(w, STATE, text));
    }
    UM_CHECK(um_model_file_write(w, path, UM_UMCL_KIND, "1", f->options->made_by, NULL));
done:
    um_st_writer_free(w);
    return st;
}

/* "steps best since_best", as write_state puts them. */
static bool read_state(fit *f, const char *text)
{
    char *end;
    long long done = strtoll(text, &end, 10);
    long since;

    if (end == text || done < 0 || done > f->steps) return false;
    f->best = strtod(text = end, &end);
    if (end == text) return false;
    since = strtol(text = end, &end, 10);
    if (end == text || *end || since < 0 || since > done) return false;
    f->done = done;
    f->since_best = (int)since;
    return true;
}

/* The last state's file, if it is one of this training. */
static umcl_status open_last(um_st_file **out, const um_joint_fit_options *o, const char *expected)
{
    const char *recipe, *found;
    um_st_file *file = NULL;
    umcl_status st;

    UM_CHECK(um_model_file_open(&file, o->last, UM_UMCL_KIND));
    recipe = um_st_meta(file, RECIPE);
    if (!recipe || !um_st_meta(file, STATE) || strcmp(recipe, expected)) {
        st = um_fail(UMCL_ERR_MISMATCH,
                     "%s: a checkpoint of another training: expected \"%s\", found \"%s\"", o->last,
                     expected, recipe ? recipe : "none");
        goto done;
    }
    found = um_st_meta(file, CONTENT);
    if (found && o->content && strcmp(found, o->content)) {
        st = um_fail(UMCL_ERR_MISMATCH,
                     "%s: the cached tracks have changed since this checkpoint: expected %s, found "
                     "%s",
                     o->last, o->content, found);
        goto done;
    }
    *out = file;
    file = NULL;
done:
    um_st_free(file);
    return st;
}

umcl_status um_joint_fit_check(const um_joint_fit_options *options)
{
    um_str recipe = UM_STR_INIT;
    um_st_file *file = NULL;
    umcl_status st = UMCL_OK;

    if (options->resume) {
        recipe_text(&recipe, options);
        st = um_str_status(&recipe);
        if (st == UMCL_OK) st = open_last(&file, options, recipe.text);
    }
    um_st_free(file);
    um_str_clear(&recipe);
    return st;
}

static umcl_status go_on(fit *f)
{
    const char *path = f->options->last, *state;
    um_st_file *file = NULL;
    umcl_status st;

    UM_CHECK(open_last(&file, f->options, f->recipe.text));
    state = um_st_meta(file, STATE);
    if (!read_state(f, state)) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: %s: expected step, value and epochs, found '%s'", path,
                     STATE, state);
        goto done;
    }
    st = um_params_load(f->params, file, "");
    if (st == UMCL_OK) st = um_adamw_load(f->optim, file, OPTIM);
    if (st != UMCL_OK) st = um_fail_in(st, path);
done:
    um_st_free(file);
    return st;
}

static umcl_status open_fit(fit *f, const um_take_store *store, const um_take_plan *plan)
{
    const um_joint_fit_options *o = f->options;
    um_adamw_options adamw = UM_ADAMW_OPTIONS_INIT;
    char prefix[32];

    adamw.weight_decay = o->weight_decay;
    adamw.clip_norm = o->clip_norm;
    f->n_couples = store->n / 2;
    f->per_batch = (size_t)o->joint.batch / 2;
    f->per_epoch = (int64_t)(f->n_couples / (f->per_batch * (size_t)o->accumulate));
    f->steps = f->per_epoch * o->epochs;
    if (!f->per_epoch)
        return um_fail(UMCL_ERR_INVALID, "training: expected at least %zu takes, found %zu",
                       2 * f->per_batch * (size_t)o->accumulate, store->n);
    UM_TRY(um_calloc(&f->order, f->n_couples, sizeof *f->order));
    UM_TRY(um_joint_new(&f->joint, f->params, store, plan, f->spec->table, &o->joint));
    UM_TRY(scale_param(f->params, "classifier.weight", o->start));
    UM_TRY(scale_param(f->params, "classifier.bias", o->start)); /* CPML has one */
    if (o->standardise) {
        UM_TRY(um_standardise(f->params, store, o->joint.set & ~o->joint.trained));
        if (!o->resume) /* else it is in the checkpoint */
            UM_TRY(um_standardise_trained(f->params, plan, store->n, o->joint.trained));
    }
    for (size_t i = 0; i < um_params_count(f->params); i++) {
        um_param *p = um_params_at(f->params, i);

        p->trainable = !p->buffer && is_trained(&o->joint, p->name);
    }
    UM_TRY(um_adamw_new(&f->optim, f->params, &adamw));
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        snprintf(prefix, sizeof prefix, "%s.", um_modality_get((um_modality_kind)k)->name);
        um_adamw_scale(f->optim, prefix, o->rate_scale[k]);
    }
    recipe_text(&f->recipe, o);
    UM_TRY(um_str_status(&f->recipe));
    return o->resume ? go_on(f) : UMCL_OK;
}

static void close_fit(fit *f)
{
    um_joint_free(f->joint);
    um_adamw_free(f->optim);
    free(f->order);
    um_str_clear(&f->recipe);
}

static void add(um_umcl_loss *sum, const um_umcl_loss *l, double weight)
{
    sum->bce += weight * l->bce;
    sum->phy.pull += weight * l->phy.pull;
    sum->phy.push += weight * l->phy.push;
    sum->phy.heart_rate += weight * l->phy.heart_rate;
    sum->phy.total += weight * l->phy.total;
    sum->aff += weight * l->aff;
    sum->cpml.own += weight * l->cpml.own;
    sum->cpml.other += weight * l->cpml.other;
    sum->cpml.views += weight * l->cpml.views;
    sum->cpml.total += weight * l->cpml.total;
    sum->total += weight * l->total;
}

/* Every epoch has an order of its own; couples that do not fill a batch are left out of it. */
static void shuffle(fit *f, int64_t epoch)
{
    um_rng rng = {um_rng_at(um_rng_new(f->options->joint.seed, "order").key, (uint64_t)epoch), 0};

    for (size_t i = 0; i < f->n_couples; i++) f->order[i] = i;
    um_rng_shuffle(&rng, f->order, f->n_couples);
}

static umcl_status update(fit *f, um_umcl_loss *mean, double rate)
{
    size_t batches = (size_t)f->options->accumulate;
    size_t at = (size_t)(f->done % f->per_epoch) * batches * f->per_batch;

    *mean = (um_umcl_loss){0};
    UM_TRY(um_params_zero_grad(f->params));
    for (size_t i = 0; i < batches; i++) {
        um_umcl_loss loss;

        UM_TRY(um_joint_step(&loss, f->joint, f->order + at + i * f->per_batch,
                             (uint64_t)f->done * batches + i, 1.0 / (double)batches));
        add(mean, &loss, 1.0 / (double)batches);
    }
    UM_TRY(um_adamw_step(f->optim, rate));
    f->done++;
    return UMCL_OK;
}

static umcl_status end_epoch(fit *f, const um_joint_calls *calls, um_joint_report *r)
{
    r->epoch_ended = true;
    if (calls->validate) UM_TRY(calls->validate(calls->user, &r->validation));
    r->is_best = isnan(r->validation) || !(r->validation <= f->best);
    f->since_best++;
    if (r->is_best) {
        f->best = r->validation;
        f->since_best = 0;
        UM_TRY(write_state(f, f->options->best, false));
    }
    return write_state(f, f->options->last, true);
}

static umcl_status run(fit *f, const um_joint_calls *calls)
{
    const um_joint_fit_options *o = f->options;
    um_umcl_loss sum = {0}, loss;
    int summed = 0;

    while (f->done < f->steps && !(o->patience && f->since_best >= o->patience)) {
        int64_t epoch = f->done / f->per_epoch;
        um_joint_report r = {.steps = f->steps,
                             .epoch = (int)epoch + 1,
                             .epochs = o->epochs,
                             .fusion = o->joint.fusion,
                             .rate = um_schedule_at(&o->schedule, f->done, f->steps),
                             .validation = NAN};

        if (f->done % f->per_epoch == 0) shuffle(f, epoch);
        UM_TRY(update(f, &loss, r.rate));
        add(&sum, &loss, 1);
        summed++;
        if (f->done % f->per_epoch == 0) UM_TRY(end_epoch(f, calls, &r));
        if (!calls->report || (!r.epoch_ended && f->done % REPORT_EVERY)) continue;
        r.step = f->done;
        r.grad_norm = um_adamw_grad_norm(f->optim);
        r.n_pairs = um_joint_affinities(f->joint, r.affinity);
        add(&r.loss, &sum, 1.0 / summed);
        sum = (um_umcl_loss){0};
        summed = 0;
        if (!calls->report(calls->user, &r))
            return um_fail(UMCL_ERR_CANCELLED, "training: stopped at step %lld of %lld",
                           (long long)f->done, (long long)f->steps);
    }
    return UMCL_OK;
}

umcl_status um_joint_fit(um_params *params, const um_take_store *store, const um_take_plan *plan,
                         const um_umcl_spec *spec, const um_joint_fit_options *options,
                         const um_joint_calls *calls)
{
    fit f = {.options = options,
             .spec = spec,
             .params = params,
             .best = -INFINITY,
             .recipe = UM_STR_INIT};
    umcl_status st;

    UM_CHECK(open_fit(&f, store, plan));
    UM_CHECK(run(&f, calls));
done:
    close_fit(&f);
    return st;
}
