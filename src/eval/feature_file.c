#include "eval/feature_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define SCHEMA "umcl.features/1"

/* The columns of texts, in the order of texts_of. */
#define N_TEXTS 4
static const char *const columns[N_TEXTS] = {"video", "quality", "group", "label"};

static json_t *text_column(const um_feature_table *t, int column)
{
    json_t *out = json_array();

    for (size_t i = 0; i < t->n; i++) {
        const um_feature_row *r = &t->rows[i];
        const char *const texts[N_TEXTS] = {r->video, r->quality, r->group,
                                            r->fake ? "fake" : "real"};

        json_array_append_new(out, json_string(texts[column]));
    }
    if (json_array_size(out) == t->n) return out;
    json_decref(out); /* not UTF-8 */
    return NULL;
}

static json_t *score_column(const um_feature_table *t)
{
    json_t *out = json_array();

    for (size_t i = 0; i < t->n; i++) json_array_append_new(out, json_real(t->rows[i].score));
    return out;
}

static char *rows_text(const um_feature_table *t)
{
    json_t *doc = json_object();
    bool good = true;
    char *text;

    for (int c = 0; c < N_TEXTS; c++)
        good = json_object_set_new(doc, columns[c], text_column(t, c)) == 0 && good;
    good = json_object_set_new(doc, "score", score_column(t)) == 0 && good;
    text = good ? json_dumps(doc, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
    json_decref(doc);
    return text;
}

umcl_status um_feature_file_write(const um_feature_table *t, const char *path)
{
    char *rows = rows_text(t);
    um_st_writer *w = NULL;
    umcl_status st;

    if (!rows)
        return um_fail(UMCL_ERR_INVALID, "%s: expected names of videos in UTF-8, found others",
                       path);
    UM_CHECK(um_st_writer_new(&w));
    UM_CHECK(um_st_writer_meta(w, "schema", SCHEMA));
    UM_CHECK(um_st_writer_meta(w, "model", t->model));
    UM_CHECK(um_st_writer_meta(w, "hash", t->hash));
    UM_CHECK(um_st_writer_meta(w, "policy", t->policy));
    UM_CHECK(um_st_writer_meta(w, "split", t->split));
    UM_CHECK(um_st_writer_meta(w, "rows", rows));
    for (int k = 0; k < UM_N_FEATURES; k++)
        if (t->width[k])
            UM_CHECK(um_st_writer_add(w, um_feature_name(k), UM_ST_F32, 2,
                                      (int64_t[]){(int64_t)t->n, (int64_t)t->width[k]},
                                      t->values[k]));
    st = um_st_write(w, path);
done:
    um_st_writer_free(w);
    free(rows);
    return st;
}

/* ---- reading ---- */

static umcl_status copy_text(um_feature_table *t, const char **out, const char *text)
{
    *out = um_arena_strdup(t->strings, text ? text : "");
    return *out ? UMCL_OK : um_fail(UMCL_ERR_NOMEM, "out of memory");
}

static umcl_status read_row(um_feature_table *t, size_t i, const json_t *rows, const char *name)
{
    um_feature_row *r = &t->rows[i];
    const json_t *score = json_array_get(json_object_get(rows, "score"), i);
    const char *texts[N_TEXTS];

    for (int c = 0; c < N_TEXTS; c++) {
        texts[c] = json_string_value(json_array_get(json_object_get(rows, columns[c]), i));
        if (!texts[c])
            return um_fail(UMCL_ERR_FORMAT, "%s: rows: expected a %s in row %zu, found none", name,
                           columns[c], i);
    }
    r->fake = !strcmp(texts[3], "fake");
    r->score = json_is_number(score) ? json_number_value(score) : NAN;
    if (!r->fake && strcmp(texts[3], "real") != 0)
        return um_fail(UMCL_ERR_FORMAT, "%s: rows: expected real or fake in row %zu, found '%.40s'",
                       name, i, texts[3]);
    UM_TRY(copy_text(t, &r->video, texts[0]));
    UM_TRY(copy_text(t, &r->quality, texts[1]));
    return copy_text(t, &r->group, texts[2]);
}

static umcl_status read_rows(um_feature_table *t, const um_st_file *file, const char *name)
{
    const char *text = um_st_meta(file, "rows");
    json_t *rows = text ? json_loads(text, 0, NULL) : NULL;
    const json_t *videos = json_object_get(rows, columns[0]);
    umcl_status st;

    if (!json_is_array(videos) || !json_array_size(videos)) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: rows: expected a column of videos, found none", name);
        goto done;
    }
    t->n = json_array_size(videos);
    UM_CHECK(um_calloc(&t->rows, t->n, sizeof *t->rows));
    for (size_t i = 0; i < t->n; i++) UM_CHECK(read_row(t, i, rows, name));
    st = UMCL_OK;
done:
    json_decref(rows);
    return st;
}

static umcl_status read_values(um_feature_table *t, const um_st_file *file, const char *name)
{
    bool any = false;

    for (int k = 0; k < UM_N_FEATURES; k++) {
        const um_st_tensor *from = um_st_find(file, um_feature_name(k));

        if (!from) continue;
        if (from->rank != 2 || from->dim[0] != (int64_t)t->n || from->count == 0)
            return um_fail(UMCL_ERR_FORMAT, "%s: %s: expected numbers of %zu rows, found others",
                           name, from->name, t->n);
        t->width[k] = (size_t)from->dim[1];
        UM_TRY(um_calloc(&t->values[k], from->count, sizeof(float)));
        UM_TRY(um_st_to_f32(t->values[k], from));
        for (size_t i = 0; i < from->count; i++)
            if (!isfinite(t->values[k][i]))
                return um_fail(UMCL_ERR_FORMAT, "%s: %s: row %zu has a number that is not finite",
                               name, from->name, i / t->width[k]);
        any = true;
    }
    return any ? UMCL_OK
               : um_fail(UMCL_ERR_FORMAT, "%s: expected features such as 'fused', found none",
                         name);
}

umcl_status um_feature_file_parse(um_feature_table *out, const um_st_file *file, const char *name)
{
    const char *schema = um_st_meta(file, "schema");
    umcl_status st;

    *out = (um_feature_table){0};
    if (!schema || strcmp(schema, SCHEMA) != 0)
        return um_fail(UMCL_ERR_FORMAT,
                       "%s: expected features (" SCHEMA ") of umcl eval --features, found '%.40s'",
                       name, schema ? schema : "something else");
    UM_CHECK(um_arena_new(&out->strings));
    UM_CHECK(copy_text(out, &out->model, um_st_meta(file, "model")));
    UM_CHECK(copy_text(out, &out->hash, um_st_meta(file, "hash")));
    UM_CHECK(copy_text(out, &out->policy, um_st_meta(file, "policy")));
    UM_CHECK(copy_text(out, &out->split, um_st_meta(file, "split")));
    UM_CHECK(read_rows(out, file, name));
    st = read_values(out, file, name);
done:
    if (st != UMCL_OK) um_feature_table_clear(out);
    return st;
}

umcl_status um_feature_file_read(um_feature_table *out, const char *path)
{
    um_st_file *file = NULL;
    umcl_status st;

    *out = (um_feature_table){0};
    UM_TRY(um_st_read(&file, path));
    st = um_feature_file_parse(out, file, path);
    um_st_free(file);
    return st;
}

umcl_status um_feature_table_append(um_feature_table *to, const um_feature_table *more)
{
    const size_t n = to->n + more->n;

    if (strcmp(to->hash, more->hash) != 0 || strcmp(to->policy, more->policy) != 0 ||
        memcmp(to->width, more->width, sizeof to->width) != 0)
        return um_fail(UMCL_ERR_MISMATCH,
                       "expected features of one model, found those of %s and of another %s",
                       to->model, more->model);
    UM_TRY(um_realloc(&to->rows, n, sizeof *to->rows));
    for (int k = 0; k < UM_N_FEATURES; k++) {
        if (!to->width[k]) continue;
        UM_TRY(um_realloc(&to->values[k], n * to->width[k], sizeof(float)));
        memcpy(to->values[k] + to->n * to->width[k], more->values[k],
               more->n * to->width[k] * sizeof(float));
    }
    for (size_t i = 0; i < more->n; i++) {
        um_feature_row *r = &to->rows[to->n + i];

        *r = more->rows[i];
        UM_TRY(copy_text(to, &r->video, r->video));
        UM_TRY(copy_text(to, &r->quality, r->quality));
        UM_TRY(copy_text(to, &r->group, r->group));
    }
    to->n = n;
    return UMCL_OK;
}

void um_feature_table_clear(um_feature_table *t)
{
    for (int k = 0; k < UM_N_FEATURES; k++) free(t->values[k]);
    free(t->rows);
    um_arena_free(t->strings);
    *t = (um_feature_table){0};
}
