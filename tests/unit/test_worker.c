/* Tasks in order, with bounded room, on a thread of their own and without one. */
#include "../test.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/worker.h"

enum { TASKS = 200, ROOM = 2 };

/* What the tasks of a test share. */
typedef struct record {
    pthread_mutex_t lock;
    int ran[TASKS], n_ran, n_discarded;
    int n_given;    /* so far */
    int most_ahead; /* tasks given and not begun */
    int threads;    /* seen by a task */
    int fails;      /* this task; -1: none */
    pthread_t by;
} record;

typedef struct numbered {
    record *r;
    int number;
} numbered;

static umcl_status run(void *task)
{
    numbered *t = task;
    record *r = t->r;
    int number = t->number;

    pthread_mutex_lock(&r->lock);
    if (r->n_given - r->n_ran > r->most_ahead) r->most_ahead = r->n_given - r->n_ran;
    r->ran[r->n_ran++] = number;
    r->threads = um_threads();
    r->by = pthread_self();
    pthread_mutex_unlock(&r->lock);
    free(t);
    return number == r->fails ? um_fail(UMCL_ERR_SHAPE, "task %d broke", number) : UMCL_OK;
}

static void discard(void *task)
{
    numbered *t = task;

    pthread_mutex_lock(&t->r->lock);
    t->r->n_discarded++;
    pthread_mutex_unlock(&t->r->lock);
    free(t);
}

static const um_worker_task kind = {run, discard};

static umcl_status give(um_worker *w, record *r, int number)
{
    numbered *t;

    assert_ok(um_calloc(&t, 1, sizeof *t));
    *t = (numbered){r, number};
    pthread_mutex_lock(&r->lock);
    r->n_given++;
    pthread_mutex_unlock(&r->lock);
    return um_worker_give(w, &kind, t);
}

static void in_order(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        record r = {.lock = PTHREAD_MUTEX_INITIALIZER, .fails = -1};
        um_worker *w;

        um_threads_set(threads);
        assert_ok(um_worker_new(&w, threads, ROOM));
        for (int i = 0; i < TASKS; i++) assert_ok(give(w, &r, i));
        assert_ok(um_worker_finish(w));
        assert_int_equal(r.n_ran, TASKS);
        for (int i = 0; i < TASKS; i++) assert_int_equal(r.ran[i], i);
        /* those that wait, the one that is being given, the one that begins */
        assert_true(r.most_ahead <= ROOM + 2);
        assert_int_equal(r.threads, um_threads());
        assert_int_equal(pthread_equal(r.by, pthread_self()) != 0, threads == 1);
        um_worker_free(w);
        assert_int_equal(r.n_discarded, 0);
    }
}

/* The first failure comes back with its sentence; nothing is done after it, nothing is lost. */
static void failures_come_back(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 2; threads++) {
        record r = {.lock = PTHREAD_MUTEX_INITIALIZER, .fails = 5};
        umcl_status st = UMCL_OK;
        um_worker *w;
        int given = 0;

        assert_ok(um_worker_new(&w, threads, ROOM));
        while (st == UMCL_OK && given < TASKS) st = give(w, &r, given++);
        um_fail(UMCL_OK, "another sentence");
        assert_fails(UMCL_ERR_SHAPE, "task 5 broke", um_worker_finish(w));
        assert_true(given <= 5 + ROOM + 3);
        assert_int_equal(r.n_ran, 6);
        assert_int_equal(r.n_discarded, given - 6);
        assert_fails(UMCL_ERR_SHAPE, "task 5 broke", give(w, &r, TASKS - 1));
        um_worker_free(w);
        assert_int_equal(r.n_discarded, given + 1 - 6);
    }
}

static void freed_in_the_middle(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        record r = {.lock = PTHREAD_MUTEX_INITIALIZER, .fails = -1};
        um_worker *w;

        assert_ok(um_worker_new(&w, 2, ROOM));
        for (int k = 0; k < i; k++) assert_ok(give(w, &r, k));
        um_worker_free(w);
        assert_int_equal(r.n_ran + r.n_discarded, i);
    }
    um_worker_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(in_order),
                                       cmocka_unit_test(failures_come_back),
                                       cmocka_unit_test(freed_in_the_middle)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
