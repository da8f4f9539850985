#include "../test.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/paths.h"

static void environment_comes_first(void **state)
{
    um_str path = UM_STR_INIT;

    (void)state;
    assert_ok(um_mkdirs("paths_test"));
    assert_ok(um_file_write("paths_test/a.bin", "x", 1));
    setenv("UMCL_MODELS", "paths_test", 1);
    assert_ok(um_find_data(&path, "models/a.bin"));
    assert_string_equal(path.text, "paths_test/a.bin");
    unsetenv("UMCL_MODELS");
    um_str_clear(&path);
    remove("paths_test/a.bin");
    remove("paths_test");
}

/* The build folder links share/umcl/models to the sources, whose README is always there. */
static void build_tree_finds_sources(void **state)
{
    um_str path = UM_STR_INIT;

    (void)state;
    unsetenv("UMCL_MODELS");
    assert_ok(um_find_data(&path, "models/README.md"));
    assert_true(um_is_file(path.text));
    um_str_clear(&path);
}

static void absence_names_the_places(void **state)
{
    um_str path = UM_STR_INIT;

    (void)state;
    setenv("UMCL_MODELS", "/no/such/folder", 1);
    assert_fails(UMCL_ERR_NOT_FOUND, "/no/such/folder", um_find_data(&path, "models/none.bin"));
    assert_fails(UMCL_ERR_NOT_FOUND, "share/umcl", um_find_data(&path, "models/none.bin"));
    assert_null(path.text);
    unsetenv("UMCL_MODELS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(environment_comes_first),
        cmocka_unit_test(build_tree_finds_sources),
        cmocka_unit_test(absence_names_the_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
