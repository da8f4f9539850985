#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/safetensors.h"
#include "base/str.h"

/* A file from its header and `n_data` bytes of data, in memory. */
static umcl_status parse(um_st_file **f, const char *header, size_t n_data)
{
    um_str s = UM_STR_INIT;
    uint64_t n = strlen(header);
    umcl_status st;

    um_str_append_n(&s, (const char *)&n, 8);
    um_str_append(&s, header);
    for (size_t i = 0; i < n_data; i++) um_str_append_n(&s, "\1", 1);
    st = um_st_parse(f, "mem", s.text, s.len);
    um_str_clear(&s);
    return st;
}

static void reads_a_good_header(void **state)
{
    const char *key, *value;
    um_st_file *f;

    (void)state;
    assert_ok(parse(&f,
                    "{\"__metadata__\":{\"k\":\"v\"},"
                    "\"b\":{\"dtype\":\"U8\",\"shape\":[2,3],\"data_offsets\":[4,10]},"
                    "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
                    "\"e\":{\"dtype\":\"F32\",\"shape\":[0,7],\"data_offsets\":[4,4]}}   ",
                    10));
    assert_int_equal(um_st_count(f), 3);
    assert_string_equal(um_st_at(f, 0)->name, "a");
    assert_string_equal(um_st_at(f, 2)->name, "b");
    assert_int_equal(um_st_find(f, "a")->count, 1);
    assert_int_equal(um_st_find(f, "e")->count, 0);
    assert_int_equal(um_st_find(f, "b")->dim[1], 3);
    assert_null(um_st_find(f, "c"));
    assert_string_equal(um_st_meta(f, "k"), "v");
    assert_int_equal(um_st_meta_count(f), 1);
    um_st_meta_at(f, 0, &key, &value);
    assert_string_equal(key, "k");
    um_st_free(f);
}

#define TENSOR(name, dtype, shape, offsets)                                                        \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void refuses_hostile_headers(void **state)
{
    static const struct {
        const char *header;
        size_t n_data;
        const char *says;
    } cases[] = {
        {"[]", 0, "not a JSON object"},
        {"{", 0, "not a JSON object"},
        {"{}x", 0, "not a JSON object"},
        {"{}", 1, "belong to no tensor"},
        {"{\"a\":1}", 0, "dtype"},
        {"{" TENSOR("a", "F8", "[1]", "[0,1]") "}", 1, "unknown dtype F8"},
        {"{" TENSOR("a", "U8", "[1]", "[0,2]") "}", 2, "expected 1 values"},
        {"{" TENSOR("a", "U8", "[2]", "[0,2]") "}", 1, "outside"},
        {"{" TENSOR("a", "U8", "[1]", "[1,0]") "}", 1, "outside"},
        {"{" TENSOR("a", "U8", "[1]", "[-1,0]") "}", 1, "outside"},
        {"{" TENSOR("a", "U8", "[1]", "[0]") "}", 1, "pair"},
        {"{" TENSOR("a", "U8", "[1]", "[0.0,1]") "}", 1, "pair"},
        {"{" TENSOR("a", "U8", "1", "[0,1]") "}", 1, "shape"},
        {"{" TENSOR("a", "U8", "[-1]", "[0,1]") "}", 1, "whole number"},
        {"{" TENSOR("a", "U8", "[1.5]", "[0,1]") "}", 1, "whole number"},
        {"{" TENSOR("a", "U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]") "}", 1, "at most 8"},
        {"{" TENSOR("a", "U8", "[4294967296,4294967296,4294967296]", "[0,0]") "}", 0, "overflows"},
        {"{" TENSOR("a", "U8", "[0,4294967296,4294967296]", "[0,0]") "}", 0, "overflows"},
        {"{" TENSOR("a", "F64", "[2305843009213693952]", "[0,0]") "}", 0, "expected 2305843"},
        {"{" TENSOR("a", "U8", "[99999999999999999999]", "[0,0]") "}", 0, "not a JSON object"},
        {"{" TENSOR("a", "U8", "[1]", "[0,1]") "," TENSOR("b", "U8", "[1]", "[0,1]") "}", 1,
         "overlaps"},
        {"{" TENSOR("a", "U8", "[1]", "[0,1]") "," TENSOR("b", "U8", "[1]", "[2,3]") "}", 3,
         "hole"},
        {"{" TENSOR("a", "U8", "[1]", "[0,1]") "," TENSOR("a", "U8", "[1]", "[1,2]") "}", 2,
         "duplicate"},
        {"{\"__metadata__\":{\"k\":1}}", 0, "metadata k is not a string"},
        {"{\"__metadata__\":[]}", 0, "__metadata__ is not an object"},
    };
    um_st_file *f;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_fails(UMCL_ERR_FORMAT, cases[i].says, parse(&f, cases[i].header, cases[i].n_data));
        assert_null(f);
    }
}

static void refuses_hostile_lengths(void **state)
{
    static const unsigned char huge[] = {0, 0, 0, 0, 0, 0, 0, 0x80, '{', '}'};
    static const unsigned char minus_one[] = {255, 255, 255, 255, 255, 255, 255, 255, '{', '}'};
    um_st_file *f;

    (void)state;
    assert_fails(UMCL_ERR_FORMAT, "9223372036854775808", um_st_parse(&f, "mem", huge, 10));
    assert_fails(UMCL_ERR_FORMAT, "header of", um_st_parse(&f, "mem", minus_one, 10));
    assert_fails(UMCL_ERR_FORMAT, "found 0 bytes", um_st_parse(&f, "mem", NULL, 0));
    assert_fails(UMCL_ERR_FORMAT, "found 7 bytes", um_st_parse(&f, "mem", huge, 7));
    assert_fails(UMCL_ERR_NOT_FOUND, "cannot open", um_st_read(&f, "/no/such"));
}

static void writer_round_trips(void **state)
{
    static const float a[6] = {0, 1, -2, 3.5f, INFINITY, 1e-40f};
    static const int64_t b[2] = {INT64_MIN, INT64_MAX}, shape[2] = {2, 3}, two[1] = {2};
    static const uint8_t c[3] = {0, 7, 255};
    um_st_writer *w;
    um_st_file *f;
    int64_t back[2];
    char *bytes, *again;
    size_t n, m;

    (void)state;
    for (int order = 0; order < 2; order++) {
        assert_ok(um_st_writer_new(&w));
        assert_ok(um_st_writer_meta(w, order ? "z" : "kind", order ? "1" : "test"));
        assert_ok(um_st_writer_meta(w, order ? "kind" : "z", order ? "test" : "1"));
        if (order) assert_ok(um_st_writer_add(w, "a", UM_ST_F32, 2, shape, a));
        assert_ok(um_st_writer_add(w, "c", UM_ST_U8, 1, &shape[1], c));
        assert_ok(um_st_writer_add(w, "b", UM_ST_I64, 1, two, b));
        if (!order) assert_ok(um_st_writer_add(w, "a", UM_ST_F32, 2, shape, a));
        assert_fails(UMCL_ERR_INVALID, "added twice",
                     um_st_writer_add(w, "b", UM_ST_I64, 1, two, b));
        assert_ok(um_st_write(w, order ? "st_test_2.safetensors" : "st_test_1.safetensors"));
        um_st_writer_free(w);
    }
    assert_ok(um_file_read(&bytes, &n, "st_test_1.safetensors", 10000));
    assert_ok(um_file_read(&again, &m, "st_test_2.safetensors", 10000));
    assert_int_equal(n, m);
    assert_memory_equal(bytes, again, n);
    assert_int_equal((unsigned char)bytes[0] % 8, 0);
    assert_ok(um_st_read(&f, "st_test_1.safetensors"));
    assert_memory_equal(um_st_find(f, "a")->data, a, sizeof a);
    assert_ok(um_st_to_i64(back, um_st_find(f, "b")));
    assert_memory_equal(back, b, sizeof b);
    assert_string_equal(um_st_meta(f, "kind"), "test");
    um_st_free(f);
    for (size_t cut = 0; cut < n; cut++) {
        assert_int_equal(um_st_parse(&f, "cut", bytes, cut), UMCL_ERR_FORMAT);
        assert_null(f);
    }
    free(bytes);
    free(again);
    remove("st_test_1.safetensors");
    remove("st_test_2.safetensors");
}

static void converts(void **state)
{
    static const uint16_t half[] = {0x3C00, 0xC000, 0x0001, 0x8001, 0x7BFF, 0x7C00, 0x7E00, 0x8000};
    static const float half_as[] = {1, -2, 0x1p-24f, -0x1p-24f, 65504, INFINITY, NAN, -0.0f};
    static const uint16_t brain[] = {0x3F80, 0xC040, 0x7F80};
    um_st_tensor t = {.name = "t", .type = UM_ST_F16, .count = 8, .data = half, .bytes = 16};
    static const double wide[] = {0.1, -3};
    int64_t whole[8];
    float out[8];

    (void)state;
    assert_ok(um_st_to_f32(out, &t));
    assert_memory_equal(out, half_as, 6 * sizeof(float));
    assert_true(isnan(out[6]) && signbit(out[7]) && out[7] == 0);
    t = (um_st_tensor){.name = "t", .type = UM_ST_BF16, .count = 3, .data = brain, .bytes = 6};
    assert_ok(um_st_to_f32(out, &t));
    assert_true(out[0] == 1 && out[1] == -3 && isinf(out[2]));
    t = (um_st_tensor){.name = "t", .type = UM_ST_F64, .count = 2, .data = wide, .bytes = 16};
    assert_ok(um_st_to_f32(out, &t));
    assert_true(out[0] == 0.1f && out[1] == -3);
    assert_fails(UMCL_ERR_FORMAT, "found F64", um_st_to_i64(whole, &t));
}

static void reads_reference_files(void **state)
{
    static const char *const names[] = {
        SHARED("reference/physformer.safetensors"), SHARED("reference/lrnet.safetensors"),
        SHARED("reference/clip_text.safetensors"), SHARED("reference/losses.safetensors")};
    static const size_t counts[] = {585, 58, 2, 15};
    um_st_file *f;

    (void)state;
    need_shared(names[0]);
    for (int i = 0; i < 4; i++) {
        assert_ok(um_st_read(&f, names[i]));
        assert_int_equal(um_st_count(f), counts[i]);
        assert_string_equal(um_st_meta(f, "salt"), "a");
        um_st_free(f);
    }
}

/* Every half-precision number comes back as it was; others go to the nearest, ties to even. */
static void halves(void **state)
{
    static const struct {
        float in;
        uint16_t out;
    } cases[] = {
        {1 + 0x1p-11f, 0x3C00},
        {1 + 0x3p-11f, 0x3C02},
        {1 + 0x1.1p-11f, 0x3C01},
        {65504, 0x7BFF},
        {65519.9f, 0x7BFF},
        {65520, 0x7C00},
        {1e30f, 0x7C00},
        {-0.0f, 0x8000},
        {0x1p-25f, 0},
        {0x1.8p-25f, 1},
        {0x3p-25f, 2},
        {1e-30f, 0},
        {0x1p-14f - 0x1p-26f, 0x0400},
    };
    uint16_t back;

    (void)state;
    for (uint32_t h = 0; h < 65536; h++) {
        uint16_t bits = (uint16_t)h;
        um_st_tensor t = {.type = UM_ST_F16, .count = 1, .bytes = 2, .data = &bits};
        float f;

        assert_ok(um_st_to_f32(&f, &t));
        if ((h & 0x7C00) == 0x7C00 && h & 0x3FF) continue; /* NaN */
        um_half_from_f32(&back, &f, 1);
        if (back != h) fail_msg("%04x came back as %04x", h, back);
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        um_half_from_f32(&back, &cases[i].in, 1);
        if (back != cases[i].out)
            fail_msg("%a: expected %04x, got %04x", (double)cases[i].in, cases[i].out, back);
    }
}

/* Matrices alone; what does not fit is named. */
static void writer_halves(void **state)
{
    const int64_t square[2] = {2, 2}, row[1] = {2};
    float matrix[4] = {1, 1.0f / 3, -2, 65504}, vector[2] = {1.0f / 3, 1e6f}, read[4];
    um_st_writer *w;

    (void)state;
    assert_ok(um_st_writer_new(&w));
    assert_ok(um_st_writer_add(w, "matrix", UM_ST_F32, 2, square, matrix));
    assert_ok(um_st_writer_add(w, "vector", UM_ST_F32, 1, row, vector));
    assert_ok(um_st_writer_halve(w));
    assert_int_equal(um_st_writer_at(w, 0)->type, UM_ST_F16);
    assert_int_equal(um_st_writer_at(w, 0)->bytes, 8);
    assert_int_equal(um_st_writer_at(w, 1)->type, UM_ST_F32);
    assert_ok(um_st_to_f32(read, um_st_writer_at(w, 0)));
    assert_true(read[0] == 1 && read[2] == -2 && read[3] == 65504);
    assert_true(read[1] != matrix[1]);
    assert_float_equal(read[1], matrix[1], 1e-4);
    um_st_writer_free(w);

    matrix[3] = 65520;
    assert_ok(um_st_writer_new(&w));
    assert_ok(um_st_writer_add(w, "matrix", UM_ST_F32, 2, square, matrix));
    assert_fails(UMCL_ERR_INVALID, "matrix: expected at most 65504", um_st_writer_halve(w));
    um_st_writer_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halves),
        cmocka_unit_test(writer_halves),
        cmocka_unit_test(reads_a_good_header),
        cmocka_unit_test(refuses_hostile_headers),
        cmocka_unit_test(refuses_hostile_lengths),
        cmocka_unit_test(writer_round_trips),
        cmocka_unit_test(converts),
        cmocka_unit_test(reads_reference_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
