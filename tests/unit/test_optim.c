/* AdamW against PyTorch's (1.13, double precision), its stored state, and the schedules. */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "../test.h"
#include "autograd/ops.h"
#include "base/rng.h"
#include "nn/optim.h"
#include "nn/schedule.h"

/* Two parameters, one of them with one dimension. */
typedef struct fixture {
    um_params *set;
    um_param *w, *b;
    um_adamw *adamw;
} fixture;

static void start(fixture *f, const um_adamw_options *options)
{
    assert_ok(um_params_new(&f->set, um_backend_cpu()));
    assert_ok(um_params_add(f->set, &f->w, "layer.w", UM_SHAPE(2, 3), false));
    assert_ok(um_params_add(f->set, &f->b, "layer.b", UM_SHAPE(3), false));
    for (int i = 0; i < 6; i++) um_f32(&f->w->value)[i] = (float)sin(i + 1);
    for (int i = 0; i < 3; i++) um_f32(&f->b->value)[i] = (float)cos(i + 1);
    assert_ok(um_adamw_new(&f->adamw, f->set, options));
}

static void stop(fixture *f)
{
    um_adamw_free(f->adamw);
    um_params_free(f->set);
}

/* dw[i] = scale sin((i + 2) t), db[i] = 0.001 cos((i + 2) t) */
static void set_gradients(const fixture *f, int t, double scale)
{
    for (int i = 0; i < 6; i++) um_f32(&f->w->grad)[i] = (float)(scale * sin((i + 2) * t));
    for (int i = 0; i < 3; i++) um_f32(&f->b->grad)[i] = (float)(0.001 * cos((i + 2) * t));
}

static void close_to(const um_param *p, const double *want)
{
    for (int64_t i = 0; i < um_shape_count(&p->value.shape); i++)
        if (fabs(um_f32(&p->value)[i] - want[i]) > 4e-7)
            fail_msg("%s[%d]: expected %.9g, found %.9g", p->name, (int)i, want[i],
                     um_f32(&p->value)[i]);
}

/* torch.optim.AdamW(lr=0.01, weight_decay=0.1 for w and 0 for b), ten steps. */
static void test_adamw(void **state)
{
    static const double w[] = {0.8194934495666116,  0.8918993812493147,  0.15173201532093275,
                               -0.7245970258101417, -0.8516794289270014, -0.31826269716405964};
    static const double b[] = {0.5651668867708585, -0.39944557462863023, -0.9653016094044922};
    um_adamw_options o = UM_ADAMW_OPTIONS_INIT;
    fixture f;

    (void)state;
    o.weight_decay = 0.1;
    start(&f, &o);
    for (int t = 1; t <= 10; t++) {
        set_gradients(&f, t, 1);
        assert_ok(um_adamw_step(f.adamw, 0.01));
    }
    close_to(f.w, w);
    close_to(f.b, b);
    assert_int_equal(f.w->version, f.b->version);
    assert_true(f.w->version >= 10);
    stop(&f);
}

/* With clip_grad_norm_([w], 1.5) before each step; gradients grow with t. b is frozen. */
static void test_clip(void **state)
{
    static const double w[] = {0.8194770708423288,  0.8885670431296421,  0.15182637480894565,
                               -0.7284948280789899, -0.8522318683341336, -0.3211303911303401};
    um_adamw_options o = UM_ADAMW_OPTIONS_INIT;
    float before[3];
    fixture f;

    (void)state;
    o.weight_decay = 0.1;
    o.clip_norm = 1.5;
    start(&f, &o);
    f.b->trainable = false;
    memcpy(before, f.b->value.data, sizeof before);
    for (int t = 1; t <= 10; t++) {
        set_gradients(&f, t, t);
        assert_ok(um_adamw_step(f.adamw, 0.01));
    }
    close_to(f.w, w);
    assert_memory_equal(before, f.b->value.data, sizeof before);
    assert_true(fabs(um_adamw_grad_norm(f.adamw) - 17.67915724390799) < 1e-5);
    stop(&f);
}

static void test_scale(void **state)
{
    um_adamw_options o = UM_ADAMW_OPTIONS_INIT;
    float before[3];
    fixture f, half;

    (void)state;
    start(&f, &o);
    start(&half, &o);
    um_adamw_scale(f.adamw, "layer.b", 0);
    um_adamw_scale(f.adamw, "layer.w", 0.5);
    memcpy(before, f.b->value.data, sizeof before);
    set_gradients(&f, 1, 1);
    set_gradients(&half, 1, 1);
    assert_ok(um_adamw_step(f.adamw, 0.01));
    assert_ok(um_adamw_step(half.adamw, 0.005));
    assert_memory_equal(before, f.b->value.data, sizeof before);
    assert_memory_equal(half.w->value.data, f.w->value.data, 6 * sizeof(float));
    stop(&half);
    stop(&f);
}

static void test_not_finite(void **state)
{
    um_adamw_options o = UM_ADAMW_OPTIONS_INIT;
    float before[6];
    fixture f;

    (void)state;
    start(&f, &o);
    memcpy(before, f.w->value.data, sizeof before);
    for (int i = 0; i < 2; i++) {
        set_gradients(&f, 1, 1);
        um_f32(&f.b->grad)[1] = i ? NAN : INFINITY;
        assert_fails(UMCL_ERR_INTERNAL, "layer.b", um_adamw_step(f.adamw, 0.01));
    }
    assert_memory_equal(before, f.w->value.data, sizeof before);
    stop(&f);
}

static void store(const fixture *f, const char *path)
{
    um_st_writer *w;

    assert_ok(um_st_writer_new(&w));
    assert_ok(um_params_save(f->set, w, "model."));
    assert_ok(um_adamw_save(f->adamw, w, "adamw."));
    assert_ok(um_st_write(w, path));
    um_st_writer_free(w);
}

/* Ten steps at a stretch, or five, a file, and five: the same bits. */
static void test_resume(void **state)
{
    um_adamw_options o = UM_ADAMW_OPTIONS_INIT;
    char path[] = "/tmp/umcl_optim_XXXXXX";
    um_st_file *file;
    fixture f, resumed;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    start(&f, &o);
    for (int t = 1; t <= 10; t++) {
        set_gradients(&f, t, 1);
        assert_ok(um_adamw_step(f.adamw, 0.01));
        if (t == 5) store(&f, path);
    }
    start(&resumed, &o);
    assert_ok(um_st_read(&file, path));
    assert_ok(um_params_load(resumed.set, file, "model."));
    assert_ok(um_adamw_load(resumed.adamw, file, "adamw."));
    for (int t = 6; t <= 10; t++) {
        set_gradients(&resumed, t, 1);
        assert_ok(um_adamw_step(resumed.adamw, 0.01));
    }
    assert_memory_equal(f.w->value.data, resumed.w->value.data, 6 * sizeof(float));
    assert_memory_equal(f.b->value.data, resumed.b->value.data, 3 * sizeof(float));
    assert_fails(UMCL_ERR_MISMATCH, "other.step", um_adamw_load(resumed.adamw, file, "other."));
    um_st_free(file);
    unlink(path);
    stop(&resumed);
    stop(&f);
}

static void load_text(const char *what, const char *json, const void *data, size_t n)
{
    um_adamw_options o = UM_ADAMW_OPTIONS_INIT;
    char bytes[512] = {0};
    um_st_file *file;
    fixture f;

    bytes[0] = (char)strlen(json);
    memcpy(bytes + 8, json, strlen(json));
    memcpy(bytes + 8 + strlen(json), data, n);
    assert_ok(um_st_parse(&file, "state", bytes, 8 + strlen(json) + n));
    start(&f, &o);
    assert_fails(UMCL_ERR_MISMATCH, what, um_adamw_load(f.adamw, file, ""));
    stop(&f);
    um_st_free(file);
}

static void test_damaged_state(void **state)
{
    const int64_t negative = -1;
    struct {
        int64_t step;
        float m[6];
    } odd = {3, {0, 0, NAN}};

    (void)state;
    load_text("step: expected a number of steps, found -1",
              "{\"step\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}", &negative, 8);
    load_text("m.layer.w: expected 6 values of optimiser state, file has 0",
              "{\"step\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}", &odd, 8);
    load_text("m.layer.w: expected finite numbers, found nan",
              "{\"step\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
              "\"m.layer.w\":{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[8,32]}}",
              &odd, 32);
}

enum { SAMPLES = 64, WIDTH = 5 };

/* Mean squared error of a linear layer on y = A x + c: from random weights to nearly nothing. */
static double regress(um_params *set, um_adamw *adamw, int steps)
{
    um_graph *g;
    um_node *x, *y, *error, *loss;
    um_rng rng = um_rng_new(3, "regression");
    um_schedule s = um_schedule_cosine(0.05, 0);
    float value = 0, one = 1, *in, *out;

    assert_ok(um_graph_new(&g, um_backend_cpu(), UM_TRAIN));
    x = um_input(g, "x", UM_F32, UM_SHAPE(SAMPLES, WIDTH));
    y = um_input(g, "y", UM_F32, UM_SHAPE(SAMPLES, 2));
    error = um_sub(
        g,
        um_linear(g, x, um_use(g, um_params_find(set, "w")), um_use(g, um_params_find(set, "b"))),
        y);
    loss = um_reduce(g, UM_MEAN, um_unary_op(g, UM_SQUARE, error), 3, false);
    um_output(g, loss);
    assert_ok(um_graph_compile(g));
    in = um_data(x);
    out = um_data(y);
    for (int i = 0; i < SAMPLES * WIDTH; i++) in[i] = (float)um_rng_normal(&rng);
    for (int i = 0; i < SAMPLES * 2; i++) {
        out[i] = (float)(i % 2) - 0.5f;
        for (int k = 0; k < WIDTH; k++) out[i] += (float)(k - i % 2) * 0.3f * in[i / 2 * WIDTH + k];
    }
    for (int i = 0; i < steps; i++) {
        assert_ok(um_graph_forward(g));
        assert_ok(um_params_zero_grad(set));
        assert_ok(um_write_grad(g, loss, &one));
        assert_ok(um_graph_backward(g));
        assert_ok(um_adamw_step(adamw, um_schedule_at(&s, i, steps)));
    }
    assert_ok(um_graph_forward(g));
    assert_ok(um_read(g, loss, &value));
    um_graph_free(g);
    return value;
}

static void test_regression(void **state)
{
    um_adamw_options o = UM_ADAMW_OPTIONS_INIT;
    um_params *set;
    um_param *p;
    um_adamw *adamw;

    (void)state;
    o.weight_decay = 0;
    assert_ok(um_params_new(&set, um_backend_cpu()));
    assert_ok(um_params_add(set, &p, "w", UM_SHAPE(2, WIDTH), false));
    assert_ok(um_params_add(set, &p, "b", UM_SHAPE(2), false));
    assert_ok(um_adamw_new(&adamw, set, &o));
    assert_true(regress(set, adamw, 0) > 1);
    assert_true(regress(set, adamw, 400) < 1e-6);
    um_adamw_free(adamw);
    um_params_free(set);
}

/* torch.optim.lr_scheduler.CosineAnnealingLR(lr 0.3, T_max=9, eta_min=0.03) */
static void test_schedule(void **state)
{
    static const double torch[] = {
        0.3,    0.2918585038060977,  0.268415999821062,
        0.2325, 0.18844250398503562, 0.14155749601496442,
        0.0975, 0.06158400017893799, 0.03814149619390238,
    };
    um_schedule s = um_schedule_cosine(0.3, 0.03);

    (void)state;
    for (int i = 0; i < 9; i++) assert_true(fabs(um_schedule_at(&s, i, 9) - torch[i]) < 1e-12);
    assert_true(fabs(um_schedule_at(&s, 9, 9) - 0.03) < 1e-12);

    s = um_schedule_constant(0.25);
    assert_true(um_schedule_at(&s, 0, 1) == 0.25 && um_schedule_at(&s, 70, 100) == 0.25);
    s.warmup = 4;
    assert_true(um_schedule_at(&s, 0, 9) == 0.0625 && um_schedule_at(&s, 3, 9) == 0.25);

    s = um_schedule_paper();
    assert_true(um_schedule_at(&s, 0, 1000) == 1e-3 && um_schedule_at(&s, 99, 1000) == 1e-3);
    assert_true(fabs(um_schedule_at(&s, 100, 1000) - 5e-5) < 1e-15);
    assert_true(fabs(um_schedule_at(&s, 550, 1000) - 2.5e-5) < 1e-15);
    assert_true(um_schedule_at(&s, 999, 1000) < 1e-9);
    assert_true(um_schedule_at(&s, 0, 1) == 5e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adamw),      cmocka_unit_test(test_clip),
        cmocka_unit_test(test_scale),      cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_resume),     cmocka_unit_test(test_damaged_state),
        cmocka_unit_test(test_regression), cmocka_unit_test(test_schedule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
