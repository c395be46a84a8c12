/* A queue of jobs under one mutex: jobs are large, so that it is hardly ever contended. */
#include "os/pool.h"

#include "base/mem.h"
#include "os/thread.h"

struct ns__pool {
    ns__mutex mutex;
    ns__cond work; /* a job was queued, or the pool closes */
    ns__cond done; /* a job is done */
    ns__job *first, *last;
    ns__job *last_ahead; /* of those at the head that were submitted first, or NULL */
    size_t others;       /* queued behind them */
    bool closing;
    unsigned threads;
    unsigned running;    /* threads started */
    ns__thread *handles; /* threads - 1 */
    struct worker {
        ns__pool *pool;
        unsigned number;
    } * workers;
};

/* Under the mutex: takes the first job and runs it outside. */
static void run_first(ns__pool *pool, unsigned worker)
{
    ns__job *job = pool->first;
    pool->first = job->next;
    if (pool->first == NULL)
        pool->last = NULL;
    if (pool->last_ahead == job)
        pool->last_ahead = NULL;
    pool->others -= !job->ahead;
    ns__mutex_unlock(&pool->mutex);
    job->run(job, worker);
    ns__mutex_lock(&pool->mutex);
    job->done = true;
    ns__cond_signal(&pool->done); /* one thread at most waits */
}

static void work(void *payload)
{
    struct worker *worker = payload;
    ns__pool *pool = worker->pool;
    ns__mutex_lock(&pool->mutex);
    while (!pool->closing) {
        if (pool->first == NULL)
            ns__cond_wait(&pool->work, &pool->mutex);
        else
            run_first(pool, worker->number);
    }
    ns__mutex_unlock(&pool->mutex);
}

/* Where the system gives no more threads the pool has fewer. */
static ns_status start_workers(ns__pool *pool, ns_error *err)
{
    unsigned own = pool->threads - 1;
    pool->handles = ns__zalloc(own, sizeof *pool->handles);
    pool->workers = ns__zalloc(own, sizeof *pool->workers);
    if (pool->handles == NULL || pool->workers == NULL)
        return ns__no_memory(err);
    for (; pool->running < own; pool->running++) {
        struct worker *worker = &pool->workers[pool->running];
        *worker = (struct worker){pool, pool->running + 1};
        const ns_status status =
            ns__thread_start(&pool->handles[pool->running], work, worker, NULL);
        if (status == NS_ERR_MEMORY)
            return ns__no_memory(err);
        if (status < 0)
            break;
    }
    pool->threads = pool->running + 1;
    return NS_OK;
}

/* The mutex and both conditions, or none of them. */
static ns_status init_locks(ns__pool *pool, ns_error *err)
{
    NS_TRY(ns__mutex_init(&pool->mutex, err));
    ns_status status = ns__cond_init(&pool->work, err);
    if (status == NS_OK) {
        status = ns__cond_init(&pool->done, err);
        if (status != NS_OK)
            ns__cond_release(&pool->work);
    }
    if (status != NS_OK)
        ns__mutex_release(&pool->mutex);
    return status;
}

ns_status ns__pool_open(unsigned threads, ns__pool **out, ns_error *err)
{
    *out = NULL;
    ns__pool *pool = ns__zalloc(1, sizeof *pool);
    if (pool == NULL)
        return ns__no_memory(err);
    pool->threads = threads > 0 ? threads : 1;
    ns_status status = init_locks(pool, err);
    if (status != NS_OK) {
        ns__free(pool);
        return status;
    }
    status = start_workers(pool, err);
    if (status != NS_OK) {
        ns__pool_close(pool);
        return status;
    }
    *out = pool;
    return NS_OK;
}

unsigned ns__pool_threads(const ns__pool *pool)
{
    return pool->threads;
}

void ns__pool_submit(ns__pool *pool, ns__job *job)
{
    job->next = NULL;
    job->done = job->ahead = false;
    ns__mutex_lock(&pool->mutex);
    if (pool->last)
        pool->last->next = job;
    else
        pool->first = job;
    pool->last = job;
    pool->others++;
    ns__cond_signal(&pool->work);
    ns__mutex_unlock(&pool->mutex);
}

void ns__pool_submit_first(ns__pool *pool, ns__job *job)
{
    job->done = false;
    job->ahead = true;
    ns__mutex_lock(&pool->mutex);
    ns__job **link = pool->last_ahead ? &pool->last_ahead->next : &pool->first;
    job->next = *link;
    *link = job;
    pool->last_ahead = job;
    if (job->next == NULL)
        pool->last = job;
    ns__cond_signal(&pool->work);
    ns__mutex_unlock(&pool->mutex);
}

static void wait_for(ns__pool *pool, const ns__job *job, bool ahead_only)
{
    ns__mutex_lock(&pool->mutex);
    while (!job->done) {
        const bool any = !ahead_only || pool->others > pool->threads;
        if (pool->first == NULL || !(any || pool->first->ahead))
            ns__cond_wait(&pool->done, &pool->mutex);
        else
            run_first(pool, 0);
    }
    ns__mutex_unlock(&pool->mutex);
}

void ns__pool_wait(ns__pool *pool, ns__job *job)
{
    wait_for(pool, job, false);
}

void ns__pool_wait_first(ns__pool *pool, ns__job *job)
{
    wait_for(pool, job, true);
}

bool ns__pool_done(ns__pool *pool, const ns__job *job)
{
    ns__mutex_lock(&pool->mutex);
    const bool done = job->done;
    ns__mutex_unlock(&pool->mutex);
    return done;
}

void ns__pool_close(ns__pool *pool)
{
    if (pool == NULL)
        return;
    ns__mutex_lock(&pool->mutex);
    pool->closing = true;
    pool->first = pool->last = pool->last_ahead = NULL;
    ns__cond_broadcast(&pool->work);
    ns__mutex_unlock(&pool->mutex);
    for (unsigned i = 0; i < pool->running; i++)
        ns__thread_join(pool->handles[i]);
    ns__cond_release(&pool->done);
    ns__cond_release(&pool->work);
    ns__mutex_release(&pool->mutex);
    ns__free(pool->handles);
    ns__free(pool->workers);
    ns__free(pool);
}
