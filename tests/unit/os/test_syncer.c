/* Files that a thread syncs while they are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/file.h"
#include "os/syncer.h"

/* Stands in for the C library's: call fail_at, counted from 1, fails. */
static atomic_uint syncs, fail_at;

int fsync(int descriptor)
{
    (void)descriptor;
    if (atomic_fetch_add(&syncs, 1) + 1 != atomic_load(&fail_at))
        return 0;
    errno = EDQUOT;
    return -1;
}

static void expect_failure(unsigned call)
{
    atomic_store(&syncs, 0);
    atomic_store(&fail_at, call);
}

static void test_asked(void **state)
{
    (void)state;
    enum { TIMES = 100 };
    ns__syncer *syncer;
    expect_failure(0);
    assert_int_equal(ns__syncer_open(1, &syncer, NULL), NS_OK);
    assert_int_equal(ns__syncer_close(syncer), 0);
    assert_int_equal(syncs, 0); /* nobody asked */
    assert_int_equal(ns__syncer_open(1, &syncer, NULL), NS_OK);
    for (unsigned i = 0; i < TIMES; i++)
        ns__syncer_ask(syncer);
    assert_int_equal(ns__syncer_close(syncer), 0);
    assert_in_range(syncs, 1, TIMES); /* what was asked last is done before it ends */
    assert_int_equal(ns__syncer_close(NULL), 0);
}

static void test_failure_stays(void **state)
{
    (void)state;
    ns__syncer *syncer;
    expect_failure(1);
    assert_int_equal(ns__syncer_open(1, &syncer, NULL), NS_OK);
    ns__syncer_ask(syncer);
    while (atomic_load(&syncs) == 0)
        ;
    ns__syncer_ask(syncer); /* this one succeeds */
    assert_int_equal(ns__syncer_close(syncer), EDQUOT);
    assert_in_range(syncs, 2, 2);
}

/* ---- Sinks ---- */

enum { PART = 256 << 10, PARTS = 8 }; /* as large as what a sink writes at once */

static char path[64];

static ns_status write_file(uint64_t early, bool sync, ns_error *err)
{
    static uint8_t part[PART];
    ns__sink *sink;
    assert_int_equal(ns__sink_create(path, &sink, err), NS_OK);
    ns__sink_sync_early(sink, early);
    for (unsigned i = 0; i < PARTS; i++) {
        memset(part, 'a' + (int)i, sizeof part);
        ns__sink_append(sink, part, sizeof part);
    }
    ns__sink_start_sync(sink);
    return ns__sink_finish(sink, sync, err);
}

static void test_sinks(void **state)
{
    (void)state;
    ns_error err = {0};
    const uint64_t early[] = {0, PART, 3 * PART, (PARTS + 1) * (uint64_t)PART};
    for (size_t i = 0; i < sizeof early / sizeof *early; i++) {
        expect_failure(0);
        assert_int_equal(write_file(early[i], true, &err), NS_OK);
        const bool by_thread = early[i] > 0 && early[i] <= PARTS * PART;
        assert_in_range(syncs, by_thread ? 2 : 1, by_thread ? PARTS + 2 : 1);
        ns__map map;
        assert_int_equal(ns__map_open(path, NS__MAP_SEQUENTIAL, &map, &err), NS_OK);
        assert_int_equal(map.length, PARTS * PART);
        for (size_t at = 0; at < map.length; at += PART / 4)
            assert_int_equal(map.data[at], 'a' + at / PART);
        ns__map_close(&map);
        unlink(path);
    }
}

/* The system tells whoever asks first: the thread, not the end. */
static void test_sink_fails(void **state)
{
    (void)state;
    ns_error err = {0};
    expect_failure(1);
    assert_int_equal(write_file(PART, true, &err), NS_ERR_IO);
    assert_string_equal(err.file, path);
    assert_non_null(strstr(err.message, "sync"));
    unlink(path);
    expect_failure(1);
    assert_int_equal(write_file(PART, false, &err), NS_ERR_IO);
    unlink(path);
    ns__sink *sink;
    expect_failure(0);
    assert_int_equal(ns__sink_create(path, &sink, &err), NS_OK);
    ns__sink_sync_early(sink, 1);
    static const uint8_t part[PART];
    ns__sink_append(sink, part, sizeof part);
    ns__sink_abandon(sink);
    assert_int_not_equal(access(path, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asked),
        cmocka_unit_test(test_failure_stays),
        cmocka_unit_test(test_sinks),
        cmocka_unit_test(test_sink_fails),
    };
    strcpy(path, "/tmp/ns_sync_XXXXXX");
    const int descriptor = mkstemp(path); /* a name that nobody else has */
    if (descriptor < 0)
        return 1;
    close(descriptor);
    unlink(path);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
