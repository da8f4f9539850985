#include "eval_features.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "eval/feature_file.h"

umcl_status eval_features_prepare(const eval_table *t)
{
    if (!um_judge_head(t->judge[0]))
        return um_fail(UMCL_ERR_MISMATCH, "--features: expected a joint model, found %s (%s)",
                       t->name[0], um_judge_get_info(t->judge[0])->kind);
    return um_file_can_write(t->set->features);
}

umcl_status eval_features_take(um_eval_row *row, const eval_table *t, size_t model,
                               const um_track_windows *w)
{
    size_t width;

    if (!t->set->features || !w->n_windows || !w->features) return UMCL_OK;
    width = um_features_width(um_judge_head(t->judge[model]));
    UM_TRY(um_calloc(&row->features, width, sizeof *row->features));
    for (size_t i = 0; i < width; i++)
        row->features[i] = (float)(w->features[i] / (double)w->n_windows);
    return UMCL_OK;
}

static const char *group_of(const um_label *l)
{
    if (!l->fake) return "real";
    return *l->manipulation ? l->manipulation : "fake";
}

/* Rows with features, quality by quality; `values` NULL: only counts them. */
static size_t gather(um_feature_table *out, const eval_table *t)
{
    size_t n = 0;

    for (size_t q = 0; q < t->set->n_qualities; q++)
        for (size_t i = 0; i < t->labels.count; i++) {
            const um_eval_row *r = &t->cell[0][q].rows[i];
            const float *from = r->features;

            if (!from) continue;
            if (out->rows) {
                out->rows[n] = (um_feature_row){r->label->name, t->set->qualities[q].name,
                                                group_of(r->label), r->label->fake, r->score};
                for (int k = 0; k < UM_N_FEATURES; k++) {
                    if (!out->width[k]) continue;
                    memcpy(out->values[k] + n * out->width[k], from, out->width[k] * sizeof *from);
                    from += out->width[k];
                }
            }
            n++;
        }
    return n;
}

umcl_status eval_features_write(const eval_table *t)
{
    const um_judge_info *info = um_judge_get_info(t->judge[0]);
    um_feature_table out = {.model = t->name[0],
                            .hash = info->hash,
                            .policy = info->has_prompts ? um_prompt_policy_name(info->policy) : "",
                            .split = t->set->split ? t->set->split : "all"};
    umcl_status st;

    out.n = gather(&out, t);
    UM_CHECK(um_calloc(&out.rows, out.n, sizeof *out.rows));
    for (int k = 0; k < UM_N_FEATURES; k++) {
        out.width[k] = um_feature_width(um_judge_head(t->judge[0]), k);
        UM_CHECK(um_calloc(&out.values[k], out.n * out.width[k], sizeof(float)));
    }
    gather(&out, t);
    st = um_feature_file_write(&out, t->set->features);
done:
    um_feature_table_clear(&out);
    return st;
}
