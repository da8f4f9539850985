#include "model/judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "model/lrnet_runner.h"
#include "model/model_file.h"
#include "model/umcl_file.h"

struct um_judge {
    um_judge_info info;
    um_params *params; /* of `lrnet` */
    um_lrnet_runner *lrnet;
    um_umcl_model umcl;
};

static umcl_status number(double *out, const um_st_file *file, const char *path, const char *key,
                          double missing)
{
    const char *text = um_st_meta(file, key);
    char *end;

    *out = missing;
    if (!text) return UMCL_OK;
    *out = strtod(text, &end);
    if (end == text || *end || !isfinite(*out))
        return um_fail(UMCL_ERR_FORMAT, "%s: %s: expected a number, found '%s'", path, key, text);
    return UMCL_OK;
}

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
    UM_TRY(number(&info->scale, file, path, UM_META_SCALE, 1));
    UM_TRY(number(&info->shift, file, path, UM_META_SHIFT, 0));
    UM_TRY(number(&info->threshold, file, path, UM_META_THRESHOLD, 0.5));
    UM_TRY(number(&info->doubt_low, file, path, UM_META_DOUBT_LOW, info->threshold));
    return number(&info->doubt_high, file, path, UM_META_DOUBT_HIGH, info->threshold);
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

static umcl_status open_umcl(um_judge *j, const um_st_file *file, const char *path)
{
    UM_TRY(um_model_file_check(file, path, UM_UMCL_KIND));
    UM_TRY(um_umcl_load(&j->umcl, file, path));
    set_windows(&j->info, j->umcl.spec.set);
    return read_info(&j->info, file, path);
}

umcl_status um_judge_open(um_judge **out, const char *path)
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
        UM_CHECK(open_umcl(j, file, path));
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

void um_judge_free(um_judge *j)
{
    if (!j) return;
    um_lrnet_runner_free(j->lrnet);
    um_params_free(j->params);
    um_umcl_model_clear(&j->umcl);
    free(j);
}

const um_judge_info *um_judge_get_info(const um_judge *j)
{
    return &j->info;
}

double um_judge_probability(const um_judge_info *info, double logit)
{
    return 1 / (1 + exp(-(info->scale * logit + info->shift)));
}

const float *um_judge_waveform(const um_judge *j)
{
    return j->umcl.net ? um_umcl_waveform(j->umcl.net) : NULL;
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

umcl_status um_judge_score(um_judge *j, const um_window *window, double *score, double *logit)
{
    double odds;

    if (j->lrnet)
        UM_TRY(run_lrnet(j->lrnet, window, &odds));
    else
        UM_TRY(um_umcl_score(j->umcl.net, window, &odds));
    if (logit) *logit = odds;
    if (score) *score = um_judge_probability(&j->info, odds);
    return UMCL_OK;
}
