#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "cli.h"
#include "eval/calibration.h"
#include "labelled_cache.h"
#include "model/judge.h"
#include "model/umcl_file.h"
#include "train/joint_validate.h"
#include "train_umcl.h"

/* One cache's tracks of both splits. */
typedef struct source {
    labelled_cache learn, validate;
} source;

typedef struct work {
    const train_umcl_settings *set;
    um_labels labels;
    source sources[TRAIN_MAX_CACHES];
    um_take_track *learn, *validate;
    size_t n_learn, n_validate;
    um_take_options takes;
    um_take_plan plan;
    um_take_store store;
    um_params *params;
    um_prompt_table table;
    um_umcl_spec spec;
    um_validation *validation;
    char hash[UM_N_MODALITIES][80]; /* of the encoders' weights */
    um_joint_fit_options fit;
    um_str recipe, content; /* of the takes */
    um_str training, last, best;
    FILE *log;
    double auc, began;
} work;

static um_modalities video_part(um_modalities set)
{
    return set & ~(1u << UM_TEXT);
}

static umcl_status add_tracks(um_take_track **to, size_t *n, const labelled_cache *c,
                              const char *cache)
{
    UM_TRY(um_realloc(to, *n + c->n_tracks + 1, sizeof **to));
    for (size_t i = 0; i < c->n_tracks; i++) {
        const um_labelled_track *t = &c->tracks[i];
        const char *name = c->labels[t->video]->name;
        uint64_t number = um_fnv1a(UM_FNV_OFFSET, cache, strlen(cache) + 1);

        number = um_fnv1a(number, name, strlen(name));
        (*to)[(*n)++] = (um_take_track){cache, name, t->track, t->fake, (size_t)number, t->person};
    }
    return UMCL_OK;
}

static umcl_status check_split(const work *w, const char *split, size_t n)
{
    if (n) return UMCL_OK;
    return um_fail(UMCL_ERR_INVALID,
                   "%s: expected cached tracks of the split '%s' that are long enough, found none",
                   w->set->labels, split);
}

static umcl_status read_data(work *w)
{
    const train_umcl_settings *set = w->set;
    int least = um_modalities_crop_step(set->fit.joint.set) ? UM_WINDOW_LEAST : UM_WINDOW_LANDMARKS;

    UM_TRY(um_labels_read(&w->labels, set->labels));
    for (size_t i = 0; i < set->n_caches; i++) {
        source *s = &w->sources[i];

        UM_TRY(labelled_cache_read(&s->learn, set->caches[i], &w->labels, set->split, set->sure,
                                   least));
        UM_TRY(add_tracks(&w->learn, &w->n_learn, &s->learn, set->caches[i]));
        UM_TRY(labelled_cache_read(&s->validate, set->caches[i], &w->labels, set->validate,
                                   set->sure, least));
        UM_TRY(add_tracks(&w->validate, &w->n_validate, &s->validate, set->caches[i]));
    }
    fprintf(stderr, "%zu tracks to learn from, %zu to validate on\n", w->n_learn, w->n_validate);
    UM_TRY(check_split(w, set->split, w->n_learn));
    if (strcmp(set->validate, "none")) UM_TRY(check_split(w, set->validate, w->n_validate));
    for (size_t i = 0; i < w->n_validate; i++)
        for (size_t k = 0; k < w->n_learn; k++)
            if (w->validate[i].person == w->learn[k].person)
                return um_fail(UMCL_ERR_INVALID,
                               "%s: '%s' of the split %s shows a person of the split %s: people "
                               "must be kept apart",
                               set->labels, w->validate[i].video, set->validate, set->split);
    return UMCL_OK;
}

/* Where an encoder's weights lie: given, shipped, or nowhere (""): it begins fresh. */
static umcl_status find_weights(um_str *path, const work *w, um_modality_kind kind)
{
    static const char *const shipped[] = {[UM_PULSE] = "models/pulse.safetensors",
                                          [UM_LANDMARKS] = "models/lrnet.safetensors",
                                          [UM_TEXTURE] = "models/texture.safetensors"};

    if (um_has(w->set->fresh, kind)) return UMCL_OK;
    if (!w->set->encoder[kind]) return um_find_data(path, shipped[kind]);
    um_str_append(path, w->set->encoder[kind]);
    return um_str_status(path);
}

static umcl_status add_encoders(work *w, um_params *params, um_modalities kinds)
{
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        um_modality_kind kind = (um_modality_kind)k;
        um_str path = UM_STR_INIT;
        um_encoder *declares = NULL;
        umcl_status st;

        if (!um_has(kinds, kind)) continue;
        UM_CHECK(um_encoder_new(&declares, params, kind, 1,
                                um_modalities_window(w->set->fit.joint.set), UM_INFER,
                                w->set->fit.joint.seed));
        UM_CHECK(find_weights(&path, w, kind));
        if (path.text && *path.text)
            UM_CHECK(um_umcl_load_encoder(params, kind, path.text, w->hash[k]));
    done:
        um_encoder_free(declares);
        um_str_clear(&path);
        UM_TRY(st);
    }
    return UMCL_OK;
}

/* Cached tracks by a number: names, labels and lengths. */
static uint64_t fingerprint(const um_take_track *t, size_t n)
{
    uint64_t h = UM_FNV_OFFSET;

    for (size_t i = 0; i < n; i++) {
        h = um_fnv1a(h, t[i].video, strlen(t[i].video) + 1);
        h = um_fnv1a(h, &t[i].fake, sizeof t[i].fake);
        h = um_fnv1a(h, &t[i].track->n_frames, sizeof t[i].track->n_frames);
    }
    return h;
}

/* The crops' file by its size, which any other encoding changes; none counts as empty. */
static int64_t crops_size(const um_take_track *t)
{
    um_str path = UM_STR_INIT;
    struct stat info;
    int64_t size = 0;

    um_str_printf(&path, "%s/%s/track%d.mp4", t->cache, t->video, t->track->id);
    if (um_str_status(&path) == UMCL_OK && stat(path.text, &info) == 0) size = info.st_size;
    um_str_clear(&path);
    return size;
}

/* What the tracks hold, by a number: a video that was extracted anew moves its landmarks. */
static umcl_status content(um_str *to, const um_take_track *t, size_t n, bool crops)
{
    uint64_t h = UM_FNV_OFFSET;

    for (size_t i = 0; i < n; i++) {
        const um_stored_track *track = t[i].track;

        h = um_fnv1a(h, track->landmarks, track->n_frames * sizeof *track->landmarks);
        if (crops) {
            int64_t size = crops_size(&t[i]);

            h = um_fnv1a(h, track->crops, track->n_frames * sizeof *track->crops);
            h = um_fnv1a(h, &size, sizeof size);
        }
    }
    um_str_printf(to, "%016llx", (unsigned long long)h);
    return um_str_status(to);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* "3 min 20 s left" */
static void time_left(char text[48], double began, double share)
{
    double left = share > 0 ? (now() - began) * (1 - share) / share : NAN;

    if (isnan(left))
        *text = '\0';
    else if (left < 90)
        snprintf(text, 48, "%.0f s left", left);
    else
        snprintf(text, 48, "%.0f min left", left / 60);
}

static bool show_takes(void *user, size_t done, size_t n)
{
    work *w = user;
    char left[48];

    if (w->set->quiet) return true;
    time_left(left, w->began, (double)done / (double)n);
    cli_progress("takes %zu/%zu  %s", done, n, left);
    return true;
}

/* What the takes are made by and cut from. */
static umcl_status describe_takes(work *w)
{
    const train_umcl_settings *set = w->set;
    um_modalities used = set->fit.joint.set;

    w->takes = set->takes;
    w->takes.window = um_modalities_window(used);
    w->takes.crop_step = um_modalities_crop_step(used | set->encode);
    um_str_printf(&w->recipe, "%s, tracks %016llx", set->split,
                  (unsigned long long)fingerprint(w->learn, w->n_learn));
    UM_TRY(um_str_status(&w->recipe));
    return content(&w->content, w->learn, w->n_learn, w->takes.crop_step != 0);
}

static umcl_status make_takes(work *w)
{
    const train_umcl_settings *set = w->set;
    const um_joint_options *j = &set->fit.joint;
    um_take_store_options store = {.n = (size_t)set->n_takes,
                                   .file = set->takes_file,
                                   .recipe = w->recipe.text,
                                   .content = w->content.text,
                                   .frozen = (video_part(j->set) & ~j->trained) | set->encode};
    um_params *params = NULL;
    umcl_status st;

    UM_CHECK(um_params_new(&params, um_backend_cpu()));
    UM_CHECK(add_encoders(w, params, store.frozen));
    for (int k = 0; k < UM_N_MODALITIES; k++) store.weights[k] = w->hash[k];
    UM_CHECK(um_take_plan_new(&w->plan, w->learn, w->n_learn, &w->takes));
    w->began = now();
    UM_CHECK(um_take_store_make(&w->store, &w->plan, params, &store, show_takes, w));
    cli_progress(NULL);
done:
    um_params_free(params);
    return st;
}

static umcl_status measure(work *w, um_calibration *c)
{
    size_t n = um_validation_count(w->validation);
    um_validated *found = NULL;
    um_window_score *scores = NULL;
    umcl_status st;

    UM_CHECK(um_calloc(&found, n, sizeof *found));
    UM_CHECK(um_calloc(&scores, n, sizeof *scores));
    UM_CHECK(um_validation_run(w->validation, found));
    for (size_t i = 0; i < n; i++)
        scores[i] =
            (um_window_score){found[i].logit, found[i].fake, found[i].video, found[i].person};
    st = um_calibration_fit(c, UM_CALIBRATE_PLATT, scores, n);
done:
    free(found);
    free(scores);
    return st;
}

static umcl_status validate(void *user, double *value)
{
    work *w = user;
    um_calibration c;

    UM_TRY(measure(w, &c));
    *value = w->auc = c.auc;
    return UMCL_OK;
}

static bool report(void *user, const um_joint_report *r)
{
    work *w = user;
    char left[48];

    if (w->log) train_umcl_log_line(w->log, r);
    if (w->set->quiet) return true;
    time_left(left, w->began, (double)r->step / (double)r->steps);
    if (r->epoch_ended) {
        cli_progress(NULL);
        fprintf(stderr, "epoch %d/%d: loss %.4f (cross-entropy %.4f, CQSL %.4f, %s %.4f)", r->epoch,
                r->epochs, r->loss.total, r->loss.bce, r->loss.phy.total,
                r->fusion == UM_FUSION_CPML ? "prompts" : "ASA",
                r->fusion == UM_FUSION_CPML ? r->loss.cpml.total : r->loss.aff);
        if (!isnan(r->validation))
            fprintf(stderr, ", validation AUC %.4f%s", r->validation, r->is_best ? ", best" : "");
        fputc('\n', stderr);
    }
    cli_progress("epoch %d/%d, step %lld/%lld: loss %.4f  %s", r->epoch, r->epochs,
                 (long long)r->step, (long long)r->steps, r->loss.total, left);
    return true;
}

static umcl_status open_network(work *w)
{
    const train_umcl_settings *set = w->set;
    const um_joint_options *j = &set->fit.joint;

    UM_TRY(um_params_new(&w->params, um_backend_cpu()));
    UM_TRY(add_encoders(w, w->params, video_part(j->set)));
    w->spec = (um_umcl_spec){
        .set = j->set, .policy = set->policy, .prompts = j->prompts, .fusion = j->fusion};
    if (!um_has(j->set, UM_TEXT)) return UMCL_OK;
    UM_TRY(um_prompt_table_make(&w->table, set->text, set->vocab));
    w->spec.table = &w->table;
    return UMCL_OK;
}

static umcl_status open_validation(work *w)
{
    const um_joint_options *j = &w->set->fit.joint;

    if (!w->n_validate) return UMCL_OK;
    return um_validation_new(&w->validation, w->params, &w->spec, j->trained, j->seed, w->validate,
                             w->n_validate);
}

/* Of what training depends on besides its own options: takes and encoders. */
static void describe_training(work *w)
{
    const um_take_options *o = &w->takes;

    um_str_printf(&w->training,
                  "%s; %d takes, crops %d, factor %g, sigma %g, view %d, pseudo %g, contrast %g, "
                  "strength %g, seed %llu",
                  w->recipe.text, w->set->n_takes, o->crop_step, (double)o->factor,
                  (double)o->sigma, (int)o->lq, o->pseudo, o->contrast, o->strength,
                  (unsigned long long)o->seed);
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (um_has(video_part(w->spec.set), (um_modality_kind)k))
            um_str_printf(&w->training, ", %s %s", um_modality_get((um_modality_kind)k)->name,
                          *w->hash[k] ? w->hash[k] : "fresh");
    if (w->spec.table) um_str_printf(&w->training, ", text %s", w->spec.table->encoder);
}

/* A checkpoint of another training is refused here, before hours of making takes. */
static umcl_status open_training(work *w)
{
    const train_umcl_settings *set = w->set;

    um_str_printf(&w->last, "%s.last", set->out);
    um_str_printf(&w->best, "%s.best", set->out);
    describe_training(w);
    UM_TRY(um_str_status(&w->last));
    UM_TRY(um_str_status(&w->best));
    UM_TRY(um_str_status(&w->training));
    w->fit = set->fit;
    w->fit.last = w->last.text;
    w->fit.best = w->best.text;
    w->fit.made_by = set->made_by;
    w->fit.recipe = w->training.text;
    w->fit.content = w->content.text;
    UM_TRY(um_joint_fit_check(&w->fit));
    if (!set->log) return UMCL_OK;
    w->log = fopen(set->log, set->fit.resume ? "a" : "w");
    return w->log ? UMCL_OK : um_fail(UMCL_ERR_IO, "%s: cannot be written", set->log);
}

static umcl_status train(work *w)
{
    const um_joint_calls calls = {w, report, w->validation ? validate : NULL};
    umcl_status st;

    w->began = now();
    st = um_joint_fit(w->params, &w->store, &w->plan, &w->spec, &w->fit, &calls);
    cli_progress(NULL);
    return st;
}

static umcl_status write_model(const work *w, const um_calibration *c)
{
    um_st_writer *out = NULL;
    umcl_status st;

    UM_CHECK(um_st_writer_new(&out));
    UM_CHECK(um_umcl_save(out, w->params, &w->spec));
    if (w->set->half) UM_CHECK(um_st_writer_halve(out));
    UM_CHECK(um_st_writer_meta(out, UM_META_RECIPE,
                               um_modalities_crop_step(w->spec.set) ? UM_JUDGE_RECIPE UM_CROP_RECIPE
                                                                    : UM_JUDGE_RECIPE));
    UM_CHECK(um_rule_write(&c->rule, out));
    UM_CHECK(um_model_file_write(out, w->set->out, UM_UMCL_KIND, "1", w->set->made_by, NULL));
done:
    um_st_writer_free(out);
    return st;
}

/* The best epoch's parameters, calibrated where there is what to calibrate on. */
static umcl_status finish(work *w)
{
    um_calibration c = {.rule = UM_RULE_INIT, .auc = NAN};
    int64_t trained, frozen;
    um_st_file *best = NULL;
    umcl_status st;

    UM_CHECK(um_model_file_open(&best, w->best.text, UM_UMCL_KIND));
    UM_CHECK(um_params_load(w->params, best, ""));
    if (w->set->half) UM_CHECK(um_params_halve(w->params));
    if (w->validation) UM_CHECK(measure(w, &c));
    UM_CHECK(write_model(w, &c));
    um_joint_count(w->params, &trained, &frozen);
    printf("%s: %lld parameters trained, %lld kept, on %zu takes of %zu tracks", w->set->out,
           (long long)trained, (long long)frozen, w->store.n, w->n_learn);
    if (w->validation)
        printf("; validation: %zu tracks, video AUC %.3f, calibration %.3f x + %.3f, threshold "
               "%.2f, doubt %.2f-%.2f",
               w->n_validate, c.auc, c.rule.scale, c.rule.shift, c.rule.threshold, c.rule.doubt_low,
               c.rule.doubt_high);
    putchar('\n');
done:
    um_st_free(best);
    return st;
}

static void clear(work *w)
{
    um_validation_free(w->validation);
    um_take_store_clear(&w->store);
    um_take_plan_clear(&w->plan);
    um_params_free(w->params);
    um_prompt_table_clear(&w->table);
    for (size_t i = 0; i < w->set->n_caches; i++) {
        labelled_cache_clear(&w->sources[i].learn);
        labelled_cache_clear(&w->sources[i].validate);
    }
    free(w->learn);
    free(w->validate);
    um_labels_clear(&w->labels);
    um_str_clear(&w->recipe);
    um_str_clear(&w->content);
    um_str_clear(&w->training);
    um_str_clear(&w->last);
    um_str_clear(&w->best);
    if (w->log) fclose(w->log);
}

/* Of a log that could not be written in full: the model is there, its history is not. */
static umcl_status close_log(work *w)
{
    bool good = !w->log || !ferror(w->log);

    if (w->log && fclose(w->log) != 0) good = false;
    w->log = NULL;
    return good ? UMCL_OK : um_fail(UMCL_ERR_IO, "%s: cannot be written in full", w->set->log);
}

umcl_status train_umcl_run(const train_umcl_settings *set)
{
    work w = {.set = set,
              .recipe = UM_STR_INIT,
              .content = UM_STR_INIT,
              .training = UM_STR_INIT,
              .last = UM_STR_INIT,
              .best = UM_STR_INIT};
    umcl_status st;

    UM_CHECK(um_file_can_write(set->out));
    UM_CHECK(read_data(&w));
    UM_CHECK(describe_takes(&w));
    UM_CHECK(open_network(&w));
    UM_CHECK(open_training(&w));
    UM_CHECK(make_takes(&w));
    UM_CHECK(open_validation(&w));
    UM_CHECK(train(&w));
    UM_CHECK(finish(&w));
    UM_CHECK(close_log(&w));
done:
    clear(&w);
    return st;
}
