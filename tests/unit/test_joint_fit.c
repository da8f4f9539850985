/*
 * Joint training as a whole: it learns, it goes on after any interruption as if there had been
 * none, and what is wrong with a checkpoint or its disk loses nothing.
 */
#include "../test.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/model_meta.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "model/umcl_file.h"
#include "support_tracks.h"
#include "train/joint_fit.h"

#define LAST "joint_fit.last"
#define BEST "joint_fit.best"

enum { L = 1 << UM_LANDMARKS, T = 1 << UM_TEXT, N = 16, PER_EPOCH = 4, EPOCHS = 5 };

static um_prompt_table prompts;
static um_take_store store;

static int prepare(void **state)
{
    (void)state;
    um_threads_set(1);
    store = store_of_random(N, UM_WINDOW_LANDMARKS, 0);
    return um_prompt_table_random(&prompts, 1) == UMCL_OK ? 0 : -1;
}

static int finish(void **state)
{
    (void)state;
    um_prompt_table_clear(&prompts);
    um_take_store_clear(&store);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    unlink(LAST);
    unlink(BEST);
    return 0;
}

static um_joint_fit_options quick(void)
{
    um_joint_fit_options o = UM_JOINT_FIT_OPTIONS_INIT;

    o.joint.set = L | T;
    o.joint.trained = L;
    o.joint.batch = 4;
    o.joint.dropout = 0.1;
    o.epochs = EPOCHS;
    o.schedule = um_schedule_cosine(1e-3, 0);
    o.last = LAST;
    o.best = BEST;
    o.recipe = "a test";
    return o;
}

static umcl_status fit(um_params **params, const um_joint_fit_options *o,
                       const um_joint_calls *calls)
{
    const um_joint_calls none = {0};
    const um_umcl_spec spec = {
        .set = o->joint.set, .table = &prompts, .prompts = UM_PROMPTS_DESCRIPTION};

    assert_ok(um_params_new(params, um_backend_cpu()));
    return um_joint_fit(*params, &store, NULL, &spec, o, calls ? calls : &none);
}

static umcl_status fit_and_forget(const um_joint_fit_options *o, const um_joint_calls *calls)
{
    um_params *params;
    umcl_status st = fit(&params, o, calls);

    um_params_free(params);
    return st;
}

typedef struct bytes {
    char *data;
    size_t n;
} bytes;

static bytes read_all(const char *path)
{
    bytes b;

    assert_ok(um_file_read(&b.data, &b.n, path, 1 << 26));
    return b;
}

/* Compares and releases both. */
static void assert_equal_bytes(bytes a, bytes b)
{
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.data, b.data, a.n);
    free(a.data);
    free(b.data);
}

typedef struct course {
    int reports, epochs, stop_after; /* epochs; 0: never */
    double first_loss, last_loss;
    double value[EPOCHS]; /* that validation finds */
    int validated;
    int64_t best_step;
} course;

static bool follow(void *user, const um_joint_report *r)
{
    course *c = user;

    if (!c->reports++) c->first_loss = r->loss.bce;
    c->last_loss = r->loss.bce;
    assert_int_equal(r->steps, PER_EPOCH * EPOCHS);
    assert_true(r->grad_norm > 0 && isfinite(r->grad_norm));
    if (r->epoch_ended) {
        assert_int_equal(r->step, r->steps / r->epochs * r->epoch);
        if (r->is_best) c->best_step = r->step;
    }
    c->epochs += r->epoch_ended;
    return !(r->epoch_ended && c->epochs == c->stop_after);
}

static umcl_status validate(void *user, double *value)
{
    course *c = user;

    *value = c->value[c->validated++];
    return UMCL_OK;
}

/* Trembling landmarks are learned; the loss is reported. */
static void learns(void **state)
{
    um_joint_fit_options o = quick();
    course c = {0};
    const um_joint_calls calls = {&c, follow, NULL};
    um_params *params;

    (void)state;
    o.schedule = um_schedule_constant(3e-3);
    assert_ok(fit(&params, &o, &calls));
    assert_int_equal(c.epochs, EPOCHS);
    assert_true(c.last_loss < 0.8 * c.first_loss);
    um_params_free(params);
}

/* The best epoch is kept, and after `patience` epochs without a better one training ends. */
static void best_and_patience(void **state)
{
    um_joint_fit_options o = quick();
    course c = {.value = {0.5, 0.7, 0.6, 0.7, 0.9}};
    const um_joint_calls calls = {&c, follow, validate};
    um_umcl_model model;
    um_st_file *file;
    bytes after_two;

    (void)state;
    o.patience = 2;
    assert_ok(fit_and_forget(&o, &calls));
    assert_int_equal(c.epochs, 4);
    assert_int_equal(c.best_step, 2 * PER_EPOCH);
    after_two = read_all(BEST);
    c = (course){.value = {0.5, 0.7}, .stop_after = 2};
    assert_fails(UMCL_ERR_CANCELLED, "stopped at step 8 of 20", fit_and_forget(&o, &calls));
    assert_equal_bytes(after_two, read_all(BEST));
    assert_ok(um_st_read(&file, BEST));
    assert_ok(um_umcl_load(&model, file, BEST, NULL, NULL));
    assert_int_equal(model.spec.set, L | T);
    um_umcl_model_clear(&model);
    um_st_free(file);
}

static void stopped_anywhere_goes_on_to_the_bit(void **state)
{
    um_joint_fit_options o = quick();
    bytes last, best;

    (void)state;
    o.accumulate = 2;
    o.epochs = 2 * EPOCHS;
    assert_ok(fit_and_forget(&o, NULL));
    last = read_all(LAST);
    best = read_all(BEST);
    for (int stop = 1; stop < 4; stop++) {
        course c = {.stop_after = stop};
        const um_joint_calls calls = {&c, follow, NULL};

        fresh(NULL);
        o.resume = false;
        assert_fails(UMCL_ERR_CANCELLED, "stopped", fit_and_forget(&o, &calls));
        o.resume = true;
        assert_fails(UMCL_ERR_CANCELLED, "stopped",
                     fit_and_forget(&o, &(um_joint_calls){&(course){.stop_after = 2}, follow, 0}));
        assert_ok(fit_and_forget(&o, NULL));
        assert_equal_bytes((bytes){memcpy(malloc(last.n), last.data, last.n), last.n},
                           read_all(LAST));
        assert_equal_bytes((bytes){memcpy(malloc(best.n), best.data, best.n), best.n},
                           read_all(BEST));
    }
    free(last.data);
    free(best.data);
}

/* A process of its own that trains, from the checkpoint where there is one. */
static pid_t start_training(um_joint_fit_options o)
{
    pid_t pid = fork();

    if (pid == 0) {
        o.resume = um_is_file(LAST);
        _exit(fit_and_forget(&o, NULL) == UMCL_OK ? 0 : 1);
    }
    assert_true(pid > 0);
    return pid;
}

static void killed_anywhere_goes_on_to_the_bit(void **state)
{
    um_joint_fit_options o = quick();
    um_rng rng = um_rng_new(11, "kill");
    int status = -1, kills = 0;
    bytes last, best;

    (void)state;
    o.epochs = 4 * EPOCHS;
    assert_ok(fit_and_forget(&o, NULL));
    last = read_all(LAST);
    best = read_all(BEST);
    fresh(NULL);
    while (status != 0) {
        /* Ever longer, so that it ends however slow the machine is. */
        double wait = um_rng_range(&rng, 0, 0.03 * ++kills);
        const struct timespec t = {(time_t)wait, (long)(1e9 * (wait - floor(wait)))};
        pid_t pid = start_training(o);

        nanosleep(&t, NULL);
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (WIFEXITED(status)) assert_int_equal(WEXITSTATUS(status), 0);
    }
    assert_true(kills > 2);
    assert_equal_bytes(last, read_all(LAST));
    assert_equal_bytes(best, read_all(BEST));
}

static void checkpoints_of_other_trainings_are_refused(void **state)
{
    um_joint_fit_options o = quick(), other;
    bytes before;

    (void)state;
    o.epochs = 1;
    assert_ok(fit_and_forget(&o, NULL));
    before = read_all(LAST);
    o.resume = true;
    other = o;
    other.joint.seed = 2;
    assert_fails(UMCL_ERR_MISMATCH, LAST ": a checkpoint of another training: expected",
                 fit_and_forget(&other, NULL));
    other = o;
    other.recipe = "other takes";
    assert_fails(UMCL_ERR_MISMATCH, "\"other takes", fit_and_forget(&other, NULL));
    other = o;
    other.last = BEST; /* a model, with nothing to go on from */
    assert_fails(UMCL_ERR_MISMATCH, BEST ": a checkpoint of another", fit_and_forget(&other, NULL));
    other = o;
    other.last = "absent.last";
    assert_fails(UMCL_ERR_NOT_FOUND, "absent.last", fit_and_forget(&other, NULL));
    assert_equal_bytes(before, read_all(LAST));
    assert_ok(fit_and_forget(&o, NULL)); /* nothing is left to do */
}

static void damaged_checkpoints_are_refused(void **state)
{
    static const char *const states[] = {"",       "1",       "x 0.5 0",  "1 0.5 0 7", "99 0.5 0",
                                         "-1 0 0", "1 0.5 2", "1 0.5 -1", "1 0.5 0.5", "1  x 0"};
    um_joint_fit_options o = quick();
    bytes whole;

    (void)state;
    o.epochs = 1;
    assert_ok(fit_and_forget(&o, NULL));
    o.resume = true;
    whole = read_all(LAST);
    assert_ok(um_file_write(LAST, whole.data, whole.n / 2));
    assert_fails(UMCL_ERR_FORMAT, LAST, fit_and_forget(&o, NULL));
    assert_ok(um_file_write(LAST, whole.data, whole.n));
    free(whole.data);
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        um_st_writer *w;
        um_st_file *file;

        assert_ok(um_st_read(&file, LAST));
        assert_ok(um_st_writer_new(&w));
        assert_ok(um_st_writer_meta(w, "training", um_st_meta(file, "training")));
        assert_ok(um_st_writer_meta(w, "training_state", states[i]));
        for (size_t k = 0; k < um_st_count(file); k++) {
            const um_st_tensor *t = um_st_at(file, k);

            assert_ok(um_st_writer_add(w, t->name, t->type, t->rank, t->dim, t->data));
        }
        assert_ok(um_model_file_write(w, "joint_fit.bad", "umcl", "1", "", NULL));
        um_st_writer_free(w);
        um_st_free(file);
        o.last = "joint_fit.bad";
        assert_fails(UMCL_ERR_FORMAT, "expected step, value and epochs", fit_and_forget(&o, NULL));
    }
    unlink("joint_fit.bad");
}

/* A disk that is full when the second epoch's state is written: the first one's stays. */
static bool fill_disk(void *user, const um_joint_report *r)
{
    const struct rlimit *small = user;

    if (r->epoch_ended) setrlimit(RLIMIT_FSIZE, small);
    return true;
}

static void full_disk_loses_nothing(void **state)
{
    um_joint_fit_options o = quick();
    struct rlimit before, small;
    bytes first, whole;

    (void)state;
    assert_ok(fit_and_forget(&o, NULL));
    whole = read_all(LAST);
    fresh(NULL);
    assert_fails(UMCL_ERR_CANCELLED, "stopped",
                 fit_and_forget(&o, &(um_joint_calls){&(course){.stop_after = 1}, follow, 0}));
    first = read_all(LAST);
    fresh(NULL);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){20000, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_fails(UMCL_ERR_IO, "joint_fit.",
                 fit_and_forget(&o, &(um_joint_calls){&small, fill_disk, NULL}));
    setrlimit(RLIMIT_FSIZE, &before);
    assert_equal_bytes(first, read_all(LAST));
    o.resume = true;
    assert_ok(fit_and_forget(&o, NULL));
    assert_equal_bytes(whole, read_all(LAST));
}

static void stops_at_what_is_no_number(void **state)
{
    um_joint_fit_options o = quick();
    float kept = store.landmarks[100];

    (void)state;
    store.landmarks[100] = NAN;
    assert_fails(UMCL_ERR_INTERNAL, "cross-entropy is not finite at step ",
                 fit_and_forget(&o, NULL));
    store.landmarks[100] = kept;
}

static void too_few_takes_are_refused(void **state)
{
    um_joint_fit_options o = quick();

    (void)state;
    o.accumulate = 5;
    assert_fails(UMCL_ERR_INVALID, "expected at least 20 takes, found 16",
                 fit_and_forget(&o, NULL));
}

/* Frozen encoders and LRNet's own head keep their values. */
static void what_is_frozen_stays(void **state)
{
    um_joint_fit_options o = quick();
    um_params *params, *as_new;
    um_joint *j;
    int64_t trained, frozen;

    (void)state;
    assert_ok(um_params_new(&as_new, um_backend_cpu()));
    assert_ok(um_joint_new(&j, as_new, &store, NULL, &prompts, &o.joint));
    o.epochs = 1;
    assert_ok(fit(&params, &o, NULL));
    for (size_t i = 0; i < um_params_count(params); i++) {
        const um_param *p = um_params_at(params, i), *q = um_params_find(as_new, p->name);
        bool changed = memcmp(um_f32(&p->value), um_f32(&q->value), um_tensor_bytes(&p->value));

        if (changed == !p->trainable) fail_msg("%s: changed %d", p->name, changed);
        if (strstr(p->name, ".dense.")) assert_false(p->trainable);
    }
    um_joint_count(params, &trained, &frozen);
    assert_int_equal(trained + frozen, um_params_size(params));
    um_joint_free(j);
    um_params_free(params);
    um_params_free(as_new);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(learns, fresh),
        cmocka_unit_test_setup(best_and_patience, fresh),
        cmocka_unit_test_setup(stopped_anywhere_goes_on_to_the_bit, fresh),
        cmocka_unit_test_setup(killed_anywhere_goes_on_to_the_bit, fresh),
        cmocka_unit_test_setup(checkpoints_of_other_trainings_are_refused, fresh),
        cmocka_unit_test_setup(damaged_checkpoints_are_refused, fresh),
        cmocka_unit_test_setup(full_disk_loses_nothing, fresh),
        cmocka_unit_test_setup(stops_at_what_is_no_number, fresh),
        cmocka_unit_test_setup(too_few_takes_are_refused, fresh),
        cmocka_unit_test_setup(what_is_frozen_stays, fresh),
    };
    int failed = cmocka_run_group_tests(tests, prepare, finish);

    fresh(NULL);
    return failed;
}
