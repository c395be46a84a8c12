/* A directory that is moved or replaced while a writer is open: what stands there then stays as it
 * is. */
#include "unit/index/help.h"

#include "ns/writer.h"

static ns_writer *open_writer(const char *directory)
{
    ns_writer *writer;
    ns_error err = {0};
    assert_ok(ns_writer_open(directory, NULL, &writer, &err), err);
    return writer;
}

static void add(ns_writer *writer, const char *json)
{
    ns_error err = {0};
    assert_ok(ns_writer_add_json(writer, json, strlen(json), &err), err);
}

static void commit_one(const char *directory, const char *json)
{
    ns_error err = {0};
    ns_writer *writer = open_writer(directory);
    add(writer, json);
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
    ns_writer_close(writer);
}

static void expect_sound(const char *directory, uint64_t articles)
{
    ns_error err = {0};
    ns_check_summary summary;
    ns_index_stats stats;
    ns_index *index;
    assert_ok(ns_index_check(directory, NULL, NULL, &summary, &err), err);
    assert_int_equal(summary.faults, 0);
    assert_ok(ns_index_open(directory, &index, &err), err);
    ns_index_get_stats(index, &stats);
    assert_int_equal(stats.articles, articles);
    ns_index_close(index);
}

static void expect_refused(ns_status status, const ns_error *err)
{
    assert_int_equal(status, NS_ERR_IO);
    assert_non_null(strstr(err->message, "moved or replaced"));
}

/* Another index stands there: with articles and without, for commits and for merges. */
static void check_replaced(const char *name, bool merges)
{
    char directory[512], old[600];
    ns_error err = {0};
    snprintf(directory, sizeof directory, "%s", in_folder(name));
    snprintf(old, sizeof old, "%s.old", directory);
    commit_one(directory, "{\"id\": \"1\", \"body\": \"hello\"}");
    commit_one(directory, "{\"id\": \"2\", \"body\": \"world\"}");
    ns_writer *writer = open_writer(directory);
    if (!merges)
        add(writer, "{\"id\": \"a\", \"body\": \"first\"}");
    assert_int_equal(rename(directory, old), 0);
    commit_one(directory, "{\"id\": \"b\", \"body\": \"second\"}");
    expect_refused(
        merges ? ns_writer_merge(writer, NULL, &err) : ns_writer_commit(writer, NULL, &err), &err);
    ns_writer_close(writer);
    expect_sound(directory, 1);
    expect_sound(old, 2);
    commit_one(directory, "{\"id\": \"c\", \"body\": \"third\"}");
    expect_sound(directory, 2);
}

static void test_replaced(void **state)
{
    (void)state;
    check_replaced("committed", false);
}

static void test_replaced_for_a_merge(void **state)
{
    (void)state;
    check_replaced("merged", true);
}

/* Nothing stands there. */
static void test_moved(void **state)
{
    (void)state;
    char directory[512], old[600];
    ns_error err = {0};
    snprintf(directory, sizeof directory, "%s", in_folder("moved"));
    snprintf(old, sizeof old, "%s.old", directory);
    commit_one(directory, "{\"id\": \"1\", \"body\": \"hello\"}");
    ns_writer *writer = open_writer(directory);
    add(writer, "{\"id\": \"a\", \"body\": \"first\"}");
    assert_int_equal(rename(directory, old), 0);
    expect_refused(ns_writer_commit(writer, NULL, &err), &err);
    ns_writer_close(writer);
    expect_sound(old, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_replaced_for_a_merge),
        cmocka_unit_test(test_moved),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
