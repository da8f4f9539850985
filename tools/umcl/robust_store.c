/*
 * Scores that are kept from run to run, a file for every model and condition. Its first line says
 * how they were made; scores that were made otherwise are not used.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/csv.h"
#include "data/track_store.h"
#include "labelled_cache.h"
#include "robust.h"

/* Of a video that was read. The others are tried again. */
static const char *const reasons[] = {"no_face", "too_short", "low_quality"};

/* What the scores depend on, but for the videos themselves. */
static umcl_status make_key(um_str *key, const robust_table *t, size_t m, const robust_condition *c)
{
    const um_judge_info *info = um_judge_get_info(t->eval.judge[m]);

    um_str_printf(key, UM_PERTURB_RECIPE "; " UM_STORE_RECIPE "; %s %s; scale %.9g; shift %.9g; ",
                  info->kind, info->hash, info->rule.scale, info->rule.shift);
    um_str_printf(key, "prompts %s; seed %llu; %s %s",
                  info->has_prompts ? um_prompt_policy_name(info->policy) : "none",
                  (unsigned long long)t->set->seed,
                  c->clean ? "clean" : um_perturb_name(c->perturb.kind), c->label);
    return um_str_status(key);
}

/* A model's folder: its file's name would change with the folder it lies in, its hash does not. */
static umcl_status make_folder_name(um_str *out, const robust_table *t, size_t m)
{
    const um_judge_info *info = um_judge_get_info(t->eval.judge[m]);
    const char *colon = strchr(info->hash, ':'), *hash = colon ? colon + 1 : info->hash;

    um_str_printf(out, "%s/scores/%s-%.16s", t->set->out, info->kind, *hash ? hash : "unknown");
    return um_str_status(out);
}

static umcl_status make_path(um_str *out, const robust_table *t, size_t m,
                             const robust_condition *c)
{
    UM_TRY(make_folder_name(out, t, m));
    if (c->clean)
        um_str_append(out, "/clean.csv");
    else
        um_str_printf(out, "/%s-%d.csv", um_perturb_name(c->perturb.kind), c->level);
    return um_str_status(out);
}

/* The label of this name, looked for from `from` on, where files keep their order. */
static size_t find(const um_labels *labels, const char *name, size_t from)
{
    for (size_t k = 0; k < labels->count; k++) {
        size_t i = (from + k) % labels->count;

        if (!strcmp(labels->items[i].name, name)) return i;
    }
    return labels->count;
}

static bool take_row(um_eval_row *row, const um_label *label, const char *score, const char *reason)
{
    char *end;
    double value = strtod(score, &end);

    *row = (um_eval_row){.label = label, .person = labelled_person(label), .score = NAN};
    for (size_t k = 0; k < sizeof reasons / sizeof *reasons; k++)
        if (!strcmp(reason, reasons[k])) row->reason = reasons[k];
    if (row->reason) return true;
    row->score = value;
    if (end != score && !*end && isfinite(value) && !*reason) return true;
    *row = (um_eval_row){0};
    return false;
}

/* Writes a line of the file: name, score, reason. */
static void put_line(FILE *f, const char *name, const char *score, const char *reason)
{
    eval_csv_field(f, name, ',');
    fprintf(f, "%s,%s\n", score, reason);
}

static umcl_status put_aside(um_str *to, const char *name, const char *score, const char *reason)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f) return um_fail(UMCL_ERR_NOMEM, "out of memory");
    put_line(f, name, score, reason);
    if (fclose(f) == 0) um_str_append(to, text);
    free(text);
    return um_str_status(to);
}

static umcl_status take_rows(robust_table *t, size_t m, robust_condition *c, um_csv *csv,
                             bool *known)
{
    const um_labels *labels = &t->eval.labels;
    size_t at = 0;

    um_str_clear(&c->others[m]);
    while (um_csv_next(csv)) {
        const char *name = um_csv_field(csv, 0), *score = um_csv_field(csv, 1);
        const char *reason = um_csv_field(csv, 2);
        size_t i = find(labels, name, at);

        if (i == labels->count) {
            UM_TRY(put_aside(&c->others[m], name, score, reason));
        } else {
            known[i] = take_row(&c->rows[m][i], &labels->items[i], score, reason);
            at = i + 1;
        }
    }
    return UMCL_OK;
}

umcl_status robust_read_scores(robust_table *t, size_t m, size_t c, bool *known)
{
    robust_condition *cond = &t->conditions[c];
    um_str path = UM_STR_INIT, key = UM_STR_INIT;
    um_csv csv = {0};
    umcl_status st;

    UM_CHECK(make_path(&path, t, m, cond));
    UM_CHECK(make_key(&key, t, m, cond));
    st = um_csv_open(&csv, path.text);
    if (st == UMCL_ERR_NOT_FOUND) {
        st = UMCL_OK;
        goto done;
    }
    if (st != UMCL_OK) goto done;
    if (um_csv_next(&csv) && !strcmp(um_csv_field(&csv, 0), key.text) && um_csv_next(&csv))
        st = take_rows(t, m, cond, &csv, known);
done:
    um_csv_close(&csv);
    um_str_clear(&path);
    um_str_clear(&key);
    return st;
}

static bool is_kept(const um_eval_row *row)
{
    if (!row->label) return false;
    if (!row->reason) return true;
    for (size_t k = 0; k < sizeof reasons / sizeof *reasons; k++)
        if (!strcmp(row->reason, reasons[k])) return true;
    return false;
}

static void put_all(FILE *f, const robust_table *t, size_t m, const robust_condition *c,
                    const char *key)
{
    eval_csv_field(f, key, ',');
    fputs("\nvideo,score,reason\n", f);
    for (size_t i = 0; i < t->eval.labels.count; i++) {
        const um_eval_row *row = &c->rows[m][i];
        char score[32] = "";

        if (!is_kept(row)) continue;
        if (!row->reason) snprintf(score, sizeof score, "%.17g", row->score);
        put_line(f, row->label->name, score, row->reason ? row->reason : "");
    }
    if (c->others[m].text) fputs(c->others[m].text, f);
}

umcl_status robust_keep_scores(const robust_table *t, size_t m, size_t c)
{
    const robust_condition *cond = &t->conditions[c];
    um_str path = UM_STR_INIT, key = UM_STR_INIT;
    um_file_writer *w = NULL;
    umcl_status st;

    UM_CHECK(make_folder_name(&path, t, m));
    UM_CHECK(um_mkdirs(path.text));
    um_str_clear(&path);
    UM_CHECK(make_path(&path, t, m, cond));
    UM_CHECK(make_key(&key, t, m, cond));
    UM_CHECK(um_file_writer_open(&w, path.text));
    put_all(um_file_writer_stream(w), t, m, cond, key.text);
    st = um_file_writer_commit(w);
done:
    um_str_clear(&path);
    um_str_clear(&key);
    return st;
}
