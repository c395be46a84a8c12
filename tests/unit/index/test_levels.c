/* Which of the newest segments are merged, and that a merge of those leaves the others alone. */
#include "unit/index/help.h"

#include "index/levels.h"
#include "ns/ns.h"

enum { MOST = 400 };

/* No ten of one level stand at the end, with smaller ones, and there are not fifty. */
static void check_settled(const uint64_t *bytes, uint32_t count)
{
    uint64_t below = 0, most = NS_LEVEL_LEAST;
    assert_true(count < 50);
    for (int level = 0; level < 12; level++) {
        uint32_t alike = 0, all = 0;
        for (; all < count && bytes[count - 1 - all] <= most; all++)
            alike += bytes[count - 1 - all] > below || level == 0;
        assert_true(alike < 10);
        below = most;
        most = most * 10 + 9; /* divisions round down */
    }
}

/* Adds a segment and merges as long as there is something to merge, which what was merged can be;
 * returns how many bytes that wrote. */
static uint64_t add_segment(uint64_t *bytes, uint32_t *count, uint64_t size)
{
    uint64_t written = 0;
    bytes[(*count)++] = size;
    for (uint32_t first; (first = ns__levels_from(bytes, *count)) < *count; *count = first + 1) {
        assert_true(*count - first > 1);
        for (uint32_t i = first + 1; i < *count; i++)
            bytes[first] += bytes[i];
        written += bytes[first];
    }
    assert_int_equal(ns__levels_from(bytes, *count), *count);
    return written;
}

static void test_known(void **state)
{
    (void)state;
    enum { MB = 1 << 20 };
    uint64_t bytes[32] = {0};
    assert_int_equal(ns__levels_from(bytes, 0), 0);
    for (uint32_t i = 0; i < 32; i++)
        bytes[i] = 1000;
    assert_int_equal(ns__levels_from(bytes, 9), 9);
    assert_int_equal(ns__levels_from(bytes, 10), 0);
    bytes[0] = (uint64_t)100 * MB;
    assert_int_equal(ns__levels_from(bytes, 10), 10); /* nine small ones */
    assert_int_equal(ns__levels_from(bytes, 11), 1);
    for (uint32_t i = 0; i < 9; i++)
        bytes[i] = (uint64_t)5 * MB; /* nine of the next level, and ten that join it */
    for (uint32_t i = 9; i < 19; i++)
        bytes[i] = MB;
    assert_int_equal(ns__levels_from(bytes, 18), 18);
    assert_int_equal(ns__levels_from(bytes, 19), 0);
    bytes[18] = (uint64_t)5 * MB; /* the tenth, behind small ones */
    assert_int_equal(ns__levels_from(bytes, 19), 0);
    bytes[9] = (uint64_t)11 * MB; /* in front of these it stops */
    assert_int_equal(ns__levels_from(bytes, 19), 19);
    bytes[0] = UINT64_MAX;
    bytes[1] = UINT64_MAX;
    assert_int_equal(ns__levels_from(bytes, 2), 2);
}

/* Eight small ones and one of the next level, again and again, behind a large one: that is left
 * alone until as much has come. */
static void test_large_in_front(void **state)
{
    (void)state;
    const uint64_t large = UINT64_C(100) << 30;
    for (uint32_t before = 0; before < 3; before++) {
        uint64_t bytes[64] = {1000, 1000}, added = 0, written = 0;
        uint32_t count = before;
        written += add_segment(bytes, &count, large);
        for (uint32_t i = 0; i < 2000; i++) {
            const uint64_t size = i % 9 == 8 ? 2000000 : 20000;
            added += size;
            written += add_segment(bytes, &count, size);
            check_settled(bytes, count);
        }
        assert_true(bytes[before] == large);
        assert_true(written <= 6 * added);
    }
}

/* An index to which something is added again and again. What is written is bounded by levels, and
 * by what the lowest one costs, however little is added. */
static void test_random(void **state)
{
    (void)state;
    for (int round = rounds(300); round > 0; round--) {
        uint64_t bytes[64], added = 0, written = 0, steps = 0;
        uint32_t count = 0;
        const uint32_t large = 1 + random_below(40), bits = 24 + random_below(12);
        for (; steps < 2 * MOST; steps++) {
            const uint64_t size =
                random_below(large) ? random_below(1 << 19) : random_u64() >> (64 - bits);
            added += size;
            written += add_segment(bytes, &count, size);
            check_settled(bytes, count);
        }
        assert_true(written <= 10 * added + steps * NS_LEVEL_LEAST);
    }
}

static ns_writer *open_writer(void)
{
    ns_error err = {0};
    ns_writer *writer = NULL;
    assert_ok(ns_writer_open(in_folder("small"), NULL, &writer, &err), err);
    return writer;
}

static void add(ns_writer *writer, int number)
{
    ns_error err = {0};
    char record[100];
    int length = snprintf(record, sizeof record, "{\"id\":%d,\"body\":\"river vote %d\"}", number,
                          number % 3);
    assert_ok(ns_writer_add_json(writer, record, (size_t)length, &err), err);
}

static ns_index_stats stats_of(void)
{
    ns_error err = {0};
    ns_index *index = NULL;
    ns_index_stats stats;
    assert_ok(ns_index_open(in_folder("small"), &index, &err), err);
    ns_index_get_stats(index, &stats);
    ns_index_close(index);
    return stats;
}

/* Articles of words that no other has. */
static void add_large(ns_writer *writer, int count)
{
    enum { WORDS = 2000 };
    static char record[WORDS * 12 + 100];
    ns_error err = {0};
    for (int i = 0; i < count; i++) {
        int length = sprintf(record, "{\"id\":%d,\"body\":\"", i);
        for (int w = 0; w < WORDS; w++)
            length += sprintf(record + length, "%08xx ", (unsigned)random_u64());
        length += sprintf(record + length, "\"}");
        assert_ok(ns_writer_add_json(writer, record, (size_t)length, &err), err);
    }
}

/* A large segment in front, in which an article is deleted that the merge does not read. */
static void test_writer(void **state)
{
    (void)state;
    enum { LARGE = 60 };
    ns_error err = {0};
    ns_writer *writer = open_writer();
    ns_merge_summary summary;
    add_large(writer, LARGE);
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
    for (int i = 0; i < 10; i++) {
        assert_ok(ns_writer_merge_small(writer, &summary, &err), err);
        assert_false(summary.merged);
        add(writer, LARGE + i);
        if (i == 4)
            assert_int_equal(ns_writer_merge_small(writer, &summary, &err), NS_ERR_ARGUMENT);
        assert_ok(ns_writer_commit(writer, NULL, &err), err);
    }
    assert_int_equal(stats_of().segments, 11);
    assert_ok(ns_writer_delete(writer, "7", 1, &err), err);
    assert_ok(ns_writer_delete(writer, "63", 2, &err), err);
    assert_ok(ns_writer_merge_small(writer, &summary, &err), err);
    assert_true(summary.merged);
    assert_int_equal(summary.segments, 10);
    assert_int_equal(summary.articles, 9);
    assert_int_equal(summary.deleted_articles, 1);
    const ns_index_stats stats = stats_of();
    assert_int_equal(stats.segments, 2);
    assert_int_equal(stats.articles, LARGE + 8);
    assert_int_equal(stats.deleted_articles, 1); /* of the large one, whose files stay */
    assert_ok(ns_writer_merge_small(writer, NULL, &err), err);
    assert_int_equal(ns_writer_delete(writer, "7", 1, &err), NS_NOT_FOUND);
    ns_writer_close(writer);
    ns_check_summary check;
    assert_ok(ns_index_check(in_folder("small"), NULL, NULL, &check, &err), err);
    assert_int_equal(check.faults, 0);
}

/* All of the newest are deleted: nothing is left to merge. */
static void test_nothing_left(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_writer *writer = NULL;
    ns_writer_options options;
    ns_merge_summary summary;
    ns_writer_options_init(&options);
    options.fresh = true;
    assert_ok(ns_writer_open(in_folder("small"), &options, &writer, &err), err);
    for (int i = 0; i < 10; i++) {
        add(writer, i);
        assert_ok(ns_writer_commit(writer, NULL, &err), err);
    }
    for (char id = '0'; id <= '9'; id++)
        assert_ok(ns_writer_delete(writer, &id, 1, &err), err);
    assert_ok(ns_writer_merge_small(writer, &summary, &err), err);
    assert_true(summary.merged);
    assert_int_equal(summary.articles, 0);
    assert_int_equal(stats_of().segments, 0);
    ns_writer_close(writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),        cmocka_unit_test(test_large_in_front),
        cmocka_unit_test(test_random),       cmocka_unit_test(test_writer),
        cmocka_unit_test(test_nothing_left),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
