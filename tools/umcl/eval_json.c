/* Results of umcl eval for other programs: JSON (docs/formats.md) and the scores as CSV. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/file.h"
#include "eval.h"

static const char *const measure_keys[UM_N_MEASURES] = {
    [UM_AUC] = "auc",
    [UM_ACCURACY] = "accuracy",
    [UM_ACCURACY_HALF] = "accuracy_half",
    [UM_EER] = "eer",
    [UM_AP] = "ap",
    [UM_BALANCED] = "balanced",
    [UM_ECE] = "ece",
};

static json_t *number(double v)
{
    return isnan(v) ? json_null() : json_real(v);
}

static json_t *from_measured(const um_measured *r)
{
    json_t *out = json_pack("{s:I, s:I}", "n", (json_int_t)r->metrics.n, "fake",
                            (json_int_t)r->metrics.n_fake);

    for (int k = 0; k < UM_N_MEASURES; k++)
        json_object_set_new(out, measure_keys[k],
                            json_pack("{s:o, s:o, s:o}", "value",
                                      number(um_metrics_get(&r->metrics, (um_measure)k)), "low",
                                      number(r->interval[k].low), "high",
                                      number(r->interval[k].high)));
    return out;
}

static json_t *from_curve(const um_curve_bin *bins)
{
    json_t *out = json_array();

    for (int b = 0; b < UM_CURVE_BINS; b++)
        json_array_append_new(out,
                              json_pack("{s:I, s:o, s:o}", "n", (json_int_t)bins[b].n, "score",
                                        number(bins[b].score), "fakes", number(bins[b].fakes)));
    return out;
}

static json_t *from_groups(const um_evaluation *e)
{
    json_t *out = json_object();

    for (int k = 0; k < UM_N_GROUP_KINDS; k++) {
        json_t *list = json_array();

        for (size_t g = 0; g < e->n_groups[k]; g++) {
            json_t *name = json_string(e->groups[k][g].name);

            if (!name) name = json_null(); /* not UTF-8 */
            json_array_append_new(list, json_pack("{s:o, s:o}", "name", name, "videos",
                                                  from_measured(&e->groups[k][g].videos)));
        }
        json_object_set_new(out, um_group_kind_name((um_group_kind)k), list);
    }
    return out;
}

static json_t *from_cell(const eval_table *t, size_t m, size_t q)
{
    const um_evaluation *e = &t->cell[m][q].result;
    double drop = t->cell[m][0].result.videos.metrics.auc - e->videos.metrics.auc;

    return json_pack("{s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "model", t->name[m],
                     "quality", t->set->qualities[q].name, "unscored", (json_int_t)e->n_unscored,
                     "auc_drop", number(drop), "warning",
                     eval_is_oracle(t, m) ? json_string(EVAL_ORACLE) : json_null(), "videos",
                     from_measured(&e->videos), "windows", from_measured(&e->windows), "curve",
                     from_curve(e->curve), "groups", from_groups(e));
}

static json_t *from_model(const eval_table *t, size_t m)
{
    const um_judge_info *info = um_judge_get_info(t->judge[m]);

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:f, s:o}", "model", t->name[m], "kind", info->kind,
                     "version", info->version, "hash", info->hash, "modalities", info->modalities,
                     "threshold", info->rule.threshold, "policy",
                     info->has_prompts ? json_string(um_prompt_policy_name(info->policy))
                                       : json_null());
}

umcl_status eval_print_json(const eval_table *t)
{
    json_t *models = json_array(), *qualities = json_array(), *results = json_array(), *doc;

    for (size_t m = 0; m < t->set->n_models; m++) json_array_append_new(models, from_model(t, m));
    for (size_t q = 0; q < t->set->n_qualities; q++) {
        json_array_append_new(qualities, json_string(t->set->qualities[q].name));
        for (size_t m = 0; m < t->set->n_models; m++)
            json_array_append_new(results, from_cell(t, m, q));
    }
    doc = json_pack("{s:s, s:s, s:o, s:o, s:o}", "schema", "umcl.eval/2", "split",
                    t->set->split ? t->set->split : "all", "models", models, "qualities", qualities,
                    "results", results);
    if (!doc) return um_fail(UMCL_ERR_NOMEM, "JSON: out of memory, or a name that is not UTF-8");
    if (eval_is_damaged(t->set))
        json_object_set_new(doc, "damage",
                            json_pack("{s:f, s:f}", "frame_share", 1 - t->set->damage.lost,
                                      "landmark_noise", t->set->damage.landmark_noise));
    if (t->set->has_prompts)
        json_object_set_new(doc, "prompts", json_string(um_prompt_set_name(t->set->prompts)));
    json_dumpf(doc, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(doc);
    return UMCL_OK;
}

void eval_csv_field(FILE *f, const char *text, char after)
{
    if (!strpbrk(text, ",\"\n\r")) {
        fprintf(f, "%s%c", text, after);
        return;
    }
    fputc('"', f);
    for (; *text; text++) {
        if (*text == '"') fputc('"', f);
        fputc(*text, f);
    }
    fprintf(f, "\"%c", after);
}

umcl_status eval_write_scores(const eval_table *t)
{
    um_file_writer *w = NULL;
    FILE *f;

    UM_TRY(um_file_writer_open(&w, t->set->scores));
    f = um_file_writer_stream(w);
    fputs("video,label,dataset,manipulation,quality,model,score,reason,person\n", f);
    for (size_t q = 0; q < t->set->n_qualities; q++)
        for (size_t m = 0; m < t->set->n_models; m++)
            for (size_t i = 0; i < t->labels.count; i++) {
                const um_eval_row *r = &t->cell[m][q].rows[i];

                eval_csv_field(f, r->label->name, ',');
                eval_csv_field(f, r->label->fake ? "fake" : "real", ',');
                eval_csv_field(f, r->label->dataset, ',');
                eval_csv_field(f, r->label->manipulation, ',');
                eval_csv_field(f, t->set->qualities[q].name, ',');
                eval_csv_field(f, t->name[m], ',');
                if (!r->reason) fprintf(f, "%.6f", r->score);
                fputc(',', f);
                eval_csv_field(f, r->reason ? r->reason : "", ',');
                eval_csv_field(f, r->label->person, '\n');
            }
    return um_file_writer_commit(w);
}
