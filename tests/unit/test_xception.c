/* The image baseline: its size and names, a block against plain loops, its import, its training. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/parallel.h"
#include "model/arch.h"
#include "model/crop_net.h"
#include "model/import.h"
#include "model/judge.h"
#include "model/model_file.h"
#include "model/xception.h"
#include "nn/init.h"
#include "support_clip.h"
#include "support_slope.h"
#include "train/crop_fit.h"

enum { BODY = 20806952, CLASSES = 1000, SIDE = 32, B = 2, H = 5, W = 6 };

#define CHECKPOINT "xception_public.safetensors"
#define IMPORTED "xception_imported.safetensors"

static const um_crop_net *net(void)
{
    return um_crop_net_find(UM_XCEPTION_KIND);
}

/* What is recorded is what the table of public names has, and a last layer. */
static void has_its_size_and_names(void **state)
{
    um_crop_runner *runner;
    um_params *params;
    um_arch *arch;

    (void)state;
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_crop_runner_new(&runner, params, net(), SIDE));
    assert_ok(um_arch_new(&arch, "xception"));
    assert_int_equal(BODY + 2048 * CLASSES + CLASSES, 22855952); /* as published */
    assert_int_equal(um_params_size(params), BODY + 2048 + 1);
    assert_int_equal(um_params_count(params), um_arch_count(arch) + 2);
    for (size_t i = 0; i < um_arch_count(arch); i++) {
        const um_arch_param *want = um_arch_at(arch, i);
        const um_param *p = um_params_find(params, want->name);

        if (!p) fail_msg("%s: not recorded", want->name);
        assert_int_equal(p->buffer, want->is_buffer);
        assert_int_equal(p->value.shape.rank, want->rank);
        for (int d = 0; d < want->rank; d++) assert_int_equal(p->value.shape.dim[d], want->dim[d]);
    }
    um_arch_free(arch);
    um_crop_runner_free(runner);
    um_params_free(params);
}

/* A map [B, h, w, c] in double. */
typedef struct map {
    int h, w, c;
    double *v;
} map;

static map new_map(int h, int w, int c)
{
    return (map){h, w, c, calloc((size_t)(B * h * w * c), sizeof(double))};
}

static double *at(const map *m, int b, int y, int x)
{
    return m->v + ((size_t)(b * m->h + y) * (size_t)m->w + (size_t)x) * (size_t)m->c;
}

static double zero_outside(const map *m, int b, int y, int x, int c)
{
    return y < 0 || x < 0 || y >= m->h || x >= m->w ? 0 : at(m, b, y, x)[c];
}

static const float *values(const um_params *set, const char *name, const char *last)
{
    char text[96];
    const um_param *p;

    snprintf(text, sizeof text, "%s.%s", name, last);
    p = um_params_find(set, text);
    if (!p) fail_msg("%s: not recorded", text);
    return um_f32(&p->value);
}

static void relu(const map *m)
{
    for (int i = 0; i < B * m->h * m->w * m->c; i++) m->v[i] = fmax(m->v[i], 0);
}

/* 3 x 3, each channel by itself. */
static map depthwise(const map *x, const float *w)
{
    map y = new_map(x->h, x->w, x->c);

    for (int b = 0; b < B; b++)
        for (int i = 0; i < y.h * y.w * y.c; i++) {
            int c = i % y.c, col = i / y.c % y.w, row = i / y.c / y.w;

            for (int k = 0; k < 9; k++)
                at(&y, b, row, col)[c] +=
                    (double)w[c * 9 + k] * zero_outside(x, b, row + k / 3 - 1, col + k % 3 - 1, c);
        }
    return y;
}

/* 1 x 1 at every stride-th place, and the norm by its running statistics. */
static map pointwise_bn(const um_params *set, const char *conv, const char *bn, const map *x,
                        int out, int stride)
{
    const float *w = values(set, conv, "weight"), *gain = values(set, bn, "weight");
    const float *bias = values(set, bn, "bias"), *mean = values(set, bn, "running_mean");
    const float *var = values(set, bn, "running_var");
    map y = new_map((x->h - 1) / stride + 1, (x->w - 1) / stride + 1, out);

    for (int b = 0; b < B; b++)
        for (int i = 0; i < y.h * y.w * out; i++) {
            int o = i % out, col = i / out % y.w, row = i / out / y.w;
            const double *from = at(x, b, row * stride, col * stride);
            double sum = 0;

            for (int c = 0; c < x->c; c++) sum += (double)w[o * x->c + c] * from[c];
            at(&y, b, row, col)[o] =
                (sum - mean[o]) / sqrt((double)var[o] + 1e-5) * gain[o] + bias[o];
        }
    return y;
}

static map pool(const map *x)
{
    map y = new_map((x->h - 1) / 2 + 1, (x->w - 1) / 2 + 1, x->c);

    for (int b = 0; b < B; b++)
        for (int i = 0; i < y.h * y.w * y.c; i++) {
            int c = i % y.c, col = i / y.c % y.w, row = i / y.c / y.w;
            double most = -INFINITY;

            for (int k = 0; k < 9; k++) {
                int r = 2 * row + k / 3 - 1, q = 2 * col + k % 3 - 1;

                if (r >= 0 && q >= 0 && r < x->h && q < x->w) most = fmax(most, at(x, b, r, q)[c]);
            }
            at(&y, b, row, col)[c] = most;
        }
    return y;
}

/* The block as the public PyTorch code lists its layers. */
static map reference(const um_params *set, const um_xception_block_spec *s, const map *in)
{
    map y = new_map(in->h, in->w, in->c), skip = new_map(in->h, in->w, in->c), next;
    int number = 0;

    memcpy(y.v, in->v, (size_t)(B * H * W * in->c) * sizeof(double));
    memcpy(skip.v, in->v, (size_t)(B * H * W * in->c) * sizeof(double));
    for (int i = 0; i < s->layers; i++) {
        char conv[32], deep[48], wide[48], bn[32];
        int out = s->grow_last && i < s->layers - 1 ? y.c : s->out;

        if (i || s->relu_first) {
            relu(&y);
            number++;
        }
        snprintf(conv, sizeof conv, "b.rep.%d", number++);
        snprintf(deep, sizeof deep, "%s.conv1", conv);
        snprintf(wide, sizeof wide, "%s.pointwise", conv);
        snprintf(bn, sizeof bn, "b.rep.%d", number++);
        next = depthwise(&y, values(set, deep, "weight"));
        free(y.v);
        y = pointwise_bn(set, wide, bn, &next, out, 1);
        free(next.v);
    }
    if (s->stride == 2) {
        next = pool(&y);
        free(y.v);
        y = next;
        next = pointwise_bn(set, "b.skip", "b.skipbn", &skip, s->out, 2);
        free(skip.v);
        skip = next;
    }
    for (int i = 0; i < B * y.h * y.w * y.c; i++) y.v[i] += skip.v[i];
    free(skip.v);
    return y;
}

static void check_block(int in, const um_xception_block_spec *spec)
{
    um_nn nn = {.prefix = ""};
    map x = new_map(H, W, in), y;
    um_node *from, *to;
    const float *have;

    assert_ok(um_params_new(&nn.set, um_backend_cpu()));
    assert_ok(um_graph_new(&nn.g, um_backend_cpu(), UM_INFER));
    from = um_input(nn.g, "x", UM_F32, UM_SHAPE(B, 1, H, W, in));
    to = um_xception_block(&nn, "b", from, spec);
    um_output(nn.g, to);
    assert_ok(um_graph_compile(nn.g));
    assert_ok(um_init_formula(nn.set, "test", "xception."));
    fill_random(um_data(from), (size_t)(B * H * W * in), "crops");
    for (int i = 0; i < B * H * W * in; i++) x.v[i] = ((const float *)um_data(from))[i];
    assert_ok(um_graph_forward(nn.g));
    y = reference(nn.set, spec, &x);
    assert_int_equal(um_shape_count(um_node_shape(to)), B * y.h * y.w * y.c);
    have = um_data(to);
    for (int i = 0; i < B * y.h * y.w * y.c; i++)
        if (!(fabs(have[i] - y.v[i]) < 1e-4 * (1 + fabs(y.v[i]))))
            fail_msg("%d: %g, expected %g", i, (double)have[i], y.v[i]);
    free(x.v);
    free(y.v);
    um_graph_free(nn.g);
    um_params_free(nn.set);
}

static void blocks_do_what_plain_loops_do(void **state)
{
    (void)state;
    check_block(4, &(um_xception_block_spec){6, 2, 2, false, false});
    check_block(4, &(um_xception_block_spec){6, 2, 2, true, false});
    check_block(4, &(um_xception_block_spec){6, 2, 2, true, true});
    check_block(4, &(um_xception_block_spec){4, 3, 1, true, false});
}

/* Crops are read as they are kept, or between their pixels. */
static void crops_are_resized(void **state)
{
    uint8_t *rgb = malloc((size_t)UM_CROP_SIDE * UM_CROP_SIDE * 3);
    float *out = malloc(256UL * 256 * 3 * sizeof *out);

    (void)state;
    for (int i = 0; i < UM_CROP_SIDE * UM_CROP_SIDE * 3; i++)
        rgb[i] = (uint8_t)(i / 3 % UM_CROP_SIDE + i / 3 / UM_CROP_SIDE / 2 + i % 3);
    um_crop_net_input(net(), 128, out, rgb);
    assert_float_equal(out[(3 * 128 + 7) * 3 + 2], (7 + 1 + 2 - 127.5) / 127.5, 1e-6);
    um_crop_net_input(net(), 64, out, rgb); /* the mean of four */
    assert_float_equal(out[(3 * 64 + 7) * 3], (14.5 + 3 - 127.5) / 127.5, 1e-6);
    um_crop_net_input(net(), 256, out, rgb); /* a quarter and three quarters */
    assert_float_equal(out[(9 * 256 + 20) * 3 + 1], (9.75 + 2 + 1 - 127.5) / 127.5, 1e-2);
    assert_float_equal(out[0], (0 - 127.5) / 127.5, 1e-6);
    free(rgb);
    free(out);
}

/* As the public file has them: "module." may stand in front, the last layer is ImageNet's; the
   early one keeps kernels of 1 x 1 as matrices. */
static void write_checkpoint(bool flat, const char *lacks)
{
    um_st_writer *w;
    um_arch *arch;
    float *zeros = calloc(2048UL * 2048, sizeof *zeros);

    assert_ok(um_arch_new(&arch, "xception"));
    assert_ok(um_st_writer_new(&w));
    for (size_t i = 0; i < 1000; i++) zeros[i] = (float)i / 1000;
    for (size_t i = 0; i < um_arch_count(arch); i++) {
        const um_arch_param *p = um_arch_at(arch, i);
        int rank = flat && strstr(p->name, "pointwise") ? 2 : p->rank;

        if (lacks && !strcmp(p->name, lacks)) continue;
        assert_ok(um_st_writer_add(w, p->name, UM_ST_F32, rank, p->dim, zeros));
    }
    assert_ok(um_st_writer_add(w, flat ? "fc.weight" : "last_linear.weight", UM_ST_F32, 2,
                               (const int64_t[]){CLASSES, 2048}, zeros));
    assert_ok(um_st_writer_add(w, "bn1.num_batches_tracked", UM_ST_I64, 0, NULL, "\0\0\0\0\0\0\0"));
    assert_ok(um_st_write(w, CHECKPOINT));
    um_st_writer_free(w);
    um_arch_free(arch);
    free(zeros);
}

static umcl_status import(void)
{
    const char *in = CHECKPOINT;
    um_str problems = UM_STR_INIT;
    umcl_status st = um_import(IMPORTED, "xception", &in, 1, false, &problems);

    um_str_clear(&problems);
    return st;
}

static void public_names_are_imported(void **state)
{
    um_st_file *file;
    um_judge *judge;

    (void)state;
    for (int flat = 0; flat < 2; flat++) {
        write_checkpoint(flat, NULL);
        assert_ok(import());
        assert_ok(um_weights_open(&file, IMPORTED, "xception"));
        assert_int_equal(um_st_find(file, "block4.rep.1.pointwise.weight")->rank, 4);
        assert_null(um_st_find(file, "fc.weight"));
        um_st_free(file);
    }
    /* Weights without a last layer are no detector. */
    assert_fails(UMCL_ERR_NOT_FOUND, IMPORTED ": fc.weight: expected a tensor [1, 2048]",
                 um_judge_open(&judge, IMPORTED));
    write_checkpoint(false, "block12.skip.weight");
    assert_fails(UMCL_ERR_SHAPE, "block12.skip.weight: expected [1024, 728, 1, 1], found none",
                 import());
    unlink(CHECKPOINT);
}

static um_texture_faces crops(void)
{
    um_texture_faces set = {0};

    for (size_t i = 0; i < 2; i++) {
        um_face_clip clip = clip_of_face(1, UM_CROP_SIDE, false);

        assert_ok(um_texture_faces_add(&set, &clip, i));
    }
    return set;
}

/* Pre-trained weights are where training begins, all but the last layer. */
static void training_begins_with_them(void **state)
{
    um_texture_faces real = crops(), fake = crops();
    um_crop_fit_options o = UM_CROP_FIT_OPTIONS_INIT;
    um_params *params;
    um_st_file *file;
    const float *w;

    (void)state;
    assert_ok(um_weights_open(&file, IMPORTED, "xception"));
    o.net = net();
    o.side = SIDE;
    o.epochs = o.steps = 1;
    o.batch = 2;
    o.learning_rate = 0;
    o.pretrained = file;
    assert_ok(um_crop_fit(&params, &real, &fake, &o, NULL, NULL));
    w = um_f32(&um_params_find(params, "conv1.weight")->value);
    for (int i = 0; i < 32 * 27; i++) assert_float_equal(w[i], i / 1000.0, 1e-6);
    w = um_f32(&um_params_find(params, "fc.weight")->value);
    assert_true(fabsf(w[1] - 0.001f) > 1e-6f);
    um_params_free(params);
    o.side = 16;
    assert_fails(UMCL_ERR_INVALID, "xception: expected crops of 32 to 512 pixels, found 16",
                 um_crop_fit(&params, &real, &fake, &o, NULL, NULL));
    um_st_free(file);
    um_texture_faces_clear(&real);
    um_texture_faces_clear(&fake);
    unlink(IMPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_its_size_and_names),
        cmocka_unit_test(blocks_do_what_plain_loops_do),
        cmocka_unit_test(crops_are_resized),
        cmocka_unit_test(public_names_are_imported),
        cmocka_unit_test(training_begins_with_them),
    };

    um_threads_set(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
