#include <stdio.h>

#include "cli.h"

int cmd_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("umcl " UMCL_VERSION);
    return EXIT_DONE;
}
