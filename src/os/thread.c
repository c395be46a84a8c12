/* Threads, mutexes and conditions. */
#include "os/thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "base/mem.h"

typedef struct start {
    void (*run)(void *payload);
    void *payload;
} start;

static void *enter(void *given)
{
    start begin = *(start *)given;
    ns__free(given);
    begin.run(begin.payload);
    return NULL;
}

static ns_status fail_code(ns_error *err, int code, const char *doing)
{
    errno = code;
    return ns__fail_errno(err, "", doing);
}

ns_status ns__thread_start(ns__thread *out, void (*run)(void *payload), void *payload,
                           ns_error *err)
{
    start *begin = ns__alloc(1, sizeof *begin);
    if (begin == NULL)
        return ns__no_memory(err);
    *begin = (start){run, payload};
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&out->handle, NULL, enter, begin);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code == 0)
        return NS_OK;
    ns__free(begin);
    return fail_code(err, code, "start a thread");
}

void ns__thread_join(ns__thread thread)
{
    pthread_join(thread.handle, NULL);
}

unsigned ns__thread_processors(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

ns_status ns__mutex_init(ns__mutex *mutex, ns_error *err)
{
    int code = pthread_mutex_init(&mutex->handle, NULL);
    return code == 0 ? NS_OK : fail_code(err, code, "make a mutex");
}

void ns__mutex_release(ns__mutex *mutex)
{
    pthread_mutex_destroy(&mutex->handle);
}

void ns__mutex_lock(ns__mutex *mutex)
{
    pthread_mutex_lock(&mutex->handle);
}

void ns__mutex_unlock(ns__mutex *mutex)
{
    pthread_mutex_unlock(&mutex->handle);
}

ns_status ns__cond_init(ns__cond *cond, ns_error *err)
{
    int code = pthread_cond_init(&cond->handle, NULL);
    return code == 0 ? NS_OK : fail_code(err, code, "make a condition");
}

void ns__cond_release(ns__cond *cond)
{
    pthread_cond_destroy(&cond->handle);
}

void ns__cond_wait(ns__cond *cond, ns__mutex *mutex)
{
    pthread_cond_wait(&cond->handle, &mutex->handle);
}

void ns__cond_signal(ns__cond *cond)
{
    pthread_cond_signal(&cond->handle);
}

void ns__cond_broadcast(ns__cond *cond)
{
    pthread_cond_broadcast(&cond->handle);
}
