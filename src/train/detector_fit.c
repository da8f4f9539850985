#include "train/detector_fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/model_meta.h"
#include "nn/optim.h"
#include "train/detector_scene.h"

#define HARDEST 0.7      /* share of a batch whose face loss counts: the worst ones */
#define PLACE_WEIGHT 0.5 /* of the losses of box and points, against the face's */
#define SMOOTH 0.1f      /* errors below count quadratically, as fractions of the window */
#define MAX_HARD_PER_SCENE 40

/* One network in training. */
typedef struct fit {
    const um_detector_fit_options *options;
    um_mtcnn_stage stage;
    um_params *set;
    um_graph *graph;
    um_node *x;
    um_mtcnn_heads heads;
    um_adamw *optim;
    int batch, side;
    float *input, *d_logits, *d_box, *d_points;
    um_sample_target *target;
    double *loss, *sorted;
    double mean[3]; /* running means of the losses: face, box, points */
} fit;

static umcl_status open_fit(fit *f)
{
    static const um_mtcnn_stage stages[] = {UM_PNET, UM_RNET, UM_ONET};
    um_adamw_options adamw = UM_ADAMW_OPTIONS_INIT;
    size_t n, values;

    f->batch = f->options->batch[f->stage];
    f->side = um_mtcnn_side(f->stage);
    n = (size_t)f->batch;
    values = n * (size_t)(f->side * f->side * 3);
    adamw.weight_decay = 1e-4;
    adamw.clip_norm = 5;
    UM_TRY(um_graph_new(&f->graph, um_params_backend(f->set), UM_TRAIN));
    f->x = um_input(f->graph, "windows", UM_F32, UM_SHAPE(f->batch, 1, f->side, f->side, 3));
    f->heads = um_mtcnn_record(f->graph, f->set, f->stage, f->x, f->options->seed);
    um_output(f->graph, f->heads.logits);
    um_output(f->graph, f->heads.box);
    if (f->heads.points) um_output(f->graph, f->heads.points);
    UM_TRY(um_graph_compile(f->graph));
    UM_TRY(um_adamw_new(&f->optim, f->set, &adamw));
    for (int s = 0; s < UM_MTCNN_STAGES; s++)
        if (stages[s] != f->stage) um_adamw_scale(f->optim, um_mtcnn_prefix(stages[s]), 0);
    UM_TRY(um_calloc(&f->input, values, sizeof *f->input));
    UM_TRY(um_calloc(&f->d_logits, 2 * n, sizeof *f->d_logits));
    UM_TRY(um_calloc(&f->d_box, 4 * n, sizeof *f->d_box));
    UM_TRY(um_calloc(&f->d_points, 10 * n, sizeof *f->d_points));
    UM_TRY(um_calloc(&f->target, n, sizeof *f->target));
    UM_TRY(um_calloc(&f->loss, n, sizeof *f->loss));
    return um_calloc(&f->sorted, n, sizeof *f->sorted);
}

static void close_fit(fit *f)
{
    um_graph_free(f->graph);
    um_adamw_free(f->optim);
    free(f->input);
    free(f->d_logits);
    free(f->d_box);
    free(f->d_points);
    free(f->target);
    free(f->loss);
    free(f->sorted);
}

static int by_value(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;

    return (a > b) - (a < b);
}

/* Cross-entropy of faces and none; only the hardest share has a gradient. */
static double face_loss(fit *f, const float *logits)
{
    size_t n = 0;
    double limit, sum = 0;

    for (int i = 0; i < f->batch; i++) {
        double margin = (double)logits[2 * i + 1] - logits[2 * i];

        if (f->target[i].kind == UM_SAMPLE_NONE) margin = -margin;
        /* log(1 + exp(-margin)) without overflow */
        f->loss[i] = margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin;
        if (f->target[i].kind == UM_SAMPLE_PART)
            f->loss[i] = -1;
        else
            f->sorted[n++] = f->loss[i];
    }
    qsort(f->sorted, n, sizeof *f->sorted, by_value);
    limit = f->sorted[(size_t)((1 - HARDEST) * (double)n)];
    for (int i = 0; i < f->batch; i++) {
        double p = 1 / (1 + exp((double)logits[2 * i] - logits[2 * i + 1]));
        double y = f->target[i].kind == UM_SAMPLE_FACE, d = (p - y) / (HARDEST * (double)n);

        if (f->loss[i] < limit) d = 0;
        f->d_logits[2 * i] = (float)-d;
        f->d_logits[2 * i + 1] = (float)d;
        if (f->loss[i] >= 0) sum += f->loss[i] / (double)n;
    }
    return sum;
}

/* Smooth L1 over `k` outputs a window, on windows that have a face (and parts of one). */
static double place_loss(const fit *f, float *d, const float *out, int k, bool points)
{
    double sum = 0, n = 0;

    for (int i = 0; i < f->batch; i++)
        n +=
            f->target[i].kind == UM_SAMPLE_FACE || (!points && f->target[i].kind == UM_SAMPLE_PART);
    memset(d, 0, (size_t)(f->batch * k) * sizeof *d);
    for (int i = 0; i < f->batch; i++) {
        const float *want = points ? f->target[i].points : f->target[i].box;

        if (f->target[i].kind == UM_SAMPLE_NONE) continue;
        if (points && f->target[i].kind == UM_SAMPLE_PART) continue;
        for (int c = 0; c < k; c++) {
            float e = out[i * k + c] - want[c];

            sum += fabs((double)e) / (n * k);
            d[i * k + c] = (float)(PLACE_WEIGHT / n) * fminf(fmaxf(e / SMOOTH, -1), 1);
        }
    }
    return sum;
}

static void draw_batch(fit *f, const um_sample_source *source, um_rng *rng)
{
    size_t values = (size_t)(f->side * f->side * 3);

    for (int i = 0; i < f->batch; i++) {
        int share = i * 10 / f->batch; /* of ten: three faces, two parts, five none */
        um_sample_kind kind = share < 3   ? UM_SAMPLE_FACE
                              : share < 5 ? UM_SAMPLE_PART
                                          : UM_SAMPLE_NONE;

        um_detector_sample(f->input + (size_t)i * values, &f->target[i], source, kind, f->side,
                           rng);
    }
}

static umcl_status train_step(fit *f, const um_sample_source *source, um_rng *rng, double rate)
{
    double now[3] = {0, 0, 0};

    draw_batch(f, source, rng);
    UM_TRY(um_params_zero_grad(f->set));
    UM_TRY(um_write(f->graph, f->x, f->input));
    UM_TRY(um_graph_forward(f->graph));
    now[0] = face_loss(f, um_data(f->heads.logits));
    now[1] = place_loss(f, f->d_box, um_data(f->heads.box), 4, false);
    if (f->heads.points) now[2] = place_loss(f, f->d_points, um_data(f->heads.points), 10, true);
    UM_TRY(um_write_grad(f->graph, f->heads.logits, f->d_logits));
    UM_TRY(um_write_grad(f->graph, f->heads.box, f->d_box));
    if (f->heads.points) UM_TRY(um_write_grad(f->graph, f->heads.points, f->d_points));
    UM_TRY(um_graph_backward(f->graph));
    for (int i = 0; i < 3; i++) f->mean[i] += 0.02 * (now[i] - f->mean[i]);
    return um_adamw_step(f->optim, rate);
}

static umcl_status train_stage(fit *f, const um_sample_source *source, um_detector_fit_fn progress,
                               void *user)
{
    int steps = f->options->steps[f->stage];
    um_rng rng = um_rng_new(f->options->seed, um_mtcnn_prefix(f->stage));
    um_detector_fit_report r = {.stage = f->stage, .steps = steps, .n_hard = source->n_hard};

    UM_TRY(open_fit(f));
    for (int step = 0; step < steps; step++) {
        double done = (double)step / steps;
        double rate = f->options->learning_rate * 0.5 * (1 + cos(3.14159265358979 * done));

        if (step < 100) rate *= step / 100.0;
        UM_TRY(train_step(f, source, &rng, rate));
        if ((step + 1) % 100 && step + 1 != steps) continue;
        r.step = step + 1;
        r.loss_face = f->mean[0];
        r.loss_box = f->mean[1];
        r.loss_points = f->mean[2];
        if (progress && !progress(user, &r))
            return um_fail(UMCL_ERR_CANCELLED, "detector: stopped at step %d", step + 1);
    }
    return UMCL_OK;
}

/* Windows that the networks so far take for faces where there are none. */
static umcl_status mine(um_hard_window **hard, size_t *n_hard, um_params *set,
                        const um_sample_source *source, um_mtcnn_stage last, int n_scenes,
                        uint64_t seed)
{
    um_mtcnn_options o = UM_MTCNN_OPTIONS_INIT;
    um_rng rng = um_rng_new(seed, last == UM_PNET ? "mine P" : "mine R");
    um_mtcnn *m = NULL;
    size_t room = 0;
    umcl_status st;

    o.min_face = 16;
    o.threshold[0] = 0.5f;
    o.threshold[1] = 0.5f;
    *n_hard = 0;
    UM_CHECK(um_mtcnn_wrap(&m, set));
    for (int i = 0; i < n_scenes; i++) {
        size_t at = source->all[um_rng_below(&rng, source->n_all)], n, taken = 0;
        const um_scene *scene = &source->scenes->at[at];
        const um_box *box;

        UM_CHECK(um_mtcnn_propose(m, &box, &n, &scene->rgb, &o, last));
        for (size_t k = 0; k < n && taken < MAX_HARD_PER_SCENE; k++) {
            if (um_scene_overlap(scene, box[k]) >= 0.3f) continue;
            if (*n_hard == room) {
                room = room ? 2 * room : 4096;
                UM_CHECK(um_realloc(hard, room, sizeof **hard));
            }
            (*hard)[(*n_hard)++] = (um_hard_window){at, box[k]};
            taken++;
        }
    }
    st = UMCL_OK;
done:
    um_mtcnn_free(m);
    return st;
}

static umcl_status open_source(um_sample_source *s, size_t **with_faces, size_t **all,
                               unsigned **sums)
{
    const um_scenes *scenes = s->scenes;

    UM_TRY(um_calloc(with_faces, scenes->n, sizeof **with_faces));
    UM_TRY(um_calloc(all, scenes->n, sizeof **all));
    UM_TRY(um_calloc(sums, (size_t)3 * UM_SCENE_SIDE, sizeof **sums));
    for (size_t i = 0; i < scenes->n; i++) {
        bool any = false;

        if (scenes->at[i].held_out) continue;
        for (size_t k = 0; k < scenes->at[i].n; k++) any = any || scenes->at[i].sure[k];
        if (any) (*with_faces)[s->n_with_faces++] = i;
        (*all)[s->n_all++] = i;
    }
    s->with_faces = *with_faces;
    s->all = *all;
    s->sums = *sums;
    if (s->n_with_faces < 10)
        return um_fail(UMCL_ERR_INVALID,
                       "detector: expected at least 10 scenes with faces, got %zu",
                       s->n_with_faces);
    return UMCL_OK;
}

static umcl_status write_model(um_params *set, const um_detector_fit_options *o)
{
    um_st_writer *w = NULL;
    char text[64];
    umcl_status st;

    UM_CHECK(um_st_writer_new(&w));
    snprintf(text, sizeof text, "%.3f %.3f %.3f", (double)o->threshold[0], (double)o->threshold[1],
             (double)o->threshold[2]);
    UM_CHECK(um_st_writer_meta(w, "threshold", text));
    UM_CHECK(um_params_save(set, w, ""));
    st = um_model_file_write(w, o->out, UM_MTCNN_KIND, "1", o->made_by ? o->made_by : "", NULL);
done:
    um_st_writer_free(w);
    return st;
}

umcl_status um_detector_fit(const um_scenes *scenes, const um_detector_fit_options *options,
                            um_detector_fit_fn progress, void *user)
{
    um_sample_source source = {.scenes = scenes};
    um_hard_window *hard = NULL;
    um_params *set = NULL;
    size_t *with_faces = NULL, *all = NULL;
    unsigned *sums = NULL;
    umcl_status st;

    UM_CHECK(open_source(&source, &with_faces, &all, &sums));
    UM_CHECK(um_params_new(&set, um_backend_cpu()));
    {
        um_mtcnn *m; /* declares all parameters */

        UM_CHECK(um_mtcnn_wrap(&m, set));
        um_mtcnn_free(m);
    }
    for (int s = 0; s < UM_MTCNN_STAGES; s++) {
        fit f = {.options = options, .stage = (um_mtcnn_stage)s, .set = set};

        if (s > 0)
            UM_CHECK(mine(&hard, &source.n_hard, set, &source, (um_mtcnn_stage)(s - 1),
                          options->mined_scenes, options->seed));
        source.hard = hard;
        st = train_stage(&f, &source, progress, user);
        close_fit(&f);
        if (st != UMCL_OK) goto done;
    }
    st = write_model(set, options);
done:
    um_params_free(set);
    free(hard);
    free(with_faces);
    free(all);
    free(sums);
    return st;
}

static void compare(um_detector_score *s, const um_scene *scene, const um_face *faces, size_t n)
{
    for (size_t i = 0; i < n; i++) s->false_faces += um_scene_overlap(scene, faces[i].box) < 0.3f;
    for (size_t k = 0; k < scene->n; k++) {
        size_t best = 0;
        float iou = 0;

        if (!scene->sure[k]) continue;
        s->faces++;
        for (size_t i = 0; i < n; i++) {
            float v = um_box_iou(faces[i].box, scene->faces[k].box);

            if (v > iou) best = i;
            iou = fmaxf(iou, v);
        }
        if (iou < 0.5f) continue;
        s->found++;
        s->mean_iou += (double)iou;
        for (int p = 0; p < 5; p++)
            s->point_error += hypot(faces[best].points[p][0] - scene->faces[k].points[p][0],
                                    faces[best].points[p][1] - scene->faces[k].points[p][1]) /
                              (5 * um_box_width(scene->faces[k].box));
    }
}

umcl_status um_detector_measure(um_detector_score *out, um_mtcnn *detector,
                                const um_mtcnn_options *options, const um_scenes *scenes)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < scenes->n; i++) {
        const um_face *faces;
        size_t n;

        if (!scenes->at[i].held_out) continue;
        out->scenes++;
        UM_TRY(um_mtcnn_detect(detector, &faces, &n, &scenes->at[i].rgb, options, NULL, 0));
        compare(out, &scenes->at[i], faces, n);
    }
    if (out->found) {
        out->mean_iou /= (double)out->found;
        out->point_error /= (double)out->found;
    }
    return UMCL_OK;
}
