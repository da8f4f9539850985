#include "text/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "text/clean.h"
#include "text/unicode.h"
#include "text/vocab.h"

#define MAX_VOCAB_BYTES ((size_t)16 << 20)
#define MAX_TEXT_BYTES 4096

struct um_tokenizer {
    um_vocab *vocab; /* NULL: the built-in tokenizer */
};

umcl_status um_tokenizer_open(um_tokenizer **out, const char *vocab_path)
{
    um_tokenizer *t = NULL;
    char *bytes = NULL;
    umcl_status st;
    size_t n;

    *out = NULL;
    UM_CHECK(um_calloc(&t, 1, sizeof *t));
    if (vocab_path) {
        UM_CHECK(um_file_read(&bytes, &n, vocab_path, MAX_VOCAB_BYTES));
        UM_CHECK(um_vocab_parse(&t->vocab, vocab_path, bytes, n));
    }
    *out = t;
    t = NULL;
done:
    um_tokenizer_free(t);
    free(bytes);
    return st;
}

void um_tokenizer_free(um_tokenizer *tokenizer)
{
    if (!tokenizer) return;
    um_vocab_free(tokenizer->vocab);
    free(tokenizer);
}

const char *um_tokenizer_name(const um_tokenizer *tokenizer)
{
    return tokenizer->vocab ? "clip-bpe" : "builtin";
}

typedef enum word_class { CLASS_SPACE, CLASS_LETTER, CLASS_NUMBER, CLASS_OTHER } word_class;

static word_class class_of(const char *p, const char *end, size_t *used)
{
    uint32_t c = 0;

    *used = um_utf8_get(&c, p, (size_t)(end - p));
    if (um_is_space(c)) return CLASS_SPACE;
    if (um_is_letter(c)) return CLASS_LETTER;
    return um_is_number(c) ? CLASS_NUMBER : CLASS_OTHER;
}

/*
 * Length of the word at `p`: a contraction, a run of letters, one digit, or a run of what is
 * neither. `p` is cleaned text that does not start with a blank.
 */
static size_t word_length(const char *p, const char *end)
{
    static const char *const contractions[] = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};
    size_t n = 0, used;
    word_class class;

    for (size_t i = 0; i < sizeof contractions / sizeof contractions[0]; i++)
        if (um_str_starts(p, contractions[i])) return strlen(contractions[i]);
    class = class_of(p, end, &used);
    do {
        n += used;
    } while (class != CLASS_NUMBER && p + n < end && class_of(p + n, end, &used) == class);
    return n;
}

/* Merges all places of the best pair, left to right, until no pair merges; returns the count. */
static size_t merge_pairs(const um_vocab *vocab, int32_t *token, size_t n)
{
    for (;;) {
        int32_t best = INT32_MAX, a = 0, b = 0, into = 0, rank = 0;
        size_t kept = 0;

        for (size_t i = 0; i + 1 < n; i++) {
            int32_t merged = um_vocab_merge(vocab, token[i], token[i + 1], &rank);

            if (merged < 0 || rank >= best) continue;
            best = rank;
            into = merged;
            a = token[i];
            b = token[i + 1];
        }
        if (best == INT32_MAX) return n;
        for (size_t i = 0; i < n; kept++) {
            bool here = i + 1 < n && token[i] == a && token[i + 1] == b;

            token[kept] = here ? into : token[i];
            i += here ? 2 : 1;
        }
        n = kept;
    }
}

/* Tokens of one word; `token` has room for one a byte. */
static size_t encode_word(const um_tokenizer *t, const char *word, size_t n, int32_t *token)
{
    for (size_t i = 0; i < n; i++) token[i] = um_vocab_byte((unsigned char)word[i], i + 1 == n);
    return t->vocab ? merge_pairs(t->vocab, token, n) : n;
}

/* Tokens of a cleaned text into `ids` from 1 on; false: there were more than fit. */
static bool encode(const um_tokenizer *t, const char *p, const char *end, int64_t *ids, size_t *n)
{
    static const char start[] = "<|startoftext|>", stop[] = "<|endoftext|>";
    int32_t token[MAX_TEXT_BYTES * 2];

    for (size_t length; p < end; p += length) {
        size_t count = 1;

        length = 1;
        if (*p == ' ') continue;
        if (um_str_starts(p, start)) {
            token[0] = UM_VOCAB_START;
            length = strlen(start);
        } else if (um_str_starts(p, stop)) {
            token[0] = UM_VOCAB_END;
            length = strlen(stop);
        } else {
            length = word_length(p, end);
            count = encode_word(t, p, length, token);
        }
        for (size_t i = 0; i < count; i++) {
            if (*n == UM_TEXT_CONTEXT) return false;
            ids[(*n)++] = token[i];
        }
    }
    return *n < UM_TEXT_CONTEXT;
}

umcl_status um_tokenize(const um_tokenizer *tokenizer, const char *text, int64_t *ids, bool *cut)
{
    um_str clean = UM_STR_INIT;
    umcl_status st = UMCL_OK;
    size_t n = 1;
    bool whole;

    memset(ids, 0, UM_TEXT_CONTEXT * sizeof *ids);
    if (strlen(text) > MAX_TEXT_BYTES)
        return um_fail(UMCL_ERR_INVALID, "text: expected at most %d bytes, found %zu",
                       MAX_TEXT_BYTES, strlen(text));
    um_str_append(&clean, "");
    UM_CHECK(um_text_clean(&clean, text));
    ids[0] = UM_VOCAB_START;
    whole = encode(tokenizer, clean.text, clean.text + clean.len, ids, &n);
    ids[whole ? n : UM_TEXT_CONTEXT - 1] = UM_VOCAB_END;
    if (cut) *cut = !whole;
done:
    um_str_clear(&clean);
    return st;
}
