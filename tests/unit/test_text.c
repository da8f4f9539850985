#include "../test.h"

#include <jansson.h>

#include "base/str.h"
#include "text/clean.h"
#include "text/prompts.h"
#include "text/tokenizer.h"
#include "text/vocab.h"

static void cleans(void **state)
{
    static const struct {
        const char *text, *clean;
    } cases[] = {
        {"", ""},
        {"  A\t b\n\nC ", "a b c"},
        {"R&amp;B &amp;lt;3 &#39;x&#x27; & &bogus; &#; &#0;",
         "r&b <3 'x' & &bogus; &#; \xEF\xBF\xBD"},
        {"caf\xC3\x89 \xC3\x91 \xD0\x96", "caf\xC3\xA9 \xC3\xB1 \xD0\xB6"},
        {"\xCE\xA3\xCE\x91\xCE\xA3 \xCE\xA3", "\xCF\x83\xCE\xB1\xCF\x82 \xCF\x83"},
        {"\xC4\xB0", "i\xCC\x87"},
        {"x&nbsp;\xE3\x80\x80y", "x y"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        um_str s = UM_STR_INIT;

        um_str_append(&s, "");
        assert_ok(um_text_clean(&s, cases[i].text));
        assert_string_equal(s.text, cases[i].clean);
        um_str_clear(&s);
    }
}

static void refuses_what_is_not_utf8(void **state)
{
    static const char *const bad[] = {"a\xFF",     "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                      "x\xE2\x82", "\x80"};
    um_str s = UM_STR_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(UMCL_ERR_INVALID, "UTF-8", um_text_clean(&s, bad[i]));
    um_str_clear(&s);
}

/* ! is byte 33, the first that prints: token 0; a word's last byte is 256 higher. */
static void builtin_gives_bytes(void **state)
{
    int64_t ids[UM_TEXT_CONTEXT];
    static const int64_t expected[] = {49406,    6 + 256, 64 + 256, 64,    65 + 256, 16 + 256,
                                       17 + 256, 0,       0 + 256,  49407, 0};
    um_tokenizer *t;
    bool cut;

    (void)state;
    assert_ok(um_tokenizer_open(&t, NULL));
    assert_string_equal(um_tokenizer_name(t), "builtin");
    assert_ok(um_tokenize(t, "' A ab 12 !!", ids, &cut));
    assert_memory_equal(ids, expected, sizeof expected);
    assert_false(cut);
    assert_ok(um_tokenize(t, "<|endoftext|>", ids, NULL));
    assert_int_equal(ids[1], UM_VOCAB_END);
    assert_int_equal(ids[2], UM_VOCAB_END);
    assert_int_equal(um_vocab_byte(0, 0), 188);
    assert_int_equal(um_vocab_byte(173, 1), 511);
    um_tokenizer_free(t);
}

static void cuts_long_texts(void **state)
{
    char text[4098];
    int64_t ids[UM_TEXT_CONTEXT];
    um_tokenizer *t;
    bool cut;

    (void)state;
    assert_ok(um_tokenizer_open(&t, NULL));
    memset(text, 'a', sizeof text);
    text[75] = '\0';
    assert_ok(um_tokenize(t, text, ids, &cut));
    assert_false(cut);
    assert_int_equal(ids[76], UM_VOCAB_END);
    assert_int_equal(ids[75], 64 + 256);
    text[75] = 'a';
    text[76] = '\0';
    assert_ok(um_tokenize(t, text, ids, &cut));
    assert_true(cut);
    assert_int_equal(ids[76], UM_VOCAB_END);
    assert_int_equal(ids[75], 64);
    text[76] = 'a';
    text[4097] = '\0';
    assert_fails(UMCL_ERR_INVALID, "4096", um_tokenize(t, text, ids, &cut));
    um_tokenizer_free(t);
}

static void refuses_bad_vocabularies(void **state)
{
    static const unsigned char gzip[] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1};
    um_vocab *v;

    (void)state;
    assert_fails(UMCL_ERR_FORMAT, "file has 0", um_vocab_parse(&v, "mem", "", 0));
    assert_fails(UMCL_ERR_FORMAT, "file has 2",
                 um_vocab_parse(&v, "mem", "#\na b\nab c</w>\n", 15));
    assert_fails(UMCL_ERR_FORMAT, "unknown token \"bc\"",
                 um_vocab_parse(&v, "mem", "#\na b\nab bc\n", 12));
    assert_fails(UMCL_ERR_FORMAT, "two tokens", um_vocab_parse(&v, "mem", "#\nab\n", 5));
    assert_fails(UMCL_ERR_FORMAT, "two tokens", um_vocab_parse(&v, "mem", "#\na b c\n", 8));
    assert_fails(UMCL_ERR_FORMAT, "gzip", um_vocab_parse(&v, "mem", gzip, sizeof gzip));
}

static void matches_public_tokens(void **state)
{
    const char *vocab = SHARED("reference/clip/bpe_simple_vocab_16e6.txt.gz");
    json_t *cases, *one;
    um_tokenizer *t;
    size_t i, j;

    (void)state;
    need_shared(vocab);
    cases = json_load_file(SHARED("reference/clip/tokens.json"), 0, NULL);
    assert_true(json_array_size(cases) == 19);
    assert_ok(um_tokenizer_open(&t, vocab));
    assert_string_equal(um_tokenizer_name(t), "clip-bpe");
    json_array_foreach(cases, i, one)
    {
        const json_t *tokens = json_object_get(one, "tokens");
        int64_t ids[UM_TEXT_CONTEXT];

        assert_ok(um_tokenize(t, json_string_value(json_object_get(one, "text")), ids, NULL));
        for (j = 0; j < UM_TEXT_CONTEXT; j++)
            assert_int_equal(ids[j], json_integer_value(json_array_get(tokens, j)));
    }
    um_tokenizer_free(t);
    json_decref(cases);
}

static void prompts_are_as_described(void **state)
{
    (void)state;
    assert_int_equal(um_prompt_count(UM_PROMPTS_DESCRIPTION), 6);
    for (int fake = 0; fake < 2; fake++)
        for (size_t i = 0; i < 6; i++)
            assert_string_equal(um_prompt(UM_PROMPTS_OPPOSITE, fake, i),
                                um_prompt(UM_PROMPTS_DESCRIPTION, !fake, i));
    for (int set = UM_PROMPTS_UNRELATED; set <= UM_PROMPTS_NEUTRAL; set++)
        for (size_t i = 0; set != UM_PROMPTS_OPPOSITE && i < um_prompt_count((um_prompt_set)set);
             i++)
            assert_string_equal(um_prompt((um_prompt_set)set, true, i),
                                um_prompt((um_prompt_set)set, false, i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cleans),
        cmocka_unit_test(refuses_what_is_not_utf8),
        cmocka_unit_test(builtin_gives_bytes),
        cmocka_unit_test(cuts_long_texts),
        cmocka_unit_test(refuses_bad_vocabularies),
        cmocka_unit_test(matches_public_tokens),
        cmocka_unit_test(prompts_are_as_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
