/*
 * UMCL in use: sets of modalities, shapes, prompts that know no label, and its model files.
 */
#include "../test.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/model_meta.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "model/judge.h"
#include "model/lrnet.h"
#include "model/umcl_file.h"

#define FILE_NAME "umcl_net.safetensors"
#define OTHER_NAME "umcl_net.other.safetensors"

enum { P = 1 << UM_PULSE, L = 1 << UM_LANDMARKS, T = 1 << UM_TEXT, X = 1 << UM_TEXTURE };

static um_prompt_table prompts;
static float landmarks[UM_WINDOW * UM_LRNET_INPUTS];
static uint8_t *crops; /* of every frame */

static int prepare(void **state)
{
    um_rng rng = um_rng_new(1, "window");

    (void)state;
    um_threads_set(1);
    assert_ok(um_prompt_table_random(&prompts, 1));
    assert_ok(um_calloc(&crops, UM_WINDOW, 128 * 128 * 3));
    for (size_t i = 0; i < UM_WINDOW * UM_LRNET_INPUTS; i++)
        landmarks[i] = (float)um_rng_normal(&rng) / 2;
    for (size_t i = 0; i < (size_t)UM_WINDOW * 128 * 128 * 3; i++)
        crops[i] = (uint8_t)(i * 7919 >> 5);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    um_prompt_table_clear(&prompts);
    free(crops);
    unlink(FILE_NAME);
    unlink(OTHER_NAME);
    return 0;
}

static um_umcl_spec spec_of(um_modalities set, um_prompt_policy policy)
{
    return (um_umcl_spec){.set = set,
                          .policy = policy,
                          .prompts = UM_PROMPTS_DESCRIPTION,
                          .table = set & T ? &prompts : NULL};
}

/* The window as a set looks at it. */
static um_window window_of(um_modalities set, bool fake)
{
    return (um_window){landmarks, crops, um_modalities_crop_step(set) ? 1 : 0, fake};
}

static void sets_are_parsed(void **state)
{
    static const struct {
        const char *letters, *sorted;
        int window, crop_step;
    } good[] = {{"l", "l", 60, 0},     {"p", "p", 160, 1},    {"x", "x", 160, 10},
                {"tl", "lt", 60, 0},   {"xl", "lx", 160, 10}, {"xtlp", "pltx", 160, 1},
                {"tx", "tx", 160, 10}, {"plt", "plt", 160, 1}};
    static const struct {
        const char *letters, *says;
    } bad[] = {{"", "expected one that looks at the video (p, l or x), found ''"},
               {"t", "expected one that looks at the video (p, l or x), found 't'"},
               {"lq", "texture), found 'q' in 'lq'"},
               {"L", "found 'L'"},
               {"l,t", "found ','"},
               {"ltl", "'l' stands twice in 'ltl'"}};
    um_modalities set;
    char text[UM_N_MODALITIES + 1];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_ok(um_modalities_parse(&set, good[i].letters));
        um_modalities_text(text, set);
        assert_string_equal(text, good[i].sorted);
        assert_int_equal(um_modalities_window(set), good[i].window);
        assert_int_equal(um_modalities_crop_step(set), good[i].crop_step);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(UMCL_ERR_INVALID, bad[i].says, um_modalities_parse(&set, bad[i].letters));
}

/* m = 1 .. 4: the classifier reads m projections, and nothing else is there. */
static void any_number_of_modalities(void **state)
{
    static const um_modalities sets[] = {L, X, L | T, L | X, L | T | X, P | L | T | X};

    (void)state;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        um_umcl_spec spec = spec_of(sets[i], UM_POLICY_NEUTRAL);
        um_window window = window_of(sets[i], false);
        int m = __builtin_popcount(sets[i]);
        const um_param *weight;
        um_params *params;
        um_umcl_net *net;
        double odds;

        assert_ok(um_params_new(&params, um_backend_cpu()));
        assert_ok(um_umcl_net_new(&net, params, &spec, 1));
        weight = um_params_find(params, "classifier.weight");
        assert_int_equal(weight->value.shape.dim[0], 2);
        assert_int_equal(weight->value.shape.dim[1], 320 * m);
        for (int k = 0; k < UM_N_MODALITIES; k++) {
            char name[64];

            snprintf(name, sizeof name, "project.%s.weight",
                     um_modality_get((um_modality_kind)k)->name);
            weight = um_params_find(params, name);
            assert_int_equal(weight != NULL, um_has(sets[i], (um_modality_kind)k));
            if (weight)
                assert_int_equal(weight->value.shape.dim[1],
                                 um_modality_get((um_modality_kind)k)->feature);
        }
        assert_ok(um_umcl_score(net, &window, &odds));
        assert_true(isfinite(odds) && odds != 0);
        assert_int_equal(um_umcl_waveform(net) != NULL, um_has(sets[i], UM_PULSE));
        um_umcl_net_free(net);
        um_params_free(params);
    }
}

static double score_with(um_params *params, um_prompt_policy policy, bool fake)
{
    um_umcl_spec spec = spec_of(L | T, policy);
    um_window window = window_of(L | T, fake);
    um_umcl_net *net;
    double odds;

    assert_ok(um_umcl_net_new(&net, params, &spec, 1));
    assert_ok(um_umcl_score(net, &window, &odds));
    um_umcl_net_free(net);
    return odds;
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static void only_the_oracle_knows_labels(void **state)
{
    um_params *params;
    double real, fake, marginal;

    (void)state;
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_true(score_with(params, UM_POLICY_NEUTRAL, false) ==
                score_with(params, UM_POLICY_NEUTRAL, true));
    marginal = score_with(params, UM_POLICY_MARGINAL, false);
    assert_true(marginal == score_with(params, UM_POLICY_MARGINAL, true));
    real = score_with(params, UM_POLICY_ORACLE, false);
    fake = score_with(params, UM_POLICY_ORACLE, true);
    assert_true(real != fake);
    /* Both classes have as many prompts: the mean over all is that of the classes' means. */
    assert_float_equal(sigmoid(marginal), (sigmoid(real) + sigmoid(fake)) / 2, 1e-6);
    um_params_free(params);
}

/* Marginal is the mean probability over each prompt by itself. */
static void marginal_is_the_mean_over_prompts(void **state)
{
    size_t n = um_prompt_count(UM_PROMPTS_DESCRIPTION);
    um_umcl_spec spec = spec_of(L | T, UM_POLICY_NEUTRAL);
    um_prompt_table one = {.n = prompts.n};
    um_window window = window_of(L | T, false);
    um_params *params;
    um_umcl_net *net;
    double mean = 0, odds;
    float *neutral;

    (void)state;
    assert_ok(um_calloc(&one.embedding, one.n * UM_CLIP_WIDTH, sizeof(float)));
    neutral = one.embedding +
              (um_prompt_embedding(&prompts, UM_PROMPTS_NEUTRAL, false, 0) - prompts.embedding);
    spec.table = &one;
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_umcl_net_new(&net, params, &spec, 1));
    for (int fake = 0; fake < 2; fake++)
        for (size_t i = 0; i < n; i++) {
            memcpy(neutral, um_prompt_embedding(&prompts, UM_PROMPTS_DESCRIPTION, fake, i),
                   UM_CLIP_WIDTH * sizeof(float));
            assert_ok(um_umcl_score(net, &window, &odds));
            mean += sigmoid(odds) / (double)(2 * n);
        }
    assert_float_equal(mean, sigmoid(score_with(params, UM_POLICY_MARGINAL, false)), 1e-6);
    um_umcl_net_free(net);
    um_params_free(params);
    free(one.embedding);
}

/* Writes a model of random weights; returns its score. */
static double write_model(um_modalities set, um_prompt_policy policy)
{
    um_umcl_spec spec = spec_of(set, policy);
    um_window window = window_of(set, false);
    um_st_writer *w;
    um_params *params;
    um_umcl_net *net;
    double odds;

    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_umcl_net_new(&net, params, &spec, 3));
    assert_ok(um_umcl_score(net, &window, &odds));
    assert_ok(um_st_writer_new(&w));
    assert_ok(um_umcl_save(w, params, &spec));
    assert_ok(um_model_file_write(w, FILE_NAME, UM_UMCL_KIND, "1", "a test", NULL));
    um_st_writer_free(w);
    um_umcl_net_free(net);
    um_params_free(params);
    return odds;
}

static umcl_status load(um_umcl_model *m, const char *path)
{
    um_st_file *file;
    umcl_status st;

    UM_TRY(um_model_file_open(&file, path, UM_UMCL_KIND));
    st = um_umcl_load(m, file, path, NULL, NULL);
    um_st_free(file);
    return st;
}

static void a_file_gives_the_same_score(void **state)
{
    static const um_modalities sets[] = {L, L | T, L | T | X};

    (void)state;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        double odds = write_model(sets[i], i == 1 ? UM_POLICY_MARGINAL : UM_POLICY_NEUTRAL);
        um_window window = window_of(sets[i], true);
        double again, logit, score;
        um_umcl_model m;
        um_judge *judge;

        assert_ok(load(&m, FILE_NAME));
        assert_int_equal(m.spec.set, sets[i]);
        assert_ok(um_umcl_score(m.net, &window, &again));
        assert_true(again == odds);
        um_umcl_model_clear(&m);
        assert_ok(um_judge_open(&judge, FILE_NAME));
        assert_ok(um_judge_score(judge, &window, &score, &logit));
        assert_true(logit == odds && fabs(score - sigmoid(odds)) < 1e-12);
        um_judge_free(judge);
    }
}

typedef enum fault { HAS_NAN, HAS_SHAPE, LACKS, HAS_MORE, HAS_META, LACKS_META } fault;

/* Copies the model file with one fault, in a tensor or a key of its metadata. */
static void spoil(fault f, const char *name, const char *value)
{
    static const char *const keys[] = {UM_META_MODALITIES, UM_META_POLICY, UM_META_PROMPTS,
                                       "text_encoder"};
    const int64_t one = 1;
    float *own = NULL, zero = 0;
    um_st_writer *w;
    um_st_file *file;

    assert_ok(um_st_read(&file, FILE_NAME));
    assert_ok(um_st_writer_new(&w));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *v = um_st_meta(file, keys[i]);

        if (!strcmp(keys[i], name) && f == LACKS_META) continue;
        if (!strcmp(keys[i], name) && f == HAS_META) v = value;
        if (v) assert_ok(um_st_writer_meta(w, keys[i], v));
    }
    for (size_t i = 0; i < um_st_count(file); i++) {
        um_st_tensor t = *um_st_at(file, i);
        bool is_it = !strcmp(t.name, name);

        if (is_it && f == LACKS) continue;
        if (is_it && f == HAS_SHAPE) t.dim[t.rank++] = 1;
        if (is_it && f == HAS_NAN) {
            assert_ok(um_calloc(&own, t.count, sizeof *own));
            own[t.count / 2] = NAN;
            t.data = own;
        }
        assert_ok(um_st_writer_add(w, t.name, t.type, t.rank, t.dim, t.data));
    }
    if (f == HAS_MORE) assert_ok(um_st_writer_add(w, name, UM_ST_F32, 1, &one, &zero));
    assert_ok(um_model_file_write(w, OTHER_NAME, UM_UMCL_KIND, "1", "a test", NULL));
    um_st_writer_free(w);
    um_st_free(file);
    free(own);
}

static void faulty_files_are_refused(void **state)
{
    static const struct {
        fault fault;
        const char *name, *value;
        umcl_status status;
        const char *says;
    } bad[] = {
        {LACKS, "classifier.weight", NULL, UMCL_ERR_NOT_FOUND, "classifier.weight"},
        {LACKS, "landmarks.g1.gru.weight_ih_l0", NULL, UMCL_ERR_NOT_FOUND, "landmarks.g1.gru"},
        {LACKS, "prompts", NULL, UMCL_ERR_FORMAT, "expected the prompts' embeddings, found none"},
        {HAS_SHAPE, "project.text.weight", NULL, UMCL_ERR_SHAPE, "project.text.weight"},
        {HAS_SHAPE, "prompts", NULL, UMCL_ERR_SHAPE, "embeddings of 512 values"},
        {HAS_NAN, "project.text.weight", NULL, UMCL_ERR_FORMAT, "project.text.weight"},
        {HAS_NAN, "prompts", NULL, UMCL_ERR_FORMAT, "prompts"},
        {HAS_META, UM_META_MODALITIES, "ltx", UMCL_ERR_NOT_FOUND, "texture."},
        {HAS_META, UM_META_MODALITIES, "lq", UMCL_ERR_FORMAT, "found 'q' in 'lq'"},
        {HAS_META, UM_META_MODALITIES, "l", UMCL_ERR_SHAPE, "classifier.weight"},
        {HAS_META, UM_META_POLICY, "oracle", UMCL_ERR_FORMAT, "found the policy 'oracle'"},
        {HAS_META, UM_META_POLICY, "guess", UMCL_ERR_FORMAT, "found 'guess'"},
        {HAS_META, UM_META_PROMPTS, "invalid", UMCL_ERR_FORMAT, "found 'invalid'"},
        {LACKS_META, UM_META_MODALITIES, NULL, UMCL_ERR_FORMAT, "expected its modalities"},
        {LACKS_META, UM_META_POLICY, NULL, UMCL_ERR_FORMAT, "how prompts are chosen"},
        {LACKS_META, "text_encoder", NULL, UMCL_ERR_FORMAT, "prompts' embeddings"},
    };
    um_umcl_model m;

    (void)state;
    write_model(L | T, UM_POLICY_NEUTRAL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        spoil(bad[i].fault, bad[i].name, bad[i].value);
        assert_fails(bad[i].status, bad[i].says, load(&m, OTHER_NAME));
        assert_non_null(strstr(umcl_last_error(), OTHER_NAME));
        assert_null(m.net);
    }
    /* What training adds to a checkpoint is no fault. */
    spoil(HAS_MORE, "optim.something", NULL);
    assert_ok(load(&m, OTHER_NAME));
    um_umcl_model_clear(&m);
}

static void other_kinds_are_refused(void **state)
{
    um_umcl_model m;

    (void)state;
    assert_fails(UMCL_ERR_MISMATCH, "expected a model of kind umcl, found lrnet",
                 load(&m, UMCL_TEST_SOURCE "/models/lrnet.safetensors"));
}

/* A policy that is asked for by name comes before the file's, the oracle included. */
static void the_oracle_is_asked_for_by_name(void **state)
{
    um_window real = window_of(L | T, false), fake = window_of(L | T, true);
    double a, b;
    um_judge *judge;

    (void)state;
    write_model(L | T, UM_POLICY_NEUTRAL);
    assert_ok(um_judge_open_policy(&judge, FILE_NAME, UM_POLICY_ORACLE));
    assert_ok(um_judge_score(judge, &real, NULL, &a));
    assert_ok(um_judge_score(judge, &fake, NULL, &b));
    assert_true(a != b);
    um_judge_free(judge);
}

/* An encoder from a whole model, from a file of its own, and from what is neither. */
static void encoders_are_read_by_themselves(void **state)
{
    um_umcl_spec spec = spec_of(L, UM_POLICY_NEUTRAL);
    um_params *params;
    um_umcl_net *net;
    um_umcl_model m;
    const um_param *p, *q;
    char hash[80];

    (void)state;
    write_model(L | T, UM_POLICY_NEUTRAL);
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_umcl_net_new(&net, params, &spec, 9));
    p = um_params_find(params, "landmarks.g1.gru.weight_ih_l0");
    assert_ok(load(&m, FILE_NAME));
    q = um_params_find(m.params, p->name);
    assert_memory_not_equal(um_f32(&p->value), um_f32(&q->value), um_tensor_bytes(&p->value));
    assert_ok(um_umcl_load_encoder(params, UM_LANDMARKS, FILE_NAME, hash));
    assert_memory_equal(um_f32(&p->value), um_f32(&q->value), um_tensor_bytes(&p->value));
    assert_memory_equal(hash, "sha256:", 7);
    um_umcl_model_clear(&m);
    assert_ok(um_umcl_load_encoder(params, UM_LANDMARKS,
                                   UMCL_TEST_SOURCE "/models/lrnet.safetensors", hash));
    assert_fails(UMCL_ERR_MISMATCH, "expected a model of kind lrnet",
                 um_umcl_load_encoder(params, UM_LANDMARKS,
                                      UMCL_TEST_SOURCE "/models/pulse.safetensors", hash));
    assert_fails(UMCL_ERR_NOT_FOUND, "absent.safetensors",
                 um_umcl_load_encoder(params, UM_LANDMARKS, "absent.safetensors", hash));
    um_umcl_net_free(net);
    um_params_free(params);
}

/* A window that lacks what a modality looks at. */
static void windows_must_have_what_is_looked_at(void **state)
{
    um_umcl_spec spec = spec_of(L | X, UM_POLICY_NEUTRAL);
    um_window window = window_of(L | X, false);
    um_params *params;
    um_umcl_net *net;
    double odds;

    (void)state;
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_umcl_net_new(&net, params, &spec, 1));
    window.crop_step = 3;
    assert_fails(UMCL_ERR_INVALID, "texture: expected every 10-th crop, found every 3-th",
                 um_umcl_score(net, &window, &odds));
    window.crop_step = 0;
    assert_fails(UMCL_ERR_INVALID, "texture: expected every 10-th crop",
                 um_umcl_score(net, &window, &odds));
    window = window_of(L | X, false);
    window.landmarks = NULL;
    assert_fails(UMCL_ERR_INVALID, "landmarks: expected landmarks",
                 um_umcl_score(net, &window, &odds));
    um_umcl_net_free(net);
    um_params_free(params);
}

/* Every tenth crop gives what all of them give to an encoder that looks at every tenth. */
static void crops_may_be_thinned(void **state)
{
    um_umcl_spec spec = spec_of(X, UM_POLICY_NEUTRAL);
    um_window all = window_of(X, false), thin = all;
    uint8_t *tenth;
    um_params *params;
    um_umcl_net *net;
    double a, b;

    (void)state;
    assert_ok(um_calloc(&tenth, 16, 128 * 128 * 3));
    for (size_t i = 0; i < 16; i++)
        memcpy(tenth + i * 128 * 128 * 3, crops + 10 * i * 128 * 128 * 3, 128 * 128 * 3);
    thin.crops = tenth;
    thin.crop_step = 10;
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_umcl_net_new(&net, params, &spec, 1));
    assert_ok(um_umcl_score(net, &all, &a));
    assert_ok(um_umcl_score(net, &thin, &b));
    assert_true(a == b);
    um_umcl_net_free(net);
    um_params_free(params);
    free(tenth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_are_parsed),
        cmocka_unit_test(any_number_of_modalities),
        cmocka_unit_test(only_the_oracle_knows_labels),
        cmocka_unit_test(marginal_is_the_mean_over_prompts),
        cmocka_unit_test(a_file_gives_the_same_score),
        cmocka_unit_test(faulty_files_are_refused),
        cmocka_unit_test(other_kinds_are_refused),
        cmocka_unit_test(the_oracle_is_asked_for_by_name),
        cmocka_unit_test(encoders_are_read_by_themselves),
        cmocka_unit_test(windows_must_have_what_is_looked_at),
        cmocka_unit_test(crops_may_be_thinned),
    };

    return cmocka_run_group_tests(tests, prepare, finish);
}
