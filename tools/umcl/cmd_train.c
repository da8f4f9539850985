#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "train_crops.h"
#include "train_lrnet.h"
#include "train_umcl.h"

/* The value of --model, which decides what the other options are. */
static const char *model_asked_for(int argc, char **argv)
{
    const char *model = "umcl";

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--model") && i + 1 < argc) model = argv[i + 1];
        if (!strncmp(argv[i], "--model=", 8)) model = argv[i] + 8;
    }
    return model;
}

int cmd_train(int argc, char **argv)
{
    const char *model = model_asked_for(argc, argv);
    char *line = cli_command_line(argc, argv);
    int code;

    if (!strcmp(model, "umcl"))
        code = train_umcl(argc, argv, line ? line : "");
    else if (!strcmp(model, "lrnet"))
        code = train_lrnet(argc, argv, "train", line ? line : "");
    else if (um_crop_net_find(model))
        code = train_crops(argc, argv, line ? line : "", um_crop_net_find(model));
    else
        code = cli_usage("train", "--model: expected umcl, lrnet, meso4 or xception, found '%s'",
                         model);
    free(line);
    return code < 0 ? EXIT_DONE : code;
}
