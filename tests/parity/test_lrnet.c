/* LRNet: formula weights with gradients, and the public weights on real landmark files. */
#include <stdlib.h>
#include <unistd.h>

#include "face/landmark_text.h"
#include "model/import.h"
#include "model/lrnet.h"
#include "nn/init.h"
#include "support_parity.h"

#define FILE_PATH REFERENCE("lrnet.safetensors")
enum { FORMULA_B = 3, FORMULA_T = 60 };

static void test_formula(void **state)
{
    um_lrnet_stream_out out;
    parity p;
    float x[FORMULA_B * FORMULA_T * UM_LRNET_INPUTS], cotangent[FORMULA_B * 2], *grad;
    um_node *in;

    (void)state;
    need_shared(FILE_PATH);
    parity_start(&p, FILE_PATH, UM_TRAIN);
    in = um_input(p.g, "landmarks", UM_F32, UM_SHAPE(FORMULA_B, FORMULA_T, UM_LRNET_INPUTS));
    um_want_grad(p.g, in);
    um_lrnet_stream(&out, &p.nn, in, (um_lrnet_options){0});
    um_output(p.g, out.feature);
    um_output(p.g, out.prob);
    assert_ok(um_graph_compile(p.g));
    assert_ok(um_init_formula(p.set, "a", "lrnet."));
    assert_int_equal(um_params_size(p.set), 41154);
    um_init_input(x, "a", "landmarks", 0, sizeof x / sizeof *x);
    um_init_input(cotangent, "a", "lrnet_cotangent", 0, FORMULA_B * 2);
    assert_ok(um_write(p.g, in, x));
    assert_ok(um_graph_forward(p.g));
    parity_node(&p, "formula.feature", out.feature);
    parity_node(&p, "formula.prob", out.prob);
    assert_ok(um_params_zero_grad(p.set));
    assert_ok(um_write_grad(p.g, out.prob, cotangent));
    assert_ok(um_graph_backward(p.g));
    grad = parity_read_grad(&p, in);
    parity_grad(&p, "formula.input_grad_norm", "formula.input_grad_head", grad,
                sizeof x / sizeof *x, GRAD_TOL);
    free(grad);
    parity_param_grads(&p, "formula.grad.", NULL);
    parity_stop(&p);
}

enum { G1 = 1, G2 = 2 };

/* Results for `batch` windows of `frames` rows: those of `streams` against <clip>.<stream>.<part>.
 */
static void check_public(const char *weights, const char *clip, const float *rows, int64_t batch,
                         int64_t frames, unsigned streams, bool blocks)
{
    um_lrnet_out out;
    um_st_file *file = NULL;
    parity p;
    um_node *in;
    float *both, *stream[2];

    parity_start(&p, FILE_PATH, UM_INFER);
    in = um_input(p.g, "landmarks", UM_F32, UM_SHAPE(batch, frames, UM_LRNET_INPUTS));
    um_lrnet(&out, &p.nn, in, UM_LRNET_OPTIONS_TRAIN); /* no dropout in inference graphs */
    um_output(p.g, out.prob);
    um_output(p.g, out.feature);
    for (int i = 0; i < 2; i++) {
        um_output(p.g, out.stream[i].feature);
        um_output(p.g, out.stream[i].prob);
    }
    assert_ok(um_graph_compile(p.g));
    assert_int_equal(um_params_size(p.set), 82308);
    assert_ok(um_st_read(&file, weights));
    assert_ok(um_params_load(p.set, file, ""));
    assert_ok(um_write(p.g, in, rows));
    assert_ok(um_graph_forward(p.g));
    for (int i = 0; i < 2; i++) {
        char name[64];

        stream[i] = parity_read(&p, out.stream[i].prob);
        if (!(streams >> i & 1)) continue;
        snprintf(name, sizeof name, "%s.g%d.%s", clip, i + 1, blocks ? "block_prob" : "prob");
        parity_node(&p, name, out.stream[i].prob);
        snprintf(name, sizeof name, "%s.g%d.feature", clip, i + 1);
        if (!blocks) parity_node(&p, name, out.stream[i].feature);
    }
    both = parity_read(&p, out.prob);
    for (int64_t i = 0; i < 2 * batch; i++)
        assert_float_equal(both[i], (stream[0][i] + stream[1][i]) / 2, 1e-6);
    free(both);
    free(stream[0]);
    free(stream[1]);
    um_st_free(file);
    parity_stop(&p);
}

static void test_public(void **state)
{
    static const char *const clips[] = {"dfo_fake", "dfo_real", "ff_fake", "ff_real"};
    const char *const parts[] = {REFERENCE("lrnet/g1.pth"), REFERENCE("lrnet/g2.pth")};
    char weights[] = "/tmp/umcl_lrnet_XXXXXX";
    um_str problems = UM_STR_INIT;

    (void)state;
    need_shared(FILE_PATH);
    close(mkstemp(weights));
    assert_ok(um_import(weights, "lrnet", parts, 2, false, &problems));
    for (int i = 0; i < 4; i++) {
        char path[512];
        float *rows;
        size_t n;

        snprintf(path, sizeof path, "%s/%s.txt", REFERENCE("lrnet"), clips[i]);
        assert_ok(um_landmark_text_read(&rows, &n, path));
        /* The reference fed each stream 160 steps: 160 rows, and the differences of 161. */
        check_public(weights, clips[i], rows, 1, 160, G1, false);
        check_public(weights, clips[i], rows, 1, 161, G2, false);
        check_public(weights, clips[i], rows, (int64_t)n / 60, 60, G1 | G2, true);
        free(rows);
    }
    um_str_clear(&problems);
    unlink(weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_formula),
                                       cmocka_unit_test(test_public)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
