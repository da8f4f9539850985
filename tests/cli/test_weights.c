/* umcl import, inspect, tokenize: output, messages and exit codes. */
#include "../test.h"

#include <stdlib.h>
#include <sys/wait.h>

#include <jansson.h>

#include "base/str.h"

#define G1 SHARED("reference/lrnet/g1.pth")
#define G2 SHARED("reference/lrnet/g2.pth")

/* Runs "umcl <arguments>" through the shell; `out` gets standard output. Returns the exit code. */
static int run(um_str *out, const char *arguments)
{
    um_str command = UM_STR_INIT;
    char part[4096];
    size_t n;
    FILE *pipe;
    int code;

    um_str_printf(&command, "%s %s", UMCL_TEST_PROGRAM, arguments);
    pipe = popen(command.text, "r");
    assert_non_null(pipe);
    um_str_clear(out);
    um_str_append(out, "");
    while ((n = fread(part, 1, sizeof part, pipe)) > 0) um_str_append_n(out, part, n);
    code = pclose(pipe);
    um_str_clear(&command);
    return WIFEXITED(code) ? WEXITSTATUS(code) : -1;
}

static void explains_itself(void **state)
{
    static const char *const commands[] = {"import", "inspect", "tokenize"};
    um_str out = UM_STR_INIT, line = UM_STR_INIT;

    (void)state;
    for (int i = 0; i < 3; i++) {
        um_str_clear(&line);
        um_str_printf(&line, "%s --help", commands[i]);
        assert_int_equal(run(&out, line.text), 0);
        assert_non_null(strstr(out.text, "example: umcl"));
        assert_non_null(strstr(out.text, "Exit codes:"));
        um_str_clear(&line);
        um_str_printf(&line, "%s 2>&1", commands[i]);
        assert_int_equal(run(&out, line.text), 2);
        assert_non_null(strstr(out.text, "--help"));
        um_str_clear(&line);
        um_str_printf(&line, "%s --nonsense 2>/dev/null", commands[i]);
        assert_int_equal(run(&out, line.text), 2);
    }
    um_str_clear(&line);
    um_str_clear(&out);
}

static void refuses_bad_files(void **state)
{
    um_str out = UM_STR_INIT;

    (void)state;
    assert_int_equal(run(&out, "inspect /no/such 2>&1"), 1);
    assert_non_null(strstr(out.text, "/no/such: cannot open"));
    assert_int_equal(run(&out, "inspect /tmp 2>&1"), 1);
    assert_non_null(strstr(out.text, "directory"));
    assert_int_equal(run(&out, "inspect " UMCL_TEST_SOURCE "/fuzz/corpus/torch/system.pt 2>&1"), 1);
    assert_non_null(strstr(out.text, "posix.system"));
    assert_int_equal(run(&out, "import resnet x -o y 2>&1"), 1);
    assert_non_null(strstr(out.text, "expected one of physformer"));
    assert_int_equal(run(&out, "import lrnet x 2>&1"), 2);
    assert_int_equal(run(&out, "tokenize --vocab /no/such x 2>&1"), 1);
    um_str_clear(&out);
}

static void imports_and_inspects(void **state)
{
    um_str out = UM_STR_INIT;
    json_t *list;
    const json_t *one;

    (void)state;
    need_shared(G1);
    assert_int_equal(run(&out, "import lrnet " G1 " " G2 " -o cli_lrnet.safetensors"), 0);
    assert_int_equal(run(&out, "inspect --json cli_lrnet.safetensors"), 0);
    list = json_loads(out.text, 0, NULL);
    one = json_array_get(list, 0);
    assert_string_equal(json_string_value(json_object_get(one, "schema")), "umcl.inspect/1");
    assert_true(json_is_true(json_object_get(one, "verified")));
    assert_int_equal(json_integer_value(json_object_get(one, "numbers")), 82308);
    assert_int_equal(json_array_size(json_object_get(one, "tensors")), 30);
    json_decref(list);
    assert_int_equal(run(&out, "inspect cli_lrnet.safetensors " G1), 0);
    assert_non_null(strstr(out.text, "kind: lrnet"));
    assert_non_null(strstr(out.text, "pytorch, 15 tensors"));
    assert_int_equal(run(&out, "import lrnet " G1 " -o cli_none.safetensors 2>&1"), 1);
    assert_non_null(strstr(out.text, "\ng2.dense.3.bias: expected [2], found none\n"));
    remove("cli_lrnet.safetensors");
    um_str_clear(&out);
}

static void prints_tokens(void **state)
{
    um_str out = UM_STR_INIT;
    json_t *list;

    (void)state;
    assert_int_equal(run(&out, "tokenize a 2>/dev/null"), 0);
    list = json_loads(out.text, 0, NULL);
    assert_int_equal(json_array_size(list), 77);
    assert_int_equal(json_integer_value(json_array_get(list, 1)), 320);
    json_decref(list);
    assert_int_equal(run(&out, "tokenize a 'b c' 2>&1 >/dev/null"), 0);
    assert_non_null(strstr(out.text, "built-in"));
    assert_int_equal(run(&out, "tokenize a \"$(printf '\\377')\" 2>/dev/null"), 1);
    list = json_loads(out.text, 0, NULL);
    assert_true(json_is_null(json_array_get(list, 1)));
    json_decref(list);
    um_str_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explains_itself),
        cmocka_unit_test(refuses_bad_files),
        cmocka_unit_test(imports_and_inspects),
        cmocka_unit_test(prints_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
