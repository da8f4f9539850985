#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "pretrain_pulse.h"
#include "pretrain_texture.h"
#include "train_lrnet.h"

static const char help[] =
    "usage: umcl pretrain x ...   (umcl pretrain x --help): the texture encoder\n"
    "       umcl pretrain p ...   (umcl pretrain p --help): the pulse encoder\n"
    "       umcl pretrain l ...   (umcl pretrain l --help): the landmark encoder\n"
    "\n"
    "Trains one encoder by itself. umcl train takes what is written as a beginning.\n"
    "\n"
    "example: umcl pretrain x --cache cache --labels labels.csv -o texture.safetensors\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 usage.\n";

int cmd_pretrain(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    char *line = cli_command_line(argc, argv);
    const char *made_by = line ? line : "";
    int code = EXIT_DONE;

    if (argc > 1) argv[1] = argv[0]; /* the name in getopt's messages */
    if (!strcmp(what, "p"))
        code = pretrain_pulse(argc - 1, argv + 1, made_by);
    else if (!strcmp(what, "l"))
        code = train_lrnet(argc - 1, argv + 1, "pretrain l", made_by);
    else if (!strcmp(what, "x"))
        code = pretrain_texture(argc - 1, argv + 1, made_by);
    else if (!strcmp(what, "--help") || !strcmp(what, "-h"))
        fputs(help, stdout);
    else
        code = cli_usage("pretrain", "expected what to train: x, p or l");
    free(line);
    return code < 0 ? EXIT_DONE : code;
}
