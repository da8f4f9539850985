#include "train/landmark_fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/model_meta.h"
#include "base/parallel.h"
#include "face/landmark_net.h"
#include "nn/optim.h"

#define SIDE UM_LANDMARK_SIDE
#define PIXELS (SIDE * SIDE)
#define COORDS (2 * UM_N_LANDMARKS)
#define FAILURE 0.08 /* an error that a person would call wrong */

typedef struct net {
    um_graph *graph;
    um_node *in, *out;
    int batch;
} net;

typedef struct fit {
    const um_landmark_fit_options *options;
    um_params *params;
    um_adamw *optim;
    net train, eval;
    float *input, *target, *grad; /* one batch */
    size_t *order;
    float *error; /* of each training face in the last epoch, by its index */
} fit;

static umcl_status build(net *n, um_params *params, int batch, um_mode mode, uint64_t seed)
{
    um_nn nn = {.set = params, .prefix = "", .seed = seed};

    UM_TRY(um_graph_new(&n->graph, um_params_backend(params), mode));
    nn.g = n->graph;
    n->batch = batch;
    n->in = um_input(n->graph, "crop", UM_F32, UM_SHAPE(batch, 1, SIDE, SIDE, 1));
    n->out = um_landmark_net(&nn, n->in);
    um_output(n->graph, n->out);
    um_graph_seed(n->graph, seed);
    return um_graph_compile(n->graph);
}

/* The network starts near the mean shape: the last bias, behind small weights. */
static umcl_status start_from_mean(fit *f, const um_face_patch *train, size_t n)
{
    um_param *bias = um_params_find(f->params, "fc2.bias");
    um_param *weight = um_params_find(f->params, "fc2.weight");
    float mean[COORDS] = {0}, target[COORDS];

    for (size_t i = 0; i < n; i++) {
        um_landmark_sample(f->input, target, &train[i], NULL);
        for (int k = 0; k < COORDS; k++) mean[k] += target[k] / (float)n;
    }
    for (int64_t i = 0; i < um_shape_count(&weight->value.shape); i++)
        um_f32(&weight->value)[i] *= 0.02f;
    return um_param_set(f->params, bias, mean);
}

static umcl_status start_from_file(fit *f, const char *path)
{
    um_st_file *file;
    umcl_status st;

    UM_TRY(um_st_read(&file, path));
    st = um_params_load(f->params, file, "");
    um_st_free(file);
    return st == UMCL_OK ? st : um_fail_in(st, path);
}

/* Wing loss (Feng et al., CVPR 2018) on one coordinate in pixels of the crop. */
static float wing(float d, float *slope)
{
    const float w = 10, eps = 2, a = fabsf(d), sign = d < 0 ? -1.0f : 1.0f;

    if (a < w) {
        *slope = sign * w / (eps + a);
        return w * logf(1 + a / eps);
    }
    *slope = sign;
    return a - (w - w * logf(1 + w / eps));
}

static double batch_loss(fit *f, const float *out, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n * COORDS; i++) {
        float slope;
        sum += wing((out[i] - f->target[i]) * SIDE, &slope);
        f->grad[i] = slope * SIDE / (float)(n * COORDS);
    }
    return sum / (double)(n * COORDS);
}

/* Mean distance of the points over the distance of the outer eye corners (300-W's inter-ocular). */
static double face_error(const float *out, const float *target)
{
    double sum = 0;
    double eyes = hypot(target[72] - target[90], target[73] - target[91]);

    for (int k = 0; k < COORDS; k += 2)
        sum += hypot(out[k] - target[k], out[k + 1] - target[k + 1]);
    return sum / UM_N_LANDMARKS / fmax(eyes, 1e-6);
}

typedef struct sample_job {
    fit *f;
    const um_face_patch *faces;
    const size_t *index;
    uint64_t seed;
} sample_job;

static void draw_samples(void *ctx, size_t begin, size_t end)
{
    const sample_job *job = ctx;

    for (size_t i = begin; i < end; i++) {
        um_rng rng = {um_rng_at(job->seed, job->index[i]), 0};
        um_landmark_sample(job->f->input + i * PIXELS, job->f->target + i * COORDS,
                           &job->faces[job->index[i]], &rng);
    }
}

static umcl_status train_batch(fit *f, const um_face_patch *faces, const size_t *index,
                               uint64_t seed, double rate, double *loss)
{
    size_t n = (size_t)f->train.batch;
    sample_job job = {f, faces, index, seed};
    const float *out;

    um_parallel_for(n, 4, draw_samples, &job);
    UM_TRY(um_write(f->train.graph, f->train.in, f->input));
    UM_TRY(um_graph_forward(f->train.graph));
    out = um_data(f->train.out);
    *loss = batch_loss(f, out, n);
    for (size_t i = 0; i < n; i++)
        f->error[index[i]] = (float)face_error(out + i * COORDS, f->target + i * COORDS);
    if (!isfinite(*loss))
        return um_fail(UMCL_ERR_INTERNAL, "landmarks: the loss is no longer a number");
    UM_TRY(um_params_zero_grad(f->params));
    UM_TRY(um_write_grad(f->train.graph, f->train.out, f->grad));
    UM_TRY(um_graph_backward(f->train.graph));
    return um_adamw_step(f->optim, rate);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static umcl_status measure(fit *f, const um_face_patch *faces, size_t n,
                           um_landmark_fit_report *report)
{
    double *errors, sum = 0;
    size_t batch = (size_t)f->eval.batch, failed = 0;
    umcl_status st;

    UM_TRY(um_calloc(&errors, n, sizeof *errors));
    for (size_t at = 0; at < n; at += batch) {
        size_t some = n - at < batch ? n - at : batch;
        for (size_t i = 0; i < some; i++)
            um_landmark_sample(f->input + i * PIXELS, f->target + i * COORDS, &faces[at + i], NULL);
        UM_CHECK(um_write(f->eval.graph, f->eval.in, f->input));
        UM_CHECK(um_graph_forward(f->eval.graph));
        for (size_t i = 0; i < some; i++)
            errors[at + i] =
                face_error((float *)um_data(f->eval.out) + i * COORDS, f->target + i * COORDS);
    }
    for (size_t i = 0; i < n; i++) {
        sum += errors[i];
        failed += errors[i] > FAILURE;
    }
    qsort(errors, n, sizeof *errors, by_value);
    report->nme = n ? sum / (double)n : NAN;
    report->nme_median = n ? errors[n / 2] : NAN;
    report->failures = n ? (double)failed / (double)n : NAN;
    st = UMCL_OK;
done:
    free(errors);
    return st;
}

/* Moves the worst-fitting share to the end; returns how many remain. */
static size_t drop_worst(fit *f, um_face_patch *faces, size_t n)
{
    size_t keep = n - (size_t)((double)n * f->options->drop);
    double *sorted = NULL, limit;

    if (keep == n || um_calloc(&sorted, n, sizeof *sorted) != UMCL_OK) return n;
    for (size_t i = 0; i < n; i++) sorted[i] = f->error[i];
    qsort(sorted, n, sizeof *sorted, by_value);
    limit = sorted[keep - 1];
    free(sorted);
    for (size_t i = 0; i < n;) {
        if ((double)f->error[i] <= limit) {
            i++;
            continue;
        }
        n--;
        um_face_patch t = faces[i];
        faces[i] = faces[n];
        faces[n] = t;
        f->error[i] = f->error[n];
    }
    return n;
}

static umcl_status open_fit(fit *f, const um_face_patch *train, size_t n)
{
    const um_landmark_fit_options *o = f->options;
    um_adamw_options adamw = UM_ADAMW_OPTIONS_INIT;
    size_t batch = (size_t)o->batch;

    adamw.weight_decay = o->weight_decay;
    UM_TRY(um_params_new(&f->params, um_backend_cpu()));
    UM_TRY(build(&f->train, f->params, o->batch, UM_TRAIN, o->seed));
    UM_TRY(build(&f->eval, f->params, o->batch, UM_INFER, o->seed));
    UM_TRY(um_adamw_new(&f->optim, f->params, &adamw));
    UM_TRY(um_calloc(&f->input, batch * PIXELS, sizeof *f->input));
    UM_TRY(um_calloc(&f->target, batch * COORDS, sizeof *f->target));
    UM_TRY(um_calloc(&f->grad, batch * COORDS, sizeof *f->grad));
    UM_TRY(um_calloc(&f->order, n, sizeof *f->order));
    UM_TRY(um_calloc(&f->error, n, sizeof *f->error));
    return o->init ? start_from_file(f, o->init) : start_from_mean(f, train, n);
}

static void close_fit(fit *f)
{
    um_graph_free(f->train.graph);
    um_graph_free(f->eval.graph);
    um_adamw_free(f->optim);
    um_params_free(f->params);
    free(f->input);
    free(f->target);
    free(f->grad);
    free(f->order);
    free(f->error);
}

static umcl_status write_model(const fit *f, const um_landmark_fit_report *r)
{
    um_st_writer *w = NULL;
    char text[64];
    umcl_status st;

    UM_CHECK(um_st_writer_new(&w));
    snprintf(text, sizeof text, "%.4f", r->nme);
    UM_CHECK(um_st_writer_meta(w, "held_out_nme", text));
    UM_CHECK(um_params_save(f->params, w, ""));
    UM_CHECK(um_model_file_write(w, f->options->out, UM_LANDMARK_KIND, "1",
                                 f->options->made_by ? f->options->made_by : "um_landmark_fit",
                                 NULL));
done:
    um_st_writer_free(w);
    return st;
}

static umcl_status run_epoch(fit *f, const um_face_patch *train, size_t n, um_rng *shuffle,
                             um_landmark_fit_report *r)
{
    const um_landmark_fit_options *o = f->options;
    size_t batch = (size_t)o->batch, batches = n / batch;
    double loss;

    for (size_t i = 0; i < n; i++) f->order[i] = i;
    um_rng_shuffle(shuffle, f->order, n);
    r->loss = 0;
    for (size_t b = 0; b < batches; b++) {
        double done = (r->epoch + (double)b / (double)batches) / o->epochs;
        double rate = o->learning_rate * 0.5 * (1 + cos(M_PI * done));
        uint64_t seed = um_rng_at(o->seed, (uint64_t)r->epoch * 1000003 + 17);
        if (done < 0.02) rate *= done / 0.02; /* warm-up */
        UM_TRY(train_batch(f, train, f->order + b * batch, seed, rate, &loss));
        r->loss += loss / (double)batches;
    }
    return UMCL_OK;
}

umcl_status um_landmark_fit(um_face_patch *train, size_t n_train, const um_face_patch *held_out,
                            size_t n_held_out, const um_landmark_fit_options *options,
                            um_landmark_fit_fn progress, void *user)
{
    fit f = {.options = options};
    um_rng shuffle = um_rng_new(options->seed, "landmark order");
    um_landmark_fit_report r = {.epochs = options->epochs, .n_held_out = n_held_out};
    umcl_status st;

    if (n_train < (size_t)options->batch)
        return um_fail(UMCL_ERR_INVALID,
                       "landmarks: expected at least %d training faces, found %zu", options->batch,
                       n_train);
    UM_CHECK(open_fit(&f, train, n_train));
    for (r.epoch = 0; r.epoch < options->epochs; r.epoch++) {
        r.n_train = n_train;
        UM_CHECK(run_epoch(&f, train, n_train, &shuffle, &r));
        UM_CHECK(measure(&f, held_out, n_held_out, &r));
        if (progress && !progress(user, &r)) {
            st = um_fail(UMCL_ERR_CANCELLED, "landmarks: stopped after epoch %d", r.epoch + 1);
            goto done;
        }
        if (r.epoch + 1 == options->epochs / 2) n_train = drop_worst(&f, train, n_train);
    }
    st = write_model(&f, &r);
done:
    close_fit(&f);
    return st;
}
