/*
 * Running the program as its users do: whole command lines, with what they print and how they end.
 */
#ifndef UM_TEST_SUPPORT_CLI_H
#define UM_TEST_SUPPORT_CLI_H

#include "../test.h"

#include <jansson.h>

/** For cmocka's group setup and teardown: works in a new folder, and removes it with its files. */
int cli_setup(void **state);
int cli_teardown(void **state);

/**
 * Runs `umcl ARGS` through the shell (quotes and redirections work) and returns its exit code, or
 * 128 + n where signal n has ended it: SIGXCPU (later SIGKILL) after five minutes of work, SIGALRM
 * after nine by the clock. A sanitizer's complaint fails the test, and so does a program that
 * cannot be started. The program finds the models by itself, and root's right to read every file
 * is taken from it.
 */
int cli(const char *args, ...) __attribute__((format(printf, 1, 2)));

/** The same with a terminal as standard error. */
int cli_on_terminal(const char *args, ...) __attribute__((format(printf, 1, 2)));

/** "exit code 1", "signal 14 (Alarm clock)": what cli() has returned; valid until the next call. */
const char *cli_ending(int code);

/** What the last run printed to standard output and standard error; valid until the next run. */
const char *cli_out(void);
const char *cli_err(void);

/** Standard output of the last run as JSON; the caller's. The test fails where it is none. */
json_t *cli_json(void);

/** Writes a file of the test's own. */
void cli_write(const char *path, const void *bytes, size_t n);

/** A file as text; freed by the caller. */
char *cli_text(const char *path);

/** Number of times that `part` stands in `text`. */
int cli_count(const char *text, const char *part);

/** Runs the program and asserts its exit code. */
#define cli_ends(expected, ...)                                                                    \
    do {                                                                                           \
        int test_code_ = cli(__VA_ARGS__);                                                         \
        if (test_code_ != (expected))                                                              \
            fail_msg("%s, expected exit code %d; it said:\n%s%s", cli_ending(test_code_),          \
                     (expected), cli_out(), cli_err());                                            \
    } while (0)

/** Asserts that `part` stands in `text`. */
#define assert_says(text, part)                                                                    \
    do {                                                                                           \
        const char *test_text_ = (text);                                                           \
        if (!strstr(test_text_, (part))) fail_msg("expected \"%s\" in:\n%s", (part), test_text_);  \
    } while (0)

/** Renders small clips of one person each, set/c1.mp4 .. set/cN.mp4, N being `n`. */
void cli_render_set(int n, double seconds);

#endif
