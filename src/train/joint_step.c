#include "train/joint_step.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/encoder.h"
#include "model/loss_pearson.h"
#include "model/lrnet.h"
#include "model/physformer.h"

#define FPS 30.0

struct um_joint {
    um_joint_options options;
    const um_take_store *store;
    const um_take_plan *plan;
    const um_prompt_table *table;
    um_encoder *encoder[UM_N_MODALITIES]; /* of the trained ones */
    um_head *head;
    size_t batch, rows; /* B; 2 B: HQ rows, then LQ rows */
    size_t *take;       /* [B], of the store */
    bool *fake;         /* [B] */
    float *landmarks;   /* [rows, window, 136]; NULL: landmarks are frozen or not in the set */
    um_take *takes;     /* [B], with crops; NULL: no trained encoder looks at crops */
    float *grad[UM_N_MODALITIES]; /* [rows, body], of the trained ones */
    float *d_projected[UM_N_MODALITIES], *d_logits, *d_pulse;
    float *d_unified, *own, *other; /* CPML: [rows, 512], and [B, 512] prompts of either class */
    uint64_t key;                   /* of the step */
};

static size_t body_width(int kind)
{
    return (size_t)um_modality_get((um_modality_kind)kind)->body;
}

static size_t window_floats(const um_joint *j)
{
    return (size_t)j->store->options.window * UM_LRNET_INPUTS;
}

static umcl_status new_encoders(um_joint *j, um_params *params)
{
    bool crops = false;

    for (int k = 0; k < UM_N_MODALITIES; k++) {
        um_modality_kind kind = (um_modality_kind)k;

        if (!um_has(j->options.trained, kind)) continue;
        /* LRNet is small: the whole batch at once. */
        UM_TRY(um_encoder_new(&j->encoder[k], params, kind, kind == UM_LANDMARKS ? j->rows : 1,
                              j->store->options.window, UM_TRAIN, j->options.seed));
        UM_TRY(um_calloc(&j->grad[k], j->rows * body_width(k), sizeof(float)));
        crops = crops || um_modality_get(kind)->crop_step;
    }
    if (um_has(j->options.trained, UM_LANDMARKS))
        UM_TRY(um_calloc(&j->landmarks, j->rows * window_floats(j), sizeof(float)));
    if (!crops) return UMCL_OK;
    UM_TRY(um_calloc(&j->takes, j->batch, sizeof *j->takes));
    for (size_t i = 0; i < j->batch; i++) UM_TRY(um_take_new(&j->takes[i], &j->plan->options));
    return UMCL_OK;
}

umcl_status um_joint_new(um_joint **out, um_params *params, const um_take_store *store,
                         const um_take_plan *plan, const um_prompt_table *table,
                         const um_joint_options *options)
{
    um_joint *j = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&j, 1, sizeof *j));
    j->options = *options;
    j->store = store;
    j->plan = plan;
    j->table = table;
    j->batch = (size_t)options->batch;
    j->rows = UM_N_VIEWS * j->batch;
    UM_CHECK(um_calloc(&j->take, j->batch, sizeof *j->take));
    UM_CHECK(um_calloc(&j->fake, j->batch, sizeof *j->fake));
    UM_CHECK(new_encoders(j, params));
    UM_CHECK(um_head_new(&j->head, params, options->fusion, options->set, j->rows, UM_TRAIN,
                         (float)options->dropout, options->seed));
    UM_CHECK(um_calloc(&j->d_logits, j->rows * 2, sizeof(float)));
    UM_CHECK(um_calloc(&j->d_pulse, j->rows * UM_PHYSFORMER_FEATURE, sizeof(float)));
    if (options->fusion == UM_FUSION_CPML) {
        UM_CHECK(um_calloc(&j->d_unified, j->rows * UM_CPML_WIDTH, sizeof(float)));
        UM_CHECK(um_calloc(&j->own, j->batch * UM_CPML_WIDTH, sizeof(float)));
        UM_CHECK(um_calloc(&j->other, j->batch * UM_CPML_WIDTH, sizeof(float)));
    }
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (j->head->projected[k])
            UM_CHECK(um_calloc(&j->d_projected[k], j->rows * UM_FUSION_WIDTH, sizeof(float)));
    *out = j;
    j = NULL;
done:
    um_joint_free(j);
    return st;
}

void um_joint_free(um_joint *j)
{
    if (!j) return;
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        um_encoder_free(j->encoder[k]);
        free(j->grad[k]);
        free(j->d_projected[k]);
    }
    for (size_t i = 0; j->takes && i < j->batch; i++) um_take_clear(&j->takes[i]);
    free(j->takes);
    um_head_free(j->head);
    free(j->take);
    free(j->fake);
    free(j->landmarks);
    free(j->d_logits);
    free(j->d_pulse);
    free(j->d_unified);
    free(j->own);
    free(j->other);
    free(j);
}

size_t um_joint_memory(const um_joint *j)
{
    size_t bytes = um_graph_memory(j->head->graph);

    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (j->encoder[k]) bytes += um_encoder_memory(j->encoder[k]);
    return bytes;
}

static umcl_status take_inputs(um_joint *j, const size_t *couples)
{
    size_t floats = window_floats(j);

    for (size_t i = 0; i < j->batch; i++) {
        j->take[i] = 2 * couples[i / 2] + i % 2;
        j->fake[i] = i % 2;
        if (j->landmarks) {
            const float *hq = j->store->landmarks + j->take[i] * floats;

            memcpy(j->landmarks + i * floats, hq, floats * sizeof *hq);
            um_take_shake(j->landmarks + (j->batch + i) * floats, hq, &j->store->options,
                          um_rng_at(j->key, i));
        }
        if (j->takes) UM_TRY(um_take_make(&j->takes[i], j->plan, j->take[i]));
    }
    return UMCL_OK;
}

static um_window row_window(const um_joint *j, size_t row)
{
    um_window w = {0};

    if (j->landmarks) w.landmarks = j->landmarks + row * window_floats(j);
    if (j->takes) {
        w.crops = j->takes[row % j->batch].crops[row / j->batch].rgb;
        w.crop_step = j->plan->options.crop_step;
    }
    return w;
}

/* Runs rows first .. of a trained encoder, as many as it takes at once. */
static umcl_status run_chunk(um_joint *j, int kind, size_t first)
{
    um_encoder *e = j->encoder[kind];

    for (size_t i = 0; i < um_encoder_batch(e); i++) {
        um_window w = row_window(j, first + i);

        UM_TRY(um_encoder_fill(e, i, &w));
    }
    return um_encoder_run(e, um_rng_at(j->key + 1 + (uint64_t)kind, first));
}

/*
 * A prompt of the sample's class, or one that says nothing. CPML compares both views with one
 * prompt of each class: the views get the same, and the other class's of the same number is kept.
 */
static const float *draw_prompt(const um_joint *j, size_t row)
{
    bool cpml = j->options.fusion == UM_FUSION_CPML;
    size_t i = row % j->batch, width = UM_CPML_WIDTH * sizeof(float), number;
    um_rng rng = {um_rng_at(j->key + 100, cpml ? i : row), 0};
    bool says = um_rng_uniform(&rng) < j->options.class_prompt;
    um_prompt_set set = says ? j->options.prompts : UM_PROMPTS_INVALID;

    number = um_rng_below(&rng, um_prompt_count(set));
    if (cpml) {
        size_t of_class = number % um_prompt_count(j->options.prompts);

        memcpy(j->own + i * UM_CPML_WIDTH,
               um_prompt_embedding(j->table, j->options.prompts, j->fake[i], of_class), width);
        memcpy(j->other + i * UM_CPML_WIDTH,
               um_prompt_embedding(j->table, j->options.prompts, !j->fake[i], of_class), width);
    }
    return um_prompt_embedding(j->table, set, j->fake[i], number);
}

static umcl_status forward(um_joint *j)
{
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        um_modality_kind kind = (um_modality_kind)k;
        um_encoder *e = j->encoder[k];

        if (!um_has(j->options.set, kind)) continue;
        for (size_t row = 0; row < j->rows; row++) {
            const float *body;

            if (e && row % um_encoder_batch(e) == 0) UM_TRY(run_chunk(j, k, row));
            if (e)
                body = um_encoder_body(e, row % um_encoder_batch(e));
            else if (kind == UM_TEXT)
                body = draw_prompt(j, row);
            else
                body = um_take_store_body(j->store, kind, (int)(row / j->batch),
                                          j->take[row % j->batch]);
            memcpy(um_head_row(j->head, kind, row), body, body_width(k) * sizeof *body);
        }
    }
    um_graph_seed(j->head->graph, um_rng_at(j->key, 50));
    return um_graph_forward(j->head->graph);
}

/* Both views of rows of the given width. */
static um_views views(const um_joint *j, const um_node *node, float *grad, size_t width)
{
    const float *x = um_data(node);
    size_t lq = j->batch * width;

    return (um_views){{x, x + lq}, {grad, grad ? grad + lq : NULL}};
}

static umcl_status losses(um_umcl_loss *loss, um_joint *j)
{
    const um_joint_options *o = &j->options;
    const um_head *h = j->head;
    um_views projected[UM_N_MODALITIES];
    um_cqsl_batch pulse = {.batch = j->batch,
                           .width = UM_PHYSFORMER_FEATURE,
                           .n_frames = UM_PHYSFORMER_FRAMES,
                           .fps = FPS,
                           .fake = j->fake};
    um_asa_batch fused = {
        .batch = j->batch, .width = UM_FUSION_WIDTH, .modality = projected, .sigma = o->affinity};
    um_cpml_batch cpml = {.batch = j->batch,
                          .width = UM_CPML_WIDTH,
                          .fake = j->fake,
                          .own = j->own,
                          .other = j->other};
    um_umcl_batch batch = {.batch = j->batch,
                           .fake = j->fake,
                           .logits = views(j, h->logits, j->d_logits, 2),
                           .alpha = o->alpha,
                           .beta = o->beta};

    memset(j->d_logits, 0, j->rows * 2 * sizeof(float));
    memset(j->d_pulse, 0, j->rows * UM_PHYSFORMER_FEATURE * sizeof(float));
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        if (!h->projected[k]) continue;
        memset(j->d_projected[k], 0, j->rows * UM_FUSION_WIDTH * sizeof(float));
        projected[fused.n_modalities++] =
            views(j, h->projected[k], j->d_projected[k], UM_FUSION_WIDTH);
    }
    if (um_has(o->set, UM_PULSE)) {
        pulse.z = views(j, h->feature[UM_PULSE], j->d_pulse, UM_PHYSFORMER_FEATURE);
        if (o->cqsl) batch.pulse = &pulse;
    }
    if (h->unified) {
        memset(j->d_unified, 0, j->rows * UM_CPML_WIDTH * sizeof(float));
        cpml.unified = views(j, h->unified, j->d_unified, UM_CPML_WIDTH);
        if (o->asa) batch.cpml = &cpml;
    } else if (o->asa) {
        batch.fused = &fused;
    }
    return um_loss_umcl(loss, &batch);
}

static void scale(float *x, size_t n, double by)
{
    for (size_t i = 0; i < n; i++) x[i] = (float)(by * x[i]);
}

static umcl_status head_backward(um_joint *j, double weight)
{
    um_head *h = j->head;

    scale(j->d_logits, j->rows * 2, weight);
    UM_TRY(um_write_grad(h->graph, h->logits, j->d_logits));
    if (um_has(j->options.set, UM_PULSE)) {
        scale(j->d_pulse, j->rows * UM_PHYSFORMER_FEATURE, weight);
        UM_TRY(um_write_grad(h->graph, h->feature[UM_PULSE], j->d_pulse));
    }
    if (h->unified) {
        scale(j->d_unified, j->rows * UM_CPML_WIDTH, weight);
        UM_TRY(um_write_grad(h->graph, h->unified, j->d_unified));
    }
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        if (!h->projected[k]) continue;
        scale(j->d_projected[k], j->rows * UM_FUSION_WIDTH, weight);
        UM_TRY(um_write_grad(h->graph, h->projected[k], j->d_projected[k]));
    }
    return um_graph_backward(h->graph);
}

static umcl_status backward(um_joint *j, double weight)
{
    UM_TRY(head_backward(j, weight));
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        um_encoder *e = j->encoder[k];

        if (!e) continue;
        UM_TRY(um_read_grad(j->head->graph, j->head->body[k], j->grad[k]));
        for (size_t row = 0; row < j->rows; row += um_encoder_batch(e)) {
            if (um_encoder_batch(e) < j->rows) UM_TRY(run_chunk(j, k, row));
            UM_TRY(um_encoder_backward(e, j->grad[k] + row * body_width(k)));
        }
    }
    return UMCL_OK;
}

static umcl_status check(const um_umcl_loss *l, uint64_t step)
{
    const struct {
        const char *name;
        double value;
    } terms[] = {{"cross-entropy", l->bce},    {"pull (CQSL)", l->phy.pull},
                 {"push (CQSL)", l->phy.push}, {"heart rate (CQSL)", l->phy.heart_rate},
                 {"affinity (ASA)", l->aff},   {"consistency (CPML)", l->cpml.total}};

    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        if (!isfinite(terms[i].value))
            return um_fail(UMCL_ERR_INTERNAL, "training: the loss's %s is not finite at step %llu",
                           terms[i].name, (unsigned long long)step + 1);
    return UMCL_OK;
}

umcl_status um_joint_step(um_umcl_loss *loss, um_joint *j, const size_t *couples, uint64_t step,
                          double weight)
{
    j->key = um_rng_at(j->options.seed ^ UINT64_C(0x6A6F696E74), step);
    UM_TRY(take_inputs(j, couples));
    UM_TRY(forward(j));
    UM_TRY(losses(loss, j));
    UM_TRY(check(loss, step));
    return backward(j, weight);
}

static double affinity(um_affinity kind, const float *x, const float *y, size_t n)
{
    double dot = 0;

    switch (kind) {
    case UM_AFFINITY_COSINE: return (1 + um_cosine(x, y, n)) / 2;
    case UM_AFFINITY_RELU_COSINE: return fmax(0, um_cosine(x, y, n));
    default:
        for (size_t i = 0; i < n; i++) dot += (double)x[i] * y[i];
        return 1 / (1 + exp(-dot));
    }
}

size_t um_joint_affinities(const um_joint *j, um_joint_affinity out[UM_MAX_PAIRS])
{
    size_t n = 0;

    for (int a = 0; a < UM_N_MODALITIES; a++)
        for (int b = a + 1; b < UM_N_MODALITIES; b++) {
            um_joint_affinity *to = &out[n];

            if (!j->head->projected[a] || !j->head->projected[b]) continue;
            *to = (um_joint_affinity){(um_modality_kind)a, (um_modality_kind)b, {{0}}};
            for (size_t row = 0; row < j->rows; row++)
                to->mean[row / j->batch][row % 2] +=
                    affinity(j->options.affinity,
                             (const float *)um_data(j->head->projected[a]) + row * UM_FUSION_WIDTH,
                             (const float *)um_data(j->head->projected[b]) + row * UM_FUSION_WIDTH,
                             UM_FUSION_WIDTH) /
                    ((double)j->batch / 2);
            n++;
        }
    return n;
}
