#include "base/worker.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"

typedef struct waiting {
    const um_worker_task *kind;
    void *task;
} waiting;

struct um_worker {
    pthread_t thread;
    bool threaded;
    int threads;
    pthread_mutex_t lock; /* of everything below */
    pthread_cond_t changed;
    waiting *ring; /* [room] */
    size_t room, first, count;
    bool busy, closing;
    umcl_status failure; /* the first */
    char sentence[1024];
};

static void note(um_worker *w, umcl_status st)
{
    if (st == UMCL_OK || w->failure != UMCL_OK) return;
    w->failure = st;
    snprintf(w->sentence, sizeof w->sentence, "%s", umcl_last_error());
}

static umcl_status tell(const um_worker *w)
{
    return w->failure == UMCL_OK ? UMCL_OK : um_fail(w->failure, "%s", w->sentence);
}

/* The thread: holds the lock but for the tasks themselves. */
static void *work(void *arg)
{
    um_worker *w = arg;

    um_threads_set(w->threads);
    pthread_mutex_lock(&w->lock);
    for (;;) {
        waiting next;
        umcl_status st = UMCL_OK;
        bool skip;

        while (!w->count && !w->closing) pthread_cond_wait(&w->changed, &w->lock);
        if (!w->count) break;
        next = w->ring[w->first];
        w->first = (w->first + 1) % w->room;
        w->count--;
        w->busy = true;
        skip = w->closing || w->failure != UMCL_OK;
        pthread_cond_broadcast(&w->changed);
        pthread_mutex_unlock(&w->lock);
        if (skip)
            next.kind->discard(next.task);
        else
            st = next.kind->run(next.task);
        pthread_mutex_lock(&w->lock);
        note(w, st);
        w->busy = false;
        pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

umcl_status um_worker_new(um_worker **out, int threads, size_t room)
{
    um_worker *w = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&w, 1, sizeof *w));
    UM_CHECK(um_calloc(&w->ring, room, sizeof *w->ring));
    w->room = room;
    w->threads = threads;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    /* Where the system has no thread to spare, tasks are done as they are given. */
    w->threaded = threads > 1 && pthread_create(&w->thread, NULL, work, w) == 0;
    *out = w;
    w = NULL;
done:
    free(w);
    return st;
}

void um_worker_free(um_worker *w)
{
    if (!w) return;
    if (w->threaded) {
        pthread_mutex_lock(&w->lock);
        w->closing = true;
        pthread_cond_broadcast(&w->changed);
        pthread_mutex_unlock(&w->lock);
        pthread_join(w->thread, NULL);
    }
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w->ring);
    free(w);
}

static umcl_status do_now(um_worker *w, const um_worker_task *kind, void *task)
{
    if (w->failure == UMCL_OK)
        note(w, kind->run(task));
    else
        kind->discard(task);
    return tell(w);
}

umcl_status um_worker_give(um_worker *w, const um_worker_task *kind, void *task)
{
    umcl_status st;

    if (!w->threaded) return do_now(w, kind, task);
    pthread_mutex_lock(&w->lock);
    while (w->count == w->room) pthread_cond_wait(&w->changed, &w->lock);
    w->ring[(w->first + w->count++) % w->room] = (waiting){kind, task};
    pthread_cond_broadcast(&w->changed);
    st = tell(w);
    pthread_mutex_unlock(&w->lock);
    return st;
}

umcl_status um_worker_finish(um_worker *w)
{
    umcl_status st;

    pthread_mutex_lock(&w->lock);
    while (w->count || w->busy) pthread_cond_wait(&w->changed, &w->lock);
    st = tell(w);
    pthread_mutex_unlock(&w->lock);
    return st;
}
