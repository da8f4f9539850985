#include "train/take_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/model_meta.h"
#include "base/parallel.h"
#include "base/str.h"
#include "model/encoder.h"
#include "model/lrnet.h"

#define KIND "umcl-takes"
#define RECIPE "takes"
#define CONTENT "tracks"
#define MAX_AT_ONCE 16
#define SAVE_EVERY 128
#define SHAKE UINT64_C(0x7A6B) /* key of the LQ view's landmarks */

typedef struct work {
    um_take_store *store;
    const um_take_plan *plan;
    const um_take_store_options *options;
    um_encoder *encoder[UM_N_MODALITIES];
    um_take takes[MAX_AT_ONCE];
    umcl_status status[MAX_AT_ONCE];
    size_t at_once, first;
    size_t landmarks, made[UM_N_MODALITIES]; /* rows that are there */
    char weights[UM_N_MODALITIES][80];       /* whose bodies the rows are */
    float *shaken;                           /* [window, 136] */
    um_str recipe;
} work;

typedef struct takes_file {
    const char *path;
    const um_st_file *file;
    size_t n; /* takes that are wanted */
} takes_file;

static size_t row_floats(const um_take_store *s)
{
    return (size_t)s->options.window * UM_LRNET_INPUTS;
}

const float *um_take_store_body(const um_take_store *s, um_modality_kind kind, int view, size_t i)
{
    return s->body[kind][view] + i * (size_t)um_modality_get(kind)->body;
}

static umcl_status new_bodies(um_take_store *s, int kind)
{
    size_t width = (size_t)um_modality_get((um_modality_kind)kind)->body;

    for (int v = 0; v < UM_N_VIEWS; v++)
        if (!s->body[kind][v]) UM_TRY(um_calloc(&s->body[kind][v], s->n * width, sizeof(float)));
    return UMCL_OK;
}

void um_take_store_clear(um_take_store *s)
{
    free(s->landmarks);
    for (int k = 0; k < UM_N_MODALITIES; k++)
        for (int v = 0; v < UM_N_VIEWS; v++) free(s->body[k][v]);
    *s = (um_take_store){0};
}

static umcl_status open_work(work *w, um_params *params)
{
    const um_take_options *o = &w->plan->options;

    w->at_once = (size_t)um_threads() < MAX_AT_ONCE ? (size_t)um_threads() : MAX_AT_ONCE;
    um_str_printf(&w->recipe,
                  "%s; %zu takes, window %d, crops %d, factor %g, view %d, pseudo %g, contrast %g, "
                  "strength %g, seed %llu",
                  w->options->recipe, w->options->n, o->window, o->crop_step, (double)o->factor,
                  (int)o->lq, o->pseudo, o->contrast, o->strength, (unsigned long long)o->seed);
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        um_modality_kind kind = (um_modality_kind)k;

        if (!um_has(w->options->frozen, kind)) continue;
        UM_TRY(um_encoder_new(&w->encoder[k], params, kind, 1, o->window, UM_INFER, 0));
        snprintf(w->weights[k], sizeof w->weights[k], "%s", w->options->weights[k]);
        UM_TRY(new_bodies(w->store, k));
    }
    UM_TRY(um_str_status(&w->recipe));
    UM_TRY(um_calloc(&w->shaken, row_floats(w->store), sizeof(float)));
    for (size_t i = 0; i < w->at_once; i++) UM_TRY(um_take_new(&w->takes[i], o));
    return UMCL_OK;
}

static void close_work(work *w)
{
    for (int k = 0; k < UM_N_MODALITIES; k++) um_encoder_free(w->encoder[k]);
    for (size_t i = 0; i < w->at_once; i++) um_take_clear(&w->takes[i]);
    free(w->shaken);
    um_str_clear(&w->recipe);
}

/*
 * Calls `fn` for every array of the store, with its name, how many of its rows are made and their
 * width.
 */
typedef umcl_status (*array_fn)(void *ctx, const char *name, float *data, size_t *made,
                                size_t width);

static umcl_status each_array(work *w, array_fn fn, void *ctx)
{
    um_take_store *s = w->store;
    char name[64];

    UM_TRY(fn(ctx, "landmarks", s->landmarks, &w->landmarks, row_floats(s)));
    for (int k = 0; k < UM_N_MODALITIES; k++)
        for (int v = 0; v < UM_N_VIEWS; v++) {
            const um_modality_info *info = um_modality_get((um_modality_kind)k);

            if (!s->body[k][v]) continue;
            snprintf(name, sizeof name, "%s.%s", v == UM_HQ ? "hq" : "lq", info->name);
            UM_TRY(fn(ctx, name, s->body[k][v], &w->made[k], (size_t)info->body));
        }
    return UMCL_OK;
}

static umcl_status add_array(void *writer, const char *name, float *data, size_t *made,
                             size_t width)
{
    const int64_t dim[2] = {(int64_t)*made, (int64_t)width};

    return um_st_writer_add(writer, name, UM_ST_F32, 2, dim, data);
}

static umcl_status take_array(void *ctx, const char *name, float *data, size_t *made, size_t width)
{
    const takes_file *f = ctx;
    const um_st_tensor *t = um_st_find(f->file, name);

    if (!t) return UMCL_OK;
    if (t->rank != 2 || t->dim[1] != (int64_t)width || t->dim[0] > (int64_t)f->n)
        return um_fail(UMCL_ERR_FORMAT, "%s: %s: expected at most %zu rows of %zu values", f->path,
                       name, f->n, width);
    *made = (size_t)t->dim[0];
    return um_st_to_f32(data, t);
}

static const char *weights_key(int kind, char key[32])
{
    snprintf(key, 32, "weights.%s", um_modality_get((um_modality_kind)kind)->name);
    return key;
}

static umcl_status save(work *w)
{
    um_st_writer *to = NULL;
    char key[32];
    umcl_status st;

    if (!w->options->file) return UMCL_OK;
    UM_CHECK(um_st_writer_new(&to));
    UM_CHECK(each_array(w, add_array, to));
    UM_CHECK(um_st_writer_meta(to, RECIPE, w->recipe.text));
    if (w->options->content) UM_CHECK(um_st_writer_meta(to, CONTENT, w->options->content));
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (w->store->body[k][0])
            UM_CHECK(um_st_writer_meta(to, weights_key(k, key), w->weights[k]));
    UM_CHECK(um_model_file_write(to, w->options->file, KIND, "1", "umcl train", NULL));
done:
    um_st_writer_free(to);
    return st;
}

/* Makes place for the bodies in the file that no encoder at hand has asked for: they are kept. */
static umcl_status keep_others(work *w, const um_st_file *file)
{
    char key[32];

    for (int k = 0; k < UM_N_MODALITIES; k++) {
        const char *found = um_st_meta(file, weights_key(k, key));

        if (!found || w->encoder[k]) continue;
        snprintf(w->weights[k], sizeof w->weights[k], "%s", found);
        UM_TRY(new_bodies(w->store, k));
    }
    return UMCL_OK;
}

/* Bodies that other weights made are made anew. */
static void drop_outdated(work *w, const um_st_file *file)
{
    char key[32];

    for (int k = 0; k < UM_N_MODALITIES; k++) {
        const char *found = um_st_meta(file, weights_key(k, key));

        if (!found || strcmp(found, w->weights[k])) w->made[k] = 0;
    }
}

/* Names, labels and lengths stand in the recipe; videos may have been extracted anew since. */
static umcl_status check_content(const work *w, const um_st_file *file)
{
    const char *found = um_st_meta(file, CONTENT), *expected = w->options->content;

    if (!found || !expected || !strcmp(found, expected)) return UMCL_OK;
    return um_fail(UMCL_ERR_MISMATCH,
                   "%s: the cached tracks have changed since these takes were made: expected %s, "
                   "found %s",
                   w->options->file, expected, found);
}

/* Takes over what an earlier run left in the file. */
static umcl_status go_on(work *w)
{
    takes_file from = {.path = w->options->file, .n = w->store->n};
    um_st_file *file = NULL;
    const char *found;
    umcl_status st;

    if (!from.path || !um_is_file(from.path)) return UMCL_OK;
    UM_CHECK(um_model_file_open(&file, from.path, KIND));
    found = um_st_meta(file, RECIPE);
    if (!found || strcmp(found, w->recipe.text)) {
        st =
            um_fail(UMCL_ERR_MISMATCH, "%s: takes of another recipe: expected \"%s\", found \"%s\"",
                    from.path, w->recipe.text, found ? found : "none");
        goto done;
    }
    UM_CHECK(check_content(w, file));
    UM_CHECK(keep_others(w, file));
    from.file = file;
    UM_CHECK(each_array(w, take_array, &from));
    drop_outdated(w, file);
done:
    um_st_free(file);
    return st;
}

/* Whether take `i` must be made: its landmarks alone may be there already. */
static bool wants_take(const work *w, size_t i)
{
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (w->encoder[k] && w->made[k] <= i && um_modality_get((um_modality_kind)k)->crop_step)
            return true;
    return w->landmarks <= i;
}

static void make_some(void *ctx, size_t begin, size_t end)
{
    work *w = ctx;

    for (size_t i = begin; i < end; i++)
        if (wants_take(w, w->first + i))
            w->status[i] = um_take_make(&w->takes[i], w->plan, w->first + i);
}

/* The first take that lacks a row somewhere. */
static size_t first_missing(const work *w)
{
    size_t first = w->landmarks;

    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (w->encoder[k] && w->made[k] < first) first = w->made[k];
    return first;
}

/* Runs one encoder on both views of take `i`. */
static umcl_status encode(work *w, int kind, const um_take *take, size_t i)
{
    um_take_store *s = w->store;
    size_t width = (size_t)um_modality_get((um_modality_kind)kind)->body;

    memcpy(w->shaken, s->landmarks + i * row_floats(s), row_floats(s) * sizeof(float));
    for (int v = 0; v < UM_N_VIEWS; v++) {
        um_window window = {
            .landmarks = w->shaken, .crops = take->crops[v].rgb, .crop_step = s->options.crop_step};

        if (v == UM_LQ)
            um_take_shake(w->shaken, s->landmarks + i * row_floats(s), &s->options,
                          um_rng_at(s->options.seed ^ SHAKE, i));
        UM_TRY(um_encoder_fill(w->encoder[kind], 0, &window));
        UM_TRY(um_encoder_run(w->encoder[kind], 0));
        memcpy(s->body[kind][v] + i * width, um_encoder_body(w->encoder[kind], 0),
               width * sizeof(float));
    }
    w->made[kind]++;
    return UMCL_OK;
}

static umcl_status keep_take(work *w, const um_take *take, size_t i)
{
    um_take_store *s = w->store;

    if (w->landmarks == i) {
        memcpy(s->landmarks + i * row_floats(s), take->landmarks, row_floats(s) * sizeof(float));
        w->landmarks++;
    }
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (w->encoder[k] && w->made[k] == i) UM_TRY(encode(w, k, take, i));
    return UMCL_OK;
}

static umcl_status make_all(work *w, um_take_store_fn progress, void *user)
{
    size_t n = w->store->n, saved;
    bool go_ahead;

    UM_TRY(go_on(w));
    w->first = saved = first_missing(w);
    while (w->first < n) {
        size_t some = n - w->first < w->at_once ? n - w->first : w->at_once;

        um_parallel_for(some, 1, make_some, w);
        for (size_t i = 0; i < some; i++) { /* a worker's sentence stays in its thread */
            if (w->status[i] != UMCL_OK) UM_TRY(um_take_make(&w->takes[i], w->plan, w->first + i));
            UM_TRY(keep_take(w, &w->takes[i], w->first + i));
        }
        w->first += some;
        go_ahead = !progress || progress(user, w->first, n);
        if (w->first - saved >= SAVE_EVERY || w->first == n || !go_ahead) {
            UM_TRY(save(w));
            saved = w->first;
        }
        if (!go_ahead)
            return um_fail(UMCL_ERR_CANCELLED, "takes: stopped after %zu of %zu", w->first, n);
    }
    return UMCL_OK;
}

umcl_status um_take_store_make(um_take_store *out, const um_take_plan *plan, um_params *params,
                               const um_take_store_options *options, um_take_store_fn progress,
                               void *user)
{
    work w = {.store = out, .plan = plan, .options = options, .recipe = UM_STR_INIT};
    umcl_status st;

    *out = (um_take_store){.n = options->n, .options = plan->options};
    UM_CHECK(um_calloc(&out->landmarks, out->n * row_floats(out), sizeof(float)));
    UM_CHECK(open_work(&w, params));
    UM_CHECK(make_all(&w, progress, user));
done:
    close_work(&w);
    if (st != UMCL_OK) um_take_store_clear(out);
    return st;
}
