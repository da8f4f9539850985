#include <getopt.h>
#include <stdio.h>

#include "base/status.h"
#include "base/str.h"
#include "cli.h"
#include "model/import.h"

static const char help[] =
    "usage: umcl import KIND FILE... -o OUT.safetensors\n"
    "\n"
    "Turns a public checkpoint into a model file. Reads what torch.save writes (the ZIP "
    "container,\n"
    "the legacy stream, TorchScript archives; nothing in them is executed) and safetensors.\n"
    "Every parameter must be there in its shape; what is missing, unexpected or unfit is listed.\n"
    "\n"
    "  physformer FILE           PhysFormer, the pulse encoder\n"
    "  lrnet G1 G2               LRNet's two streams: landmarks, and their differences\n"
    "  clip-text FILE            the text tower of CLIP ViT-B/16\n"
    "  mtcnn PNET RNET ONET      the MTCNN face detector\n"
    "  xception FILE             Xception without its last layer, where umcl train --model "
    "xception\n"
    "                            can begin (the public xception-43020ad28.pth and its like)\n"
    "\n"
    "      --half                kernels and matrices as half-precision numbers: half the size\n"
    "  -o, --output FILE         the model file to write\n"
    "  -h, --help                this text\n"
    "\n"
    "example: umcl import lrnet g1.pth g2.pth -o lrnet.safetensors\n"
    "\n"
    "Exit codes: 0 written, 1 not written, 2 usage.\n";

int cmd_import(int argc, char **argv)
{
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"half", no_argument, NULL, 'f'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    um_str problems = UM_STR_INIT;
    const char *output = NULL;
    bool half = false;
    umcl_status st;
    int c, code;

    while ((c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
        switch (c) {
        case 'o': output = optarg; break;
        case 'f': half = true; break;
        case 'h': fputs(help, stdout); return EXIT_DONE;
        default: return cli_bad_option("import");
        }
    }
    if (argc - optind < 2) return cli_usage("import", "expected a kind and at least one file");
    if (!output) return cli_usage("import", "expected -o OUT.safetensors");
    st = um_import(output, argv[optind], (const char *const *)&argv[optind + 1],
                   (size_t)(argc - optind - 1), half, &problems);
    if (st == UMCL_OK) {
        code = EXIT_DONE;
        fprintf(stderr, "umcl import: wrote %s\n", output);
    } else {
        if (problems.text) fputs(problems.text, stderr);
        code = cli_fail("import");
    }
    um_str_clear(&problems);
    return code;
}
