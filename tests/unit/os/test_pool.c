/* Pools: every job is done once, by a worker of its own; closing drops what has not begun. */
#include <setjmp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "os/pool.h"
#include "os/thread.h"

enum { JOBS = 500, MOST_THREADS = 8 };

typedef struct task {
    ns__job job;
    unsigned *busy; /* by worker: 1 while it works; of the worker alone */
    unsigned number, times;
} task;

static void run(ns__job *job, unsigned worker)
{
    task *self = (task *)job;
    self->times += ++self->busy[worker];
    self->busy[worker]--;
}

static void test_all_done(void **state)
{
    (void)state;
    static task tasks[JOBS];
    for (unsigned threads = 0; threads <= MOST_THREADS; threads += threads < 2 ? 1 : 3) {
        unsigned busy[MOST_THREADS] = {0};
        ns__pool *pool;
        assert_int_equal(ns__pool_open(threads, &pool, NULL), NS_OK);
        assert_int_equal(ns__pool_threads(pool), threads ? threads : 1);
        for (unsigned i = 0; i < JOBS; i++) {
            tasks[i] = (task){.job = {.run = run}, .busy = busy, .number = i};
            if (i % 3 == 0)
                ns__pool_submit_first(pool, &tasks[i].job);
            else
                ns__pool_submit(pool, &tasks[i].job);
            if (i % 50 == 49) { /* an old one, a new one, one that is done already */
                ns__pool_wait(pool, &tasks[i - 20].job);
                ns__pool_wait(pool, &tasks[i].job);
                ns__pool_wait(pool, &tasks[i].job);
                assert_int_equal(tasks[i].times, 1);
            }
        }
        for (unsigned i = 0; i < JOBS; i++) {
            ns__pool_wait(pool, &tasks[i].job);
            assert_int_equal(tasks[i].times, 1);
        }
        ns__pool_close(pool);
    }
}

static void test_dropped(void **state)
{
    (void)state;
    static task tasks[JOBS];
    unsigned busy[MOST_THREADS] = {0};
    ns__pool *pool;
    assert_int_equal(ns__pool_open(3, &pool, NULL), NS_OK);
    for (unsigned i = 0; i < JOBS; i++) {
        tasks[i] = (task){.job = {.run = run}, .busy = busy, .number = i};
        ns__pool_submit(pool, &tasks[i].job);
    }
    ns__pool_close(pool);
    for (unsigned i = 0; i < JOBS; i++)
        assert_true(tasks[i].times <= 1);
    assert_int_equal(ns__pool_open(1, &pool, NULL), NS_OK);
    tasks[0] = (task){.job = {.run = run}, .busy = busy};
    ns__pool_submit(pool, &tasks[0].job);
    ns__pool_close(pool); /* nobody waited: nobody worked */
    assert_int_equal(tasks[0].times, 0);
    ns__pool_close(NULL);
}

enum { LONG_JOBS = 3, SHORT_JOBS = 4 };

typedef struct stamped {
    ns__job job;
    unsigned *clock, began; /* 0: not yet */
} stamped;

static void stamp(ns__job *job, unsigned worker)
{
    (void)worker;
    stamped *self = (stamped *)job;
    self->began = ++*self->clock;
}

/* With one thread it is known who does what, and when. */
static void test_order(void **state)
{
    (void)state;
    unsigned clock = 0;
    stamped longs[LONG_JOBS], shorts[SHORT_JOBS];
    ns__pool *pool;
    assert_int_equal(ns__pool_open(1, &pool, NULL), NS_OK);
    for (unsigned i = 0; i < LONG_JOBS; i++) {
        longs[i] = (stamped){{.run = stamp}, &clock, 0};
        ns__pool_submit(pool, &longs[i].job);
    }
    for (unsigned i = 0; i < SHORT_JOBS; i++) {
        shorts[i] = (stamped){{.run = stamp}, &clock, 0};
        if (i < 2)
            ns__pool_submit_first(pool, &shorts[i].job);
    }
    ns__pool_wait_first(pool, &shorts[1].job); /* leaves the long ones */
    assert_int_equal(shorts[0].began, 1);
    assert_int_equal(shorts[1].began, 2);
    assert_int_equal(clock, 2);
    ns__pool_submit_first(pool, &shorts[2].job);
    ns__pool_wait(pool, &longs[1].job); /* in the order of the queue */
    assert_int_equal(shorts[2].began, 3);
    assert_int_equal(longs[0].began, 4);
    assert_int_equal(longs[1].began, 5);
    ns__pool_submit_first(pool, &shorts[3].job);
    ns__pool_wait_first(pool, &shorts[3].job);
    assert_int_equal(shorts[3].began, 6);
    assert_int_equal(longs[2].began, 0);
    ns__pool_wait(pool, &longs[2].job);
    assert_int_equal(clock, LONG_JOBS + SHORT_JOBS);
    ns__pool_submit_first(pool, &shorts[0].job); /* into an empty queue, and behind it */
    ns__pool_submit(pool, &longs[0].job);
    ns__pool_wait(pool, &longs[0].job);
    assert_int_equal(longs[0].began, clock);
    ns__pool_close(pool);
}

/* A short job that is done only when a long one has begun, by whoever waits for it: the other
 * thread is in the short one. */
typedef struct meeting {
    ns__job job;
    ns__mutex mutex;
    ns__cond moved;
    unsigned begun; /* of both kinds */
} meeting;

typedef struct guest {
    ns__job job;
    meeting *place;
} guest;

static void arrive(meeting *at, unsigned awaited)
{
    ns__mutex_lock(&at->mutex);
    at->begun++;
    ns__cond_broadcast(&at->moved);
    while (at->begun < awaited)
        ns__cond_wait(&at->moved, &at->mutex);
    ns__mutex_unlock(&at->mutex);
}

static void host(ns__job *job, unsigned worker)
{
    (void)worker;
    arrive((meeting *)job, 2);
}

static void visit(ns__job *job, unsigned worker)
{
    (void)worker;
    arrive(((guest *)job)->place, 0);
}

static void test_waits_usefully(void **state)
{
    (void)state;
    enum { GUESTS = 3 }; /* more than there are threads */
    meeting m = {.job.run = host};
    guest guests[GUESTS];
    ns__pool *pool;
    assert_int_equal(ns__mutex_init(&m.mutex, NULL), NS_OK);
    assert_int_equal(ns__cond_init(&m.moved, NULL), NS_OK);
    assert_int_equal(ns__pool_open(2, &pool, NULL), NS_OK);
    ns__pool_submit_first(pool, &m.job);
    ns__mutex_lock(&m.mutex);
    while (m.begun == 0)
        ns__cond_wait(&m.moved, &m.mutex);
    ns__mutex_unlock(&m.mutex);
    assert_false(ns__pool_done(pool, &m.job));
    for (unsigned i = 0; i < GUESTS; i++) {
        guests[i] = (guest){{.run = visit}, &m};
        ns__pool_submit(pool, &guests[i].job);
    }
    ns__pool_wait_first(pool, &m.job);
    assert_true(ns__pool_done(pool, &m.job));
    ns__pool_close(pool);
    assert_in_range(m.begun, 2, 1 + GUESTS);
    ns__cond_release(&m.moved);
    ns__mutex_release(&m.mutex);
}

/* Stacks that fit into no memory: not a single thread can be started. The caller does it all. */
static void test_no_threads(void **state)
{
    (void)state;
    static task tasks[JOBS];
    unsigned busy[MOST_THREADS] = {0};
    pthread_attr_t usual, huge;
    ns__pool *pool;
    assert_int_equal(pthread_getattr_default_np(&usual), 0);
    assert_int_equal(pthread_getattr_default_np(&huge), 0);
    assert_int_equal(pthread_attr_setstacksize(&huge, (size_t)1 << 50), 0);
    assert_int_equal(pthread_setattr_default_np(&huge), 0);
    assert_int_equal(ns__pool_open(3, &pool, NULL), NS_OK);
    assert_int_equal(pthread_setattr_default_np(&usual), 0);
    assert_int_equal(ns__pool_threads(pool), 1);
    for (unsigned i = 0; i < JOBS; i++) {
        tasks[i] = (task){.job = {.run = run}, .busy = busy, .number = i};
        ns__pool_submit(pool, &tasks[i].job);
    }
    for (unsigned i = 0; i < JOBS; i++)
        ns__pool_wait(pool, &tasks[i].job);
    assert_int_equal(tasks[JOBS - 1].times, 1);
    ns__pool_close(pool);
    pthread_attr_destroy(&usual);
    pthread_attr_destroy(&huge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_done),
                                       cmocka_unit_test(test_dropped), cmocka_unit_test(test_order),
                                       cmocka_unit_test(test_waits_usefully),
                                       cmocka_unit_test(test_no_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
