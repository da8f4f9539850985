/* PhysFormer's pre-training loss: what its parts measure, gradients, edges. */
#include "../test.h"

#include <math.h>

#include "model/loss_pearson.h"
#include "model/loss_physformer.h"
#include "support_slope.h"

#define B 3
#define T 160
#define FPS 30.0

typedef struct batch {
    float wave[B * T], pulse[B * T], grad[B * T];
    double bpm[B], progress;
    um_physformer_batch in;
} batch;

static void make(batch *b, double true_bpm, double wave_bpm)
{
    memset(b, 0, sizeof *b);
    fill_random(b->wave, B * T, "wave");
    for (int i = 0; i < B * T; i++) {
        b->pulse[i] = (float)sin(2 * M_PI * true_bpm / 60 * (i % T) / FPS);
        b->wave[i] = 0.3f * b->wave[i] + (float)sin(2 * M_PI * wave_bpm / 60 * (i % T) / FPS);
    }
    for (int i = 0; i < B; i++) b->bpm[i] = true_bpm;
    b->progress = 0.5;
    b->in = (um_physformer_batch){B, T, FPS, b->wave, b->pulse, b->bpm, b->grad};
}

static um_physformer_loss losses(batch *b, double weight)
{
    um_physformer_loss l;

    assert_ok(um_loss_physformer(&l, &b->in, b->progress, weight));
    return l;
}

static double value(void *ctx)
{
    batch *b = ctx;

    b->in.grad = NULL;
    return losses(b, 0).total;
}

/*
 * A pure tone of 80 bpm against labels near and far. With all power in one class the parts were
 * log(139 + e) - 1 = 3.954; spread over the window's lobe they lie between that and log 140
 * = 4.942.
 */
static void test_right_rate_is_best(void **state)
{
    static batch b;
    um_physformer_loss here, off;

    (void)state;
    make(&b, 80, 80);
    here = losses(&b, 0);
    assert_true(here.time < 0.2);
    assert_true(here.frequency > 3.954 && here.frequency < 4.942);
    for (int far = 0; far < 2; far++) {
        for (int i = 0; i < B; i++) b.bpm[i] = far ? 150 : 90;
        off = losses(&b, 0);
        assert_true(off.frequency > here.frequency && off.distribution > here.distribution);
        assert_true(off.time == here.time);
    }
}

/* 0.1 L_time + 5^progress (L_CE + L_LD) */
static void test_weighting(void **state)
{
    static batch b;
    um_physformer_loss l;

    (void)state;
    make(&b, 80, 100);
    for (int step = 0; step <= 2; step++) {
        b.progress = 0.5 * step;
        l = losses(&b, 0);
        assert_true(fabs(l.total - 0.1 * l.time -
                         (const double[]){1, sqrt(5), 5}[step] * (l.frequency + l.distribution)) <
                    1e-9);
    }
    assert_true(fabs(l.time - (um_loss_npc(b.wave, b.pulse, T, 0, NULL, NULL) +
                               um_loss_npc(b.wave + T, b.pulse + T, T, 0, NULL, NULL) +
                               um_loss_npc(b.wave + 2 * T, b.pulse + 2 * T, T, 0, NULL, NULL)) /
                                  3) < 1e-12);
}

/* One clip, the whole formula written out again. */
static void test_by_definition(void **state)
{
    static batch b;
    double p[140], q[140], sum = 0, norm = 0, q_sum = 0, ce, ld = 0, mean = 0, w_sum = 0;
    um_physformer_loss l;

    (void)state;
    make(&b, 60.4, 75);
    b.in.batch = 1;
    l = losses(&b, 0);
    for (int i = 0; i < T; i++) {
        double w = pow(sin(M_PI * i / (T - 1)), 2);
        mean += w * (double)b.wave[i];
        w_sum += w;
    }
    for (int k = 0; k < 140; k++) {
        double re = 0, im = 0;
        for (int i = 0; i < T; i++) {
            double v = pow(sin(M_PI * i / (T - 1)), 2) * ((double)b.wave[i] - mean / w_sum);
            re += v * cos(2 * M_PI * (40 + k) / 60 * i / FPS);
            im += v * sin(2 * M_PI * (40 + k) / 60 * i / FPS);
        }
        sum += p[k] = re * re + im * im;
        q_sum += q[k] = exp(-0.5 * (40 + k - 60.4) * (40 + k - 60.4));
    }
    for (int k = 0; k < 140; k++) norm += exp(p[k] / sum);
    ce = log(norm) - p[20] / sum;
    for (int k = 0; k < 140; k++)
        if (q[k] > 1e-300) ld += q[k] / q_sum * (log(q[k] / q_sum) - p[k] / sum + log(norm));
    assert_true(fabs(l.frequency - ce) < 1e-9);
    assert_true(fabs(l.distribution - ld) < 1e-9);
}

static void test_slopes(void **state)
{
    static batch b;
    float grad[B * T];

    (void)state;
    make(&b, 80, 100);
    losses(&b, 1);
    memcpy(grad, b.grad, sizeof grad);
    check_slope("physformer", value, &b, b.wave, grad, B * T, 1e-3);
}

/* A step against the gradient moves the spectrum towards the label. */
static void test_descent(void **state)
{
    static batch b;
    um_physformer_loss before, after;

    (void)state;
    make(&b, 80, 100);
    b.progress = 1;
    before = losses(&b, 1);
    for (int i = 0; i < B * T; i++) b.wave[i] -= 20 * b.grad[i];
    after = losses(&b, 0);
    assert_true(after.total < before.total && after.frequency < before.frequency);
}

static void test_constant(void **state)
{
    static batch b;
    static const float none[B * T];
    um_physformer_loss l;

    (void)state;
    make(&b, 80, 80);
    for (int i = 0; i < B * T; i++) b.wave[i] = 2.5f;
    l = losses(&b, 1);
    assert_true(l.total == 0 && l.time == 0 && l.frequency == 0 && l.distribution == 0);
    assert_memory_equal(b.grad, none, sizeof none);
    b.wave[T + 1] = NAN;
    assert_true(isnan(losses(&b, 0).total));
}

static void test_labels(void **state)
{
    static batch b;
    um_physformer_loss l;

    (void)state;
    make(&b, 80, 80);
    for (int i = 0; i < 2; i++) { /* both ends of the classes */
        b.bpm[0] = i ? 179.4 : 39.5;
        assert_true(isfinite(losses(&b, 1).total));
        check_finite(b.grad, B * T);
    }
    b.bpm[1] = 179.5;
    assert_fails(UMCL_ERR_INVALID, "expected a heart rate of 40 to 179 bpm, found 179.5",
                 um_loss_physformer(&l, &b.in, 0, 1));
    b.bpm[1] = NAN;
    assert_fails(UMCL_ERR_INVALID, "found nan", um_loss_physformer(&l, &b.in, 0, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right_rate_is_best),
        cmocka_unit_test(test_weighting),
        cmocka_unit_test(test_by_definition),
        cmocka_unit_test(test_slopes),
        cmocka_unit_test(test_descent),
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_labels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
