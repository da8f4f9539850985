#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

typedef struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *text;
} command;

#define X(name, text) {#name, cmd_##name, text},
static const command commands[] = {UM_COMMANDS(X)};
#undef X

static const size_t n_commands = sizeof commands / sizeof commands[0];

/* cmd_train_face is the command train-face. */
static void print_command(FILE *to, const command *c)
{
    fputs("  ", to);
    for (const char *p = c->name; *p; p++) fputc(*p == '_' ? '-' : *p, to);
    fprintf(to, "%*s %s\n", 12 - (int)strlen(c->name), "", c->text);
}

static void print_help(FILE *to)
{
    fputs("usage: umcl COMMAND [OPTIONS]\n\n"
          "Judges whether the faces in a video are real or fake, and trains what it takes.\n\n"
          "commands:\n",
          to);
    for (size_t i = 0; i < n_commands; i++) print_command(to, &commands[i]);
    fputs(
        "\nexample: umcl detect clip.mp4\n"
        "\n'umcl COMMAND --help' explains a command. Exit codes: 0 done, 1 some failed, 2 usage,\n"
        "3 no decision (detect), 4 fake found (detect --fail-on-fake).\n",
        to);
}

static bool same_name(const char *given, const char *name)
{
    for (; *given && *name; given++, name++)
        if (*given != *name && !(*given == '-' && *name == '_')) return false;
    return *given == *name;
}

/* Runs the command argv[0], which getopt then calls "umcl COMMAND". */
static int run(int argc, char **argv)
{
    char name[32];

    for (size_t i = 0; i < n_commands; i++) {
        if (!same_name(argv[0], commands[i].name)) continue;
        snprintf(name, sizeof name, "umcl %s", argv[0]);
        argv[0] = name;
        return commands[i].run(argc, argv);
    }
    return cli_usage(NULL, "unknown command '%s'", argv[0]);
}

static int choose(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : "";

    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(first, "--help") || !strcmp(first, "-h") || !strcmp(first, "help")) {
        char *explained[] = {argv[2], "--help", NULL};

        if (argc > 2) return run(2, explained);
        print_help(stdout);
        return EXIT_DONE;
    }
    if (!strcmp(first, "--version")) argv[1] = "version";
    return run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    int code;

    signal(SIGXFSZ, SIG_IGN); /* a file's size limit is then a write that fails, and is told */
    code = choose(argc, argv);

    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    fputs("umcl: standard output cannot be written\n", stderr);
    return EXIT_SOME_FAILED;
}
