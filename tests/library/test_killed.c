/* A writer killed at every moment: what is left of the index then.
 *
 * The linker puts the functions below between the library and the C library (--wrap). A session of
 * the writer runs in a process of its own, which is killed with SIGKILL right before its n-th call
 * that changes the disk, for n = 1, 2, … until a session makes no n-th; of a write the first half
 * is still done. Then the index has to be as before or as after, sound, and the next writer has to
 * clear away what was left and go on. */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "library_test.h"

static struct {
    bool armed;
    atomic_ulong seen;
    unsigned long at;
} death;

int __real_open(const char *path, int flags, ...);
int __real_mkdir(const char *path, mode_t mode);
int __real_unlink(const char *path);
int __real_rmdir(const char *path);
ssize_t __real_write(int descriptor, const void *bytes, size_t length);
ssize_t __real_pwrite(int descriptor, const void *bytes, size_t length, off_t offset);
int __real_rename(const char *from, const char *to);
int __wrap_open(const char *path, int flags, ...);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_unlink(const char *path);
int __wrap_rmdir(const char *path);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t length);
ssize_t __wrap_pwrite(int descriptor, const void *bytes, size_t length, off_t offset);
int __wrap_fsync(int descriptor);
int __wrap_rename(const char *from, const char *to);

static bool is_due(void)
{
    return death.armed && atomic_fetch_add(&death.seen, 1) + 1 == death.at;
}

static void die_if_due(void)
{
    if (is_due())
        kill(getpid(), SIGKILL);
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    int mode = flags & O_CREAT ? va_arg(rest, int) : 0;
    va_end(rest);
    if (flags & O_CREAT)
        die_if_due();
    return __real_open(path, flags, mode);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
    die_if_due();
    return __real_mkdir(path, mode);
}

int __wrap_unlink(const char *path)
{
    die_if_due();
    return __real_unlink(path);
}

int __wrap_rmdir(const char *path)
{
    die_if_due();
    return __real_rmdir(path);
}

ssize_t __wrap_write(int descriptor, const void *bytes, size_t length)
{
    if (is_due()) {
        (void)!__real_write(descriptor, bytes, length / 2);
        kill(getpid(), SIGKILL);
    }
    return __real_write(descriptor, bytes, length);
}

ssize_t __wrap_pwrite(int descriptor, const void *bytes, size_t length, off_t offset)
{
    if (is_due()) {
        (void)!__real_pwrite(descriptor, bytes, length / 2, offset);
        kill(getpid(), SIGKILL);
    }
    return __real_pwrite(descriptor, bytes, length, offset);
}

/* Killing a process loses nothing that it wrote: there is nothing to wait for. */
int __wrap_fsync(int descriptor)
{
    (void)descriptor;
    die_if_due();
    return 0;
}

int __wrap_rename(const char *from, const char *to)
{
    die_if_due();
    return __real_rename(from, to);
}

/* ---- Sessions ---- */

/* What the killed writer does. */
typedef enum session_kind {
    ADDING,
    FRESH,
    FRESH_WITH_RUNS,
    DELETING,
    MERGING,
    FIRST,
    GIVING_UP /* the first one, without a commit */
} session_kind;

static ns_status run_session(session_kind kind, ns_error *err)
{
    ns_writer *writer = NULL;
    ns_writer_options options;
    ns_writer_options_init(&options);
    options.fresh = kind == FRESH || kind == FRESH_WITH_RUNS;
    options.memory_bytes = kind == FRESH_WITH_RUNS ? 1 : 0;
    bool adds = kind != DELETING && kind != MERGING;
    ns_status status = ns_writer_open(test_index, &options, &writer, err);
    for (size_t i = 0; adds && i < MORE_COUNT && status == NS_OK; i++)
        status = ns_writer_add_json(writer, MORE_RECORDS[i], strlen(MORE_RECORDS[i]), err);
    if (!adds && status == NS_OK)
        status = ns_writer_delete(writer, "b", 1, err);
    if (status == NS_OK && kind != GIVING_UP)
        status = kind == MERGING ? ns_writer_merge(writer, NULL, err)
                                 : ns_writer_commit(writer, NULL, err);
    ns_writer_close(writer);
    return status;
}

/* The index that the session begins with: none, one segment, or two for deleting and merging. */
static void make_index(session_kind kind)
{
    ns_error err = {0};
    remove_folder(test_index);
    if (kind != FIRST)
        assert_ok(write_records(test_index, BASE_RECORDS, BASE_COUNT, &err), err);
    if (kind == DELETING || kind == MERGING)
        assert_ok(write_records(test_index, MORE_RECORDS, MORE_COUNT, &err), err);
}

/* What a reader finds: articles and number of the commit. An index that was never committed to has
 * neither. */
typedef struct seen {
    uint64_t articles, commit;
} seen;

static seen look(session_kind kind)
{
    ns_error err = {0};
    ns_index *index = NULL;
    ns_status status = ns_index_open(test_index, &index, &err);
    if (kind == FIRST && status == NS_ERR_NO_INDEX)
        return (seen){0, 0};
    assert_ok(status, err);
    ns_index_stats stats;
    ns_index_get_stats(index, &stats);
    ns_index_close(index);
    return (seen){sound_articles(), stats.generation};
}

static bool same(seen a, seen b)
{
    return a.articles == b.articles && a.commit == b.commit;
}

static size_t files(void)
{
    size_t count = 0;
    DIR *dir = opendir(test_index);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strncmp(entry->d_name, "tmp-", 4) == 0)
            fail_msg("%s is left", entry->d_name);
        count++;
    }
    closedir(dir);
    return count;
}

/* Runs the session in a process that is killed before its n-th call. False: it came to its end. */
static bool is_killed(session_kind kind, unsigned long n)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        death.at = n;
        death.armed = true;
        _exit(run_session(kind, NULL) == NS_OK ? 0 : 1);
    }
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    if (WIFEXITED(ended) && WEXITSTATUS(ended) != 0)
        fail_msg("session %d, call %lu: exit %d", (int)kind, n, WEXITSTATUS(ended));
    return WIFSIGNALED(ended) && WTERMSIG(ended) == SIGKILL;
}

static void kill_everywhere(session_kind kind)
{
    ns_error err = {0};
    make_index(kind);
    seen before = look(kind);
    assert_ok(run_session(kind, &err), err);
    seen after = look(kind);
    size_t files_after = files();
    unsigned long n = 1, finished = 0;
    for (;; n++) {
        make_index(kind);
        if (!is_killed(kind, n))
            break;
        seen found = look(kind);
        bool done = same(found, after);
        if (!done && !same(found, before))
            fail_msg("killed before call %lu: %llu articles of commit %llu", n,
                     (unsigned long long)found.articles, (unsigned long long)found.commit);
        finished += done;
        ns_status again = run_session(kind, &err);
        /* What was deleted already is not found a second time. */
        ns_status wanted = done && (kind == DELETING || kind == MERGING) ? NS_NOT_FOUND : NS_OK;
        if (again != wanted)
            fail_msg("killed before call %lu: then %s: %s: %s", n, ns_status_name(again), err.file,
                     err.message);
        assert_int_equal(look(kind).articles, after.articles);
        if (kind != ADDING || !done) /* adding once more makes other tombstones */
            assert_int_equal(files(), files_after);
    }
    print_message("%lu moments, %lu behind the commit\n", n - 1, finished);
    assert_true(n > 10 && finished > 0 && finished < n / 2);
}

static void test_adding(void **state)
{
    (void)state;
    kill_everywhere(ADDING);
}

static void test_fresh(void **state)
{
    (void)state;
    kill_everywhere(FRESH);
    kill_everywhere(FRESH_WITH_RUNS);
}

static void test_deleting(void **state)
{
    (void)state;
    kill_everywhere(DELETING);
}

static void test_merging(void **state)
{
    (void)state;
    kill_everywhere(MERGING);
}

static void test_first_commit(void **state)
{
    (void)state;
    kill_everywhere(FIRST);
}

/* A writer that made the directory and removes it again. */
static void test_giving_up(void **state)
{
    (void)state;
    ns_error err = {0};
    unsigned long n = 1;
    make_index(FIRST);
    assert_ok(run_session(FIRST, &err), err);
    seen whole = look(FIRST);
    for (;; n++) {
        make_index(FIRST);
        if (!is_killed(GIVING_UP, n))
            break;
        assert_int_equal(look(FIRST).commit, 0);
        assert_ok(run_session(FIRST, &err), err);
        assert_true(same(look(FIRST), whole));
    }
    print_message("%lu moments\n", n - 1);
    assert_true(n > 5);
    assert_int_not_equal(access(test_index, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adding),       cmocka_unit_test(test_fresh),
        cmocka_unit_test(test_deleting),     cmocka_unit_test(test_merging),
        cmocka_unit_test(test_first_commit), cmocka_unit_test(test_giving_up),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
