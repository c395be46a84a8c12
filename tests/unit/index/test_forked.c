/* Writers in processes that were forked: what a child does with its copy changes nothing for the
 * parent, and takes nothing from it. */
#include "unit/index/help.h"

#include <signal.h>
#include <sys/wait.h>

#include "ns/ns.h"

static const char RECORD[] = "{\"id\": \"f\", \"body\": \"A ferry left the harbour.\"}";

static ns_writer *open_writer(ns_status expected)
{
    ns_error err = {0};
    ns_writer *writer = NULL;
    ns_writer_options options;
    ns_writer_options_init(&options);
    options.threads = 1; /* a sanitizer may forbid to fork with more */
    assert_int_equal(ns_writer_open(in_folder("index"), &options, &writer, &err), expected);
    return writer;
}

static void add(ns_writer *writer)
{
    ns_error err = {0};
    assert_ok(ns_writer_add_json(writer, RECORD, strlen(RECORD), &err), err);
}

static void commit(ns_writer *writer)
{
    ns_error err = {0};
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
}

/* Ends without a look at memory: what a child leaves there is no leak. */
static _Noreturn void end(bool good)
{
    kill(getpid(), good ? SIGKILL : SIGTERM);
    _exit(1);
}

static void wait_for(pid_t child)
{
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
}

/* Every call but closing. */
static bool all_refused(ns_writer *writer)
{
    const char *path = in_folder("no such file");
    return ns_writer_add_json(writer, RECORD, strlen(RECORD), NULL) == NS_ERR_ARGUMENT &&
           ns_writer_add_paths(writer, &path, 1, NULL) == NS_ERR_ARGUMENT &&
           ns_writer_delete(writer, "f", 1, NULL) == NS_ERR_ARGUMENT &&
           ns_writer_merge(writer, NULL, NULL) == NS_ERR_ARGUMENT &&
           ns_writer_merge_small(writer, NULL, NULL) == NS_ERR_ARGUMENT &&
           ns_writer_reorder(writer, NULL, NULL) == NS_ERR_ARGUMENT &&
           ns_writer_commit(writer, NULL, NULL) == NS_ERR_ARGUMENT;
}

static void let_child_close(ns_writer *writer)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const bool good = all_refused(writer);
        ns_writer_close(writer);
        end(good);
    }
    wait_for(child);
    assert_null(open_writer(NS_ERR_BUSY)); /* the parent's lock holds */
}

/* In a directory that the writer made, then in an index. */
static void test_child_closes(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_index *index;
    ns_index_stats stats;
    for (int round = 0; round < 2; round++) {
        ns_writer *writer = open_writer(NS_OK);
        let_child_close(writer);
        add(writer);
        let_child_close(writer);
        commit(writer);
        let_child_close(writer);
        ns_writer_close(writer);
        assert_ok(ns_index_open(in_folder("index"), &index, &err), err);
        ns_index_get_stats(index, &stats);
        assert_int_equal(stats.articles, 1);
        ns_index_close(index);
    }
}

/* A child that lives on has the lock file open. */
static void test_child_lives(void **state)
{
    (void)state;
    ns_writer *writer = open_writer(NS_OK);
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[1]);
        end(read(ends[0], &byte, 1) == 1);
    }
    ns_writer_close(writer);
    writer = open_writer(NS_OK);
    add(writer);
    commit(writer);
    assert_int_equal(write(ends[1], "x", 1), 1);
    wait_for(child);
    assert_null(open_writer(NS_ERR_BUSY));
    ns_writer_close(writer);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_child_closes),
        cmocka_unit_test(test_child_lives),
    };
    return cmocka_run_group_tests_name("forked", tests, make_test_folder, remove_test_folder);
}
