/* Training the pulse encoder on small beating pictures: the loss falls, a checkpoint continues to
   the bit, faults are named; and what measurements say. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rng.h"
#include "model/heart_rate.h"
#include "train/pulse_fit.h"
#include "train/pulse_measure.h"

enum { N = 60, STEPS = 3 };

#define CHECKPOINT "pulse_fit.checkpoint.safetensors"
#define MODEL "pulse_fit.safetensors"

/* A picture that beats as a whole, by three grey levels, 120 times a minute. `user`: a float to add
   to the truth. */
static umcl_status beating(const void *user, um_pulse_clip *out, size_t n, uint64_t key)
{
    double phase = 6 * um_rng_uniform_at(key, 0);

    *out = (um_pulse_clip){.bpm = 120};
    UM_TRY(um_face_clip_new(&out->face, n, 128, false));
    UM_TRY(um_calloc(&out->wave, n, sizeof *out->wave));
    for (size_t i = 0; i < n; i++) {
        double beat = sin(2 * acos(-1) * out->bpm / 60 * (double)i / 30 + phase);
        out->wave[i] = (float)beat + *(const float *)user;
        memset(um_face_clip_crop(&out->face, i).data, (int)lrint(140 - 3 * beat), 128 * 128 * 3);
    }
    return UMCL_OK;
}

typedef struct course {
    int stop_at; /* 0: never */
    int n;
    double time[STEPS]; /* L_time */
} course;

static bool follow(void *user, const um_pulse_fit_report *r)
{
    course *c = user;

    assert_int_equal(r->steps, STEPS);
    assert_true(r->memory > 0);
    c->time[c->n++] = r->loss.time;
    return r->step != c->stop_at;
}

static um_pulse_fit_options small(void)
{
    um_pulse_fit_options o = UM_PULSE_FIT_OPTIONS_INIT;

    o.steps = STEPS;
    o.batch = 1;
    o.frames = N;
    o.learning_rate = 1e-3;
    o.report_every = 1;
    o.checkpoint = CHECKPOINT;
    o.save_every = 2;
    return o;
}

static void assert_same_params(const um_params *a, const um_params *b)
{
    assert_int_equal(um_params_count(a), um_params_count(b));
    for (size_t i = 0; i < um_params_count(a); i++) {
        const um_param *p = um_params_at(a, i), *q = um_params_at(b, i);
        assert_string_equal(p->name, q->name);
        if (memcmp(um_f32(&p->value), um_f32(&q->value),
                   (size_t)um_shape_count(&p->value.shape) * sizeof(float)) != 0)
            fail_msg("%s differs", p->name);
    }
}

static void continues_to_the_bit(void **state)
{
    const float zero = 0;
    um_pulse_fit_options o = small();
    course whole = {0}, first = {.stop_at = 2}, second = {0};
    um_params *straight, *parts, *read;

    (void)state;
    assert_ok(um_pulse_fit(&straight, beating, &zero, &o, follow, &whole));
    assert_int_equal(whole.n, STEPS);
    assert_true(whole.time[STEPS - 1] < 0.5 * whole.time[0]);
    assert_fails(UMCL_ERR_CANCELLED, "stopped at step 2",
                 um_pulse_fit(&parts, beating, &zero, &o, follow, &first));
    assert_null(parts);
    o.resume = true;
    assert_ok(um_pulse_fit(&parts, beating, &zero, &o, follow, &second));
    assert_int_equal(second.n, STEPS - 2);
    assert_memory_equal(whole.time, first.time, 2 * sizeof *whole.time);
    assert_memory_equal(whole.time + 2, second.time, (STEPS - 2) * sizeof *whole.time);
    assert_same_params(straight, parts);

    /* Written and read, as a model file of its kind; the last checkpoint is one as well. */
    assert_ok(um_pulse_params_write(straight, MODEL, "a test"));
    assert_ok(um_pulse_params_read(&read, MODEL));
    assert_same_params(straight, read);
    um_params_free(read);
    assert_ok(um_pulse_params_read(&read, CHECKPOINT));
    assert_same_params(straight, read);
    um_params_free(read);
    um_params_free(straight);
    um_params_free(parts);
}

/* On what continues_to_the_bit has left. */
static void refuses(void **state)
{
    const float nan = NAN, zero = 0;
    um_pulse_fit_options o = small();
    um_params *params;

    (void)state;
    o.resume = true;
    o.seed = 2;
    assert_fails(UMCL_ERR_MISMATCH, "seed 2\", found \"steps 3, batch 1, frames 60",
                 um_pulse_fit(&params, beating, &zero, &o, NULL, NULL));
    o.checkpoint = MODEL;
    assert_fails(UMCL_ERR_MISMATCH, "found \"none\"",
                 um_pulse_fit(&params, beating, &zero, &o, NULL, NULL));
    o.checkpoint = "absent";
    assert_fails(UMCL_ERR_NOT_FOUND, "absent",
                 um_pulse_fit(&params, beating, &zero, &o, NULL, NULL));
    o = small();
    o.init = "absent";
    assert_fails(UMCL_ERR_NOT_FOUND, "absent",
                 um_pulse_fit(&params, beating, &zero, &o, NULL, NULL));
    o = small();
    o.frames = 62;
    assert_fails(UMCL_ERR_INVALID, "found 62",
                 um_pulse_fit(&params, beating, &zero, &o, NULL, NULL));
    o = small();
    assert_fails(UMCL_ERR_INTERNAL, "L_time of step 1 is not a finite number",
                 um_pulse_fit(&params, beating, &nan, &o, NULL, NULL));
    assert_null(params);
}

/* Weights to begin with: one step at rate 0 leaves them. */
static void begins_with_given_weights(void **state)
{
    const float zero = 0;
    um_pulse_fit_options o = small();
    um_params *given, *params;

    (void)state;
    o.steps = 1;
    o.checkpoint = NULL;
    o.learning_rate = 0;
    o.init = MODEL;
    assert_ok(um_pulse_params_read(&given, MODEL));
    assert_ok(um_pulse_fit(&params, beating, &zero, &o, NULL, NULL));
    for (size_t i = 0; i < um_params_count(given); i++) {
        const um_param *p = um_params_at(given, i), *q = um_params_at(params, i);
        if (!p->buffer)
            assert_memory_equal(um_f32(&p->value), um_f32(&q->value),
                                (size_t)um_shape_count(&p->value.shape) * sizeof(float));
    }
    um_params_free(given);
    um_params_free(params);
}

static void measures(void **state)
{
    const float zero = 0;
    um_pulse_score s[UM_PULSE_READER_COUNT];
    um_params *params;

    (void)state;
    assert_ok(um_pulse_params_read(&params, MODEL));
    assert_ok(um_pulse_measure(s, params, beating, &zero, 3, N));
    for (int r = 0; r < UM_PULSE_READER_COUNT; r++) assert_int_equal(s[r].clips, 3);
    for (int r = UM_PULSE_BY_MEAN_GREEN; r <= UM_PULSE_BY_TRUTH; r++) {
        assert_int_equal(s[r].readings, 3);
        assert_true(s[r].error < 2);
        assert_true(s[r].near == 1);
        assert_true(s[r].correlation > 0.95);
        assert_true(s[r].snr_db > um_heart_rate_least_snr(N, 30));
    }
    /* A network whose last layer is silent has no reading and follows nothing. */
    memset(um_f32(&um_params_find(params, "ConvBlockLast.weight")->value), 0, 48 * sizeof(float));
    assert_ok(um_pulse_measure(s, params, beating, &zero, 1, N));
    assert_int_equal(s[UM_PULSE_BY_NETWORK].readings, 0);
    assert_true(isnan(s[UM_PULSE_BY_NETWORK].error));
    assert_true(s[UM_PULSE_BY_NETWORK].near == 0 && s[UM_PULSE_BY_NETWORK].correlation == 0);
    um_params_free(params);
}

static int clean(void **state)
{
    (void)state;
    unlink(CHECKPOINT);
    unlink(MODEL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(continues_to_the_bit),
        cmocka_unit_test(refuses),
        cmocka_unit_test(begins_with_given_weights),
        cmocka_unit_test(measures),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
