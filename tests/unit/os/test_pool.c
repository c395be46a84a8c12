/* Pools: every job is done once, by a worker of its own; closing drops what has not begun. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "os/pool.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_done),
                                       cmocka_unit_test(test_dropped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
