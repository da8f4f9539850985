#include <stdio.h>
#include <string.h>

#include "cli.h"

static const char help[] = "usage: umcl version\n"
                           "\n"
                           "Prints the version, as umcl --version.\n"
                           "\n"
                           "example: umcl version\n"
                           "\n"
                           "Exit codes: 0 printed, 2 usage.\n";

int cmd_version(int argc, char **argv)
{
    if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    if (argc > 1) return cli_usage("version", "unexpected argument '%s'", argv[1]);
    puts("umcl " UMCL_VERSION);
    return EXIT_DONE;
}
