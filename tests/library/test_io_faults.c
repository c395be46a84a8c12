/* Every system call of a commit fails once: what is left of the index then.
 *
 * The linker puts the functions below between the library and the C library (--wrap). A session of
 * the writer is run with the n-th call of one kind refused, alone or with all calls of that kind
 * that follow (as a full disk does), for n = 1, 2, … until it no longer makes an n-th. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "library_test.h"

typedef enum call { CALL_OPEN, CALL_WRITE, CALL_PWRITE, CALL_FSYNC, CALL_RENAME, CALL_CLOSE } call;
static const char *const CALL_NAMES[] = {"open", "write", "pwrite", "fsync", "rename", "close"};
enum { CALLS = sizeof CALL_NAMES / sizeof *CALL_NAMES };

static struct {
    atomic_bool armed;
    atomic_ulong seen[CALLS];
    atomic_bool renamed; /* the manifest has its name: the commit may be visible */
    unsigned long fail_at;
    call kind;
    int reason;
    bool for_ever;
} faults;

static bool refuse(call kind)
{
    if (!atomic_load(&faults.armed))
        return false;
    unsigned long n = atomic_fetch_add(&faults.seen[kind], 1) + 1;
    if (kind != faults.kind || n < faults.fail_at || (n > faults.fail_at && !faults.for_ever))
        return false;
    errno = faults.reason;
    return true;
}

int __real_open(const char *path, int flags, ...);
ssize_t __real_write(int descriptor, const void *bytes, size_t length);
ssize_t __real_pwrite(int descriptor, const void *bytes, size_t length, off_t offset);
int __real_rename(const char *from, const char *to);
int __real_close(int descriptor);
int __wrap_open(const char *path, int flags, ...);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t length);
ssize_t __wrap_pwrite(int descriptor, const void *bytes, size_t length, off_t offset);
int __wrap_fsync(int descriptor);
int __wrap_rename(const char *from, const char *to);
int __wrap_close(int descriptor);

int __wrap_open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    int mode = flags & O_CREAT ? va_arg(rest, int) : 0;
    va_end(rest);
    return refuse(CALL_OPEN) ? -1 : __real_open(path, flags, mode);
}

/* A full disk takes a part first. */
ssize_t __wrap_write(int descriptor, const void *bytes, size_t length)
{
    if (!refuse(CALL_WRITE))
        return __real_write(descriptor, bytes, length);
    if (faults.for_ever && length > 1)
        (void)!__real_write(descriptor, bytes, length / 2);
    errno = faults.reason;
    return -1;
}

ssize_t __wrap_pwrite(int descriptor, const void *bytes, size_t length, off_t offset)
{
    return refuse(CALL_PWRITE) ? -1 : __real_pwrite(descriptor, bytes, length, offset);
}

static ino_t folder_synced; /* the folder that was made durable last */

/* Never the real one: thousands of commits are not to wear out a disk. */
int __wrap_fsync(int descriptor)
{
    struct stat is;
    if (fstat(descriptor, &is) == 0 && S_ISDIR(is.st_mode))
        folder_synced = is.st_ino;
    return refuse(CALL_FSYNC) ? -1 : 0;
}

int __wrap_rename(const char *from, const char *to)
{
    if (refuse(CALL_RENAME))
        return -1;
    if (faults.armed && strstr(to, "manifest-"))
        faults.renamed = true;
    return __real_rename(from, to);
}

/* As on Linux: the descriptor is gone even so. */
int __wrap_close(int descriptor)
{
    bool refused = refuse(CALL_CLOSE);
    int result = __real_close(descriptor);
    if (!refused)
        return result;
    errno = faults.reason;
    return -1;
}

/* ---- The sessions ---- */

static char *big_record; /* added too, when not NULL */
static bool merging;     /* the session deletes an article and merges instead of adding */
static bool reordering;  /* … and puts the articles into another order, too */

/* The index that a session begins with, and how many articles it has. */
static void make_index(void)
{
    ns_error err = {0};
    make_base_index();
    if (merging)
        assert_ok(write_records(test_index, MORE_RECORDS, MORE_COUNT, &err), err);
    if (reordering)
        add_mixed_articles();
}

static uint64_t articles_before(void)
{
    return (merging ? MORE_ARTICLES : BASE_ARTICLES) + (reordering ? MIXED_ARTICLES : 0);
}

static ns_status add_and_commit(ns_writer *writer, ns_error *err)
{
    ns_status status = NS_OK;
    for (size_t i = 0; i < MORE_COUNT && status == NS_OK; i++)
        status = ns_writer_add_json(writer, MORE_RECORDS[i], strlen(MORE_RECORDS[i]), err);
    if (status == NS_OK && big_record != NULL)
        status = ns_writer_add_json(writer, big_record, strlen(big_record), err);
    if (status == NS_OK)
        status = ns_writer_commit(writer, NULL, err);
    return status;
}

static ns_status delete_and_merge(ns_writer *writer, ns_error *err)
{
    ns_status status = ns_writer_delete(writer, "b", 1, err);
    if (status != NS_OK)
        return status;
    return reordering ? ns_writer_reorder(writer, NULL, err) : ns_writer_merge(writer, NULL, err);
}

/* Opens, adds, commits, as long as it goes well. *refuses: after a failure the writer took neither
 * another record nor another commit. */
static ns_status session(const ns_writer_options *options, bool *refuses, ns_error *err)
{
    ns_writer *writer = NULL;
    ns_status status = ns_writer_open(test_index, options, &writer, err);
    if (status == NS_OK)
        status = merging ? delete_and_merge(writer, err) : add_and_commit(writer, err);
    faults.armed = false;
    *refuses = true;
    if (status != NS_OK && writer != NULL) {
        const char *record = BASE_RECORDS[0];
        *refuses = ns_writer_add_json(writer, record, strlen(record), NULL) == NS_ERR_ARGUMENT &&
                   ns_writer_commit(writer, NULL, NULL) == NS_ERR_ARGUMENT;
    }
    ns_writer_close(writer);
    return status;
}

static void assert_io_error(ns_status status, const ns_error *err, unsigned long n)
{
    if (status != NS_ERR_IO || err->status != NS_ERR_IO || err->message[0] == '\0' ||
        strncmp(err->file, test_folder, strlen(test_folder)) != 0)
        fail_msg("%s %lu: %s, error %s: %s: %s", CALL_NAMES[faults.kind], n, ns_status_name(status),
                 ns_status_name(err->status), err->file, err->message);
}

/* Fails call n of a kind. The number of articles of the commit before must be there, or, once the
 * manifest has its name, that of the new one. False when there was no n-th call. */
static bool fail_call(const ns_writer_options *options, call kind, unsigned long n, uint64_t after,
                      unsigned long *late)
{
    ns_error err = {0};
    bool refuses;
    memset(faults.seen, 0, sizeof faults.seen);
    faults.kind = kind;
    faults.fail_at = n;
    faults.renamed = false;
    faults.armed = true;
    ns_status status = session(options, &refuses, &err);
    bool reached = faults.seen[kind] >= n;
    uint64_t found = sound_articles();
    assert_true(refuses);
    if (status == NS_OK) {
        assert_int_equal(found, after);
        *late += reached;
    } else {
        assert_io_error(status, &err, n);
        if (found != articles_before())
            assert_true(faults.renamed && found == after);
        assert_true(faults.renamed == (strstr(err.message, "may be there or not") != NULL));
    }
    if (found != articles_before())
        make_index();
    return reached;
}

static void fail_calls_of(const ns_writer_options *options, call kind, uint64_t after)
{
    unsigned long n = 1, late = 0;
    while (fail_call(options, kind, n, after, &late))
        n += FAULT_STEP;
    print_message("%s: fewer than %lu calls, %lu without harm\n", CALL_NAMES[kind], n, late);
    /* What may fail: closing what was only read, opening anew after the commit. */
    if (kind != CALL_CLOSE && kind != CALL_OPEN)
        assert_int_equal(late, 0);
    /* Files of the buffer's size or less are written in one piece. */
    if (kind != CALL_PWRITE || big_record != NULL)
        assert_true(n > 1 && late < n - 1);
}

static void fail_every_call(const ns_writer_options *options, int reason, bool for_ever,
                            uint64_t after)
{
    faults.reason = reason;
    faults.for_ever = for_ever;
    make_index();
    for (int kind = 0; kind < CALLS; kind++)
        fail_calls_of(options, (call)kind, after);
}

static void test_error_once(void **state)
{
    (void)state;
    fail_every_call(NULL, EIO, false, MORE_ARTICLES);
}

static void test_disk_full(void **state)
{
    (void)state;
    fail_every_call(NULL, ENOSPC, true, MORE_ARTICLES);
}

/* An index made anew: the old one stays until the new one is complete. And a writer so short of
 * memory that it keeps its runs in files. */
static void test_fresh_with_runs(void **state)
{
    (void)state;
    ns_writer_options options;
    ns_writer_options_init(&options);
    options.fresh = true;
    options.memory_bytes = 1;
    fail_every_call(&options, EIO, false, 3);
}

/* Stored text beyond the buffer of a file, so that it is written in pieces and patched at its
 * start in the end. */
static void test_large_files(void **state)
{
    (void)state;
    for_more_threads();
    enum { WORDS = 60000 };
    uint32_t draw = 1;
    size_t length = 0;
    big_record = malloc(WORDS * 11 + 100);
    assert_non_null(big_record);
    length += (size_t)sprintf(big_record, "{\"id\": \"big\", \"body\": \"");
    for (int i = 0; i < WORDS; i++) {
        draw = draw * 1664525u + 1013904223u;
        length += (size_t)sprintf(big_record + length, "%x ", draw);
    }
    strcpy(big_record + length, "\"}");
    faults.reason = ENOSPC;
    faults.for_ever = true;
    make_index();
    fail_calls_of(NULL, CALL_WRITE, MORE_ARTICLES + 1);
    fail_calls_of(NULL, CALL_PWRITE, MORE_ARTICLES + 1);
    free(big_record);
    big_record = NULL;
}

/* A merge, and the deletion that it commits. */
static void test_merge(void **state)
{
    (void)state;
    for_more_threads();
    merging = true;
    fail_every_call(NULL, EIO, false, MORE_ARTICLES - 1);
    fail_every_call(NULL, ENOSPC, true, MORE_ARTICLES - 1);
    merging = false;
}

/* The same with reordering, its lists in files. */
static void test_reorder(void **state)
{
    (void)state;
    for_more_threads();
    ns_writer_options options;
    ns_writer_options_init(&options);
    options.memory_bytes = 1;
    options.threads = 1;
    merging = reordering = true;
    fail_every_call(&options, EIO, false, MORE_ARTICLES + MIXED_ARTICLES - 1);
    fail_every_call(&options, ENOSPC, true, MORE_ARTICLES + MIXED_ARTICLES - 1);
    merging = reordering = false;
}

/* What a signal interrupts is done again. */
static void test_interrupted(void **state)
{
    (void)state;
    unsigned long late;
    faults.reason = EINTR;
    faults.for_ever = false;
    make_index();
    for (unsigned long n = 1;; n++) {
        late = 0;
        if (!fail_call(NULL, CALL_WRITE, n, MORE_ARTICLES, &late))
            break;
        assert_int_equal(late, 1); /* it was reached, and all went well */
    }
}

/* The folder that a new index is in is made durable with the index's name, however that is
 * written. */
static void test_folder_of_a_new_index(void **state)
{
    (void)state;
    static const char *const names[] = {"new", "new/", "new//"};
    struct stat parent;
    assert_int_equal(stat(test_folder, &parent), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ns_writer *writer;
        ns_error err = {0};
        char path[400];
        snprintf(path, sizeof path, "%s/%s", test_folder, names[i]);
        folder_synced = 0;
        assert_ok(ns_writer_open(path, NULL, &writer, &err), err);
        assert_true(folder_synced == parent.st_ino);
        ns_writer_close(writer); /* nothing was added: the folder goes */
        assert_int_not_equal(stat(path, &(struct stat){0}), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_once),      cmocka_unit_test(test_disk_full),
        cmocka_unit_test(test_fresh_with_runs), cmocka_unit_test(test_large_files),
        cmocka_unit_test(test_merge),           cmocka_unit_test(test_reorder),
        cmocka_unit_test(test_interrupted),     cmocka_unit_test(test_folder_of_a_new_index),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
