#include <getopt.h>
#include <stdio.h>

#include <jansson.h>

#include "base/status.h"
#include "cli.h"
#include "text/tokenizer.h"

static const char help[] =
    "usage: umcl tokenize [--vocab FILE] TEXT...\n"
    "\n"
    "Prints the 77 token numbers of each text as CLIP's tokenizer makes them, as JSON: an array "
    "for\n"
    "one text, an array of arrays for several.\n"
    "\n"
    "      --vocab FILE  the public bpe_simple_vocab_16e6.txt, plain or .gz; without it the "
    "built-in\n"
    "                    tokenizer is used, which merges nothing: one token for each byte\n"
    "  -h, --help        this text\n"
    "\n"
    "example: umcl tokenize --vocab bpe_simple_vocab_16e6.txt.gz 'a photo of a real face'\n"
    "\n"
    "Exit codes: 0 done, 1 the vocabulary or a text could not be read, 2 usage.\n";

static json_t *to_json(const int64_t *ids)
{
    json_t *list = json_array();

    for (int i = 0; i < UM_TEXT_CONTEXT; i++) json_array_append_new(list, json_integer(ids[i]));
    return list;
}

static int tokenize(const um_tokenizer *tokenizer, char **text, int n)
{
    json_t *all = json_array();
    int code = EXIT_DONE;

    for (int i = 0; i < n; i++) {
        int64_t ids[UM_TEXT_CONTEXT];
        bool cut;

        if (um_tokenize(tokenizer, text[i], ids, &cut) != UMCL_OK) {
            json_array_append_new(all, json_null());
            code = cli_fail("tokenize");
            continue;
        }
        if (cut)
            fprintf(stderr, "umcl tokenize: text %d is too long and was cut to %d tokens\n", i + 1,
                    UM_TEXT_CONTEXT);
        json_array_append_new(all, to_json(ids));
    }
    if (n > 1 || code == EXIT_DONE) {
        json_dumpf(n == 1 ? json_array_get(all, 0) : all, stdout, 0);
        putchar('\n');
    }
    json_decref(all);
    return code;
}

int cmd_tokenize(int argc, char **argv)
{
    static const struct option options[] = {
        {"vocab", required_argument, NULL, 'v'}, {"help", no_argument, NULL, 'h'}, {0}};
    const char *vocab = NULL;
    um_tokenizer *tokenizer;
    int c, code;

    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (c) {
        case 'v': vocab = optarg; break;
        case 'h': fputs(help, stdout); return EXIT_DONE;
        default: return cli_bad_option("tokenize");
        }
    }
    if (optind == argc) return cli_usage("tokenize", "expected a text");
    if (um_tokenizer_open(&tokenizer, vocab) != UMCL_OK) return cli_fail("tokenize");
    if (!vocab)
        fputs("umcl tokenize: no --vocab: using the built-in tokenizer, one token a byte\n",
              stderr);
    code = tokenize(tokenizer, argv + optind, argc - optind);
    um_tokenizer_free(tokenizer);
    return code;
}
