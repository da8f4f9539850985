#include "model/judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "model/crop_net.h"
#include "model/lrnet_runner.h"
#include "model/model_file.h"
#include "model/texture_runner.h"
#include "model/umcl_file.h"

struct um_judge {
    um_judge_info info;
    um_params *params; /* of `lrnet`, `crops` or `texture` */
    um_lrnet_runner *lrnet;
    um_crop_runner *crops; /* Meso-4 or Xception */
    um_texture_runner *texture;
    um_umcl_model umcl;
};

static void copy_text(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "");
}

/* What windows of a set of modalities are. */
static void set_windows(um_judge_info *info, um_modalities set)
{
    um_modalities_text(info->modalities, set);
    info->window = um_modalities_window(set);
    info->crop_step = um_modalities_crop_step(set);
    info->least = info->crop_step ? UM_WINDOW_LEAST : info->window;
    info->stride = info->window / 2;
    snprintf(info->recipe, sizeof info->recipe, "%s%s", UM_JUDGE_RECIPE,
             info->crop_step ? UM_CROP_RECIPE : "");
}

static umcl_status read_info(um_judge_info *info, const um_st_file *file, const char *path)
{
    const char *recipe = um_st_meta(file, UM_META_RECIPE);

    if (recipe && strcmp(recipe, info->recipe))
        return um_fail(UMCL_ERR_MISMATCH,
                       "%s: trained on faces prepared as \"%s\", this program prepares \"%s\"",
                       path, recipe, info->recipe);
    copy_text(info->version, sizeof info->version, um_st_meta(file, UM_META_VERSION));
    copy_text(info->hash, sizeof info->hash, um_st_meta(file, UM_META_HASH));
    return um_rule_read(&info->rule, file, path);
}

static umcl_status open_lrnet(um_judge *j, const char *path)
{
    um_st_file *file = NULL;
    umcl_status st;

    UM_CHECK(um_weights_open(&file, path, UM_LRNET_KIND));
    set_windows(&j->info, 1u << UM_LANDMARKS);
    UM_CHECK(read_info(&j->info, file, path));
    UM_CHECK(um_params_new(&j->params, um_backend_cpu()));
    UM_CHECK(um_lrnet_runner_new(&j->lrnet, j->params));
    UM_CHECK(um_params_load(j->params, file, ""));
done:
    um_st_free(file);
    return st;
}

/* Pixels of a crop as the network reads it. */
static umcl_status read_side(int *side, const um_st_file *file, const char *path,
                             const um_crop_net *net)
{
    const char *text = um_st_meta(file, UM_META_SIDE);
    char *end;
    long value;

    *side = UM_CROP_SIDE;
    if (!text) return UMCL_OK;
    value = strtol(text, &end, 10);
    if (end == text || *end || value < net->least || value > net->most)
        return um_fail(UMCL_ERR_FORMAT, "%s: " UM_META_SIDE ": expected %d to %d, found '%s'", path,
                       net->least, net->most, text);
    *side = (int)value;
    return UMCL_OK;
}

static umcl_status open_crops(um_judge *j, const um_st_file *file, const char *path,
                              const um_crop_net *net)
{
    umcl_status st;
    int side;

    UM_TRY(um_model_file_check(file, path, net->kind));
    set_windows(&j->info, 1u << UM_TEXTURE); /* 16 frames of a window, as the texture encoder */
    UM_TRY(read_info(&j->info, file, path));
    UM_TRY(read_side(&side, file, path, net));
    UM_TRY(um_params_new(&j->params, um_backend_cpu()));
    UM_TRY(um_crop_runner_new(&j->crops, j->params, net, side));
    st = um_params_load(j->params, file, "");
    return st == UMCL_OK ? st : um_fail_in(st, path);
}

static umcl_status open_umcl(um_judge *j, const um_st_file *file, const char *path,
                             const um_prompt_policy *policy, const um_prompt_set *prompts)
{
    UM_TRY(um_model_file_check(file, path, UM_UMCL_KIND));
    UM_TRY(um_umcl_load(&j->umcl, file, path, policy, prompts));
    set_windows(&j->info, j->umcl.spec.set);
    j->info.has_prompts = um_has(j->umcl.spec.set, UM_TEXT);
    j->info.policy = j->umcl.spec.policy;
    return read_info(&j->info, file, path);
}

static umcl_status open_texture(um_judge *j, const um_st_file *file, const char *path)
{
    UM_TRY(um_model_file_check(file, path, UM_TEXTURE_KIND));
    set_windows(&j->info, 1u << UM_TEXTURE);
    UM_TRY(read_info(&j->info, file, path));
    UM_TRY(um_params_new(&j->params, um_backend_cpu()));
    UM_TRY(um_texture_runner_new(&j->texture, j->params));
    return um_params_load(j->params, file, "");
}

umcl_status um_judge_open_prompts(um_judge **out, const char *path, const um_prompt_policy *policy,
                                  const um_prompt_set *prompts)
{
    um_st_file *file = NULL;
    um_judge *j = NULL;
    const char *kind;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&j, 1, sizeof *j));
    UM_CHECK(um_st_read(&file, path));
    kind = um_st_meta(file, UM_META_KIND);
    if (kind && !strcmp(kind, UM_UMCL_KIND))
        UM_CHECK(open_umcl(j, file, path, policy, prompts));
    else if (kind && um_crop_net_find(kind))
        UM_CHECK(open_crops(j, file, path, um_crop_net_find(kind)));
    else if (kind && !strcmp(kind, UM_TEXTURE_KIND))
        UM_CHECK(open_texture(j, file, path));
    else
        UM_CHECK(open_lrnet(j, path));
    copy_text(j->info.kind, sizeof j->info.kind, kind ? kind : UM_LRNET_KIND);
    *out = j;
    j = NULL;
done:
    um_judge_free(j);
    um_st_free(file);
    return st;
}

umcl_status um_judge_open(um_judge **out, const char *path)
{
    return um_judge_open_prompts(out, path, NULL, NULL);
}

umcl_status um_judge_open_policy(um_judge **out, const char *path, um_prompt_policy policy)
{
    return um_judge_open_prompts(out, path, &policy, NULL);
}

void um_judge_free(um_judge *j)
{
    if (!j) return;
    um_lrnet_runner_free(j->lrnet);
    um_crop_runner_free(j->crops);
    um_texture_runner_free(j->texture);
    um_params_free(j->params);
    um_umcl_model_clear(&j->umcl);
    free(j);
}

umcl_status um_judge_keep(um_judge *j, um_body_store *store)
{
    if (!j->umcl.net) return UMCL_OK;
    return um_umcl_net_keep(j->umcl.net, j->umcl.params, store);
}

const um_judge_info *um_judge_get_info(const um_judge *j)
{
    return &j->info;
}

const float *um_judge_waveform(const um_judge *j)
{
    return j->umcl.net ? um_umcl_waveform(j->umcl.net) : NULL;
}

const um_head *um_judge_head(const um_judge *j)
{
    return j->umcl.net ? um_umcl_net_head(j->umcl.net) : NULL;
}

/* On one thread: the barriers of parallel loops cost more than so small a network. */
static umcl_status run_lrnet(um_lrnet_runner *r, const um_window *window, double *logit)
{
    int threads = um_threads();
    umcl_status st;

    um_threads_set(1);
    st = um_lrnet_run(r, window->landmarks, 1, logit);
    um_threads_set(threads);
    return st;
}

/* Mean over the window's frames. */
static umcl_status run_crops(um_crop_runner *r, const um_window *window, double *logit)
{
    double each[UM_CROP_FRAMES];

    UM_TRY(um_crop_run(r, window->crops, UM_CROP_FRAMES, each));
    *logit = 0;
    for (int i = 0; i < UM_CROP_FRAMES; i++) *logit += each[i] / UM_CROP_FRAMES;
    return UMCL_OK;
}

umcl_status um_judge_score(um_judge *j, const um_window *window, double *score, double *logit)
{
    double odds;

    if (j->lrnet)
        UM_TRY(run_lrnet(j->lrnet, window, &odds));
    else if (j->crops)
        UM_TRY(run_crops(j->crops, window, &odds));
    else if (j->texture)
        UM_TRY(um_texture_run(j->texture, window->crops, UM_TEXTURE_FRAMES, NULL, &odds));
    else
        UM_TRY(um_umcl_score(j->umcl.net, window, &odds));
    if (logit) *logit = odds;
    if (score) *score = um_rule_probability(&j->info.rule, odds);
    return UMCL_OK;
}
