/*
 * CLIP's tokenizer (Radford et al., 2021): clean, lower-case, split into words, merge byte pairs.
 */
#ifndef UM_TEXT_TOKENIZER_H
#define UM_TEXT_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define UM_TEXT_CONTEXT 77 /* tokens a text is padded or cut to */

typedef struct um_tokenizer um_tokenizer;

/**
 * @param vocab_path the public bpe_simple_vocab_16e6.txt, plain or .gz; NULL: the built-in
 *                   tokenizer, which merges nothing (each byte of a word is a token, with the same
 *                   numbers as in the public vocabulary)
 * @return UMCL_ERR_NOT_FOUND, UMCL_ERR_IO, UMCL_ERR_FORMAT, UMCL_ERR_NOMEM
 */
umcl_status um_tokenizer_open(um_tokenizer **out, const char *vocab_path);
void um_tokenizer_free(um_tokenizer *tokenizer);

/** "clip-bpe" or "builtin": reports and model files name what was used. */
const char *um_tokenizer_name(const um_tokenizer *tokenizer);

/**
 * Start token, the text's tokens, end token, zeros. A text too long is cut and still ends with the
 * end token.
 *
 * @param text at most 4096 bytes of UTF-8
 * @param ids  [UM_TEXT_CONTEXT]
 * @param cut  whether the text was too long; may be NULL
 * @return UMCL_ERR_INVALID (too many bytes, not UTF-8), UMCL_ERR_NOMEM
 */
umcl_status um_tokenize(const um_tokenizer *tokenizer, const char *text, int64_t *ids, bool *cut);

#endif
