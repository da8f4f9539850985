#include "model/umcl_file.h"

#include "base/model_meta.h"

umcl_status um_umcl_save(um_st_writer *w, const um_params *params, const um_umcl_spec *spec)
{
    char letters[UM_N_MODALITIES + 1];

    um_modalities_text(letters, spec->set);
    UM_TRY(um_st_writer_meta(w, UM_META_MODALITIES, letters));
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

    if (!letters)
        return um_fail(UMCL_ERR_FORMAT, "%s: expected its modalities in the metadata, found none",
                       path);
    if (um_modalities_parse(&m->spec.set, letters) != UMCL_OK)
        return um_fail_in(UMCL_ERR_FORMAT, path);
    if (!um_has(m->spec.set, UM_TEXT)) return UMCL_OK;
    if (!policy || !prompts)
        return um_fail(UMCL_ERR_FORMAT, "%s: expected how prompts are chosen, found nothing", path);
    if (um_prompt_policy_parse(&m->spec.policy, policy) != UMCL_OK ||
        um_prompt_set_parse(&m->spec.prompts, prompts) != UMCL_OK)
        return um_fail_in(UMCL_ERR_FORMAT, path);
    UM_TRY(um_prompt_table_load(&m->table, file, path));
    m->spec.table = &m->table;
    return UMCL_OK;
}

umcl_status um_umcl_load(um_umcl_model *out, const um_st_file *file, const char *path)
{
    umcl_status st;

    *out = (um_umcl_model){0};
    UM_CHECK(read_spec(out, file, path));
    UM_CHECK(um_params_new(&out->params, um_backend_cpu()));
    UM_CHECK(um_umcl_net_new(&out->net, out->params, &out->spec, 0));
    UM_CHECK(um_params_load(out->params, file, ""));
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
