#include "../test.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/rng.h"
#include "base/str.h"

/* The first number of the stream that splitmix64's published test vector (seed 0) gives. */
static void rng_is_splitmix64(void **state)
{
    (void)state;
    assert_true(um_rng_at(0, 0) == UINT64_C(0xE220A8397B1DCDAF));
    assert_true(um_rng_at(0, 1) == UINT64_C(0x6E789E6AA1B965F4));
}

static void str_grows_and_reports(void **state)
{
    um_str s = UM_STR_INIT;

    (void)state;
    for (int i = 0; i < 1000; i++) um_str_printf(&s, "%d,", i);
    assert_ok(um_str_status(&s));
    assert_true(um_str_ends(s.text, "998,999,"));
    um_str_clear(&s);
}

static void file_write_is_atomic(void **state)
{
    um_file_writer *w;
    char *bytes;
    size_t n;

    (void)state;
    assert_ok(um_file_write("base_test.txt", "old", 3));
    assert_ok(um_file_writer_open(&w, "base_test.txt"));
    fputs("new and longer", um_file_writer_stream(w));
    um_file_writer_abort(w);
    assert_ok(um_file_read(&bytes, &n, "base_test.txt", 100));
    assert_string_equal(bytes, "old");
    free(bytes);
    remove("base_test.txt");
}

static void file_read_refuses(void **state)
{
    char *bytes;
    size_t n;

    (void)state;
    assert_fails(UMCL_ERR_NOT_FOUND, "cannot open", um_file_read(&bytes, &n, "/no/such", 1));
    assert_fails(UMCL_ERR_IO, "directory", um_file_read(&bytes, &n, "/tmp", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rng_is_splitmix64),
        cmocka_unit_test(str_grows_and_reports),
        cmocka_unit_test(file_write_is_atomic),
        cmocka_unit_test(file_read_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
