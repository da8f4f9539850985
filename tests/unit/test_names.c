/* Sets of names, folders, and records of CSV. */
#include "../test.h"

#include <unistd.h>

#include "base/dir.h"
#include "base/names.h"
#include "data/csv.h"
#include "support_tree.h"

#define ROOT "tree_names"

static void numbers_names_in_order(void **state)
{
    um_names names = UM_NAMES_INIT;
    char text[16];
    size_t n = 99;

    (void)state;
    assert_false(um_names_find(&names, "x", &n));
    assert_int_equal(n, 99);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 1000; i++) {
            snprintf(text, sizeof text, "name%d", i);
            assert_ok(um_names_add(&names, text, &n));
            assert_int_equal(n, i);
        }
    assert_int_equal(names.count, 1000);
    assert_string_equal(names.text[512], "name512");
    assert_true(um_names_find(&names, "name999", &n));
    assert_int_equal(n, 999);
    assert_false(um_names_find(&names, "", NULL));
    assert_ok(um_names_add(&names, "", NULL));
    assert_true(um_names_find(&names, "", NULL));
    um_names_clear(&names);
    assert_false(um_names_find(&names, "name0", NULL));
}

static void lists_folders_in_order(void **state)
{
    um_dir dir;

    (void)state;
    tree_make(ROOT);
    tree_put(ROOT, NULL, "b");
    tree_put(ROOT, NULL, "B");
    tree_put(ROOT, NULL, ".hidden");
    tree_put(ROOT, NULL, "a/x");
    assert_ok(um_dir_read(&dir, ROOT));
    assert_int_equal(dir.count, 3);
    assert_string_equal(dir.names[0], "B");
    assert_string_equal(dir.names[1], "a");
    assert_string_equal(dir.names[2], "b");
    um_dir_clear(&dir);
    assert_fails(UMCL_ERR_NOT_FOUND, "none: cannot read", um_dir_read(&dir, ROOT "/none"));
    assert_fails(UMCL_ERR_IO, ROOT "/b", um_dir_read(&dir, ROOT "/b"));
    assert_int_equal(symlink("loop", ROOT "/loop"), 0);
    assert_fails(UMCL_ERR_IO, ROOT "/loop", um_dir_read(&dir, ROOT "/loop"));
    assert_int_equal(dir.count, 0);
    tree_remove(ROOT);
}

static void splits_records(void **state)
{
    static const char text[] = "\xEF\xBB\xBFOne,two\r\n\n\"a\n\"\"b\"\"\",\n1,2,3";
    um_csv csv;

    (void)state;
    assert_ok(um_csv_parse(&csv, "csv", text, sizeof text - 1));
    assert_true(um_csv_next(&csv));
    assert_int_equal(um_csv_column(&csv, "TWO"), 1);
    assert_int_equal(um_csv_column(&csv, "one"), 0);
    assert_int_equal(um_csv_column(&csv, "three"), -1);
    assert_true(um_csv_next(&csv));
    assert_int_equal(csv.line, 3);
    assert_int_equal(csv.n, 2);
    assert_string_equal(um_csv_field(&csv, 0), "a\n\"b\"");
    assert_string_equal(um_csv_field(&csv, 1), "");
    assert_true(um_csv_next(&csv));
    assert_int_equal(csv.line, 5);
    assert_string_equal(um_csv_field(&csv, 2), "3");
    assert_string_equal(um_csv_field(&csv, 3), "");
    assert_string_equal(um_csv_field(&csv, -1), "");
    assert_false(um_csv_next(&csv));
    assert_false(um_csv_next(&csv));
    um_csv_close(&csv);
    assert_fails(UMCL_ERR_FORMAT, "csv: expected text", um_csv_parse(&csv, "csv", "a\0b", 3));
}

/* More fields than we keep, and a quote that nobody closes. */
static void bounds_records(void **state)
{
    char text[512];
    um_csv csv;

    (void)state;
    memset(text, ',', sizeof text);
    assert_ok(um_csv_parse(&csv, "csv", text, sizeof text));
    assert_true(um_csv_next(&csv));
    assert_int_equal(csv.n, UM_CSV_FIELDS);
    assert_false(um_csv_next(&csv));
    um_csv_close(&csv);
    assert_ok(um_csv_parse(&csv, "csv", "\"a,b\nc", 6));
    assert_true(um_csv_next(&csv));
    assert_string_equal(um_csv_field(&csv, 0), "a,b\nc");
    assert_false(um_csv_next(&csv));
    um_csv_close(&csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_names_in_order),
        cmocka_unit_test(lists_folders_in_order),
        cmocka_unit_test(splits_records),
        cmocka_unit_test(bounds_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
