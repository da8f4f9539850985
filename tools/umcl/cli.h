/*
 * What the commands share. A command gets its own arguments (argv[0] is "umcl COMMAND", as getopt
 * calls it in messages) and returns the exit code.
 */
#ifndef UM_TOOLS_CLI_H
#define UM_TOOLS_CLI_H

#include <stdbool.h>
#include <stdint.h>

/* Documented exit codes. */
enum {
    EXIT_DONE = 0,        /* everything asked for was done */
    EXIT_SOME_FAILED = 1, /* something asked for could not be done */
    EXIT_USAGE = 2,       /* the arguments do not make sense */
    EXIT_NO_DECISION = 3, /* detect: done, but a video had no decision */
    EXIT_FAKE = 4         /* detect --fail-on-fake: a video was judged fake */
};

/*      name, one-line description. A command is the function cmd_<name> in cmd_<name>.c. */
#define UM_COMMANDS(X)                                                                             \
    X(detect, "judge whether the faces in videos are real or fake")                                \
    X(faces, "show the faces in pictures and videos")                                              \
    X(dataset, "list a public data set and look for leaks between its splits")                     \
    X(pulse, "read the heart rate of the faces in videos")                                         \
    X(extract, "follow the faces of videos once, for training")                                    \
    X(train, "train a detector on extracted tracks")                                               \
    X(eval, "measure a detector on extracted tracks with known labels")                            \
    X(compare, "test whether two detectors differ, from their scores")                             \
    X(tsne, "draw what joint models make of videos, and measure how it lies apart")                \
    X(reproduce, "repeat the paper's experiments")                                                 \
    X(robust, "measure a detector on videos that were changed in many ways")                       \
    X(pretrain, "train one encoder by itself")                                                     \
    X(train_face, "train the face networks")                                                       \
    X(pseudo_fake, "show the fakes that training makes of real faces")                             \
    X(synth, "render people whose landmarks and pulse are known")                                  \
    X(import, "turn a public checkpoint into a model file")                                        \
    X(cost, "count and measure what a joint model costs")                                          \
    X(inspect, "show what a model file holds")                                                     \
    X(forward, "run one encoder on tensors from a file")                                           \
    X(tokenize, "print the tokens of a text")                                                      \
    X(version, "print the version")

#define X(name, text) int cmd_##name(int argc, char **argv);
UM_COMMANDS(X)
#undef X

/** Prints "umcl <command>: <last error>" to stderr and returns EXIT_SOME_FAILED. */
int cli_fail(const char *command);

/** Prints the formatted sentence and a pointer to --help to stderr and returns EXIT_USAGE. */
int cli_usage(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** After getopt_long has named a bad option: points to --help and returns EXIT_USAGE. */
int cli_bad_option(const char *command);

/**
 * A line of progress on standard error, in the place of the one before; NULL removes it. Nothing
 * where standard error is no terminal.
 */
void cli_progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * The command as a model file tells of it: argv joined by blanks, folders left out of paths. The
 * caller frees it; NULL where memory is short.
 */
char *cli_command_line(int argc, char **argv);

/** Reads an option's value: all of `text` is a number in lo..hi. False leaves `out` as it was. */
bool cli_int(int *out, const char *text, int lo, int hi);
bool cli_real(double *out, const char *text, double lo, double hi);

/** The same for a seed: a whole number of 64 bits, decimal or 0x. */
bool cli_u64(uint64_t *out, const char *text);

#endif
