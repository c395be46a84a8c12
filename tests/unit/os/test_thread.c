/* Threads, mutexes and conditions of src/os. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "os/thread.h"

typedef struct shared {
    ns__mutex mutex;
    ns__cond changed;
    unsigned turn, total;
} shared;

typedef struct worker {
    shared *shared;
    unsigned index;
} worker;

enum { WORKERS = 4, ROUNDS = 200 };

/* Workers take turns: wrong without mutual exclusion, stuck without wake-ups. */
static void take_turns(void *payload)
{
    worker *self = payload;
    shared *all = self->shared;
    for (unsigned round = 0; round < ROUNDS; round++) {
        ns__mutex_lock(&all->mutex);
        while (all->turn % WORKERS != self->index)
            ns__cond_wait(&all->changed, &all->mutex);
        all->turn++;
        all->total += self->index;
        ns__cond_broadcast(&all->changed);
        ns__mutex_unlock(&all->mutex);
    }
}

static void test_turns(void **state)
{
    (void)state;
    shared all = {.turn = 0};
    assert_int_equal(ns__mutex_init(&all.mutex, NULL), NS_OK);
    assert_int_equal(ns__cond_init(&all.changed, NULL), NS_OK);
    ns__thread threads[WORKERS];
    worker workers[WORKERS];
    for (unsigned i = 0; i < WORKERS; i++) {
        workers[i] = (worker){&all, i};
        assert_int_equal(ns__thread_start(&threads[i], take_turns, &workers[i], NULL), NS_OK);
    }
    for (unsigned i = 0; i < WORKERS; i++)
        ns__thread_join(threads[i]);
    assert_int_equal(all.turn, WORKERS * ROUNDS);
    assert_int_equal(all.total, ROUNDS * (0 + 1 + 2 + 3));
    ns__cond_signal(&all.changed); /* nobody waits: nothing happens */
    ns__cond_release(&all.changed);
    ns__mutex_release(&all.mutex);
    assert_true(ns__thread_processors() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_turns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
