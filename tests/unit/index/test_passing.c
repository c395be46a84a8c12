/* Directories that come and go while a writer opens: calls of the system that fail, or come after
 * what another writer did. They are injected: `open`, `fsync` and `stat` of this program stand in
 * for the C library's. */
#include "unit/index/help.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ns/ns.h"

/* What is to happen; 0 and false: nothing. */
static struct {
    int removals;       /* so many times the directory goes before its lock is opened */
    bool is_made_again; /* and comes back right after that */
    bool unsynced;      /* nothing reaches the disk */
    int interrupted;    /* so many syncs are ended by a signal */
    bool unlike;        /* no file is the one that was opened */
    int opened;         /* locks */
} world;

static bool is_lock(const char *path)
{
    const char *name = strrchr(path, '/');
    return name != NULL && strcmp(name, "/lock") == 0;
}

static void go(const char *lock)
{
    char folder[600];
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(lock, '/') - lock), lock);
    assert_int_equal(rmdir(folder), 0);
    errno = ENOENT;
    if (world.is_made_again)
        assert_int_equal(mkdir(folder, 0777), 0);
    errno = ENOENT;
}

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    world.opened += is_lock(path);
    if (is_lock(path) && world.removals > 0) {
        world.removals--;
        go(path);
        return -1;
    }
    return openat(AT_FDCWD, path, flags, mode);
}

int fsync(int descriptor)
{
    errno = EINTR;
    if (world.interrupted > 0 && world.interrupted-- > 0)
        return -1;
    errno = EIO;
    return world.unsynced ? -1 : (int)syscall(SYS_fsync, descriptor);
}

int stat(const char *restrict path, struct stat *restrict out)
{
    const int result = fstatat(AT_FDCWD, path, out, 0);
    out->st_ino += world.unlike && is_lock(path);
    return result;
}

static ns_status open_in(const char *name, ns_error *err)
{
    ns_writer *writer = NULL;
    ns_status status = ns_writer_open(in_folder(name), NULL, &writer, err);
    ns_writer_close(writer);
    return status;
}

static bool is_there(const char *name)
{
    struct stat info;
    return fstatat(AT_FDCWD, in_folder(name), &info, 0) == 0;
}

/* It is made once more, by us or by another, and whoever leaves it without a commit takes it away.
 */
static void test_gone_again(void **state)
{
    (void)state;
    ns_error err = {0};
    for (int again = 0; again < 2; again++) {
        memset(&world, 0, sizeof world);
        world.removals = 3;
        world.is_made_again = again;
        assert_ok(open_in("gone", &err), err);
        assert_int_equal(world.removals, 0);
        assert_int_equal(world.opened, 4);
        assert_true(is_there("gone") == again); /* the last one was not ours */
        remove_tree(in_folder("gone"));
    }
    memset(&world, 0, sizeof world);
    world.removals = 1 << 20; /* for ever */
    assert_int_equal(open_in("gone", &err), NS_ERR_IO);
    assert_int_equal(err.status, NS_ERR_IO);
    assert_false(is_there("gone"));
}

static void test_unsynced(void **state)
{
    (void)state;
    ns_error err = {0};
    memset(&world, 0, sizeof world);
    world.unsynced = true;
    assert_int_equal(open_in("unsynced", &err), NS_ERR_IO);
    assert_false(is_there("unsynced"));
}

/* A network's file system may answer so. */
static void test_interrupted(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_writer *writer;
    memset(&world, 0, sizeof world);
    world.interrupted = 2;
    assert_ok(ns_writer_open(in_folder("signals"), NULL, &writer, &err), err);
    assert_int_equal(world.interrupted, 0);
    world.interrupted = 3;
    assert_ok(ns_writer_add_json(writer, "{\"body\": \"quay\"}", 16, &err), err);
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
    assert_int_equal(world.interrupted, 0);
    ns_writer_close(writer);
}

/* A file system without files that stay what they are. */
static void test_unlike(void **state)
{
    (void)state;
    ns_error err = {0};
    memset(&world, 0, sizeof world);
    world.unlike = true;
    assert_int_equal(open_in("unlike", &err), NS_ERR_IO);
    assert_non_null(strstr(err.message, "another each time"));
    assert_in_range(world.opened, 2, 1 << 20);
    memset(&world, 0, sizeof world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gone_again), cmocka_unit_test(test_unsynced),
        cmocka_unit_test(test_interrupted), cmocka_unit_test(test_unlike)};
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
