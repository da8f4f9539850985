#include "../test.h"

#include <stdlib.h>

#include "base/zip.h"
#include "model/torch_file.h"
#include "support_pickle.h"

static const float numbers[6] = {0, 1, 2, 3, 4, 5};
static const pk_tensor_spec row_major = {"FloatStorage", "0", 6, 0, 2, {2, 3}, {3, 1}};
static const pk_tensor_spec transposed = {"FloatStorage", "0", 6, 0, 2, {3, 2}, {1, 3}};
static const pk_tensor_spec column = {"FloatStorage", "0", 6, 1, 2, {2, 1}, {3, INT64_MAX}};

static umcl_status parse(um_torch_file **f, const char *bytes, size_t n)
{
    char *copy = malloc(n + 1);

    memcpy(copy, bytes, n);
    return um_torch_adopt(f, "mem", copy, n);
}

/* {"epoch": 3, "state_dict": {a: row major, b: transposed, c: one column}} */
static void checkpoint(um_str *s)
{
    pk_raw(s, "\x80\x02}(");
    pk_text(s, "epoch");
    pk_int(s, 3);
    pk_text(s, "state_dict");
    pk_class(s, "collections", "OrderedDict");
    pk_raw(s, ")R(");
    pk_text(s, "a");
    pk_tensor(s, &row_major);
    pk_text(s, "b");
    pk_tensor(s, &transposed);
    pk_text(s, "c");
    pk_tensor(s, &column);
    pk_raw(s, "u}"); /* the attributes of an OrderedDict */
    pk_text(s, "_metadata");
    pk_raw(s, "}sbu.");
}

static void check(const um_torch_file *f)
{
    static const float b[6] = {0, 3, 1, 4, 2, 5}, c[2] = {1, 4};

    assert_int_equal(um_torch_count(f), 3);
    assert_string_equal(um_torch_at(f, 0)->name, "a");
    assert_memory_equal(um_torch_at(f, 0)->data, numbers, sizeof numbers);
    assert_int_equal(um_torch_at(f, 1)->dim[0], 3);
    assert_memory_equal(um_torch_at(f, 1)->data, b, sizeof b);
    assert_int_equal(um_torch_at(f, 2)->count, 2);
    assert_memory_equal(um_torch_at(f, 2)->data, c, sizeof c);
}

static void zip_checkpoint(pk_zip *z, int deflated, size_t n_data)
{
    void (*put)(pk_zip *, const char *, const void *, size_t) =
        deflated ? pk_zip_deflate : pk_zip_add;
    um_str s = UM_STR_INIT;

    checkpoint(&s);
    put(z, "x/data.pkl", s.text, s.len);
    put(z, "x/data/0", numbers, n_data);
    put(z, "x/byteorder", "little", 6);
    um_str_clear(&s);
}

static void reads_zip_files(void **state)
{
    um_torch_file *f;

    (void)state;
    for (int deflated = 0; deflated < 2; deflated++) {
        pk_zip z = {0};

        zip_checkpoint(&z, deflated, sizeof numbers);
        pk_zip_finish(&z);
        assert_true(um_torch_looks_like(z.file.text, z.file.len));
        assert_ok(parse(&f, z.file.text, z.file.len));
        check(f);
        um_torch_free(f);
        for (size_t n = 0; n < z.file.len; n++)
            assert_int_equal(parse(&f, z.file.text, n), UMCL_ERR_FORMAT);
        pk_zip_clear(&z);
    }
}

static void refuses_bad_zip_files(void **state)
{
    um_torch_file *f;
    pk_zip z = {0};

    (void)state;
    zip_checkpoint(&z, 0, sizeof numbers - 1);
    pk_zip_finish(&z);
    assert_fails(UMCL_ERR_FORMAT, "expected 6 values", parse(&f, z.file.text, z.file.len));
    pk_zip_clear(&z);

    zip_checkpoint(&z, 0, sizeof numbers);
    zip_checkpoint(&z, 0, sizeof numbers);
    pk_zip_finish(&z);
    assert_fails(UMCL_ERR_FORMAT, "twice", parse(&f, z.file.text, z.file.len));
    pk_zip_clear(&z);

    pk_zip_add(&z, "readme.txt", "hello", 5);
    pk_zip_finish(&z);
    assert_fails(UMCL_ERR_FORMAT, "no data.pkl", parse(&f, z.file.text, z.file.len));
    pk_zip_clear(&z);

    zip_checkpoint(&z, 0, sizeof numbers);
    pk_zip_finish(&z);
    *(char *)memmem(z.file.text, z.file.len, numbers, sizeof numbers) ^= 1;
    assert_fails(UMCL_ERR_FORMAT, "checksum", parse(&f, z.file.text, z.file.len));
    pk_zip_clear(&z);
}

/* A megabyte of zeros in a kilobyte is more than any weights compress to. */
static void refuses_zip_bombs(void **state)
{
    static char zeros[1 << 20];
    const void *data;
    pk_zip z = {0};
    um_zip *zip;
    size_t n;

    (void)state;
    pk_zip_deflate(&z, "zeros", zeros, sizeof zeros);
    pk_zip_finish(&z);
    assert_ok(um_zip_open(&zip, "mem", z.file.text, z.file.len));
    assert_fails(UMCL_ERR_FORMAT, "too much", um_zip_read(zip, "zeros", &data, &n));
    um_zip_close(zip);
    pk_zip_clear(&z);
}

static void legacy_head(um_str *s, int version)
{
    pk_raw(s, "\x80\x02\x8a\x0al\xfc\x9c"
              "F\xf9 j\xa8P\x19.\x80\x02");
    pk_int(s, version);
    pk_raw(s, ".\x80\x02}(");
    pk_text(s, "little_endian");
    pk_raw(s, "\x88u.");
}

static void reads_legacy_files(void **state)
{
    const int64_t count = 6;
    um_str s = UM_STR_INIT;
    um_torch_file *f;

    (void)state;
    legacy_head(&s, 1001);
    checkpoint(&s);
    pk_raw(&s, "\x80\x02](");
    pk_text(&s, "0");
    pk_raw(&s, "e.");
    um_str_append_n(&s, (const char *)&count, 8);
    um_str_append_n(&s, (const char *)numbers, sizeof numbers);
    assert_true(um_torch_looks_like(s.text, s.len));
    assert_ok(parse(&f, s.text, s.len));
    check(f);
    um_torch_free(f);
    for (size_t n = 0; n < s.len; n++) assert_int_equal(parse(&f, s.text, n), UMCL_ERR_FORMAT);
    s.text[s.len - sizeof numbers - 8]--;
    assert_fails(UMCL_ERR_FORMAT, "expected 6 values, found 5", parse(&f, s.text, s.len));
    um_str_clear(&s);

    legacy_head(&s, 1002);
    assert_fails(UMCL_ERR_UNSUPPORTED, "1001", parse(&f, s.text, s.len));
    um_str_clear(&s);
}

/* A TorchScript archive is a module of modules: names are the path to a parameter. */
static void reads_script_modules(void **state)
{
    um_str s = UM_STR_INIT;
    um_torch_file *f;
    pk_zip z = {0};

    (void)state;
    pk_raw(&s, "\x80\x02");
    pk_class(&s, "__torch__.net", "Net");
    pk_raw(&s, ")\x81}(");
    pk_text(&s, "training");
    pk_raw(&s, "\x89");
    pk_text(&s, "conv");
    pk_class(&s, "__torch__.torch.nn", "Conv");
    pk_raw(&s, ")\x81}(");
    pk_text(&s, "weight");
    pk_tensor(&s, &row_major);
    pk_raw(&s, "ubub.");
    pk_zip_add(&z, "x/data.pkl", s.text, s.len);
    pk_zip_add(&z, "x/data/0", numbers, sizeof numbers);
    pk_zip_finish(&z);
    assert_ok(parse(&f, z.file.text, z.file.len));
    assert_int_equal(um_torch_count(f), 1);
    assert_string_equal(um_torch_at(f, 0)->name, "conv.weight");
    um_torch_free(f);
    pk_zip_clear(&z);
    um_str_clear(&s);
}

static void reads_public_checkpoints(void **state)
{
    um_torch_file *f;

    (void)state;
    need_shared(SHARED("reference/lrnet/g1.pth"));
    assert_ok(um_torch_read(&f, SHARED("reference/lrnet/g1.pth")));
    assert_int_equal(um_torch_count(f), 15);
    assert_string_equal(um_torch_at(f, 0)->name, "hidden_state");
    um_torch_free(f);
    assert_ok(um_torch_read(&f, SHARED("reference/mtcnn/onet.pt")));
    assert_int_equal(um_torch_count(f), 21);
    um_torch_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_zip_files),      cmocka_unit_test(refuses_bad_zip_files),
        cmocka_unit_test(refuses_zip_bombs),    cmocka_unit_test(reads_legacy_files),
        cmocka_unit_test(reads_script_modules), cmocka_unit_test(reads_public_checkpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
