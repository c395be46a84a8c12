/* Ids that were made to have one hash: an index does with them what it does with others, and what
 * it takes grows with their number, not with its square. */
#include "unit/index/help.h"

#include "base/hash.h"
#include "index/snapshot.h"
#include "ns/search.h"
#include "unit/collide.h"

static ns_writer *open_writer(const char *directory, ns_writer_options *options)
{
    ns_error err = {0};
    ns_writer *writer = NULL;
    assert_ok(ns_writer_open(directory, options, &writer, &err), err);
    return writer;
}

static void add_id(ns_writer *writer, ns__str id)
{
    char json[600];
    ns_error err = {0};
    int length = snprintf(json, sizeof json, "{\"id\": \"%.*s\", \"body\": \"", (int)id.length,
                          (const char *)id.data);
    for (int i = 0; i < 8; i++)
        length += snprintf(json + length, sizeof json - (size_t)length,
                           "The talks went on until late in the evening. ");
    length += snprintf(json + length, sizeof json - (size_t)length, "\"}");
    assert_ok(ns_writer_add_json(writer, json, (size_t)length, &err), err);
}

static void add(ns_writer *writer, uint32_t number)
{
    char room[COLLIDE_BYTES + 1];
    add_id(writer, collide_id(room, number));
}

static ns_status take(ns_writer *writer, uint32_t number)
{
    char room[COLLIDE_BYTES + 1];
    ns_error err = {0};
    const ns__str id = collide_id(room, number);
    return ns_writer_delete(writer, (const char *)id.data, id.length, &err);
}

static ns_commit_summary commit(ns_writer *writer)
{
    ns_error err = {0};
    ns_commit_summary summary;
    assert_ok(ns_writer_commit(writer, &summary, &err), err);
    return summary;
}

static void assert_sound(const char *directory, uint64_t articles)
{
    ns_error err = {0};
    ns_check_summary faults;
    ns_index *index = NULL;
    ns_index_stats stats;
    assert_ok(ns_index_check(directory, NULL, NULL, &faults, &err), err);
    assert_int_equal(faults.faults, 0);
    assert_ok(ns_index_open(directory, &index, &err), err);
    ns_index_get_stats(index, &stats);
    assert_int_equal(stats.articles, articles);
    ns_index_close(index);
}

static bool is_there(const char *directory, uint32_t number)
{
    char room[COLLIDE_BYTES + 1];
    ns_error err = {0};
    ns_index *index = NULL;
    ns_article *article = NULL;
    const ns__str id = collide_id(room, number);
    assert_ok(ns_index_open(directory, &index, &err), err);
    const ns_status status =
        ns_article_find(index, (const char *)id.data, id.length, &article, &err);
    assert_true(status == NS_OK || status == NS_NOT_FOUND);
    ns_article_free(article);
    ns_index_close(index);
    return status == NS_OK;
}

static void test_delete_the_earlier(void **state)
{
    (void)state;
    const char *directory = in_folder("earlier");
    ns_writer *writer = open_writer(directory, NULL);
    add(writer, 0);
    add(writer, 1);
    assert_int_equal(take(writer, 0), NS_OK);
    assert_int_equal(take(writer, 0), NS_NOT_FOUND);
    const ns_commit_summary summary = commit(writer);
    assert_int_equal(summary.articles_deleted, 1);
    assert_int_equal(summary.articles_replaced, 0);
    ns_writer_close(writer);
    assert_false(is_there(directory, 0));
    assert_true(is_there(directory, 1));
    assert_sound(directory, 1);
}

static void test_delete_another(void **state)
{
    (void)state;
    const char *directory = in_folder("another");
    ns_writer *writer = open_writer(directory, NULL);
    add(writer, 1);
    assert_int_equal(take(writer, 2), NS_NOT_FOUND);
    add(writer, 1);
    const ns_commit_summary summary = commit(writer);
    assert_int_equal(summary.articles_deleted, 0);
    assert_int_equal(summary.articles_replaced, 1);
    ns_writer_close(writer);
    assert_true(is_there(directory, 1));
    assert_false(is_there(directory, 2));
    assert_sound(directory, 1);
}

/* A repeat counts as one also when the id is then deleted. */
static void test_delete_a_repeat(void **state)
{
    (void)state;
    const char *directory = in_folder("repeat");
    ns_writer *writer = open_writer(directory, NULL);
    add(writer, 1);
    add(writer, 2);
    add(writer, 1);
    assert_int_equal(take(writer, 1), NS_OK);
    assert_int_equal(take(writer, 1), NS_NOT_FOUND);
    const ns_commit_summary summary = commit(writer);
    assert_int_equal(summary.articles_deleted, 1);
    assert_int_equal(summary.articles_replaced, 1);
    ns_writer_close(writer);
    assert_false(is_there(directory, 1));
    assert_sound(directory, 1);
}

/* What is deleted before it is committed may have been written, be on its way, or just have come:
 * with little memory some of 1.8 MB is each. */
static void test_where_they_are(void **state)
{
    (void)state;
    enum { COUNT = 5000, STEP = 7 };
    const char *directory = in_folder("where");
    ns_writer_options options;
    ns_writer_options_init(&options);
    options.memory_bytes = 16 << 20;
    options.threads = 2;
    ns_writer *writer = open_writer(directory, &options);
    for (uint32_t i = 0; i < COUNT; i++)
        add(writer, i);
    for (uint32_t i = 0; i < COUNT; i += STEP)
        assert_int_equal(take(writer, i), NS_OK);
    for (uint32_t i = 0; i < COUNT; i += STEP)
        assert_int_equal(take(writer, i), NS_NOT_FOUND);
    assert_int_equal(take(writer, COUNT), NS_NOT_FOUND);
    const uint32_t gone = (COUNT + STEP - 1) / STEP;
    assert_int_equal(commit(writer).articles_deleted, gone);
    ns_writer_close(writer);
    assert_false(is_there(directory, 0));
    assert_true(is_there(directory, 1));
    assert_sound(directory, COUNT - gone);
}

/* Replaced, deleted and looked up in a table on disk in which all have one hash. */
static void test_many(void **state)
{
    (void)state;
    enum { COUNT = 1000, AN_ID = 20 };
    const char *directory = in_folder("many");
    ns_error err = {0};
    ns_writer *writer = open_writer(directory, NULL);
    for (int times = 0; times < 2; times++) {
        for (uint32_t i = 0; i < COUNT; i++)
            add(writer, i);
        assert_int_equal(commit(writer).articles_replaced, times * COUNT);
    }
    assert_sound(directory, COUNT);
    ns_index *index = NULL;
    assert_ok(ns_index_open(directory, &index, &err), err);
    ns__id_finder finder = {0};
    const ns__articles *articles = &index->segments[0].articles;
    assert_int_equal(articles->count, COUNT);
    for (uint32_t i = 0; i <= COUNT; i++) {
        char room[COLLIDE_BYTES + 1];
        uint32_t found, again;
        const ns__str id = collide_id(room, i);
        const ns_status status = i < COUNT ? NS_OK : NS_NOT_FOUND;
        assert_int_equal(ns__id_find(articles, &finder, id, &found, &err), status);
        if (status == NS_OK)
            assert_int_equal(found, i);
        if (i % 97 != 0)
            continue;
        assert_int_equal(ns__article_lookup(articles, id, &again, &err), status);
        assert_true(status != NS_OK || again == i);
    }
    assert_in_range(finder.reads, COUNT, COUNT * AN_ID);
    ns__id_finder_release(&finder);
    ns_index_close(index);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(take(writer, i), NS_OK);
    assert_int_equal(take(writer, 0), NS_NOT_FOUND);
    assert_int_equal(commit(writer).articles_deleted, COUNT);
    ns_writer_close(writer);
    assert_sound(directory, 0);
}

/* The next number whose id stands in the first 16th of a table. */
static uint32_t next_early(uint32_t number, char room[16], ns__str *id)
{
    do {
        number++;
        *id = (ns__str){(const uint8_t *)room, (size_t)snprintf(room, 16, "x%u", number)};
    } while (ns__hash64(id->data, id->length, 0) >> 60 != 0);
    return number;
}

/* Ids of all tags that stand in one row: no look-up reads many of them, those of ids that are not
 * there as little as others. */
static void test_row(void **state)
{
    (void)state;
    enum { COUNT = 3000, A_FIRST = 64 };
    const char *directory = in_folder("row");
    ns_error err = {0};
    ns_writer *writer = open_writer(directory, NULL);
    char room[16];
    ns__str id;
    uint32_t number = 0;
    for (int i = 0; i < COUNT; i++) {
        number = next_early(number, room, &id);
        add_id(writer, id);
    }
    commit(writer);
    ns_writer_close(writer);
    ns_index *index = NULL;
    assert_ok(ns_index_open(directory, &index, &err), err);
    ns__id_finder finder = {0};
    number = 0;
    for (uint32_t i = 0; i < 2 * COUNT; i++) {
        uint32_t found;
        number = next_early(number, room, &id);
        const ns_status status = i < COUNT ? NS_OK : NS_NOT_FOUND;
        assert_int_equal(ns__id_find(&index->segments[0].articles, &finder, id, &found, &err),
                         status);
        if (status == NS_OK)
            assert_int_equal(found, i);
    }
    assert_in_range(finder.reads, 1, COUNT + A_FIRST);
    ns__id_finder_release(&finder);
    ns_index_close(index);
}

typedef struct asked {
    uint32_t writing, stop_at;
} asked;

static bool on_progress(void *payload, const ns_progress *progress)
{
    asked *all = payload;
    if (strcmp(progress->phase, "writing") != 0)
        return true;
    return ++all->writing != all->stop_at;
}

/* A commit with many repeats asks now and then whether to go on. */
static void test_stop(void **state)
{
    (void)state;
    enum { COUNT = 1200, EACH = 256 };
    uint32_t few = 0;
    for (int turn = 0; turn < 3; turn++) {
        ns_error err = {0};
        asked all = {.stop_at = turn == 2 ? few + 2 : 0};
        ns_writer_options options;
        ns_writer_options_init(&options);
        options.on_progress = on_progress;
        options.payload = &all;
        const char *directory = in_folder(turn == 0 ? "few" : turn == 1 ? "all" : "stopped");
        ns_writer *writer = open_writer(directory, &options);
        for (uint32_t i = 0; i < COUNT; i++)
            add(writer, turn == 0 ? i : 0);
        const ns_status status = ns_writer_commit(writer, NULL, &err);
        ns_writer_close(writer);
        assert_int_equal(status, turn == 2 ? NS_ERR_CANCELLED : NS_OK);
        if (turn == 0)
            few = all.writing;
        if (turn == 1)
            assert_in_range(all.writing, few + COUNT / EACH, few + 2 * (COUNT / EACH));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delete_the_earlier),
        cmocka_unit_test(test_delete_another),
        cmocka_unit_test(test_delete_a_repeat),
        cmocka_unit_test(test_where_they_are),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_row),
        cmocka_unit_test(test_stop),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
