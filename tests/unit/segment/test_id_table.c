/* The hash table of ids: entries stand by hash, then by article, also where hashes are equal in
 * part or altogether; of equal ids the last stays. */
#include "segment_test.h"

#include "codec/zstrings.h"
#include "segment/articles_parts.h"

enum { MOST = 300 };

/* Ids that are all different, or two and two the same. */
static ns__buf make_ids(uint32_t count, bool twice)
{
    ns__zstrings_writer writer = {0};
    ns__buf out = {0};
    for (uint32_t i = 0; i < count; i++) {
        char id[16];
        const int length = snprintf(id, sizeof id, "id-%u", (unsigned)(twice ? i / 2 : i));
        assert_int_equal(
            ns__zstrings_add(&writer, (ns__str){(const uint8_t *)id, (size_t)length}, NULL), NS_OK);
    }
    assert_int_equal(ns__zstrings_finish(&writer, &out, NULL), NS_OK);
    const uint8_t slack[NS_PACK_SLACK] = {0};
    ns__buf_append(&out, slack, sizeof slack);
    assert_false(out.failed);
    out.length -= sizeof slack;
    return out;
}

/* The articles of the table, slot after slot, into out[0 ..); returns how many. */
static uint32_t articles_of(const ns__buf *table, uint32_t count, uint32_t *out)
{
    const uint32_t slots = ns__get_u32(table->data);
    const uint8_t *tags = table->data + 4, *packed = tags + slots;
    const unsigned width = ns__ordinal_width(count);
    uint32_t found = 0;
    for (uint32_t slot = 0; slot < slots; slot++) {
        uint32_t article = 0;
        for (unsigned bit = 0; bit < width; bit++) {
            const size_t at = (size_t)slot * width + bit;
            article |= (uint32_t)(packed[at / 8] >> at % 8 & 1) << bit;
        }
        if (tags[slot] != 0)
            out[found++] = article;
    }
    return found;
}

static void check(uint32_t count, const uint64_t *hashes, bool twice)
{
    ns__buf ids = make_ids(count, twice), table = {0};
    uint32_t articles[MOST];
    bool seen[MOST] = {false};
    assert_int_equal(
        ns__id_table_build((ns__str){ids.data, ids.length}, NULL, hashes, count, &table, NULL),
        NS_OK);
    const uint32_t found = articles_of(&table, count, articles);
    assert_int_equal(found, twice ? count / 2 : count);
    for (uint32_t i = 0; i < found; i++) {
        const uint32_t article = articles[i];
        assert_true(article < count && !seen[article]);
        seen[article] = true;
        assert_true(!twice || article % 2 == 1);
        if (i == 0)
            continue;
        const uint32_t before = articles[i - 1];
        assert_true(hashes[before] < hashes[article] ||
                    (hashes[before] == hashes[article] && before < article));
    }
    ns__buf_release(&ids);
    ns__buf_release(&table);
}

static void test_order(void **state)
{
    (void)state;
    uint64_t hashes[MOST];
    for (uint32_t i = 0; i < MOST; i++)
        hashes[i] = (uint64_t)(i * 0x9e3779b1u) << 32 | (MOST - i); /* high halves differ */
    check(MOST, hashes, false);
    for (uint32_t i = 0; i < MOST; i++)
        hashes[i] = (uint64_t)(i % 7) << 33 | (i * 0x9e3779b1u); /* seven of them */
    check(MOST, hashes, false);
    for (uint32_t i = 0; i < MOST; i++)
        hashes[i] = (uint64_t)(i % 5) << 40 | i % 3; /* and whole hashes that are equal */
    check(MOST, hashes, false);
    check(1, hashes, false);
}

static void test_last_stays(void **state)
{
    (void)state;
    uint64_t hashes[MOST];
    for (uint32_t i = 0; i < MOST; i++)
        hashes[i] = (uint64_t)(i / 2 * 0x9e3779b1u) << 32 | 5;
    check(MOST, hashes, true);
    for (uint32_t i = 0; i < MOST; i++)
        hashes[i] = 77; /* different ids too */
    check(MOST, hashes, true);
}

/* With one hash for all of them each id is compared with a few others: with all of them it would
 * take the time that ctest allows. */
static void test_many_alike(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    uint64_t *hashes = malloc(COUNT * sizeof *hashes);
    uint32_t *articles = malloc(COUNT * sizeof *articles);
    assert_true(hashes != NULL && articles != NULL);
    for (uint32_t i = 0; i < COUNT; i++)
        hashes[i] = 77;
    ns__buf ids = make_ids(COUNT, true), table = {0};
    assert_int_equal(
        ns__id_table_build((ns__str){ids.data, ids.length}, NULL, hashes, COUNT, &table, NULL),
        NS_OK);
    assert_int_equal(articles_of(&table, COUNT, articles), COUNT / 2);
    for (uint32_t i = 0; i < COUNT / 2; i++)
        assert_int_equal(articles[i], 2 * i + 1);
    ns__buf_release(&ids);
    ns__buf_release(&table);
    free(hashes);
    free(articles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_last_stays),
        cmocka_unit_test(test_many_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
