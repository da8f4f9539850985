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

static void print_help(FILE *to)
{
    fputs("usage: umcl COMMAND [OPTIONS]\n\n"
          "Judges whether the faces in a video are real or fake, and trains what it takes.\n\n"
          "commands:\n",
          to);
    for (size_t i = 0; i < n_commands; i++)
        fprintf(to, "  %-12s %s\n", commands[i].name, commands[i].text);
    fputs(
        "\n'umcl COMMAND --help' explains a command. Exit codes: 0 done, 1 some failed, 2 usage,\n"
        "3 no decision (detect), 4 fake found (detect --fail-on-fake).\n",
        to);
}

/* Commands may be written with dashes: train-face is cmd_train_face. */
static int same_name(const char *given, const char *name)
{
    for (; *given && *name; given++, name++)
        if (*given != *name && !(*given == '-' && *name == '_')) return 0;
    return *given == *name;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        print_help(stdout);
        return EXIT_DONE;
    }
    if (!strcmp(argv[1], "--version")) argv[1] = "version";
    for (size_t i = 0; i < n_commands; i++)
        if (same_name(argv[1], commands[i].name)) return commands[i].run(argc - 1, argv + 1);
    return cli_usage(NULL, "unknown command '%s'", argv[1]);
}
