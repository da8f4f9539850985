#include "text/vocab.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/str.h"
#include "text/unicode.h"

#define SLOTS ((size_t)1 << 17) /* over twice the entries, a power of two */
#define MAX_TEXT ((size_t)16 << 20)
#define END_OF_WORD "</w>"

typedef struct merge {
    int32_t a, b; /* a + 1 is stored: 0 marks a free slot */
    int32_t rank, token;
} merge;

struct um_vocab {
    merge *merge; /* [SLOTS], open addressing */
};

/* Tokens by their spelling, needed only while the merges are read. */
typedef struct spelling {
    const char *text; /* NULL: free slot */
    int32_t token;
} spelling;

typedef struct reader {
    um_arena *arena;
    spelling *slot; /* [SLOTS] */
    um_vocab *vocab;
} reader;

/* Bytes that print in Latin-1 stand for themselves and come first. */
static bool prints(int byte)
{
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

int32_t um_vocab_byte(unsigned char byte, int at_end)
{
    int token = 0, first = prints(byte);

    /* All printing bytes before the others, each group in the order of the bytes. */
    for (int b = 0; b < 256; b++)
        token += prints(b) && !first ? 1 : prints(b) == first && b < byte ? 1 : 0;
    return token + (at_end ? 256 : 0);
}

static spelling *find_spelling(const reader *r, const char *text)
{
    size_t i = um_fnv1a(UM_FNV_OFFSET, text, strlen(text)) & (SLOTS - 1);

    while (r->slot[i].text && strcmp(r->slot[i].text, text) != 0) i = (i + 1) & (SLOTS - 1);
    return &r->slot[i];
}

/* Of two tokens with the same spelling the later one counts. */
static umcl_status add_spelling(reader *r, const char *text, int32_t token)
{
    spelling *s = find_spelling(r, text);

    if (!s->text) s->text = um_arena_strdup(r->arena, text);
    s->token = token;
    return s->text ? UMCL_OK : um_fail(UMCL_ERR_NOMEM, "vocabulary: out of memory");
}

/* The file spells a byte that does not print as a letter from U+0100 on. */
static umcl_status add_bytes(reader *r)
{
    for (int at_end = 0; at_end < 2; at_end++) {
        uint32_t shift = 0;

        for (int b = 0; b < 256; b++) {
            um_str text = UM_STR_INIT;
            umcl_status st;

            um_utf8_put(&text, prints(b) ? (uint32_t)b : 256 + shift++);
            um_str_append(&text, at_end ? END_OF_WORD : "");
            st = um_str_status(&text);
            if (st == UMCL_OK)
                st = add_spelling(r, text.text, um_vocab_byte((unsigned char)b, at_end));
            um_str_clear(&text);
            UM_TRY(st);
        }
    }
    return UMCL_OK;
}

static merge *find_merge(const um_vocab *v, int32_t a, int32_t b)
{
    size_t i = um_rng_at((uint64_t)a << 32 | (uint32_t)b, 0) & (SLOTS - 1);

    while (v->merge[i].a && (v->merge[i].a != a + 1 || v->merge[i].b != b))
        i = (i + 1) & (SLOTS - 1);
    return &v->merge[i];
}

/* One line "left right", which is cut in two in place. */
static umcl_status add_merge(reader *r, const char *name, char *line, int32_t rank)
{
    char *blank = strchr(line, ' ');
    um_str joined = UM_STR_INIT;
    const spelling *a, *b;
    umcl_status st;
    merge *m;

    if (!blank || strchr(blank + 1, ' '))
        return um_fail(UMCL_ERR_FORMAT, "%s: merge %d: expected two tokens, found \"%.60s\"", name,
                       rank + 1, line);
    *blank = '\0';
    a = find_spelling(r, line);
    b = find_spelling(r, blank + 1);
    if (!a->text || !b->text)
        return um_fail(UMCL_ERR_FORMAT, "%s: merge %d: unknown token \"%.60s\"", name, rank + 1,
                       a->text ? blank + 1 : line);
    m = find_merge(r->vocab, a->token, b->token);
    *m = (merge){.a = a->token + 1, .b = b->token, .rank = rank, .token = 512 + rank};
    um_str_printf(&joined, "%s%s", line, blank + 1);
    UM_CHECK(um_str_status(&joined));
    st = add_spelling(r, joined.text, m->token);
done:
    um_str_clear(&joined);
    return st;
}

static umcl_status inflate_text(char **out, const char *name, const void *bytes, size_t n)
{
    size_t cap = n < MAX_TEXT / 8 ? 8 * n + 1024 : MAX_TEXT;
    z_stream s = {0};
    int result;

    UM_TRY(um_calloc(out, cap + 1, 1));
    if (n > MAX_TEXT || inflateInit2(&s, 16 + MAX_WBITS) != Z_OK)
        return um_fail(UMCL_ERR_FORMAT, "%s: cannot be unpacked", name);
    s.next_in = (unsigned char *)bytes;
    s.avail_in = (uInt)n;
    s.next_out = (unsigned char *)*out;
    s.avail_out = (uInt)cap;
    result = inflate(&s, Z_FINISH);
    inflateEnd(&s);
    if (result == Z_STREAM_END) return UMCL_OK;
    return um_fail(UMCL_ERR_FORMAT, "%s: damaged gzip data, or too much of it", name);
}

static umcl_status copy_text(char **out, const char *name, const void *bytes, size_t n)
{
    if (n > MAX_TEXT) return um_fail(UMCL_ERR_FORMAT, "%s: too large for a vocabulary", name);
    UM_TRY(um_calloc(out, n + 1, 1));
    if (n) memcpy(*out, bytes, n);
    return UMCL_OK;
}

/* The first line is a comment; further lines than the merges needed belong to larger ones. */
static umcl_status read_merges(reader *r, const char *name, char *text)
{
    char *save = NULL, *line = strtok_r(text, "\n", &save);
    int32_t rank = 0;

    for (; line && rank < UM_VOCAB_MERGES; rank++) {
        line = strtok_r(NULL, "\r\n", &save);
        if (!line) break;
        UM_TRY(add_merge(r, name, line, rank));
    }
    if (rank == UM_VOCAB_MERGES) return UMCL_OK;
    return um_fail(UMCL_ERR_FORMAT, "%s: expected %d merges, file has %d", name, UM_VOCAB_MERGES,
                   rank);
}

static umcl_status new_vocab(um_vocab **out)
{
    UM_TRY(um_calloc(out, 1, sizeof **out));
    return um_calloc(&(*out)->merge, SLOTS, sizeof *(*out)->merge);
}

umcl_status um_vocab_parse(um_vocab **out, const char *name, const void *bytes, size_t n)
{
    const unsigned char *b = bytes;
    reader r = {0};
    char *text = NULL;
    umcl_status st;

    *out = NULL;
    if (n > 2 && b[0] == 0x1F && b[1] == 0x8B)
        UM_CHECK(inflate_text(&text, name, bytes, n));
    else
        UM_CHECK(copy_text(&text, name, bytes, n));
    UM_CHECK(um_arena_new(&r.arena));
    UM_CHECK(um_calloc(&r.slot, SLOTS, sizeof *r.slot));
    UM_CHECK(new_vocab(&r.vocab));
    UM_CHECK(add_bytes(&r));
    UM_CHECK(read_merges(&r, name, text));
    *out = r.vocab;
    r.vocab = NULL;
done:
    um_vocab_free(r.vocab);
    um_arena_free(r.arena);
    free(r.slot);
    free(text);
    return st;
}

void um_vocab_free(um_vocab *vocab)
{
    if (!vocab) return;
    free(vocab->merge);
    free(vocab);
}

int32_t um_vocab_merge(const um_vocab *vocab, int32_t a, int32_t b, int32_t *rank)
{
    const merge *m = find_merge(vocab, a, b);

    if (!m->a) return -1;
    *rank = m->rank;
    return m->token;
}
