/* What every command owes to who does not know it: help, pointers to it, the version, progress. */
#include "support_cli.h"

static const char *const commands[] = {"train",
                                       "eval",
                                       "robust",
                                       "compare",
                                       "extract",
                                       "detect",
                                       "faces",
                                       "forward",
                                       "import",
                                       "inspect",
                                       "synth",
                                       "tokenize",
                                       "train-face detector",
                                       "train-face landmarks",
                                       "version"};

#define N_COMMANDS (sizeof commands / sizeof *commands)

static void every_command_explains_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_COMMANDS; i++) {
        cli_ends(0, "%s --help", commands[i]);
        assert_says(cli_out(), "usage: umcl ");
        assert_says(cli_out(), "\nexample");
        assert_says(cli_out(), "\nExit codes: 0 ");
        assert_string_equal(cli_err(), "");
    }
    cli_ends(0, "help detect");
    assert_says(cli_out(), "usage: umcl detect");
    cli_ends(0, "help train-face");
    assert_says(cli_out(), "usage: umcl train-face");
    cli_ends(0, "--help synth");
    assert_says(cli_out(), "usage: umcl synth");
}

static void the_program_lists_its_commands(void **state)
{
    (void)state;
    cli_ends(0, "--help");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        char name[32] = "\n  ";

        strncat(name, commands[i], strcspn(commands[i], " "));
        strcat(name, " ");
        assert_says(cli_out(), name);
    }
    assert_says(cli_out(), "Exit codes:");
    cli_ends(0, "-h");
    cli_ends(0, "help");
    assert_says(cli_out(), "usage: umcl COMMAND");
    cli_ends(2, " ");
    assert_says(cli_err(), "usage: umcl COMMAND");
    assert_string_equal(cli_out(), "");
}

static void the_version_is_told(void **state)
{
    (void)state;
    cli_ends(0, "--version");
    assert_string_equal(cli_out(), "umcl " UMCL_VERSION "\n");
    cli_ends(0, "version");
    assert_string_equal(cli_out(), "umcl " UMCL_VERSION "\n");
    cli_ends(2, "version 2");
}

static void mistakes_point_to_help(void **state)
{
    (void)state;
    cli_ends(2, "detekt clip.mp4");
    assert_says(cli_err(), "unknown command 'detekt'\ntry 'umcl --help'");
    cli_ends(2, "help detekt");
    assert_says(cli_err(), "try 'umcl --help'");
    for (size_t i = 0; i < N_COMMANDS - 1; i++) {
        char pointer[64] = "try 'umcl ";

        strncat(pointer, commands[i], strcspn(commands[i], " "));
        strcat(pointer, " --help'");
        cli_ends(2, "%s", commands[i]);
        assert_says(cli_err(), pointer);
        assert_string_equal(cli_out(), "");
        cli_ends(2, "%s --nonsense", commands[i]);
        assert_says(cli_err(), "unrecognized option '--nonsense'");
        assert_says(cli_err(), pointer);
        assert_string_equal(cli_out(), "");
    }
    cli_ends(2, "detect --model");
    assert_says(cli_err(), "umcl detect: option '--model' requires an argument");
}

/* A full disk behind standard output is a failure, not a success without a result. */
static void results_that_are_lost_are_told(void **state)
{
    static const char *const lines[] = {"--help", "version", "tokenize a",
                                        "inspect --json " UMCL_TEST_SOURCE
                                        "/models/lrnet.safetensors"};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        cli_ends(1, "%s >/dev/full", lines[i]);
        assert_says(cli_err(), "umcl: standard output cannot be written\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_explains_itself),
        cmocka_unit_test(the_program_lists_its_commands),
        cmocka_unit_test(the_version_is_told),
        cmocka_unit_test(mistakes_point_to_help),
        cmocka_unit_test(results_that_are_lost_are_told),
    };
    return cmocka_run_group_tests(tests, cli_setup, cli_teardown);
}
