/*
 * A step of joint training: its gradient is that of the loss, whatever is run in chunks or twice;
 * and the batches in which something is constant, random or not a number.
 */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "model/encoder.h"
#include "model/lrnet.h"
#include "support_tracks.h"
#include "train/joint_step.h"

#define CACHE "joint_step.cache"

enum { P = 1 << UM_PULSE, L = 1 << UM_LANDMARKS, T = 1 << UM_TEXT, X = 1 << UM_TEXTURE };

static um_prompt_table prompts;

static int prepare(void **state)
{
    (void)state;
    um_threads_set(1);
    return um_prompt_table_random(&prompts, 1) == UMCL_OK ? 0 : -1;
}

static int finish(void **state)
{
    (void)state;
    um_prompt_table_clear(&prompts);
    return 0;
}

static um_joint_options options_of(um_modalities set, um_modalities trained, int batch)
{
    um_joint_options o = UM_JOINT_OPTIONS_INIT;

    o.set = set;
    o.trained = trained;
    o.batch = batch;
    return o;
}

static bool is_finite(const um_umcl_loss *l)
{
    return isfinite(l->bce) && isfinite(l->aff) && isfinite(l->phy.total) && isfinite(l->total);
}

static size_t count_of(const um_param *p)
{
    return (size_t)um_shape_count(&p->value.shape);
}

/* Sum of the squares of all gradients. */
static double grad_square(const um_params *params)
{
    double sum = 0;

    for (size_t i = 0; i < um_params_count(params); i++) {
        const um_param *p = um_params_at(params, i);

        for (size_t k = 0; !p->buffer && k < count_of(p); k++)
            sum += (double)um_f32(&p->grad)[k] * um_f32(&p->grad)[k];
    }
    return sum;
}

/* Moves all parameters by `by` along their gradients `along`, one after the other. */
static void move(um_params *params, const float *along, double by)
{
    for (size_t i = 0; i < um_params_count(params); i++) {
        um_param *p = um_params_at(params, i);
        size_t n = count_of(p);
        float *to;

        if (p->buffer) continue;
        to = malloc(n * sizeof *to);
        for (size_t k = 0; k < n; k++) to[k] = um_f32(&p->value)[k] + (float)(by * *along++);
        assert_ok(um_param_set(params, p, to));
        free(to);
    }
}

static float *copy_grads(const um_params *params)
{
    float *all = malloc((size_t)um_params_size(params) * sizeof *all), *to = all;

    for (size_t i = 0; i < um_params_count(params); i++) {
        const um_param *p = um_params_at(params, i);

        if (p->buffer) continue;
        memcpy(to, um_f32(&p->grad), count_of(p) * sizeof *to);
        to += count_of(p);
    }
    return all;
}

static double loss_at(um_joint *j, const um_joint_options *o, const size_t *couples)
{
    bool cpml = o->fusion == UM_FUSION_CPML;
    um_umcl_loss loss;

    assert_ok(um_joint_step(&loss, j, couples, 7, 1));
    assert_true(fabs(loss.total - loss.bce - o->alpha * loss.phy.total -
                     o->beta * (cpml ? loss.cpml.total : loss.aff)) < 1e-9);
    assert_true((cpml ? loss.aff : loss.cpml.total) == 0);
    return loss.total;
}

/* Along the gradient the loss rises as steeply as the gradient is long. */
static void check_gradient(const um_joint_options *options)
{
    um_joint_options o = *options;
    um_modalities set = o.set;
    um_take_store store = store_of_random(4, UM_WINDOW, set & ~o.trained & ~(um_modalities)T);
    const size_t couples[] = {1, 0};
    double square, rise, step;
    um_params *params;
    um_joint *j;
    float *grads;

    o.dropout = 0.2;
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_joint_new(&j, params, &store, NULL, set & T ? &prompts : NULL, &o));
    assert_ok(um_params_zero_grad(params));
    loss_at(j, &o, couples);
    square = grad_square(params);
    assert_true(square > 1e-4 && isfinite(square));
    grads = copy_grads(params);
    step = 5e-3 / sqrt(square);
    move(params, grads, step);
    rise = loss_at(j, &o, couples);
    move(params, grads, -2 * step);
    rise -= loss_at(j, &o, couples);
    assert_float_equal(rise / (2 * step * square), 1, 0.02);
    free(grads);
    um_joint_free(j);
    um_params_free(params);
    um_take_store_clear(&store);
}

static void check_gradient_of(um_modalities set, um_modalities trained)
{
    um_joint_options o = options_of(set, trained, 4);

    check_gradient(&o);
}

static void gradient_is_that_of_the_loss(void **state)
{
    (void)state;
    check_gradient_of(L, L);
    check_gradient_of(L | T, L);
    check_gradient_of(P | L | T, L);
    check_gradient_of(P | L | T | X, L);
    check_gradient_of(P | X, 0);
}

static um_joint_options cpml_options(um_modalities trained, int batch)
{
    um_joint_options o = options_of(P | L | T, trained, batch);

    o.fusion = UM_FUSION_CPML;
    o.alpha = UM_CPML_PHY;
    o.beta = UM_CPML_CONSISTENCY;
    return o;
}

/* The same holds for the baseline, whether prompts tell the class or say nothing. */
static void gradient_of_cpml(void **state)
{
    um_joint_options o = cpml_options(L, 4);

    (void)state;
    for (int always = 0; always < 2; always++) {
        o.class_prompt = always;
        check_gradient(&o);
    }
}

/* CPML has terms of its own, projects nothing, and takes the paper's three modalities alone. */
static void cpml_has_its_own_terms(void **state)
{
    um_take_store store = store_of_random(2, UM_WINDOW, P | L | X);
    um_joint_options o = cpml_options(0, 2);
    um_joint_affinity pairs[UM_MAX_PAIRS];
    const size_t couple = 0;
    um_umcl_loss loss;
    um_params *params;
    um_joint *j;

    (void)state;
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_joint_new(&j, params, &store, NULL, &prompts, &o));
    assert_ok(um_joint_step(&loss, j, &couple, 0, 1));
    assert_true(loss.cpml.own > 0 && loss.cpml.views > 0 && loss.phy.total > 0);
    assert_int_equal(um_joint_affinities(j, pairs), 0);
    assert_null(um_params_find(params, "project.pulse.weight"));
    assert_non_null(um_params_find(params, "unify.weight"));
    um_joint_free(j);
    o.asa = false;
    assert_ok(um_joint_new(&j, params, &store, NULL, &prompts, &o));
    assert_ok(um_joint_step(&loss, j, &couple, 0, 1));
    assert_true(loss.cpml.total == 0);
    um_joint_free(j);
    o.set = P | L | T | X;
    assert_fails(UMCL_ERR_INVALID, "fusion cpml: expected the modalities plt, found pltx",
                 um_joint_new(&j, params, &store, NULL, &prompts, &o));
    um_params_free(params);
    um_take_store_clear(&store);
}

/* The whole batch in one graph for each encoder, as a step would be without chunks. */
static void whole_batch(um_params *params, const um_take_store *store, const um_take_plan *plan,
                        const um_joint_options *o)
{
    enum { B = 2, ROWS = 2 * B };
    float d_logits[ROWS * 2] = {0}, *d_projected[2], *d_body;
    const um_modality_kind kinds[] = {UM_LANDMARKS, UM_TEXTURE};
    const bool fake[B] = {false, true};
    um_views projected[2];
    um_asa_batch fused = {.batch = B,
                          .width = UM_FUSION_WIDTH,
                          .n_modalities = 2,
                          .modality = projected,
                          .sigma = o->affinity};
    um_umcl_batch batch = {.batch = B, .fake = fake, .alpha = o->alpha, .beta = o->beta};
    um_encoder *e;
    um_head *h;
    um_umcl_loss loss;
    um_take take;

    assert_ok(um_encoder_new(&e, params, UM_TEXTURE, ROWS, UM_WINDOW, UM_TRAIN, o->seed));
    assert_ok(um_head_new(&h, params, o->fusion, o->set, ROWS, UM_TRAIN, 0, o->seed));
    assert_ok(um_params_zero_grad(params));
    assert_ok(um_take_new(&take, &plan->options));
    for (size_t i = 0; i < B; i++) {
        assert_ok(um_take_make(&take, plan, i));
        for (size_t v = 0; v < UM_N_VIEWS; v++) {
            um_window w = {.crops = take.crops[v].rgb, .crop_step = plan->options.crop_step};

            assert_ok(um_encoder_fill(e, v * B + i, &w));
            memcpy(um_head_row(h, UM_LANDMARKS, v * B + i),
                   um_take_store_body(store, UM_LANDMARKS, (int)v, i), 128 * sizeof(float));
        }
    }
    assert_ok(um_encoder_run(e, 1));
    for (size_t i = 0; i < ROWS; i++)
        memcpy(um_head_row(h, UM_TEXTURE, i), um_encoder_body(e, i), 128 * sizeof(float));
    assert_ok(um_graph_forward(h->graph));
    for (size_t m = 0; m < 2; m++) {
        const float *x = um_data(h->projected[kinds[m]]);

        d_projected[m] = calloc(ROWS * UM_FUSION_WIDTH, sizeof(float));
        projected[m] = (um_views){{x, x + B * UM_FUSION_WIDTH},
                                  {d_projected[m], d_projected[m] + B * UM_FUSION_WIDTH}};
    }
    batch.logits = (um_views){{um_data(h->logits), (float *)um_data(h->logits) + 2 * B},
                              {d_logits, d_logits + 2 * B}};
    batch.fused = &fused;
    assert_ok(um_loss_umcl(&loss, &batch));
    assert_ok(um_write_grad(h->graph, h->logits, d_logits));
    for (size_t m = 0; m < 2; m++) {
        assert_ok(um_write_grad(h->graph, h->projected[kinds[m]], d_projected[m]));
        free(d_projected[m]);
    }
    assert_ok(um_graph_backward(h->graph));
    d_body = calloc(ROWS * 128, sizeof *d_body);
    assert_ok(um_read_grad(h->graph, h->body[UM_TEXTURE], d_body));
    assert_ok(um_encoder_backward(e, d_body));
    free(d_body);
    um_take_clear(&take);
    um_head_free(h);
    um_encoder_free(e);
}

static void chunks_give_the_gradient_of_the_whole_batch(void **state)
{
    um_take_store store = store_of_random(2, UM_WINDOW, L);
    um_joint_options o = options_of(L | X, X, 2);
    um_take_options takes = UM_TAKE_OPTIONS_INIT;
    um_params *chunks, *whole;
    um_umcl_loss loss;
    um_take_plan plan;
    made_tracks made;
    const size_t couple = 0;
    um_joint *j;

    (void)state;
    takes.crop_step = um_modalities_crop_step(o.set);
    tracks_make(&made, 2, 100, CACHE);
    assert_ok(um_take_plan_new(&plan, made.tracks, made.n, &takes));
    assert_ok(um_params_new(&chunks, um_backend_cpu()));
    assert_ok(um_params_new(&whole, um_backend_cpu()));
    assert_ok(um_joint_new(&j, chunks, &store, &plan, NULL, &o));
    assert_ok(um_params_zero_grad(chunks));
    assert_ok(um_joint_step(&loss, j, &couple, 0, 1));
    assert_true(loss.aff > 0);
    whole_batch(whole, &store, &plan, &o);
    assert_int_equal(um_params_count(chunks), um_params_count(whole));
    for (size_t i = 0; i < um_params_count(chunks); i++) {
        const um_param *a = um_params_at(chunks, i), *b = um_params_find(whole, a->name);
        double most = 0, off = 0;

        assert_non_null(b);
        for (size_t k = 0; !a->buffer && k < count_of(a); k++) {
            most = fmax(most, fabs((double)um_f32(&b->grad)[k]));
            off = fmax(off, fabs((double)um_f32(&a->grad)[k] - um_f32(&b->grad)[k]));
        }
        if (off > 1e-3 * most + 1e-9) fail_msg("%s: %g off, of %g", a->name, off, most);
    }
    um_joint_free(j);
    um_params_free(chunks);
    um_params_free(whole);
    um_take_plan_clear(&plan);
    um_take_store_clear(&store);
    tracks_clear(&made);
}

/* What is random about a step is a function of its number; gradients add up by weight. */
static void steps_repeat_and_add_up(void **state)
{
    um_take_store store = store_of_random(4, UM_WINDOW_LANDMARKS, 0);
    um_joint_options o = options_of(L | T, L, 2);
    const size_t couple = 1;
    um_umcl_loss first, again, other;
    um_params *params;
    float *once, *halves;
    um_joint *j;

    (void)state;
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_joint_new(&j, params, &store, NULL, &prompts, &o));
    assert_ok(um_params_zero_grad(params));
    assert_ok(um_joint_step(&first, j, &couple, 3, 1));
    once = copy_grads(params);
    assert_ok(um_params_zero_grad(params));
    assert_ok(um_joint_step(&other, j, &couple, 4, 1));
    assert_true(other.total != first.total);
    assert_ok(um_params_zero_grad(params));
    for (int i = 0; i < 2; i++) assert_ok(um_joint_step(&again, j, &couple, 3, 0.5));
    assert_memory_equal(&first, &again, sizeof first);
    halves = copy_grads(params);
    for (int64_t i = 0; i < um_params_size(params); i++)
        assert_float_equal(once[i], halves[i], 1e-6);
    free(once);
    free(halves);
    um_joint_free(j);
    um_params_free(params);
    um_take_store_clear(&store);
}

/* One step of pulse and landmarks, both frozen, on what the store has. */
static umcl_status frozen_step(um_umcl_loss *loss, um_params **params, const um_take_store *store)
{
    um_joint_options o = options_of(P | L, 0, 2);
    const size_t couple = 0;
    um_joint *j;
    umcl_status st;

    assert_ok(um_params_new(params, um_backend_cpu()));
    assert_ok(um_joint_new(&j, *params, store, NULL, NULL, &o));
    assert_ok(um_params_zero_grad(*params));
    st = um_joint_step(loss, j, &couple, 2, 1);
    um_joint_free(j);
    return st;
}

static void constant_signals_do_no_harm(void **state)
{
    um_take_store store = store_of_random(2, UM_WINDOW, P | L);
    um_params *params;
    um_umcl_loss loss;

    (void)state;
    for (int v = 0; v < UM_N_VIEWS; v++)
        memset(store.body[UM_PULSE][v], 0, 2 * (size_t)um_modality_get(UM_PULSE)->body * 4);
    assert_ok(frozen_step(&loss, &params, &store));
    assert_true(is_finite(&loss));
    assert_true(loss.phy.heart_rate == 0);
    assert_true(isfinite(grad_square(params)) && grad_square(params) > 0);
    um_params_free(params);
    um_take_store_clear(&store);
}

static void what_is_no_number_is_named(void **state)
{
    um_take_store store = store_of_random(2, UM_WINDOW, P | L);
    um_params *params;
    um_umcl_loss loss;

    (void)state;
    store.body[UM_LANDMARKS][UM_LQ][5] = NAN;
    assert_fails(UMCL_ERR_INTERNAL, "the loss's cross-entropy is not finite at step 3",
                 frozen_step(&loss, &params, &store));
    assert_true(grad_square(params) == 0);
    um_params_free(params);
    um_take_store_clear(&store);
}

/* Of every pair one affinity a view and class, between 0 and 1. */
static void affinities_name_their_pairs(void **state)
{
    um_take_store store = store_of_random(2, UM_WINDOW, P | L | X);
    um_joint_options o = options_of(P | L | T | X, 0, 2);
    um_joint_affinity pairs[UM_MAX_PAIRS];
    const size_t couple = 0;
    um_umcl_loss loss;
    um_params *params;
    um_joint *j;

    (void)state;
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_joint_new(&j, params, &store, NULL, &prompts, &o));
    assert_ok(um_joint_step(&loss, j, &couple, 0, 1));
    assert_int_equal(um_joint_affinities(j, pairs), 6);
    assert_int_equal(pairs[0].first, UM_PULSE);
    assert_int_equal(pairs[0].second, UM_LANDMARKS);
    assert_int_equal(pairs[5].first, UM_TEXT);
    assert_int_equal(pairs[5].second, UM_TEXTURE);
    for (int i = 0; i < 6; i++)
        for (int v = 0; v < UM_N_VIEWS; v++)
            for (int c = 0; c < 2; c++)
                assert_true(pairs[i].mean[v][c] > 0 && pairs[i].mean[v][c] < 1);
    um_joint_free(j);
    um_params_free(params);
    um_take_store_clear(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_is_that_of_the_loss),
        cmocka_unit_test(gradient_of_cpml),
        cmocka_unit_test(cpml_has_its_own_terms),
        cmocka_unit_test(chunks_give_the_gradient_of_the_whole_batch),
        cmocka_unit_test(steps_repeat_and_add_up),
        cmocka_unit_test(constant_signals_do_no_harm),
        cmocka_unit_test(what_is_no_number_is_named),
        cmocka_unit_test(affinities_name_their_pairs),
    };

    return cmocka_run_group_tests(tests, prepare, finish);
}
