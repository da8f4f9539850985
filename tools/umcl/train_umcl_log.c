#include <math.h>

#include <jansson.h>

#include "train_umcl.h"

static json_t *number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

/* CPML has its consistency with the prompts where UMCL has the affinity. */
static json_t *losses(const um_umcl_loss *l, um_fusion_kind fusion)
{
    json_t *all = json_pack("{s:o, s:o, s:o, s:o, s:o}", "total", number(l->total), "cross_entropy",
                            number(l->bce), "pull", number(l->phy.pull), "push",
                            number(l->phy.push), "heart_rate", number(l->phy.heart_rate));

    if (fusion == UM_FUSION_UMCL) {
        json_object_set_new(all, "affinity", number(l->aff));
        return all;
    }
    json_object_set_new(all, "own_prompt", number(l->cpml.own));
    json_object_set_new(all, "other_prompt", number(l->cpml.other));
    json_object_set_new(all, "views", number(l->cpml.views));
    return all;
}

/* {"landmarks-texture": {"hq": {"real": .., "fake": ..}, "lq": ..}} */
static json_t *affinities(const um_joint_report *r)
{
    json_t *all = json_object();

    for (size_t i = 0; i < r->n_pairs; i++) {
        const um_joint_affinity *a = &r->affinity[i];
        json_t *views = json_object();
        char name[64];

        for (int v = 0; v < UM_N_VIEWS; v++)
            json_object_set_new(views, v == UM_HQ ? "hq" : "lq",
                                json_pack("{s:o, s:o}", "real", number(a->mean[v][0]), "fake",
                                          number(a->mean[v][1])));
        snprintf(name, sizeof name, "%s-%s", um_modality_get(a->first)->name,
                 um_modality_get(a->second)->name);
        json_object_set_new(all, name, views);
    }
    return all;
}

void train_umcl_log_line(FILE *to, const um_joint_report *r)
{
    json_t *line =
        json_pack("{s:I, s:i, s:o, s:o, s:o, s:o}", "step", (json_int_t)r->step, "epoch", r->epoch,
                  "loss", losses(&r->loss, r->fusion), "learning_rate", number(r->rate),
                  "gradient_norm", number(r->grad_norm), "affinities", affinities(r));

    if (r->epoch_ended) {
        json_object_set_new(line, "validation_auc", number(r->validation));
        json_object_set_new(line, "best", json_boolean(r->is_best));
    }
    json_dumpf(line, to, JSON_REAL_PRECISION(6) | JSON_COMPACT);
    fputc('\n', to);
    fflush(to);
    json_decref(line);
}
