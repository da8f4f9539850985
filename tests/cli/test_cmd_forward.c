/* umcl forward from outside: the tensors it promises, and what it says of those it cannot take. */
#include "support_cli.h"
#include "support_models.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"
#include "model/arch.h"
#include "nn/init.h"

/* Weights by formula, under the names of the public checkpoint. */
static void write_weights(const char *path, const char *kind)
{
    um_st_writer *w;
    um_params *set;
    um_arch *arch;

    assert_ok(um_arch_new(&arch, kind));
    assert_ok(um_params_new(&set, um_backend_cpu()));
    for (size_t i = 0; i < um_arch_count(arch); i++) {
        const um_arch_param *p = um_arch_at(arch, i);
        um_shape shape = {.rank = p->rank};
        um_param *added;

        for (int k = 0; k < p->rank; k++) shape.dim[k] = p->dim[k];
        assert_ok(um_params_add(set, &added, p->name, shape, p->is_buffer));
    }
    assert_ok(um_init_formula(set, "forward", ""));
    assert_ok(um_st_writer_new(&w));
    assert_ok(um_params_save(set, w, ""));
    assert_ok(um_st_write(w, path));
    um_st_writer_free(w);
    um_params_free(set);
    um_arch_free(arch);
}

/* The text transformer is large: its weights are bytes of 0 and 1, the same for every tensor. */
static void write_text_weights(const char *path)
{
    const size_t most = (size_t)49408 * 512;
    um_st_writer *w;
    uint8_t *bits;
    um_arch *arch;

    assert_ok(um_calloc(&bits, most, 1));
    for (size_t i = 0; i < most; i += 8) {
        uint64_t draw = um_rng_at(1, i);

        for (int k = 0; k < 8; k++) bits[i + (size_t)k] = draw >> k & 1;
    }
    assert_ok(um_arch_new(&arch, "clip-text"));
    assert_ok(um_st_writer_new(&w));
    for (size_t i = 0; i < um_arch_count(arch); i++) {
        const um_arch_param *p = um_arch_at(arch, i);

        assert_ok(um_st_writer_add(w, p->name, UM_ST_U8, p->rank, p->dim, bits));
    }
    assert_ok(um_st_write(w, path));
    um_st_writer_free(w);
    um_arch_free(arch);
    free(bits);
}

static int prepare(void **state)
{
    if (cli_setup(state) != 0) return -1;
    write_weights("physformer.safetensors", "physformer");
    write_weights("lrnet.safetensors", "lrnet");
    return 0;
}

/* Writes in.safetensors with one tensor; `data` NULL: values by formula. */
static void write_input(const char *name, um_st_type type, int rank, const int64_t *dim,
                        const void *data)
{
    size_t count = 1;
    um_st_writer *w;
    float *own;

    for (int i = 0; i < rank; i++) count *= (size_t)dim[i];
    own = malloc((count + 1) * sizeof *own);
    assert_non_null(own);
    um_init_input(own, "forward", name, 0, count);
    assert_ok(um_st_writer_new(&w));
    assert_ok(um_st_writer_add(w, name, type, rank, dim, data ? data : own));
    assert_ok(um_st_write(w, "in.safetensors"));
    um_st_writer_free(w);
    free(own);
}

#define INPUT(name, ...)                                                                           \
    write_input(name, UM_ST_F32, (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)),        \
                (int64_t[]){__VA_ARGS__}, NULL)

static void run(int code, const char *kind)
{
    remove("out.safetensors");
    cli_ends(code, "forward %s -w %s.safetensors -i in.safetensors -o out.safetensors", kind, kind);
    assert_string_equal(cli_out(), "");
    assert_int_equal(um_is_file("out.safetensors"), code == 0);
}

static um_st_file *read_output(size_t n_tensors)
{
    um_st_file *file;

    assert_ok(um_st_read(&file, "out.safetensors"));
    assert_int_equal(um_st_count(file), n_tensors);
    return file;
}

/* Its numbers, after a look at its shape; borrowed from the file. */
static const float *check_tensor(const um_st_file *file, const char *name, int rank, int64_t d0,
                                 int64_t d1, int64_t d2)
{
    const um_st_tensor *t = um_st_find(file, name);
    const int64_t dim[] = {d0, d1, d2};
    const float *data;

    assert_non_null(t);
    assert_int_equal(t->type, UM_ST_F32);
    assert_int_equal(t->rank, rank);
    for (int i = 0; i < rank; i++) assert_int_equal(t->dim[i], dim[i]);
    data = t->data;
    for (size_t i = 0; i < t->count; i++) assert_true(isfinite(data[i]));
    return data;
}

static void test_physformer(void **state)
{
    um_st_file *both, *one;
    const float *waveform;

    (void)state;
    INPUT("clip", 2, 3, 8, 128, 128);
    run(0, "physformer");
    assert_string_equal(cli_err(), "umcl forward: wrote out.safetensors\n");
    both = read_output(4);
    waveform = check_tensor(both, "waveform", 2, 2, 8, 0);
    check_tensor(both, "tokens1", 3, 2, 32, 96);
    check_tensor(both, "tokens2", 3, 2, 32, 96);
    check_tensor(both, "tokens3", 3, 2, 32, 96);
    assert_memory_not_equal(waveform, waveform + 8, 8 * sizeof *waveform);
    /* A sample's result does not depend on its company. */
    INPUT("clip", 1, 3, 8, 128, 128);
    run(0, "physformer");
    one = read_output(4);
    assert_memory_equal(check_tensor(one, "waveform", 2, 1, 8, 0), waveform, 8 * sizeof *waveform);
    um_st_free(both);
    um_st_free(one);
}

static void test_lrnet(void **state)
{
    um_st_file *file;
    const float *prob, *feature;

    (void)state;
    INPUT("landmarks", 3, 60, 136);
    run(0, "lrnet");
    file = read_output(2);
    feature = check_tensor(file, "feature", 2, 3, 128, 0);
    prob = check_tensor(file, "prob", 2, 3, 2, 0);
    for (int i = 0; i < 3; i++) {
        assert_float_equal(prob[2 * i] + prob[2 * i + 1], 1, 1e-5);
        assert_true(prob[2 * i] > 0 && prob[2 * i] < 1);
    }
    assert_memory_not_equal(feature, feature + 128, 128 * sizeof *feature);
    um_st_free(file);
    INPUT("landmarks", 1, 2, 136); /* the shortest */
    run(0, "lrnet");
    cli_ends(0, "forward lrnet -w " SHIPPED("lrnet") " -i in.safetensors -o out.safetensors");
}

static void test_clip_text(void **state)
{
    int64_t tokens[2][77] = {{49406, 320, 49407}, {49406, 320, 1125, 49407}};
    const int64_t dim[] = {2, 77}, wide[] = {1, 78};
    const float *embedding;
    um_st_file *file;

    (void)state;
    write_text_weights("clip-text.safetensors");
    write_input("tokens", UM_ST_I64, 2, dim, tokens);
    run(0, "clip-text");
    file = read_output(1);
    embedding = check_tensor(file, "embedding", 2, 2, 512, 0);
    assert_memory_not_equal(embedding, embedding + 512, 512 * sizeof *embedding);
    um_st_free(file);
    tokens[1][2] = 49408;
    write_input("tokens", UM_ST_I64, 2, dim, tokens);
    run(1, "clip-text");
    assert_says(cli_err(), "49408");
    write_input("tokens", UM_ST_I64, 2, wide, tokens);
    run(1, "clip-text");
    assert_says(cli_err(), "tokens: expected [B, 77], found [1, 78]");
    INPUT("tokens", 2, 77);
    run(1, "clip-text");
    assert_says(cli_err(), "tokens");
    remove("clip-text.safetensors");
}

static void test_inputs_that_do_not_fit(void **state)
{
    (void)state;
    INPUT("klip", 1, 3, 4, 128, 128);
    run(1, "physformer");
    assert_says(cli_err(),
                "umcl forward: in.safetensors: expected a tensor \"clip\" [B, 3, T, 128, "
                "128] with T a multiple of 4");
    INPUT("clip", 1, 3, 6, 128, 128);
    run(1, "physformer");
    assert_says(cli_err(), "clip: expected [B, 3, T, 128, 128] with T a multiple of 4, found "
                           "[1, 3, 6, 128, 128]");
    INPUT("clip", 1, 4, 3, 128, 128);
    run(1, "physformer");
    assert_says(cli_err(), "found [1, 4, 3, 128, 128]");
    INPUT("clip", 3, 4, 128, 128);
    run(1, "physformer");
    assert_says(cli_err(), "found [3, 4, 128, 128]");
    INPUT("clip", 0, 3, 4, 128, 128);
    run(1, "physformer");
    assert_says(cli_err(), "found [0, 3, 4, 128, 128]");
    INPUT("landmarks", 1, 60, 134);
    run(1, "lrnet");
    assert_says(cli_err(), "landmarks: expected [B, T >= 2, 136], found [1, 60, 134]");
    INPUT("landmarks", 1, 1, 136);
    run(1, "lrnet");
    assert_says(cli_err(), "found [1, 1, 136]");
    INPUT("landmarks", 1, 1, 1, 1, 1, 1, 1, 136);
    run(1, "lrnet");
    assert_says(cli_err(), "landmarks: expected [B, T >= 2, 136], found too many dimensions");
}

static void test_weights_that_do_not_fit(void **state)
{
    static const char args[] = "-i in.safetensors -o out.safetensors";

    (void)state;
    INPUT("landmarks", 1, 60, 136);
    remove("out.safetensors");
    cli_ends(1, "forward lrnet -w physformer.safetensors %s", args);
    assert_says(cli_err(), "physformer.safetensors: not the weights of lrnet: g1.");
    model_spoilt("bad.safetensors", SHIPPED("lrnet"), "g2.gru.weight_hh_l0", MODEL_HAS_NAN);
    cli_ends(1, "forward lrnet -w bad.safetensors %s", args);
    assert_says(cli_err(), "g2.gru.weight_hh_l0: expected finite numbers, found NaN");
    model_spoilt("bad.safetensors", SHIPPED("lrnet"), "g1.gru.bias_ih_l0", MODEL_HAS_SHAPE);
    cli_ends(1, "forward lrnet -w bad.safetensors %s", args);
    assert_says(cli_err(), "g1.gru.bias_ih_l0: expected [96], found [96, 1]");
    model_spoilt("bad.safetensors", SHIPPED("lrnet"), "g1.gru.bias_ih_l0", MODEL_LACKS_TENSOR);
    cli_ends(1, "forward lrnet -w bad.safetensors %s", args);
    assert_says(cli_err(), "g1.gru.bias_ih_l0: expected [96], found none");
    cli_ends(1, "forward lrnet -w absent %s", args);
    assert_says(cli_err(), "absent: cannot open");
    assert_false(um_is_file("out.safetensors"));
    cli_ends(1, "forward lrnet -w lrnet.safetensors -i absent -o out.safetensors");
    assert_says(cli_err(), "absent: cannot open");
    cli_ends(1, "forward lrnet -w lrnet.safetensors -i in.safetensors -o no/folder.safetensors");
    assert_says(cli_err(), "no/folder.safetensors");
}

static void test_usage(void **state)
{
    (void)state;
    cli_ends(2, "forward lrnet -w a -i b");
    assert_says(cli_err(), "expected -w, -i and -o");
    cli_ends(2, "forward resnet -w a -i b -o c");
    assert_says(cli_err(), "expected physformer, lrnet or clip-text, found resnet");
    cli_ends(2, "forward lrnet lrnet -w a -i b -o c");
    assert_says(cli_err(), "expected one kind of encoder");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_physformer),
        cmocka_unit_test(test_lrnet),
        cmocka_unit_test(test_clip_text),
        cmocka_unit_test(test_inputs_that_do_not_fit),
        cmocka_unit_test(test_weights_that_do_not_fit),
        cmocka_unit_test(test_usage),
    };
    return cmocka_run_group_tests(tests, prepare, cli_teardown);
}
