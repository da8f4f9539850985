/*
 * CLIP's byte-pair vocabulary: 256 bytes, the same at the end of a word, one token for each merge
 * of two tokens, start and end of text.
 */
#ifndef UM_TEXT_VOCAB_H
#define UM_TEXT_VOCAB_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    UM_VOCAB_MERGES = 48894,
    UM_VOCAB_START = 49406, /* start of text */
    UM_VOCAB_END = 49407,   /* end of text */
    UM_VOCAB_SIZE = 49408
};

typedef struct um_vocab um_vocab;

/**
 * Reads the merges from the text of bpe_simple_vocab_16e6.txt, plain or gzip.
 *
 * @param name what messages call it
 * @return UMCL_ERR_FORMAT (not gzip after all, too few merges, a merge of unknown tokens),
 *         UMCL_ERR_NOMEM
 */
umcl_status um_vocab_parse(um_vocab **out, const char *name, const void *bytes, size_t n);
void um_vocab_free(um_vocab *vocab);

/** Token of a byte inside of a word, or at its end. */
int32_t um_vocab_byte(unsigned char byte, int at_end);

/** What tokens a and b merge into; -1: they do not. Smaller `*rank` merges first. */
int32_t um_vocab_merge(const um_vocab *vocab, int32_t a, int32_t b, int32_t *rank);

#endif
