#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "model/arch.h"
#include "model/import.h"
#include "model/model_file.h"

static void hashes(void **state)
{
    char hex[65], million[1000];
    um_sha256 s;

    (void)state;
    um_sha256_start(&s);
    um_sha256_finish(&s, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    um_sha256_start(&s);
    um_sha256_add(&s, "abc", 3);
    um_sha256_finish(&s, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    um_sha256_start(&s);
    memset(million, 'a', sizeof million);
    for (int i = 0; i < 1000; i++) um_sha256_add(&s, million, sizeof million);
    um_sha256_finish(&s, hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static size_t trained_numbers(const char *kind)
{
    um_arch *arch;
    size_t n = 0;

    assert_ok(um_arch_new(&arch, kind));
    assert_string_equal(um_arch_kind(arch), kind);
    for (size_t i = 0; i < um_arch_count(arch); i++) {
        const um_arch_param *p = um_arch_at(arch, i);
        size_t count = 1;

        assert_ptr_equal(um_arch_find(arch, p->name), p);
        for (int d = 0; d < p->rank; d++) count *= (size_t)p->dim[d];
        if (!p->is_buffer) n += count;
    }
    um_arch_free(arch);
    return n;
}

static void tables_have_the_published_sizes(void **state)
{
    um_arch *arch;

    (void)state;
    assert_int_equal(trained_numbers("physformer"), 7380865);
    assert_int_equal(trained_numbers("lrnet"), 82308);
    assert_int_equal(trained_numbers("clip-text"), 63428096);
    assert_int_equal(trained_numbers("mtcnn"), 6632 + 100178 + 389040);
    assert_fails(UMCL_ERR_NOT_FOUND, "physformer, lrnet", um_arch_new(&arch, "resnet"));
}

/* Every name in the reference gradients is a parameter of the table, and the other way round. */
static void physformer_names_are_the_public_ones(void **state)
{
    um_st_file *file;
    um_arch *arch;
    um_str name = UM_STR_INIT;
    size_t trained = 0, named = 0;

    (void)state;
    need_shared(SHARED("reference/physformer.safetensors"));
    assert_ok(um_st_read(&file, SHARED("reference/physformer.safetensors")));
    assert_ok(um_arch_new(&arch, "physformer"));
    for (size_t i = 0; i < um_arch_count(arch); i++) {
        const um_arch_param *p = um_arch_at(arch, i);

        um_str_clear(&name);
        um_str_printf(&name, "grad.%s.norm", p->name);
        assert_true((um_st_find(file, name.text) != NULL) == !p->is_buffer);
        trained += !p->is_buffer;
    }
    for (size_t i = 0; i < um_st_count(file); i++)
        named += um_str_starts(um_st_at(file, i)->name, "grad.") &&
                 um_str_ends(um_st_at(file, i)->name, ".norm");
    assert_int_equal(named, trained);
    um_str_clear(&name);
    um_arch_free(arch);
    um_st_free(file);
}

/* What to do to one parameter of a file of weights. */
typedef enum fault { NOTHING, LEAVE_OUT, WRONG_SHAPE, NOT_A_NUMBER, ONE_MORE, WHOLE_NUMBERS } fault;

static const char broken[] = "g1.dense.3.bias"; /* [2] */

static void collect(um_st_writer *w, const char *prefix, fault what)
{
    static float zeros[3 * 32 * 136], nan2[2] = {0, NAN};
    static const int64_t one[1] = {1};
    um_arch *arch;

    assert_ok(um_arch_new(&arch, "lrnet"));
    for (size_t i = 0; i < um_arch_count(arch); i++) {
        const um_arch_param *p = um_arch_at(arch, i);
        fault here = strcmp(p->name, broken) != 0 ? NOTHING : what;
        um_str name = UM_STR_INIT;

        um_str_printf(&name, "%s%s", prefix, p->name);
        if (here != LEAVE_OUT)
            assert_ok(um_st_writer_add(w, name.text, here == WHOLE_NUMBERS ? UM_ST_I32 : UM_ST_F32,
                                       p->rank, here == WRONG_SHAPE ? one : p->dim,
                                       here == NOT_A_NUMBER ? nan2 : zeros));
        um_str_clear(&name);
    }
    if (what == ONE_MORE) assert_ok(um_st_writer_add(w, "extra", UM_ST_F32, 1, one, zeros));
    um_arch_free(arch);
}

static void write_plain(const char *path, const char *prefix, fault what)
{
    um_st_writer *w;

    assert_ok(um_st_writer_new(&w));
    collect(w, prefix, what);
    assert_ok(um_st_writer_add(w, "num_batches_tracked", UM_ST_I64, 0, NULL, "\0\0\0\0\0\0\0"));
    assert_ok(um_st_write(w, path));
    um_st_writer_free(w);
}

static void imports_and_verifies(void **state)
{
    const char *in = "model_test_in.safetensors", *out = "model_test_out.safetensors";
    um_str problems = UM_STR_INIT;
    um_st_file *f;
    char *bytes;
    size_t n;

    (void)state;
    write_plain(in, "module.", NOTHING);
    assert_ok(um_import(out, "lrnet", &in, 1, false, &problems));
    assert_ok(um_model_file_open(&f, out, "lrnet"));
    assert_string_equal(um_st_meta(f, UM_META_SOURCE), in);
    assert_string_equal(um_st_meta(f, UM_META_VERSION), "1");
    assert_int_equal(um_st_count(f), 30);
    um_st_free(f);
    assert_ok(um_weights_open(&f, out, "lrnet"));
    um_st_free(f);
    assert_fails(UMCL_ERR_MISMATCH, "kind mtcnn, found lrnet",
                 um_model_file_open(&f, out, "mtcnn"));
    assert_fails(UMCL_ERR_MISMATCH, "kind mtcnn", um_weights_open(&f, out, "mtcnn"));
    assert_fails(UMCL_ERR_MISMATCH, "no format", um_model_file_open(&f, in, "lrnet"));

    assert_ok(um_file_read(&bytes, &n, out, 1 << 20));
    assert_ok(um_model_file_parse(&f, "mem", bytes, n, NULL));
    um_st_free(f);
    bytes[n - 4] ^= 1;
    assert_fails(UMCL_ERR_FORMAT, "content hash", um_model_file_parse(&f, "mem", bytes, n, NULL));
    assert_null(f);
    assert_fails(UMCL_ERR_FORMAT, "", um_model_file_parse(&f, "mem", bytes, n / 2, NULL));
    free(bytes);
    um_str_clear(&problems);
    remove(in);
    remove(out);
}

/* Matrices become halves, the rest stays; the weights serve as before. */
static void imports_as_halves(void **state)
{
    const char *in = "model_test_half_in.safetensors", *out = "model_test_half.safetensors";
    um_str problems = UM_STR_INIT;
    um_st_file *f, *whole;
    const um_st_tensor *t;
    float *a, *b;

    (void)state;
    write_plain(in, "", NOTHING);
    assert_ok(um_import(out, "lrnet", &in, 1, true, &problems));
    assert_ok(um_weights_open(&f, out, "lrnet"));
    assert_ok(um_st_read(&whole, in));
    assert_int_equal(um_st_find(f, "g1.dense.3.bias")->type, UM_ST_F32);
    t = um_st_find(f, "g1.gru.weight_hh_l0");
    assert_int_equal(t->type, UM_ST_F16);
    a = malloc(t->count * sizeof *a);
    b = malloc(t->count * sizeof *b);
    assert_ok(um_st_to_f32(a, t));
    assert_ok(um_st_to_f32(b, um_st_find(whole, "g1.gru.weight_hh_l0")));
    for (size_t i = 0; i < t->count; i++)
        assert_true(fabsf(a[i] - b[i]) <= fabsf(b[i]) * 0x1p-11f + 0x1p-25f);
    free(a);
    free(b);
    um_st_free(whole);
    um_st_free(f);
    um_str_clear(&problems);
    remove(in);
    remove(out);
}

static void import_names_what_is_wrong(void **state)
{
    static const struct {
        fault what;
        const char *says;
    } cases[] = {
        {LEAVE_OUT, "g1.dense.3.bias: expected [2], found none\n"},
        {WRONG_SHAPE, "g1.dense.3.bias: expected [2], found [1]\n"},
        {NOT_A_NUMBER, "g1.dense.3.bias: expected finite numbers, found nan at 1\n"},
        {ONE_MORE, "extra: unexpected, found [1]\n"},
        {WHOLE_NUMBERS, "g1.dense.3.bias: expected floating-point numbers, found I32\n"},
    };
    const char *in[2] = {"model_test_bad.safetensors", "model_test_bad.safetensors"};
    um_str problems = UM_STR_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_plain(in[0], "", cases[i].what);
        assert_fails(UMCL_ERR_SHAPE, "1 of the tensors",
                     um_import("model_test_none.safetensors", "lrnet", in, 1, false, &problems));
        assert_string_equal(problems.text, cases[i].says);
        assert_false(um_is_file("model_test_none.safetensors"));
        um_str_clear(&problems);
    }
    assert_fails(UMCL_ERR_INVALID, "expected 3 files",
                 um_import("x", "mtcnn", in, 2, false, &problems));
    /* Both files hold both parts: everything is unexpected, everything missing. */
    assert_fails(UMCL_ERR_SHAPE, "90 of the tensors",
                 um_import("x", "lrnet", in, 2, false, &problems));
    um_str_clear(&problems);
    remove(in[0]);
}

static void weights_need_no_metadata(void **state)
{
    const char *path = "model_test_plain.safetensors";
    um_st_file *f;

    (void)state;
    write_plain(path, "", ONE_MORE);
    assert_ok(um_weights_open(&f, path, "lrnet"));
    um_st_free(f);
    write_plain(path, "", WRONG_SHAPE);
    assert_fails(UMCL_ERR_SHAPE, "g1.dense.3.bias: expected [2], found [1]",
                 um_weights_open(&f, path, "lrnet"));
    assert_null(f);
    write_plain(path, "", NOT_A_NUMBER);
    assert_fails(UMCL_ERR_FORMAT, "g1.dense.3.bias: expected finite",
                 um_weights_open(&f, path, "lrnet"));
    remove(path);
}

static void imports_public_checkpoints(void **state)
{
    static const char *const lrnet[] = {SHARED("reference/lrnet/g1.pth"),
                                        SHARED("reference/lrnet/g2.pth")};
    static const char *const mtcnn[] = {SHARED("reference/mtcnn/pnet.pt"),
                                        SHARED("reference/mtcnn/rnet.pt"),
                                        SHARED("reference/mtcnn/onet.pt")};
    const char *out = "model_test_public.safetensors";
    um_str problems = UM_STR_INIT;
    um_st_file *f;

    (void)state;
    need_shared(lrnet[0]);
    assert_ok(um_import(out, "lrnet", lrnet, 2, false, &problems));
    assert_ok(um_import(out, "mtcnn", mtcnn, 3, false, &problems));
    assert_ok(um_weights_open(&f, out, "mtcnn"));
    assert_string_equal(um_st_meta(f, UM_META_SOURCE), "pnet.pt, rnet.pt, onet.pt");
    um_st_free(f);
    assert_fails(UMCL_ERR_SHAPE, "pnet.conv1.weight: expected [10, 3, 3, 3], found [28, 3, 3, 3]",
                 um_import(out, "mtcnn", (const char *const[]){mtcnn[1], mtcnn[1], mtcnn[2]}, 3,
                           false, &problems));
    um_str_clear(&problems);
    remove(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes),
        cmocka_unit_test(tables_have_the_published_sizes),
        cmocka_unit_test(physformer_names_are_the_public_ones),
        cmocka_unit_test(imports_and_verifies),
        cmocka_unit_test(imports_as_halves),
        cmocka_unit_test(import_names_what_is_wrong),
        cmocka_unit_test(weights_need_no_metadata),
        cmocka_unit_test(imports_public_checkpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
