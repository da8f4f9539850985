/* Points of features, their classes, measures and places. */
#include "tsne_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli.h"

#define MANY 2000 /* points; from here on by a tree */
#define TREE_ANGLE 0.5
#define MOST_POINTS 100000

static const char *const key_names[TSNE_N_KEYS] = {"label", "quality", "group", "modality"};

const char *tsne_key_name(tsne_key key)
{
    return key_names[key];
}

const char *tsne_of_name(int of)
{
    return of == TSNE_MODALITIES ? "modalities" : um_feature_name(of);
}

static bool is_constant(const float *points, size_t n, size_t d)
{
    for (size_t i = d; i < n * d; i++)
        if (points[i] != points[i - d]) return false;
    return true;
}

/* Whether a modality is in the picture of all: not where it is one point, which t-SNE would spread
   into a disc that means nothing. */
static bool is_shown(const um_feature_table *t, int k)
{
    return t->width[k] && !is_constant(t->values[k], t->n, t->width[k]);
}

bool tsne_left_out(const tsne_view *v, int modality)
{
    return v->of == TSNE_MODALITIES && v->table->width[modality] && !is_shown(v->table, modality);
}

int tsne_modality(const tsne_view *v, size_t i)
{
    size_t number = i / v->table->n;

    if (v->of != TSNE_MODALITIES) return v->of;
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (is_shown(v->table, k) && number-- == 0) return k;
    return v->of;
}

static const char *class_name(const tsne_view *v, tsne_key key, size_t i)
{
    const um_feature_row *r = &v->table->rows[i % v->table->n];

    switch (key) {
    case TSNE_LABEL: return r->fake ? "fake" : "real";
    case TSNE_QUALITY: return *r->quality ? r->quality : "videos";
    case TSNE_GROUP: return r->group;
    default: return tsne_of_name(tsne_modality(v, i));
    }
}

static size_t find_class(tsne_classes *c, const char *name)
{
    for (size_t k = 0; k < c->n; k++)
        if (!strcmp(c->names[k], name)) return k;
    c->names[c->n] = name;
    return c->n++;
}

/* In the order in which they come, but real ones first. */
static umcl_status gather_classes(tsne_view *v, tsne_key key)
{
    tsne_classes *c = &v->classes[key];

    UM_TRY(um_calloc(&c->names, v->n + 2, sizeof *c->names));
    UM_TRY(um_calloc(&c->count, v->n + 2, sizeof *c->count));
    UM_TRY(um_calloc(&c->of, v->n, sizeof *c->of));
    if (key == TSNE_LABEL || key == TSNE_GROUP) find_class(c, "real");
    if (key == TSNE_LABEL) find_class(c, "fake");
    for (size_t i = 0; i < v->n; i++) {
        c->of[i] = find_class(c, class_name(v, key, i));
        c->count[c->of[i]]++;
    }
    return UMCL_OK;
}

static void to_unit_length(float *x, size_t d)
{
    double sum = 0;

    for (size_t i = 0; i < d; i++) sum += (double)x[i] * (double)x[i];
    for (size_t i = 0; sum > 0 && i < d; i++) x[i] = (float)((double)x[i] / sqrt(sum));
}

/* Adds the rows of feature `k`. */
static umcl_status add_points(tsne_view *v, int k, const char *file)
{
    const um_feature_table *t = v->table;

    if (v->n && v->d != t->width[k])
        return um_fail(UMCL_ERR_MISMATCH,
                       "%s: modalities: expected features of one width, found %zu and %zu", file,
                       v->d, t->width[k]);
    v->d = t->width[k];
    UM_TRY(um_realloc(&v->points, (v->n + t->n) * v->d, sizeof *v->points));
    memcpy(v->points + v->n * v->d, t->values[k], t->n * v->d * sizeof *v->points);
    v->n += t->n;
    return UMCL_OK;
}

static umcl_status gather_points(tsne_view *v, const char *file, bool cosine)
{
    if (v->of != TSNE_MODALITIES && !v->table->width[v->of])
        return um_fail(UMCL_ERR_NOT_FOUND, "%s: expected the feature '%s', which %s lacks", file,
                       tsne_of_name(v->of), v->table->model);
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (v->of == TSNE_MODALITIES && is_shown(v->table, k)) UM_TRY(add_points(v, k, file));
    if (v->of != TSNE_MODALITIES) UM_TRY(add_points(v, v->of, file));
    if (v->n < 3 || v->n > MOST_POINTS)
        return um_fail(UMCL_ERR_INVALID, "%s: expected 3 to %d points, found %zu", file,
                       MOST_POINTS, v->n);
    for (size_t i = 0; cosine && i < v->n; i++) to_unit_length(v->points + i * v->d, v->d);
    v->constant = is_constant(v->points, v->n, v->d);
    return UMCL_OK;
}

/* One file, or several of one model joined by commas. */
static umcl_status read_table(um_feature_table *out, const char *list)
{
    um_feature_table more = {0};
    um_str path = UM_STR_INIT;
    umcl_status st = UMCL_OK;

    for (const char *at = list;; at++) {
        size_t n = strcspn(at, ",");

        um_str_clear(&path);
        um_str_append_n(&path, at, n);
        UM_CHECK(um_str_status(&path));
        UM_CHECK(um_feature_file_read(out->n ? &more : out, path.text ? path.text : ""));
        if (more.n) st = um_feature_table_append(out, &more);
        if (st != UMCL_OK) {
            st = um_fail_in(st, path.text);
            goto done;
        }
        um_feature_table_clear(&more);
        at += n;
        if (!*at) break;
    }
done:
    um_feature_table_clear(&more);
    um_str_clear(&path);
    return st;
}

umcl_status tsne_open(tsne_board *b, const tsne_settings *set)
{
    *b = (tsne_board){.set = set};
    for (size_t f = 0; f < set->n_files; f++) UM_TRY(read_table(&b->tables[f], set->files[f]));
    for (size_t o = 0; o < set->n_of; o++)
        for (size_t f = 0; f < set->n_files; f++) {
            tsne_view *v = &b->views[o][f];

            v->table = &b->tables[f];
            v->name = set->n_names ? set->names[f] : v->table->model;
            v->of = set->of[o];
            v->shift = v->loss = NAN;
            v->options = set->options;
            UM_TRY(gather_points(v, set->files[f], set->cosine));
            for (int k = 0; k < TSNE_N_KEYS; k++) UM_TRY(gather_classes(v, (tsne_key)k));
        }
    return UMCL_OK;
}

void tsne_close(tsne_board *b)
{
    for (size_t o = 0; o < TSNE_MAX_OF; o++)
        for (size_t f = 0; f < TSNE_MAX_FILES; f++) {
            tsne_view *v = &b->views[o][f];

            for (int k = 0; k < TSNE_N_KEYS; k++) {
                free(v->classes[k].names);
                free(v->classes[k].count);
                free(v->classes[k].of);
            }
            free(v->points);
            free(v->places);
        }
    for (size_t f = 0; f < TSNE_MAX_FILES; f++) um_feature_table_clear(&b->tables[f]);
}

static size_t classes_there(const tsne_classes *c)
{
    size_t n = 0;

    for (size_t k = 0; k < c->n; k++) n += c->count[k] > 0;
    return n;
}

/* A row's video by its name without its quality's: FF++'s videos lie in folders of their quality,
   and their names are their paths. */
static umcl_status name_thing(um_arena *strings, const char **out, const um_feature_row *r)
{
    const size_t n = strlen(r->quality);
    char *name = um_arena_strdup(strings, r->video);
    char *at = n && name ? strstr(name, r->quality) : NULL;

    if (!name) return um_fail(UMCL_ERR_NOMEM, "out of memory");
    *out = name;
    if (!at || at == name || at[-1] != '_' || at[n] != '_') return UMCL_OK;
    memmove(at, at + n, strlen(at + n) + 1);
    return UMCL_OK;
}

/* A video in all its qualities is one thing: [n], the caller's. */
static umcl_status find_things(size_t **out, const tsne_view *v)
{
    um_arena *strings = NULL;
    tsne_classes things = {0};
    const char *name;
    umcl_status st;

    UM_CHECK(um_arena_new(&strings));
    UM_CHECK(um_calloc(out, v->n, sizeof **out));
    UM_CHECK(um_calloc(&things.names, v->n, sizeof *things.names));
    for (size_t i = 0; i < v->n; i++) {
        UM_CHECK(name_thing(strings, &name, &v->table->rows[i % v->table->n]));
        (*out)[i] = find_class(&things, name);
    }
done:
    free(things.names);
    um_arena_free(strings);
    return st;
}

static umcl_status measure(tsne_view *v)
{
    size_t *things = NULL;
    umcl_status st = UMCL_OK;

    if (v->constant) return UMCL_OK;
    UM_CHECK(find_things(&things, v));
    for (int k = 0; k < TSNE_N_KEYS; k++) {
        tsne_classes *c = &v->classes[k];

        if (classes_there(c) < 2) continue;
        UM_CHECK(um_separation_measure(&c->separation, NULL, v->points, v->n, v->d, c->of, c->n,
                                       things));
        c->measured = true;
    }
    if (v->of != TSNE_MODALITIES && v->classes[TSNE_QUALITY].n > 1)
        st = um_separation_pairs(&v->shift, v->points, v->n, v->d, things);
done:
    free(things);
    return st;
}

/* All points in one place lie there. */
static umcl_status place(tsne_view *v, bool has_angle)
{
    um_tsne_options *o = &v->options;

    if (!(o->perplexity > 0)) o->perplexity = fmin(30, fmax(1, ((double)v->n - 1) / 3));
    if (!has_angle && v->n > MANY) o->angle = TREE_ANGLE;
    UM_TRY(um_calloc(&v->places, 2 * v->n, sizeof *v->places));
    if (v->constant) return UMCL_OK;
    return um_tsne(v->places, &v->loss, v->points, v->n, v->d, o);
}

umcl_status tsne_run(tsne_board *b)
{
    const tsne_settings *set = b->set;
    umcl_status st = UMCL_OK;

    for (size_t o = 0; o < set->n_of && st == UMCL_OK; o++)
        for (size_t f = 0; f < set->n_files && st == UMCL_OK; f++) {
            tsne_view *v = &b->views[o][f];

            cli_progress("%s, %s: %zu points", v->name, tsne_of_name(v->of), v->n);
            st = measure(v);
            if (st == UMCL_OK && (set->plots || set->points)) st = place(v, set->has_angle);
        }
    cli_progress(NULL);
    return st;
}
