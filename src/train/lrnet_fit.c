#include "train/lrnet_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "face/stabilise.h"
#include "model/lrnet_runner.h"
#include "nn/optim.h"

#define ROWS UM_WINDOW_LANDMARKS
#define WIDTH UM_LRNET_INPUTS
#define WINDOW_FLOATS (ROWS * WIDTH)
#define STRIDE 30
#define REPORT_EVERY 50

typedef struct fit {
    const um_lrnet_fit_options *options;
    const um_labelled_track *tracks;
    size_t *of_class[2], n_class[2];
    um_params *params;
    um_graph *graph;
    um_node *in, *prob[2];
    um_adamw *optim;
    float *input, *grad;
    bool *fake;
} fit;

static umcl_status build(fit *f)
{
    um_nn nn = {.set = f->params, .prefix = "", .seed = f->options->seed};
    um_lrnet_out out;

    UM_TRY(um_graph_new(&f->graph, um_params_backend(f->params), UM_TRAIN));
    nn.g = f->graph;
    f->in = um_input(f->graph, "landmarks", UM_F32, UM_SHAPE(f->options->batch, ROWS, WIDTH));
    um_lrnet(&out, &nn, f->in, UM_LRNET_OPTIONS_TRAIN);
    for (int i = 0; i < 2; i++) {
        f->prob[i] = out.stream[i].prob;
        um_output(f->graph, f->prob[i]);
    }
    um_graph_seed(f->graph, f->options->seed);
    return um_graph_compile(f->graph);
}

static umcl_status open_fit(fit *f, size_t n)
{
    um_adamw_options adamw = UM_ADAMW_OPTIONS_INIT;
    size_t batch = (size_t)f->options->batch;

    adamw.weight_decay = f->options->weight_decay;
    adamw.clip_norm = 5;
    for (int c = 0; c < 2; c++) UM_TRY(um_calloc(&f->of_class[c], n, sizeof(size_t)));
    for (size_t i = 0; i < n; i++) {
        int c = f->tracks[i].fake;
        f->of_class[c][f->n_class[c]++] = i;
    }
    if (!f->n_class[0] || !f->n_class[1])
        return um_fail(UMCL_ERR_INVALID,
                       "training: expected both classes, found %zu real and %zu "
                       "fake tracks",
                       f->n_class[0], f->n_class[1]);
    UM_TRY(um_params_new(&f->params, um_backend_cpu()));
    UM_TRY(build(f));
    UM_TRY(um_adamw_new(&f->optim, f->params, &adamw));
    UM_TRY(um_calloc(&f->input, batch * WINDOW_FLOATS, sizeof *f->input));
    UM_TRY(um_calloc(&f->grad, batch * 2, sizeof *f->grad));
    return um_calloc(&f->fake, batch, sizeof *f->fake);
}

static void close_fit(fit *f)
{
    um_graph_free(f->graph);
    um_adamw_free(f->optim);
    for (int c = 0; c < 2; c++) free(f->of_class[c]);
    free(f->input);
    free(f->grad);
    free(f->fake);
}

/* A random window of a random track of the class, mirrored half of the time, made LQ in part. */
static void draw_window(fit *f, float *rows, int class, um_rng *rng)
{
    const um_labelled_track *t =
        &f->tracks[f->of_class[class][um_rng_below(rng, f->n_class[class])]];
    size_t start = um_rng_below(rng, t->track->n_frames - ROWS + 1);

    um_landmarks_normalise(rows, t->track->landmarks + start, ROWS);
    if (um_rng_uniform(rng) < 0.5) um_landmarks_mirror_rows(rows, ROWS);
    if (um_rng_uniform(rng) < f->options->lq_share)
        for (int i = 0; i < WINDOW_FLOATS; i++)
            rows[i] += (float)(um_rng_normal(rng) * f->options->sigma);
}

/* Cross-entropy of one stream; its gradient by the probabilities. */
static double stream_loss(fit *f, um_node *prob)
{
    size_t batch = (size_t)f->options->batch;
    const float *p = um_data(prob);
    double loss = 0;

    for (size_t i = 0; i < batch; i++) {
        float right = fmaxf(p[2 * i + f->fake[i]], 1e-6f);
        loss -= log((double)right);
        f->grad[2 * i + f->fake[i]] = -1 / right / (float)batch;
        f->grad[2 * i + !f->fake[i]] = 0;
    }
    return loss / (double)batch;
}

static umcl_status train_step(fit *f, um_rng *rng, double rate, double *loss)
{
    int batch = f->options->batch;

    for (int i = 0; i < batch; i++) {
        f->fake[i] = i % 2;
        draw_window(f, f->input + i * WINDOW_FLOATS, i % 2, rng);
    }
    UM_TRY(um_write(f->graph, f->in, f->input));
    UM_TRY(um_graph_forward(f->graph));
    UM_TRY(um_params_zero_grad(f->params));
    *loss = 0;
    for (int s = 0; s < 2; s++) {
        *loss += stream_loss(f, f->prob[s]) / 2;
        UM_TRY(um_write_grad(f->graph, f->prob[s], f->grad));
    }
    if (!isfinite(*loss)) return um_fail(UMCL_ERR_INTERNAL, "training: the loss is no number");
    UM_TRY(um_graph_backward(f->graph));
    return um_adamw_step(f->optim, rate);
}

umcl_status um_lrnet_fit(um_params **out, const um_labelled_track *tracks, size_t n,
                         const um_lrnet_fit_options *options, um_lrnet_fit_fn progress, void *user)
{
    fit f = {.options = options, .tracks = tracks};
    um_rng rng = um_rng_new(options->seed, "lrnet samples");
    double sum = 0, loss;
    umcl_status st;

    *out = NULL;
    UM_CHECK(open_fit(&f, n));
    for (int step = 0; step < options->steps; step++) {
        double done = (double)step / options->steps;
        double rate = options->learning_rate * 0.5 * (1 + cos(M_PI * done));
        UM_CHECK(train_step(&f, &rng, rate, &loss));
        sum += loss;
        if ((step + 1) % REPORT_EVERY) continue;
        if (progress && !progress(user, step + 1, options->steps, sum / REPORT_EVERY)) {
            st = um_fail(UMCL_ERR_CANCELLED, "training: stopped at step %d", step + 1);
            goto done;
        }
        sum = 0;
    }
    *out = f.params;
    f.params = NULL;
done:
    close_fit(&f);
    um_params_free(f.params);
    return st;
}

static size_t window_count(const um_labelled_track *t)
{
    return t->track->n_frames < ROWS ? 0 : (t->track->n_frames - ROWS) / STRIDE + 1;
}

umcl_status um_lrnet_windows(um_window_score **out, size_t *n_out, um_params *params,
                             const um_labelled_track *tracks, size_t n)
{
    float rows[WINDOW_FLOATS];
    um_window_score *scores = NULL;
    um_lrnet_runner *runner = NULL;
    size_t total = 0, at = 0;
    umcl_status st;

    *out = NULL;
    *n_out = 0;
    for (size_t i = 0; i < n; i++) total += window_count(&tracks[i]);
    UM_CHECK(um_calloc(&scores, total, sizeof *scores));
    UM_CHECK(um_lrnet_runner_new(&runner, params));
    for (size_t i = 0; i < n; i++)
        for (size_t w = 0; w < window_count(&tracks[i]); w++) {
            um_window_score *s = &scores[at++];
            *s = (um_window_score){0, tracks[i].fake, tracks[i].video, tracks[i].person};
            um_landmarks_normalise(rows, tracks[i].track->landmarks + w * STRIDE, ROWS);
            UM_CHECK(um_lrnet_run(runner, rows, 1, &s->logit));
        }
    *out = scores;
    *n_out = total;
    scores = NULL;
done:
    free(scores);
    um_lrnet_runner_free(runner);
    return st;
}
