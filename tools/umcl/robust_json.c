/* Results of umcl robust for other programs: JSON and CSV (docs/formats.md). */
#include <math.h>
#include <stdio.h>

#include <jansson.h>

#include "base/file.h"
#include "robust.h"

static json_t *number(double v)
{
    return isnan(v) ? json_null() : json_real(v);
}

static json_t *from_figure(const um_robust_figure *f)
{
    return json_pack("{s:o, s:o, s:o}", "value", number(f->value), "low", number(f->interval.low),
                     "high", number(f->interval.high));
}

static json_t *from_change(const um_robust_change *r)
{
    return json_pack("{s:I, s:I, s:o, s:o}", "n", (json_int_t)r->n, "fake", (json_int_t)r->n_fake,
                     "auc", from_figure(&r->auc), "relative", from_figure(&r->relative));
}

static json_t *from_kind(const robust_table *t, size_t m, um_perturb_kind kind)
{
    json_t *strengths = json_array();

    for (size_t c = 1; c < t->n_conditions; c++) {
        const robust_condition *cond = &t->conditions[c];
        json_t *one;

        if (cond->perturb.kind != kind) continue;
        one = from_change(&t->result[m].changes[c - 1]);
        json_object_set_new(one, "level", json_integer(cond->level));
        json_object_set_new(one, "strength", json_string(cond->label));
        json_array_append_new(strengths, one);
    }
    return json_pack("{s:s, s:o, s:o}", "perturbation", um_perturb_name(kind), "mean_relative",
                     number(robust_mean(t, m, kind)), "strengths", strengths);
}

static json_t *from_model(const robust_table *t, size_t m)
{
    const um_judge_info *info = um_judge_get_info(t->eval.judge[m]);
    json_t *kinds = json_array();

    for (int k = 0; k < UM_N_PERTURBS; k++)
        if (robust_has(t, (um_perturb_kind)k))
            json_array_append_new(kinds, from_kind(t, m, (um_perturb_kind)k));
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "model", t->eval.name[m], "kind",
                     info->kind, "version", info->version, "hash", info->hash, "clean",
                     from_change(&t->result[m].clean), "mean_relative",
                     from_figure(&t->result[m].merit), "kept", number(t->result[m].kept),
                     "perturbations", kinds);
}

static json_t *from_lacking(const robust_table *t)
{
    json_t *list = json_array();

    for (int k = 0; k < UM_N_PERTURBS; k++)
        if (t->set->kinds[k] && um_perturb_lacks((um_perturb_kind)k))
            json_array_append_new(list, json_pack("{s:s, s:s}", "perturbation",
                                                  um_perturb_name((um_perturb_kind)k), "encoder",
                                                  um_perturb_lacks((um_perturb_kind)k)));
    return list;
}

umcl_status robust_write_json(const robust_table *t, FILE *to)
{
    json_t *models = json_array(), *doc;

    for (size_t m = 0; m < t->set->eval.n_models; m++)
        json_array_append_new(models, from_model(t, m));
    doc = json_pack("{s:s, s:s, s:I, s:I, s:I, s:o, s:o}", "schema", "umcl.robust/1", "split",
                    t->set->eval.split ? t->set->eval.split : "all", "seed",
                    (json_int_t)t->set->seed, "videos", (json_int_t)t->eval.labels.count, "changes",
                    (json_int_t)(t->n_conditions - 1), "not_available", from_lacking(t), "models",
                    models);
    if (!doc) return um_fail(UMCL_ERR_NOMEM, "JSON: out of memory, or a name that is not UTF-8");
    json_dumpf(doc, to, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    fputc('\n', to);
    json_decref(doc);
    return UMCL_OK;
}

/* Nothing where there is no number. */
static void put_figure(FILE *to, const um_robust_figure *f)
{
    const double values[3] = {f->value, f->interval.low, f->interval.high};

    for (int i = 0; i < 3; i++)
        if (isnan(values[i]))
            fputc(',', to);
        else
            fprintf(to, ",%.6f", values[i]);
}

static void put_change(FILE *to, const robust_table *t, size_t m, size_t c)
{
    const robust_condition *cond = &t->conditions[c];
    const um_robust_change *r = c ? &t->result[m].changes[c - 1] : &t->result[m].clean;

    eval_csv_field(to, t->eval.name[m], ',');
    fprintf(to, "%s,%d,", cond->clean ? "clean" : um_perturb_name(cond->perturb.kind), cond->level);
    eval_csv_field(to, cond->label, ',');
    fprintf(to, "%zu,%zu", r->n, r->n_fake);
    put_figure(to, &r->auc);
    put_figure(to, &r->relative);
    fputc('\n', to);
}

void robust_write_csv(const robust_table *t, FILE *to)
{
    fputs("model,perturbation,level,strength,scored,fake,auc,auc_low,auc_high,relative,"
          "relative_low,relative_high\n",
          to);
    for (size_t m = 0; m < t->set->eval.n_models; m++) {
        for (size_t c = 0; c < t->n_conditions; c++) put_change(to, t, m, c);
        for (int k = 0; k < UM_N_PERTURBS; k++) {
            if (!t->set->kinds[k] || !um_perturb_lacks((um_perturb_kind)k)) continue;
            eval_csv_field(to, t->eval.name[m], ',');
            fprintf(to, "%s,,not available,,,,,,,,\n", um_perturb_name((um_perturb_kind)k));
        }
        eval_csv_field(to, t->eval.name[m], ',');
        fputs("mean,,,,,,,", to);
        put_figure(to, &t->result[m].merit);
        fputc('\n', to);
    }
}

static umcl_status write_file(const robust_table *t, const char *name, bool json)
{
    um_str path = UM_STR_INIT;
    um_file_writer *w = NULL;
    umcl_status st;

    um_str_printf(&path, "%s/%s", t->set->out, name);
    UM_CHECK(um_str_status(&path));
    UM_CHECK(um_file_writer_open(&w, path.text));
    if (json)
        UM_CHECK(robust_write_json(t, um_file_writer_stream(w)));
    else
        robust_write_csv(t, um_file_writer_stream(w));
    st = um_file_writer_commit(w);
    w = NULL;
done:
    um_file_writer_abort(w);
    um_str_clear(&path);
    return st;
}

umcl_status robust_write_files(const robust_table *t)
{
    UM_TRY(write_file(t, "robust.json", true));
    return write_file(t, "robust.csv", false);
}
