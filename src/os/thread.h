/* The only door to threads: joinable threads, mutexes and conditions over POSIX threads.
 *
 * Misuse (unlocking what is not held, joining twice) is undefined as it is in POSIX. */
#ifndef NS_OS_THREAD_H
#define NS_OS_THREAD_H

#include <pthread.h>

#include "base/error.h"

typedef struct ns__thread {
    pthread_t handle;
} ns__thread;

typedef struct ns__mutex {
    pthread_mutex_t handle;
} ns__mutex;

typedef struct ns__cond {
    pthread_cond_t handle;
} ns__cond;

/* Runs run(payload) on a new thread. Every started thread must be joined. The new thread blocks
 * all signals: they are the business of the program's own threads. */
ns_status ns__thread_start(ns__thread *out, void (*run)(void *payload), void *payload,
                           ns_error *err);
void ns__thread_join(ns__thread thread);

/* Processors this process may run on, at least 1. */
unsigned ns__thread_processors(void);

ns_status ns__mutex_init(ns__mutex *mutex, ns_error *err);
void ns__mutex_release(ns__mutex *mutex);
void ns__mutex_lock(ns__mutex *mutex);
void ns__mutex_unlock(ns__mutex *mutex);

ns_status ns__cond_init(ns__cond *cond, ns_error *err);
void ns__cond_release(ns__cond *cond);
/* May wake without a signal: wait in a loop over what is waited for. */
void ns__cond_wait(ns__cond *cond, ns__mutex *mutex);
void ns__cond_signal(ns__cond *cond);
void ns__cond_broadcast(ns__cond *cond);

#endif
