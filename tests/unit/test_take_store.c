/*
 * Stores of takes: what is kept in a file is what would be made, wherever the making stopped.
 */
#include "../test.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/parallel.h"
#include "model/encoder.h"
#include "model/lrnet.h"
#include "model/texture.h"
#include "support_tracks.h"

#define CACHE "take_store.cache"
#define FILE_NAME "take_store.safetensors"

enum { L = 1 << UM_LANDMARKS, X = 1 << UM_TEXTURE, N = 4 };

static made_tracks made;
static um_take_plan plan;
static um_params *encoders;

static int prepare(void **state)
{
    um_take_options o = UM_TAKE_OPTIONS_INIT;

    (void)state;
    um_threads_set(1);
    o.crop_step = 10;
    o.pseudo = 0;
    o.strength = 0;
    tracks_make(&made, 4, 100, CACHE);
    assert_ok(um_take_plan_new(&plan, made.tracks, made.n, &o));
    assert_ok(um_params_new(&encoders, um_backend_cpu()));
    return 0;
}

static int finish(void **state)
{
    (void)state;
    um_params_free(encoders);
    um_take_plan_clear(&plan);
    tracks_clear(&made);
    unlink(FILE_NAME);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    unlink(FILE_NAME);
    return 0;
}

static um_take_store_options options_of(um_modalities frozen, const char *file)
{
    um_take_store_options o = {.n = N, .frozen = frozen, .file = file, .recipe = "a test"};

    o.weights[UM_LANDMARKS] = "first";
    o.weights[UM_TEXTURE] = "second";
    return o;
}

static void assert_same(const um_take_store *a, const um_take_store *b, um_modalities kinds)
{
    size_t row = UM_WINDOW * UM_LRNET_INPUTS;

    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->landmarks, b->landmarks, a->n * row * sizeof(float));
    for (int k = 0; k < UM_N_MODALITIES; k++)
        for (int v = 0; v < UM_N_VIEWS && um_has(kinds, (um_modality_kind)k); v++)
            assert_memory_equal(a->body[k][v], b->body[k][v],
                                a->n * (size_t)um_modality_get((um_modality_kind)k)->body *
                                    sizeof(float));
}

static bool stop_at(void *user, size_t done, size_t n)
{
    assert_int_equal(n, N);
    return done < *(size_t *)user;
}

/* Takes whose landmarks the file has. */
static size_t rows_in_file(void)
{
    um_st_file *file;
    size_t n;

    assert_ok(um_st_read(&file, FILE_NAME));
    n = (size_t)um_st_find(file, "landmarks")->dim[0];
    um_st_free(file);
    return n;
}

static void bodies_are_those_of_both_views(void **state)
{
    um_take_store_options o = options_of(L | X, NULL);
    um_take_store s;
    um_encoder *e;
    um_take take;

    (void)state;
    assert_ok(um_take_store_make(&s, &plan, encoders, &o, NULL, NULL));
    assert_ok(um_take_new(&take, &plan.options));
    assert_ok(um_encoder_new(&e, encoders, UM_TEXTURE, 1, UM_WINDOW, UM_INFER, 0));
    for (size_t i = 0; i < N; i += N - 1) {
        assert_ok(um_take_make(&take, &plan, i));
        assert_memory_equal(take.landmarks, s.landmarks + i * UM_WINDOW * UM_LRNET_INPUTS,
                            UM_WINDOW * UM_LRNET_INPUTS * sizeof(float));
        for (int v = 0; v < UM_N_VIEWS; v++) {
            um_window w = {.crops = take.crops[v].rgb, .crop_step = 10};

            assert_ok(um_encoder_fill(e, 0, &w));
            assert_ok(um_encoder_run(e, 0));
            assert_memory_equal(um_encoder_body(e, 0), um_take_store_body(&s, UM_TEXTURE, v, i),
                                UM_TEXTURE_FEATURE * sizeof(float));
        }
        for (int k = 0; k < UM_N_MODALITIES; k++) /* each encoder sees two views */
            if (um_has(L | X, (um_modality_kind)k))
                assert_memory_not_equal(um_take_store_body(&s, (um_modality_kind)k, UM_HQ, i),
                                        um_take_store_body(&s, (um_modality_kind)k, UM_LQ, i),
                                        (size_t)um_modality_get((um_modality_kind)k)->body * 4);
    }
    um_encoder_free(e);
    um_take_clear(&take);
    um_take_store_clear(&s);
}

static void an_interrupted_file_goes_on(void **state)
{
    um_take_store_options to_file = options_of(L | X, FILE_NAME), in_memory = options_of(L | X, 0);
    um_take_store whole, s;

    (void)state;
    assert_ok(um_take_store_make(&whole, &plan, encoders, &in_memory, NULL, NULL));
    for (size_t stop = 1; stop < N; stop += 2) {
        assert_fails(UMCL_ERR_CANCELLED, "stopped",
                     um_take_store_make(&s, &plan, encoders, &to_file, stop_at, &stop));
        assert_null(s.landmarks);
        assert_int_equal(rows_in_file(), stop);
    }
    assert_ok(um_take_store_make(&s, &plan, encoders, &to_file, NULL, NULL));
    assert_same(&s, &whole, L | X);
    um_take_store_clear(&s);
    assert_ok(
        um_take_store_make(&s, &plan, encoders, &to_file, NULL, NULL)); /* all from the file */
    assert_same(&s, &whole, L | X);
    um_take_store_clear(&s);
    um_take_store_clear(&whole);
}

static void encoders_may_be_added_later(void **state)
{
    um_take_store_options landmarks = options_of(L, FILE_NAME), both = options_of(L | X, FILE_NAME);
    um_take_store_options in_memory = options_of(L | X, NULL), none = options_of(0, FILE_NAME);
    um_take_store whole, s;

    (void)state;
    assert_ok(um_take_store_make(&whole, &plan, encoders, &in_memory, NULL, NULL));
    assert_ok(um_take_store_make(&s, &plan, encoders, &landmarks, NULL, NULL));
    assert_null(s.body[UM_TEXTURE][UM_HQ]);
    um_take_store_clear(&s);
    assert_ok(um_take_store_make(&s, &plan, encoders, &both, NULL, NULL));
    assert_same(&s, &whole, L | X);
    um_take_store_clear(&s);
    assert_ok(um_take_store_make(&s, &plan, encoders, &none, NULL, NULL)); /* loses nothing */
    um_take_store_clear(&s);
    assert_ok(um_take_store_make(&s, &plan, encoders, &both, NULL, NULL));
    assert_same(&s, &whole, L | X);
    um_take_store_clear(&s);
    um_take_store_clear(&whole);
}

static void another_recipe_is_refused(void **state)
{
    um_take_store_options o = options_of(L, FILE_NAME);
    um_take_plan other = plan;
    um_take_store s;
    char *before, *after;
    size_t n, m;

    (void)state;
    assert_ok(um_take_store_make(&s, &plan, encoders, &o, NULL, NULL));
    um_take_store_clear(&s);
    assert_ok(um_file_read(&before, &n, FILE_NAME, 1 << 24));
    o.recipe = "another";
    assert_fails(UMCL_ERR_MISMATCH, "take_store.safetensors: takes of another recipe: expected",
                 um_take_store_make(&s, &plan, encoders, &o, NULL, NULL));
    o.recipe = "a test";
    o.n = N + 2;
    assert_fails(UMCL_ERR_MISMATCH, "found \"a test; 4 takes",
                 um_take_store_make(&s, &plan, encoders, &o, NULL, NULL));
    o.n = N;
    other.options.seed = 5;
    assert_fails(UMCL_ERR_MISMATCH, "seed 5",
                 um_take_store_make(&s, &other, encoders, &o, NULL, NULL));
    assert_ok(um_file_read(&after, &m, FILE_NAME, 1 << 24));
    assert_int_equal(n, m);
    assert_memory_equal(before, after, n);
    free(before);
    free(after);
}

static void damaged_files_are_refused(void **state)
{
    um_take_store_options o = options_of(L, FILE_NAME);
    um_take_store s;
    char *bytes;
    size_t n;

    (void)state;
    assert_ok(um_take_store_make(&s, &plan, encoders, &o, NULL, NULL));
    um_take_store_clear(&s);
    assert_ok(um_file_read(&bytes, &n, FILE_NAME, 1 << 24));
    assert_ok(um_file_write(FILE_NAME, bytes, n / 2));
    assert_fails(UMCL_ERR_FORMAT, FILE_NAME,
                 um_take_store_make(&s, &plan, encoders, &o, NULL, NULL));
    bytes[n - 2] ^= 1;
    assert_ok(um_file_write(FILE_NAME, bytes, n));
    assert_fails(UMCL_ERR_FORMAT, "damaged",
                 um_take_store_make(&s, &plan, encoders, &o, NULL, NULL));
    assert_ok(um_file_write(FILE_NAME, "takes", 5));
    assert_fails(UMCL_ERR_FORMAT, FILE_NAME,
                 um_take_store_make(&s, &plan, encoders, &o, NULL, NULL));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(bodies_are_those_of_both_views, fresh),
        cmocka_unit_test_setup(an_interrupted_file_goes_on, fresh),
        cmocka_unit_test_setup(encoders_may_be_added_later, fresh),
        cmocka_unit_test_setup(another_recipe_is_refused, fresh),
        cmocka_unit_test_setup(damaged_files_are_refused, fresh),
    };

    return cmocka_run_group_tests(tests, prepare, finish);
}
