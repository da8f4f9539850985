#include "model/umcl_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/model_file.h"

umcl_status um_umcl_save(um_st_writer *w, const um_params *params, const um_umcl_spec *spec)
{
    char letters[UM_N_MODALITIES + 1];

    um_modalities_text(letters, spec->set);
    UM_TRY(um_st_writer_meta(w, UM_META_MODALITIES, letters));
    if (spec->fusion != UM_FUSION_UMCL)
        UM_TRY(um_st_writer_meta(w, UM_META_FUSION, um_fusion_name(spec->fusion)));
    UM_TRY(um_params_save(params, w, ""));
    if (!um_has(spec->set, UM_TEXT)) return UMCL_OK;
    UM_TRY(um_st_writer_meta(w, UM_META_POLICY, um_prompt_policy_name(spec->policy)));
    UM_TRY(um_st_writer_meta(w, UM_META_PROMPTS, um_prompt_set_name(spec->prompts)));
    return um_prompt_table_save(spec->table, w);
}

static umcl_status read_spec(um_umcl_model *m, const um_st_file *file, const char *path)
{
    const char *letters = um_st_meta(file, UM_META_MODALITIES);
    const char *policy = um_st_meta(file, UM_META_POLICY);
    const char *prompts = um_st_meta(file, UM_META_PROMPTS);
    const char *fusion = um_st_meta(file, UM_META_FUSION);

    if (!letters)
        return um_fail(UMCL_ERR_FORMAT, "%s: expected its modalities in the metadata, found none",
                       path);
    if (um_modalities_parse(&m->spec.set, letters) != UMCL_OK)
        return um_fail_in(UMCL_ERR_FORMAT, path);
    if ((fusion && um_fusion_parse(&m->spec.fusion, fusion) != UMCL_OK) ||
        um_fusion_check(m->spec.fusion, m->spec.set) != UMCL_OK)
        return um_fail_in(UMCL_ERR_FORMAT, path);
    if (!um_has(m->spec.set, UM_TEXT)) return UMCL_OK;
    if (!policy || !prompts)
        return um_fail(UMCL_ERR_FORMAT, "%s: expected how prompts are chosen, found nothing", path);
    if (um_prompt_policy_parse(&m->spec.policy, policy) != UMCL_OK ||
        um_prompt_set_parse(&m->spec.prompts, prompts) != UMCL_OK)
        return um_fail_in(UMCL_ERR_FORMAT, path);
    if (m->spec.policy == UM_POLICY_ORACLE)
        return um_fail(UMCL_ERR_FORMAT,
                       "%s: expected prompts chosen without the label, found the policy 'oracle'",
                       path);
    UM_TRY(um_prompt_table_load(&m->table, file, path));
    m->spec.table = &m->table;
    return UMCL_OK;
}

umcl_status um_umcl_load(um_umcl_model *out, const um_st_file *file, const char *path,
                         const um_prompt_policy *policy, const um_prompt_set *prompts)
{
    umcl_status st;

    *out = (um_umcl_model){0};
    UM_CHECK(read_spec(out, file, path));
    if (policy) out->spec.policy = *policy;
    if (prompts) out->spec.prompts = *prompts;
    UM_CHECK(um_params_new(&out->params, um_backend_cpu()));
    UM_CHECK(um_umcl_net_new(&out->net, out->params, &out->spec, 0));
    st = um_params_load(out->params, file, "");
    if (st != UMCL_OK) st = um_fail_in(st, path);
done:
    if (st != UMCL_OK) um_umcl_model_clear(out);
    return st;
}

void um_umcl_model_clear(um_umcl_model *m)
{
    um_umcl_net_free(m->net);
    um_params_free(m->params);
    um_prompt_table_clear(&m->table);
    *m = (um_umcl_model){0};
}

static umcl_status open_encoder(um_st_file **out, um_modality_kind kind, const char *path)
{
    static const char *const kinds[] = {
        [UM_PULSE] = "physformer", [UM_LANDMARKS] = "lrnet", [UM_TEXTURE] = "texture"};
    const char *found;

    UM_TRY(um_st_read(out, path));
    found = um_st_meta(*out, UM_META_KIND);
    if (found && !strcmp(found, UM_UMCL_KIND)) return um_model_file_check(*out, path, UM_UMCL_KIND);
    if (kind == UM_TEXTURE) return um_model_file_check(*out, path, kinds[kind]);
    um_st_free(*out);
    return um_weights_open(out, path, kinds[kind]);
}

static umcl_status copy_param(um_params *params, um_param *p, const um_st_tensor *t,
                              const char *path)
{
    size_t n = (size_t)um_shape_count(&p->value.shape);
    float *values;
    umcl_status st;

    if (!t)
        return um_fail(UMCL_ERR_NOT_FOUND, "%s: expected the parameter %s, found none", path,
                       p->name);
    if (t->count != n)
        return um_fail(UMCL_ERR_SHAPE, "%s: %s: expected %zu values, found %zu", path, p->name, n,
                       t->count);
    UM_TRY(um_calloc(&values, n, sizeof *values));
    st = um_st_to_f32(values, t);
    if (st == UMCL_OK) st = um_param_set(params, p, values);
    free(values);
    return st;
}

umcl_status um_umcl_load_encoder(um_params *params, um_modality_kind kind, const char *path,
                                 char hash[80])
{
    const char *name = um_modality_get(kind)->name, *found;
    size_t skip = strlen(name) + 1;
    um_st_file *file = NULL;
    char prefix[32];
    bool whole;
    umcl_status st;

    UM_CHECK(open_encoder(&file, kind, path));
    found = um_st_meta(file, UM_META_KIND);
    whole = found && !strcmp(found, UM_UMCL_KIND);
    found = um_st_meta(file, UM_META_HASH);
    snprintf(hash, 80, "%s", found ? found : "");
    snprintf(prefix, sizeof prefix, "%s.", name);
    for (size_t i = 0; i < um_params_count(params); i++) {
        um_param *p = um_params_at(params, i);

        if (!um_str_starts(p->name, prefix)) continue;
        if (!whole && um_str_starts(p->name, "pulse.feature.")) continue;
        UM_CHECK(copy_param(params, p, um_st_find(file, whole ? p->name : p->name + skip), path));
    }
done:
    um_st_free(file);
    return st;
}
