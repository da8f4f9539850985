/* The bytes as a vocabulary, and as a text for the built-in tokenizer. */
#include "replay.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "text/tokenizer.h"
#include "text/vocab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t ids[UM_TEXT_CONTEXT];
    um_tokenizer *tokenizer;
    um_vocab *vocab;
    char *text;

    if (um_vocab_parse(&vocab, "fuzz", data, size) == UMCL_OK) um_vocab_free(vocab);
    if (um_tokenizer_open(&tokenizer, NULL) != UMCL_OK) return 0;
    text = calloc(size + 1, 1);
    if (text) {
        if (size) memcpy(text, data, size);
        if (um_tokenize(tokenizer, text, ids, NULL) == UMCL_OK) assert(ids[0] == UM_VOCAB_START);
    }
    free(text);
    um_tokenizer_free(tokenizer);
    return 0;
}
