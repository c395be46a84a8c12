/* Threads that work on jobs in the order in which they were handed in.
 *
 * A pool of n threads has n - 1 of its own; the n-th is the caller's while it waits. With one
 * thread jobs are therefore done when they are waited for. Only the thread that opened a pool hands
 * jobs in and waits. */
#ifndef NS_OS_POOL_H
#define NS_OS_POOL_H

#include <stdbool.h>

#include "base/error.h"

/* Put first into the caller's own struct, which must live until the job was waited for or the pool
 * closed. */
typedef struct ns__job {
    /* Each worker (0 .. threads - 1) does one job at a time: a job may use what belongs to it. */
    void (*run)(struct ns__job *job, unsigned worker);
    struct ns__job *next;
    bool done, ahead; /* the pool's: guarded by its mutex; ahead: it was submitted first */
} ns__job;

typedef struct ns__pool ns__pool;

/* Has fewer threads where the system gives no more. */
ns_status ns__pool_open(unsigned threads, ns__pool **out, ns_error *err);
unsigned ns__pool_threads(const ns__pool *pool); /* that it has, the caller's among them */
void ns__pool_submit(ns__pool *pool, ns__job *job);
/* Before those of ns__pool_submit that wait already: for short jobs. */
void ns__pool_submit_first(ns__pool *pool, ns__job *job);
/* Returns when the job is done; works on jobs meanwhile. */
void ns__pool_wait(ns__pool *pool, ns__job *job);
/* The same of a job that was submitted first; works on such jobs, and on others while more of them
 * are queued than there are threads: who waits for a short one does not begin a long one that would
 * leave the others without new work. */
void ns__pool_wait_first(ns__pool *pool, ns__job *job);
/* Whether a job that was submitted is done; does not wait. */
bool ns__pool_done(ns__pool *pool, const ns__job *job);
/* Waits for the jobs that have begun; the others are dropped. NULL is fine. */
void ns__pool_close(ns__pool *pool);

#endif
