/* umcl import, inspect, tokenize: output, messages and exit codes. */
#include "support_cli.h"

#define G1 SHARED("reference/lrnet/g1.pth")
#define G2 SHARED("reference/lrnet/g2.pth")

static void refuses_bad_files(void **state)
{
    (void)state;
    cli_ends(1, "inspect /no/such");
    assert_says(cli_err(), "/no/such: cannot open");
    cli_ends(1, "inspect /tmp");
    assert_says(cli_err(), "directory");
    cli_ends(1, "inspect " UMCL_TEST_SOURCE "/fuzz/corpus/torch/system.pt");
    assert_says(cli_err(), "posix.system");
    cli_ends(1, "import resnet x -o y");
    assert_says(cli_err(), "expected one of physformer");
    cli_ends(2, "import lrnet x");
    cli_ends(2, "inspect --json");
    cli_ends(1, "tokenize --vocab /no/such x");
}

static void imports_and_inspects(void **state)
{
    json_t *list;
    const json_t *one;

    (void)state;
    need_shared(G1);
    cli_ends(0, "import lrnet " G1 " " G2 " -o lrnet.safetensors");
    cli_ends(0, "inspect --json lrnet.safetensors");
    list = cli_json();
    one = json_array_get(list, 0);
    assert_string_equal(json_string_value(json_object_get(one, "schema")), "umcl.inspect/1");
    assert_true(json_is_true(json_object_get(one, "verified")));
    assert_int_equal(json_integer_value(json_object_get(one, "numbers")), 82308);
    assert_int_equal(json_array_size(json_object_get(one, "tensors")), 30);
    json_decref(list);
    cli_ends(0, "inspect lrnet.safetensors " G1);
    assert_says(cli_out(), "kind: lrnet");
    assert_says(cli_out(), "pytorch, 15 tensors");
    cli_ends(1, "import lrnet " G1 " -o none.safetensors");
    assert_says(cli_err(), "\ng2.dense.3.bias: expected [2], found none\n");
}

static void prints_tokens(void **state)
{
    json_t *list;

    (void)state;
    cli_ends(0, "tokenize a");
    list = cli_json();
    assert_int_equal(json_array_size(list), 77);
    assert_int_equal(json_integer_value(json_array_get(list, 1)), 320);
    json_decref(list);
    cli_ends(0, "tokenize a 'b c'");
    assert_says(cli_err(), "built-in");
    cli_ends(1, "tokenize a \"$(printf '\\377')\"");
    list = cli_json();
    assert_true(json_is_null(json_array_get(list, 1)));
    json_decref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_bad_files),
        cmocka_unit_test(imports_and_inspects),
        cmocka_unit_test(prints_tokens),
    };
    return cmocka_run_group_tests(tests, cli_setup, cli_teardown);
}
