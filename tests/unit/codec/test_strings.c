/* Front-coded strings and strings in compressed blocks: what was added comes back, and damaged
 * tables never read outside. */
#include "codec_test.h"

#include "codec/strings.h"
#include "codec/numbered.h"
#include "codec/zstrings.h"
#include "unit/quick.h"

enum { MOST = 400, MOST_BYTES = 300 };

typedef struct text {
    uint8_t bytes[MOST_BYTES];
    size_t length;
} text;

/* Strings that share starts with the one before, of any bytes; some empty, some repeated. */
static void make_texts(text *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t shared = 0;
        if (i > 0 && random_below(5) != 0) {
            shared = random_below((uint32_t)texts[i - 1].length + 1);
            memcpy(texts[i].bytes, texts[i - 1].bytes, shared);
        }
        size_t more = random_below(random_below(20) == 0 ? MOST_BYTES : 6);
        texts[i].length = shared + more < MOST_BYTES ? shared + more : MOST_BYTES;
        for (size_t k = shared; k < texts[i].length; k++)
            texts[i].bytes[k] = (uint8_t)random_below(random_below(4) == 0 ? 256 : 3);
    }
}

static void write_table(const text *texts, size_t count, ns__buf *out)
{
    ns__strings_writer writer = {0};
    for (size_t i = 0; i < count; i++)
        ns__strings_add(&writer, (ns__str){texts[i].bytes, texts[i].length});
    ns__strings_finish(&writer, out);
    assert_false(out->failed);
}

static void test_round_trip(void **state)
{
    (void)state;
    seed_random();
    static text texts[MOST];
    for (unsigned round = 0; round < 200; round++) {
        size_t count = round < 40 ? round : random_below(MOST);
        make_texts(texts, count);
        ns__buf table = {0}, entry = {0};
        write_table(texts, count, &table);
        ns__strings strings;
        assert_true(ns__strings_open((ns__str){table.data, table.length}, &strings));
        assert_int_equal(strings.count, count);
        for (size_t i = count; i-- > 0;) {
            assert_true(ns__strings_get(&strings, (uint32_t)i, &entry));
            assert_int_equal(entry.length, texts[i].length);
            if (entry.length > 0)
                assert_memory_equal(entry.data, texts[i].bytes, entry.length);
        }
        assert_false(ns__strings_get(&strings, (uint32_t)count, &entry));
        assert_false(ns__strings_get(&strings, UINT32_MAX, &entry));
        ns__buf_release(&table);
        ns__buf_release(&entry);
    }
}

static void test_worked_bytes(void **state)
{
    (void)state;
    ns__strings_writer writer = {0};
    ns__buf out = {0};
    ns__strings_add(&writer, NS_STR("export"));
    ns__strings_add(&writer, NS_STR("exports"));
    ns__strings_add(&writer, NS_STR("tariff"));
    ns__strings_finish(&writer, &out);
    static const uint8_t expected[] = "\3\0\0\0\0\0\0\0\6export\6\1s\0\6tariff";
    assert_int_equal(out.length, sizeof expected - 1);
    assert_memory_equal(out.data, expected, out.length);
    ns__buf_release(&out);
}

/* Sharing more than the entry before has, an offset behind the data, a table cut short. */
static void test_refusals(void **state)
{
    (void)state;
    ns__strings strings;
    ns__buf entry = {0};
    assert_true(ns__strings_open(NS_STR("\2\0\0\0\0\0\0\0\1a\2\1b"), &strings));
    assert_true(ns__strings_get(&strings, 0, &entry));
    assert_false(ns__strings_get(&strings, 1, &entry));
    assert_true(ns__strings_open(NS_STR("\1\0\0\0\3\0\0\0\1a"), &strings));
    assert_false(ns__strings_get(&strings, 0, &entry));
    assert_false(ns__strings_open(NS_STR("\1\0\0"), &strings));
    assert_false(ns__strings_open(NS_STR("\21\0\0\0\0\0\0\0\0\0\0"), &strings));
    ns__buf_release(&entry);
}

static void test_mutations(void **state)
{
    (void)state;
    seed_random();
    static text texts[MOST];
    for (unsigned round = 0; round < (unsigned)rounds(3000); round++) {
        size_t count = 1 + random_below(60);
        make_texts(texts, count);
        ns__buf table = {0}, entry = {0};
        write_table(texts, count, &table);
        for (unsigned change = random_below(5); change > 0; change--) {
            uint32_t at = random_below(round % 2 ? (uint32_t)table.length : 12);
            if (at < table.length)
                table.data[at] = (uint8_t)random64();
        }
        if (random_below(3) == 0)
            table.length = random_below((uint32_t)table.length + 1);
        uint8_t *exact = malloc(table.length + 1); /* no slack: none may be read */
        assert_non_null(exact);
        memcpy(exact, table.data, table.length);
        exact = realloc(exact, table.length ? table.length : 1);
        ns__strings strings;
        if (ns__strings_open((ns__str){exact, table.length}, &strings))
            for (uint32_t i = 0; i < 80; i++)
                (void)ns__strings_get(&strings, i, &entry);
        free(exact);
        ns__buf_release(&table);
        ns__buf_release(&entry);
    }
}

/* ---- Compressed blocks ---- */

static void write_ztable(const text *texts, size_t count, ns__buf *out)
{
    ns__zstrings_writer writer = {0};
    for (size_t i = 0; i < count; i++)
        assert_int_equal(
            ns__zstrings_add(&writer, (ns__str){texts[i].bytes, texts[i].length}, NULL), NS_OK);
    assert_int_equal(ns__zstrings_finish(&writer, out, NULL), NS_OK);
}

/* Ids that count up behind a prefix, now and then one that does not. */
static void make_numbered(text *texts, size_t count)
{
    static const char *const prefixes[] = {"", "wire-", "2019/", "a1b", "x0", "é"};
    static const uint64_t firsts[] = {0, 7, 95, 99998, 12345678901234567u, 999999999999999990u};
    const char *prefix = prefixes[random_below(6)];
    uint64_t number = firsts[random_below(6)];
    const int digits = random_below(2) ? 0 : (int)random_below(19);
    const uint32_t step = random_below(2) ? 1 : 1 + random_below(5000);
    const uint32_t odd = random_below(3) ? UINT32_MAX : random_below((uint32_t)count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *end = i == odd ? "x" : "";
        texts[i].length = (size_t)snprintf((char *)texts[i].bytes, MOST_BYTES, "%s%0*llu%s", prefix,
                                           digits, (unsigned long long)number, end);
        number += 1 + random_below(step);
    }
}

static void make_ids(text *texts, size_t count)
{
    if (random_below(2))
        make_texts(texts, count);
    else
        make_numbered(texts, count);
}

static void expect_numbered(const char *const *ids, size_t count, const char *bytes, size_t length)
{
    ns__str strings[8] = {{0}};
    ns__buf out = {0}, back = {0};
    for (size_t i = 0; i < count; i++)
        strings[i] = (ns__str){(const uint8_t *)ids[i], strlen(ids[i])};
    assert_int_equal(ns__numbered_encode(strings, count, &out), bytes != NULL);
    assert_int_equal(out.length, length);
    if (bytes == NULL)
        return;
    assert_memory_equal(out.data, bytes, length);
    ns__buf_reserve(&out, NS_PACK_SLACK);
    for (size_t i = 0; i < count; i++) {
        ns__buf_clear(&back);
        assert_true(ns__numbered_get((ns__str){out.data, length}, count, i, &back));
        assert_int_equal(back.length, strings[i].length);
        assert_memory_equal(back.data, ids[i], back.length);
        uint8_t copy[64];
        const ns__str in = {out.data, length};
        assert_int_equal(ns__numbered_copy(in, count, i, copy, sizeof copy), back.length);
        assert_memory_equal(copy, ids[i], back.length);
        assert_int_equal(ns__numbered_copy(in, count, i, copy, back.length), back.length);
        assert_int_equal(ns__numbered_copy(in, count, i, copy, back.length - 1), 0);
    }
    assert_false(ns__numbered_get((ns__str){out.data, length}, count, count, &back));
    ns__buf_release(&out);
    ns__buf_release(&back);
}

#define NUMBERED(bytes, ...)                                                                       \
    expect_numbered((const char *const[]){__VA_ARGS__},                                            \
                    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), bytes,            \
                    sizeof(bytes) - 1)
#define NOT_NUMBERED(...)                                                                          \
    expect_numbered((const char *const[]){__VA_ARGS__},                                            \
                    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), NULL, 0)

static void test_numbered(void **state)
{
    (void)state;
    NUMBERED("\2w-\2\x08\1\2", "w-08", "w-09", "w-11");
    NUMBERED("\0\1\x07\0", "7", "8");
    NUMBERED("\0\0\x07\0", "7", "8", "9", "10");
    NUMBERED("\1x\1\0\0", "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7");
    NUMBERED("\2a0\0\x09\0", "a09", "a010"); /* the zero belongs to the prefix */
    NUMBERED("\1a\3\x05", "a005");
    NOT_NUMBERED("a");
    NOT_NUMBERED("");
    NOT_NUMBERED("1", "");
    NOT_NUMBERED("7", "7");
    NOT_NUMBERED("8", "7");
    NOT_NUMBERED("a1", "b2");
    NOT_NUMBERED("a1", "a2b");
    NOT_NUMBERED("a1", "a02");
    NOT_NUMBERED("1", "4294967298"); /* too large a step */
}

static void test_compressed_round_trip(void **state)
{
    (void)state;
    seed_random();
    static text texts[MOST];
    for (unsigned round = 0; round < 150; round++) {
        size_t count = round < 40 ? round : random_below(MOST);
        make_ids(texts, count);
        ns__buf table = {0}, entry = {0};
        ns__zstrings_reader reader = {0};
        write_ztable(texts, count, &table);
        assert_true(ns__buf_reserve(&table, NS_PACK_SLACK));
        ns__zstrings strings;
        assert_true(ns__zstrings_open((ns__str){table.data, table.length}, &strings));
        assert_int_equal(strings.count, count);
        for (size_t i = count; i-- > 0;) {
            uint32_t index = random_below(2) ? (uint32_t)i : random_below((uint32_t)count);
            assert_true(
                ns__zstrings_get(&strings, index, random_below(3) ? &reader : NULL, &entry));
            assert_int_equal(entry.length, texts[index].length);
            if (entry.length > 0)
                assert_memory_equal(entry.data, texts[index].bytes, entry.length);
        }
        assert_false(ns__zstrings_get(&strings, (uint32_t)count, &reader, &entry));
        assert_false(ns__zstrings_get(&strings, UINT32_MAX, NULL, &entry));
        ns__zstrings_reader_release(&reader);
        ns__buf_release(&table);
        ns__buf_release(&entry);
    }
}

/* What a reader keeps of one table is not taken for another's whose struct lies where the first's
 * did. */
static void test_compressed_tables_in_turn(void **state)
{
    (void)state;
    static const text words[2][2] = {{{"tar", 3}, {"fog", 3}}, {{"ash", 3}, {"ice", 3}}};
    ns__buf tables[2] = {0}, entry = {0};
    ns__zstrings_reader reader = {0};
    ns__zstrings strings;
    for (unsigned t = 0; t < 2; t++) {
        write_ztable(words[t], 2, &tables[t]);
        assert_true(ns__buf_reserve(&tables[t], NS_PACK_SLACK));
    }
    for (unsigned i = 0; i < 4; i++) {
        const ns__buf *table = &tables[i % 2];
        assert_true(ns__zstrings_open((ns__str){table->data, table->length}, &strings));
        assert_true(ns__zstrings_get(&strings, i / 2, &reader, &entry));
        assert_int_equal(entry.length, 3);
        assert_memory_equal(entry.data, words[i % 2][i / 2].bytes, 3);
    }
    ns__zstrings_reader_release(&reader);
    ns__buf_release(&tables[0]);
    ns__buf_release(&tables[1]);
    ns__buf_release(&entry);
}

/* Entries are read while others are still added; the table becomes the same. */
static void test_peek(void **state)
{
    (void)state;
    seed_random();
    static text texts[MOST];
    const size_t count = 3 * NS_ZSTRINGS_BLOCK + 5;
    for (unsigned round = 0; round < 8; round++) {
        make_ids(texts, count);
        ns__buf plain = {0}, table = {0}, entry = {0};
        ns__zstrings_writer writer = {0};
        for (size_t i = 0; i < count; i++) {
            assert_false(ns__zstrings_peek(&writer, (uint32_t)i, &entry));
            assert_int_equal(
                ns__zstrings_add(&writer, (ns__str){texts[i].bytes, texts[i].length}, NULL), NS_OK);
            for (int times = 0; times < 3; times++) {
                const uint32_t index =
                    (uint32_t)(times == 0   ? i
                               : times == 1 ? i / NS_ZSTRINGS_BLOCK * NS_ZSTRINGS_BLOCK
                                            : random_below((uint32_t)i + 1));
                assert_true(ns__zstrings_peek(&writer, index, &entry));
                assert_int_equal(entry.length, texts[index].length);
                if (entry.length > 0)
                    assert_memory_equal(entry.data, texts[index].bytes, entry.length);
            }
        }
        assert_int_equal(ns__zstrings_finish(&writer, &table, NULL), NS_OK);
        write_ztable(texts, count, &plain);
        assert_int_equal(plain.length, table.length);
        assert_memory_equal(plain.data, table.data, table.length);
        ns__buf_release(&plain);
        ns__buf_release(&table);
        ns__buf_release(&entry);
    }
}

/* Ids as archives have them: what they share in their middle counts, too. */
static void test_compression(void **state)
{
    (void)state;
    static text texts[MOST];
    size_t plain = 0;
    for (uint32_t i = 0; i < MOST; i++) {
        texts[i].length = (size_t)snprintf((char *)texts[i].bytes, MOST_BYTES,
                                           "%s/2019/jan/%02u/words-of-a-headline-%u",
                                           i % 2 ? "world" : "sport", i % 31, i * 7919 % 1000);
        plain += texts[i].length;
    }
    ns__buf table = {0};
    write_ztable(texts, MOST, &table);
    assert_true(table.length < plain / 3);
    ns__buf_release(&table);
}

/* Damaged tables give strings or none, and ask for no more memory than their bytes justify. */
static void test_compressed_damage(void **state)
{
    (void)state;
    seed_random();
    static text texts[MOST];
    unsigned refused = 0, read = 0;
    for (unsigned round = 0; round < (unsigned)rounds(3000); round++) {
        size_t count = 1 + random_below(100);
        ns__buf table = {0}, entry = {0};
        ns__zstrings strings;
        make_ids(texts, count);
        write_ztable(texts, count, &table);
        size_t length = random_below(4) ? table.length : random_below((uint32_t)table.length);
        uint8_t *bytes = calloc(1, length + NS_PACK_SLACK); /* readers beyond are seen */
        memcpy(bytes, table.data, length);
        for (unsigned n = random_below(4); n-- > 0 && length > 4;)
            bytes[4 + random_below((uint32_t)length - 4)] = (uint8_t)random_below(256);
        ns__zstrings_reader reader = {0};
        if (ns__zstrings_open((ns__str){bytes, length}, &strings))
            for (uint32_t i = 0; i < count; i++) {
                bool good = ns__zstrings_get(&strings, i, &reader, &entry);
                read += good;
                refused += !good;
                assert_true(entry.length <= 1032 * table.length);
            }
        ns__zstrings_reader_release(&reader);
        ns__buf_release(&table);
        ns__buf_release(&entry);
        free(bytes);
    }
    assert_true(refused > 1000 && read > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_worked_bytes),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_numbered),
        cmocka_unit_test(test_compressed_round_trip),
        cmocka_unit_test(test_compressed_tables_in_turn),
        cmocka_unit_test(test_peek),
        cmocka_unit_test(test_compression),
        cmocka_unit_test(test_compressed_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
