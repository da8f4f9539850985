/* CLIP's text transformer with formula weights against reference numbers. */
#include <stdlib.h>

#include "base/mem.h"
#include "model/clip_text.h"
#include "nn/init.h"
#include "support_parity.h"

#define FILE_PATH REFERENCE("clip_text.safetensors")

static void test_embedding(void **state)
{
    um_clip_text_in in;
    um_node *y;
    parity p;
    int64_t *tokens;

    (void)state;
    need_shared(FILE_PATH);
    parity_start(&p, FILE_PATH, UM_INFER);
    y = um_clip_text(&in, &p.nn, 19);
    assert_ok(um_graph_status(p.g));
    um_output(p.g, y);
    assert_ok(um_graph_compile(p.g));
    assert_ok(um_init_formula(p.set, "a", "clip."));
    assert_ok(um_calloc(&tokens, 19 * UM_CLIP_CONTEXT, sizeof *tokens));
    assert_non_null(um_st_find(p.file, "tokens"));
    assert_ok(um_st_to_i64(tokens, um_st_find(p.file, "tokens")));
    assert_ok(um_clip_text_write(p.g, &in, tokens));
    assert_ok(um_graph_forward(p.g));
    parity_node(&p, "embedding", y);
    tokens[5] = UM_CLIP_VOCABULARY;
    assert_fails(UMCL_ERR_INVALID, "found 49408", um_clip_text_write(p.g, &in, tokens));
    free(tokens);
    parity_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_embedding)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
