/*
 * A thread that works off tasks in the order in which they were given, with bounded room for those
 * that wait: giving one more waits until there is room. Where only one thread is wanted there is
 * none of its own, and a task is done while it is given: same order, same results.
 */
#ifndef UM_BASE_WORKER_H
#define UM_BASE_WORKER_H

#include <stddef.h>

#include "base/status.h"

typedef struct um_worker um_worker;

/** What is done with tasks, and how one that will not be done is released. */
typedef struct um_worker_task {
    umcl_status (*run)(void *task); /* releases the task whatever it returns */
    void (*discard)(void *task);    /* called in place of `run` after a failure */
} um_worker_task;

/**
 * @param threads of parallel loops inside tasks; 1: no thread of its own
 * @param room    tasks that may wait, at least 1
 */
umcl_status um_worker_new(um_worker **out, int threads, size_t room);

/** Waits for the task in work, discards those that wait. NULL: nothing. */
void um_worker_free(um_worker *w);

/**
 * Takes `task` in any case. Returns the first failure of a task so far, its sentence as the calling
 * thread's last error: nothing is done after it.
 */
umcl_status um_worker_give(um_worker *w, const um_worker_task *kind, void *task);

/** Waits until everything is done; returns as um_worker_give. */
umcl_status um_worker_finish(um_worker *w);

#endif
