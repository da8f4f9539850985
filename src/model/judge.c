#include "model/judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "model/lrnet.h"
#include "model/model_file.h"

#define BATCH 16
#define WINDOW_FLOATS (UM_JUDGE_WINDOW * UM_LRNET_INPUTS)

typedef struct compiled {
    um_graph *graph;
    um_node *in, *out;
    size_t batch;
} compiled;

struct um_judge {
    um_judge_info info;
    um_params *params;
    bool owns_params;
    compiled one, many;
};

static umcl_status compile_batch(compiled *c, um_params *params, size_t batch)
{
    um_nn nn = {.set = params, .prefix = ""};
    um_lrnet_out out;

    UM_TRY(um_graph_new(&c->graph, um_params_backend(params), UM_INFER));
    nn.g = c->graph;
    c->batch = batch;
    c->in = um_input(c->graph, "landmarks", UM_F32,
                     UM_SHAPE((int64_t)batch, UM_JUDGE_WINDOW, UM_LRNET_INPUTS));
    um_lrnet(&out, &nn, c->in, (um_lrnet_options){0});
    c->out = out.prob;
    um_output(c->graph, c->out);
    return um_graph_compile(c->graph);
}

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

static umcl_status read_info(um_judge_info *info, const um_st_file *file, const char *path)
{
    const char *recipe = um_st_meta(file, UM_META_RECIPE);

    if (recipe && strcmp(recipe, UM_JUDGE_RECIPE))
        return um_fail(UMCL_ERR_MISMATCH,
                       "%s: trained on landmarks prepared as \"%s\", this program prepares \"%s\"",
                       path, recipe, UM_JUDGE_RECIPE);
    copy_text(info->recipe, sizeof info->recipe, UM_JUDGE_RECIPE);
    copy_text(info->version, sizeof info->version, um_st_meta(file, UM_META_VERSION));
    copy_text(info->hash, sizeof info->hash, um_st_meta(file, UM_META_HASH));
    UM_TRY(number(&info->scale, file, path, UM_META_SCALE, 1));
    UM_TRY(number(&info->shift, file, path, UM_META_SHIFT, 0));
    UM_TRY(number(&info->threshold, file, path, UM_META_THRESHOLD, 0.5));
    UM_TRY(number(&info->doubt_low, file, path, UM_META_DOUBT_LOW, info->threshold));
    return number(&info->doubt_high, file, path, UM_META_DOUBT_HIGH, info->threshold);
}

static umcl_status build(um_judge *j)
{
    UM_TRY(compile_batch(&j->one, j->params, 1));
    return compile_batch(&j->many, j->params, BATCH);
}

umcl_status um_judge_open(um_judge **out, const char *path)
{
    um_judge *j = NULL;
    um_st_file *file = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_weights_open(&file, path, UM_JUDGE_KIND));
    UM_CHECK(um_calloc(&j, 1, sizeof *j));
    UM_CHECK(read_info(&j->info, file, path));
    UM_CHECK(um_params_new(&j->params, um_backend_cpu()));
    j->owns_params = true;
    UM_CHECK(build(j));
    UM_CHECK(um_params_load(j->params, file, ""));
    *out = j;
    j = NULL;
done:
    um_judge_free(j);
    um_st_free(file);
    return st;
}

umcl_status um_judge_from_params(um_judge **out, um_params *params, const um_judge_info *info)
{
    um_judge *j = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&j, 1, sizeof *j));
    j->info = *info;
    j->params = params;
    UM_CHECK(build(j));
    *out = j;
    j = NULL;
done:
    um_judge_free(j);
    return st;
}

void um_judge_free(um_judge *j)
{
    if (!j) return;
    um_graph_free(j->one.graph);
    um_graph_free(j->many.graph);
    if (j->owns_params) um_params_free(j->params);
    free(j);
}

const um_judge_info *um_judge_get_info(const um_judge *j)
{
    return &j->info;
}

static void to_score(const um_judge *j, const float *prob, double *score, double *logit)
{
    /* Log-odds of the network, kept finite where it is all too sure. */
    double p = fmin(fmax((double)prob[1], 1e-6), 1 - 1e-6), odds = log(p / (1 - p));

    if (logit) *logit = odds;
    if (score) *score = 1 / (1 + exp(-(j->info.scale * odds + j->info.shift)));
}

static umcl_status score_some(um_judge *j, const float *windows, size_t n, double *score,
                              double *logit)
{
    for (size_t at = 0; at < n;) {
        const compiled *c = n - at > 1 ? &j->many : &j->one;
        size_t some = n - at < c->batch ? n - at : c->batch;
        const float *prob;
        memcpy(um_data(c->in), windows + at * WINDOW_FLOATS, some * WINDOW_FLOATS * sizeof(float));
        UM_TRY(um_graph_forward(c->graph));
        prob = um_data(c->out);
        for (size_t i = 0; i < some; i++)
            to_score(j, prob + 2 * i, score ? score + at + i : NULL, logit ? logit + at + i : NULL);
        at += some;
    }
    return UMCL_OK;
}

/* On one thread: the barriers of parallel loops cost more than so small a network. */
umcl_status um_judge_score(um_judge *j, const float *windows, size_t n, double *score,
                           double *logit)
{
    int threads = um_threads();
    umcl_status st;

    um_threads_set(1);
    st = score_some(j, windows, n, score, logit);
    um_threads_set(threads);
    return st;
}
