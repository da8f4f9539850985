/* PhysFormer with formula weights against reference numbers: inference, and a training step. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/physformer.h"
#include "nn/init.h"
#include "support_parity.h"

#define FILE_PATH REFERENCE("physformer.safetensors")
enum { SIDE = UM_PHYSFORMER_SIZE, WIDTH = UM_PHYSFORMER_WIDTH, REF_FRAMES = 160 };

/* The first `frames` frames of `batch` clips of the input "clip" [2, 3, 160, 128, 128], with
 * channels last. */
static float *formula_clip(int batch, int frames)
{
    const size_t pixels = (size_t)SIDE * SIDE, part = frames * pixels;
    float *clip, *plane;

    assert_ok(um_calloc(&clip, batch * part * 3, sizeof *clip));
    assert_ok(um_calloc(&plane, part, sizeof *plane));
    for (int b = 0; b < batch; b++)
        for (int c = 0; c < 3; c++) {
            um_init_input(plane, "a", "clip", (size_t)(b * 3 + c) * REF_FRAMES * pixels, part);
            for (size_t i = 0; i < part; i++) clip[(b * part + i) * 3 + c] = plane[i];
        }
    free(plane);
    return clip;
}

static void record(parity *p, um_physformer_out *out, um_node **in, int batch, int frames)
{
    *in = um_input(p->g, "clip", UM_F32, UM_SHAPE(batch, frames, SIDE, SIDE, 3));
    if (um_graph_mode(p->g) == UM_TRAIN) um_want_grad(p->g, *in);
    um_physformer(out, &p->nn, *in, 0);
    assert_ok(um_graph_status(p->g));
    um_output(p->g, out->waveform);
}

static void start(parity *p, um_node *in, int batch, int frames)
{
    float *clip = formula_clip(batch, frames);

    assert_ok(um_graph_compile(p->g));
    assert_ok(um_init_formula(p->set, "a", "physformer."));
    assert_ok(um_write(p->g, in, clip));
    assert_ok(um_graph_forward(p->g));
    free(clip);
}

/* Mean over time and space of each channel of the last stem's output. */
static void check_stem(const parity *p, const um_node *stem)
{
    float *value = parity_read(p, stem), mean[WIDTH];
    double sum[WIDTH] = {0};
    size_t rows = (size_t)um_shape_rows(um_node_shape(stem));

    for (size_t i = 0; i < rows * WIDTH; i++) sum[i % WIDTH] += value[i];
    for (int c = 0; c < WIDTH; c++) mean[c] = (float)(sum[c] / (double)rows);
    parity_compare(p, "eval_stem_mean", mean, WIDTH, 0, FORWARD_TOL);
    free(value);
}

static void test_eval(void **state)
{
    um_physformer_out out;
    um_node *in;
    parity p;

    (void)state;
    need_shared(FILE_PATH);
    parity_start(&p, FILE_PATH, UM_INFER);
    record(&p, &out, &in, 1, REF_FRAMES);
    um_output(p.g, out.stem);
    for (int i = 0; i < 3; i++) um_output(p.g, out.tokens[i]);
    assert_int_equal(um_params_size(p.set), 7380865);
    start(&p, in, 1, REF_FRAMES);
    check_stem(&p, out.stem);
    for (int i = 0; i < 3; i++) {
        char name[32];
        float *tokens = parity_read(&p, out.tokens[i]);

        snprintf(name, sizeof name, "eval_tokens%d", i + 1);
        parity_compare(&p, name, tokens, 4 * WIDTH, 0, FORWARD_TOL);
        free(tokens);
    }
    parity_node(&p, "eval_waveform", out.waveform);
    parity_stop(&p);
}

/*
 * 0 for a constant that batch norm or softmax takes away again: its gradient is rounding noise.
 * Below the stems' ReLUs and maxima, a few of ten million decisions fall by rounding, and each
 * moves a whole gradient. In the first two stems the reference, itself float32, is up to 6e-4 off
 * a run in float64, ours 1.6e-3 with AVX-512; ours and the reference differ by up to 1.6e-3 with
 * AVX-512, 2.8e-3 with AVX2, 1.4e-3 with SSE4.1. From the last stem on the worst is 4e-5.
 */
static double tolerance(const char *name)
{
    if ((um_str_starts(name, "Stem") && um_str_ends(name, ".0.bias")) ||
        (um_str_starts(name, "upsample") && um_str_ends(name, ".1.bias")) ||
        um_str_ends(name, "proj_k.1.bias") || um_str_ends(name, "norm2.bias"))
        return 0;
    if (um_str_starts(name, "Stem0") || um_str_starts(name, "Stem1")) return 5e-3;
    return GRAD_TOL;
}

static void test_train(void **state)
{
    enum { BATCH = 2, FRAMES = 40 };
    um_physformer_out out;
    um_node *in;
    parity p;
    float cotangent[BATCH * FRAMES], *y, *grad, loss;
    double sum = 0;

    (void)state;
    need_shared(FILE_PATH);
    parity_start(&p, FILE_PATH, UM_TRAIN);
    record(&p, &out, &in, BATCH, FRAMES);
    start(&p, in, BATCH, FRAMES);
    parity_node(&p, "train_waveform", out.waveform);

    for (int b = 0; b < BATCH; b++)
        um_init_input(cotangent + b * FRAMES, "a", "cotangent", (uint64_t)b * REF_FRAMES, FRAMES);
    y = parity_read(&p, out.waveform);
    for (int i = 0; i < BATCH * FRAMES; i++) sum += (double)y[i] * cotangent[i];
    loss = (float)sum;
    parity_compare(&p, "train_loss", &loss, 1, 0, FORWARD_TOL);
    free(y);

    assert_ok(um_params_zero_grad(p.set));
    assert_ok(um_write_grad(p.g, out.waveform, cotangent));
    assert_ok(um_graph_backward(p.g));
    parity_param_grads(&p, "grad.", tolerance);

    /* The reference lists the input's gradient with channels first: its head is channel 0. */
    grad = parity_read_grad(&p, in);
    for (int i = 0; i < 16; i++) cotangent[i] = grad[3 * i];
    parity_compare(&p, "train_input_grad_head", cotangent, 16, 0, GRAD_TOL);
    sum = 0;
    for (size_t i = 0; i < (size_t)BATCH * FRAMES * SIDE * SIDE * 3; i++)
        sum += (double)grad[i] * grad[i];
    loss = (float)sqrt(sum);
    parity_compare(&p, "train_input_grad_norm", &loss, 1, 0, GRAD_TOL);
    free(grad);
    parity_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_eval), cmocka_unit_test(test_train)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
