/* Files, sinks, directories, locks and input of src/os. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/file.h"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/ns_test_XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    char **names;
    size_t count;
    if (ns__dir_names(folder, &names, &count, NULL) != NS_OK)
        return 1;
    for (size_t i = 0; i < count; i++) {
        char *path = ns__path_join(folder, names[i]);
        if (unlink(path) != 0)
            rmdir(path);
        ns__free(path);
    }
    ns__dir_free_names(names, count);
    return rmdir(folder);
}

/* A path in the test's folder; good until the eighth call from now. */
static const char *in_folder(const char *name)
{
    static char paths[8][128];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, 128, "%s/%s", folder, name);
    return path;
}

static void test_sink_and_map(void **state)
{
    (void)state;
    enum { LENGTH = (4 << 20) + 1 }; /* ends behind a border of the buffer */
    uint8_t *bytes = malloc(LENGTH);
    for (size_t i = 0; i < LENGTH; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 13);
    ns_error err = {0};
    ns__sink *sink;
    assert_int_equal(ns__sink_create(in_folder("a"), &sink, &err), NS_OK);
    size_t at = 0;
    for (size_t step = 1; at < LENGTH; step = step * 3 + 1) {
        size_t part = step < LENGTH - at ? step : LENGTH - at;
        ns__sink_append(sink, bytes + at, part);
        at += part;
        assert_int_equal(ns__sink_offset(sink), at);
    }
    ns__sink_append(sink, "tail", 4); /* stays in the buffer */
    memset(bytes, 'x', 8);
    ns__sink_patch(sink, 0, "xxxxxxxx", 8); /* in the file */
    memcpy(bytes + LENGTH - 2, "yy", 2);
    ns__sink_patch(sink, LENGTH - 2, "yyTA", 4); /* across the border */
    ns__sink_patch(sink, LENGTH + 3, "L", 1);    /* in the buffer */
    assert_int_equal(ns__sink_finish(sink, true, &err), NS_OK);

    ns__map map;
    assert_int_equal(ns__map_open(in_folder("a"), NS__MAP_RANDOM, &map, &err), NS_OK);
    assert_int_equal(map.length, LENGTH + 4);
    assert_memory_equal(map.data, bytes, LENGTH);
    assert_memory_equal(map.data + LENGTH, "TAiL", 4);
    ns__map_close(&map);
    assert_int_equal(ns__map_open(in_folder("none"), NS__MAP_RANDOM, &map, &err), NS_NOT_FOUND);
    assert_int_equal(ns__map_open(folder, NS__MAP_RANDOM, &map, &err), NS_ERR_IO);
    free(bytes);
}

static void test_sink_failures(void **state)
{
    (void)state;
    ns_error err = {0};
    ns__sink *sink;
    assert_int_equal(ns__sink_create(in_folder("b"), &sink, &err), NS_OK);
    assert_int_equal(ns__sink_finish(sink, false, &err), NS_OK);
    ns__map map;
    assert_int_equal(ns__map_open(in_folder("b"), NS__MAP_SEQUENTIAL, &map, &err), NS_OK);
    assert_int_equal(map.length, 0);
    assert_non_null(map.data);
    ns__map_close(&map);

    assert_int_equal(ns__sink_create(in_folder("b"), &sink, &err), NS_ERR_IO);
    assert_null(sink);
    assert_string_equal(err.file, in_folder("b"));
    assert_string_equal(err.message, "cannot create: File exists");

    assert_int_equal(ns__sink_create(in_folder("c"), &sink, &err), NS_OK);
    ns__sink_append(sink, "abc", 3);
    ns__sink_abandon(sink);
    ns__sink_abandon(NULL);
    assert_int_not_equal(access(in_folder("c"), F_OK), 0);

    assert_int_equal(ns__sink_create(in_folder("d"), &sink, &err), NS_OK);
    ns__sink_append(sink, "abc", 3);
    ns__sink_patch(sink, 2, "xy", 2); /* past the end */
    ns__sink_append(sink, "abc", 3);
    assert_int_equal(ns__sink_finish(sink, false, &err), NS_ERR_IO);
    assert_string_equal(err.message, "cannot patch: Invalid argument");
}

static void test_sink_full(void **state)
{
    (void)state;
    /* A limit on the file size stands for a full disk: a short write, then an error. */
    struct rlimit before, small = {300000, 300000};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    ns_error err = {0};
    ns__sink *sink;
    uint8_t *bytes = calloc(1, 400000);
    assert_int_equal(ns__sink_create(in_folder("full"), &sink, &err), NS_OK);
    ns__sink_append(sink, bytes, 200000);
    ns__sink_append(sink, bytes, 200000);
    ns__sink_append(sink, bytes, 400000);
    ns_status status = ns__sink_finish(sink, true, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    free(bytes);
    assert_int_equal(status, NS_ERR_IO);
    assert_string_equal(err.message, "cannot write: File too large");
}

static void test_spool(void **state)
{
    (void)state;
    ns_error err = {0};
    ns__spool *spool;
    char bytes[8] = "";
    assert_int_equal(ns__spool_create(in_folder("spool"), &spool, &err), NS_OK);
    assert_int_equal(ns__spool_append(spool, "first", 5), 0);
    assert_int_equal(ns__spool_append(spool, "second", 6), 5);
    assert_int_equal(ns__spool_flush(spool, &err), NS_OK);
    assert_int_equal(ns__spool_read(spool, 5, bytes, 6, &err), NS_OK);
    assert_memory_equal(bytes, "second", 6);
    assert_int_equal(ns__spool_read(spool, 2, bytes, 3, &err), NS_OK);
    assert_memory_equal(bytes, "rst", 3);
    assert_int_equal(ns__spool_read(spool, 8, bytes, 4, &err), NS_ERR_IO); /* 3 are left */
    assert_string_equal(err.file, in_folder("spool"));
    ns__spool_close(spool);
    assert_int_equal(access(in_folder("spool"), F_OK), -1);
    assert_int_equal(ns__spool_create(in_folder("no/spool"), &spool, &err), NS_ERR_IO);
    assert_null(spool);
    ns__spool_close(spool);
}

static void test_directories(void **state)
{
    (void)state;
    ns_error err = {0};
    assert_int_equal(ns__dir_make(in_folder("sub"), &err), NS_OK);
    assert_int_equal(ns__dir_make(in_folder("sub"), &err), NS_OK);
    assert_int_equal(ns__dir_make(in_folder("no/sub"), &err), NS_ERR_IO);
    assert_int_equal(ns__dir_sync(in_folder("sub"), &err), NS_OK);
    assert_int_equal(ns__dir_sync(in_folder("gone"), &err), NS_ERR_IO);
    static const char *const WANT[] = {"sub/.x", "sub/A", "sub/B", "sub/a", "sub/\xc3\xa9"};
    for (size_t i = 5; i-- > 0;) {
        ns__sink *sink;
        assert_int_equal(ns__sink_create(in_folder(WANT[i]), &sink, &err), NS_OK);
        assert_int_equal(ns__sink_finish(sink, false, &err), NS_OK);
    }
    assert_int_equal(ns__dir_make(in_folder(WANT[1]), &err), NS_ERR_IO); /* a file */
    char **names;
    size_t count;
    assert_int_equal(ns__dir_names(in_folder("sub"), &names, &count, &err), NS_OK);
    assert_int_equal(count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(names[i], WANT[i] + 4);
    ns__dir_free_names(names, count);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(ns__file_remove(in_folder(WANT[i]), &err), NS_OK);
    assert_int_equal(ns__file_remove(in_folder(WANT[0]), &err), NS_OK); /* gone already */
    assert_int_equal(ns__dir_names(in_folder("none"), &names, &count, &err), NS_NOT_FOUND);
}

static void test_stat_and_rename(void **state)
{
    (void)state;
    ns_error err = {0};
    ns__sink *sink;
    assert_int_equal(ns__sink_create(in_folder("e"), &sink, &err), NS_OK);
    ns__sink_append(sink, "12345", 5);
    assert_int_equal(ns__sink_finish(sink, false, &err), NS_OK);
    assert_int_equal(symlink("e", in_folder("link")), 0);
    ns__file_info info, same;
    assert_int_equal(ns__file_stat(in_folder("e"), &info, &err), NS_OK);
    assert_int_equal(info.kind, NS__FILE_REGULAR);
    assert_int_equal(info.bytes, 5);
    assert_int_equal(ns__file_stat(in_folder("link"), &same, &err), NS_OK);
    assert_true(same.device == info.device && same.inode == info.inode);
    assert_int_equal(ns__file_stat(folder, &info, &err), NS_OK);
    assert_int_equal(info.kind, NS__FILE_DIRECTORY);
    assert_int_equal(ns__file_stat(in_folder("none"), &info, &err), NS_OK);
    assert_int_equal(info.kind, NS__FILE_NONE);
    assert_int_equal(ns__file_stat("/dev/null", &info, &err), NS_OK);
    assert_int_equal(info.kind, NS__FILE_OTHER);
    assert_int_equal(ns__file_rename(in_folder("e"), in_folder("f"), &err), NS_OK);
    assert_int_equal(ns__file_rename(in_folder("e"), in_folder("g"), &err), NS_ERR_IO);
    assert_string_equal(err.message, "cannot rename: No such file or directory");
}

/* ---- Locks ---- */

static atomic_int gone;

/* Holds the lock again and again, and removes its file each time. */
static void *hold_and_remove(void *path)
{
    ns__lock lock;
    ns_error none = {0};
    for (int held = 0; held < 2000;) {
        if (ns__lock_take(path, &lock, &none) != NS_OK)
            continue;
        held++;
        gone += ns__lock_check(&lock, path, NULL) != NS_OK;
        (void)!ns__file_remove(path, NULL); /* and with it the lock */
        ns__lock_release(&lock);
    }
    return NULL;
}

/* Who opened the file before it was removed must not take it for the lock. */
static void test_removed_lock(void **state)
{
    (void)state;
    char path[512];
    pthread_t threads[3];
    snprintf(path, sizeof path, "%s", in_folder("passing"));
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hold_and_remove, path), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(gone, 0);
}

static void test_lock(void **state)
{
    (void)state;
    ns_error err = {0};
    ns__lock lock, second;
    assert_int_equal(ns__lock_take(in_folder("lock"), &lock, &err), NS_OK);
    assert_int_equal(ns__lock_take(in_folder("lock"), &second, &err), NS_ERR_BUSY);
    ns__lock_release(&second); /* harmless */
    ns__lock_release(&lock);
    ns__lock_release(&lock);
    assert_int_equal(ns__lock_take(in_folder("lock"), &lock, &err), NS_OK);
    ns__lock_release(&lock);
    assert_int_equal(ns__lock_take(in_folder("no/lock"), &lock, &err), NS_NOT_FOUND);
    assert_int_equal(err.status, NS_ERR_IO);
}

static void test_source(void **state)
{
    (void)state;
    ns_error err = {0};
    ns__sink *sink;
    assert_int_equal(ns__sink_create(in_folder("s"), &sink, &err), NS_OK);
    ns__sink_append(sink, "hello", 5);
    assert_int_equal(ns__sink_finish(sink, false, &err), NS_OK);
    ns__source_file *source;
    assert_int_equal(ns__source_open(in_folder("s"), &source, &err), NS_OK);
    char text[8];
    size_t got;
    bool interrupted;
    assert_int_equal(ns__source_read(source, text, 3, &got, &interrupted, &err), NS_OK);
    assert_int_equal(got, 3);
    assert_int_equal(ns__source_read(source, text + 3, 5, &got, &interrupted, &err), NS_OK);
    assert_int_equal(got, 2);
    assert_memory_equal(text, "hello", 5);
    assert_int_equal(ns__source_read(source, text, 3, &got, &interrupted, &err), NS_OK);
    assert_int_equal(got, 0);
    ns__source_close(source);
    ns__source_close(NULL);
    assert_int_equal(ns__source_open(in_folder("none"), &source, &err), NS_ERR_IO);
    assert_null(source);
    assert_string_equal(err.message, "cannot open: No such file or directory");
    assert_int_equal(ns__source_open(folder, &source, &err), NS_OK);
    assert_int_equal(ns__source_read(source, text, 3, &got, &interrupted, &err), NS_ERR_IO);
    assert_string_equal(err.message, "cannot read: Is a directory");
    ns__source_close(source);
}

static void test_join_and_clock(void **state)
{
    (void)state;
    static const char *const CASES[][3] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"", "b", "b"}, {"/", "b", "/b"}};
    for (size_t i = 0; i < 4; i++) {
        char *path = ns__path_join(CASES[i][0], CASES[i][1]);
        assert_string_equal(path, CASES[i][2]);
        ns__free(path);
    }
    uint64_t first = ns__clock_ns();
    assert_true(ns__clock_ns() >= first);
    assert_true(ns__clock_unix_s() > 1700000000);
}

/* What the C library had no memory for is told as what ns had none for. */
static void test_errno(void **state)
{
    (void)state;
    ns_error err = {0};
    errno = ENOMEM;
    assert_int_equal(ns__fail_errno(&err, "a", "list directory"), NS_ERR_MEMORY);
    assert_int_equal(err.status, NS_ERR_MEMORY);
    assert_string_equal(err.file, "a");
    errno = EACCES;
    assert_int_equal(ns__fail_errno(&err, "a", "list directory"), NS_ERR_IO);
    assert_int_equal(err.status, NS_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sink_and_map), cmocka_unit_test(test_sink_failures),
        cmocka_unit_test(test_sink_full),    cmocka_unit_test(test_spool),
        cmocka_unit_test(test_directories),  cmocka_unit_test(test_stat_and_rename),
        cmocka_unit_test(test_lock),         cmocka_unit_test(test_removed_lock),
        cmocka_unit_test(test_source),       cmocka_unit_test(test_join_and_clock),
        cmocka_unit_test(test_errno),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
