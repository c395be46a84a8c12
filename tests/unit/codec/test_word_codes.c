/* Frequent words: whatever goes in comes back; damage is refused; hardly any words make no table.
 */
#include "codec_test.h"

#include "codec/words.h"

static const char *const WORDS[] = {"tariff", " Talks", " resume", " in",  " Genève", " после",
                                    " the",   " envoy", "—left",   " a",   ".\n",     " early",
                                    "’s",     "  ",     "関税",    "\r\n", " ÿ",      "\t"};

enum { WORD_COUNT = sizeof WORDS / sizeof *WORDS };

/* Text, with bytes of any value now and then. */
static void fill(ns__buf *out, size_t length, uint32_t odd_bytes)
{
    while (out->length < length) {
        const char *word = WORDS[random_below(WORD_COUNT)];
        if (random_below(100) < odd_bytes)
            ns__buf_u8(out, (uint8_t)random_below(256));
        else
            ns__buf_append(out, word, strlen(word));
    }
}

static void check_text(const ns__words_writer *writer, const ns__words *words, ns__str text)
{
    ns__buf coded = {0};
    ns__buf_append(&coded, "kept", 4);
    ns__words_replace(writer, text, &coded);
    assert_false(coded.failed);
    assert_true(coded.length <= 4 + 2 * text.length);
    assert_memory_equal(coded.data, "kept", 4);
    ns__str bytes = {coded.data + 4, coded.length - 4};
    uint8_t *back = malloc(text.length + 1);
    for (int i = 0; i < 20; i++) { /* all of it, and beginnings, nothing behind touched */
        size_t length = i == 0 ? text.length : random_below((uint32_t)text.length + 1);
        back[length] = 42;
        assert_true(ns__words_restore(words, bytes, back, length, i == 0));
        assert_memory_equal(back, text.data, length);
        assert_int_equal(back[length], 42);
        if (length < text.length)
            assert_false(ns__words_restore(words, bytes, back, length, true));
    }
    if (text.length > 0) {
        uint8_t *more = malloc(text.length + 1);
        assert_false(ns__words_restore(words, bytes, more, text.length + 1, false));
        bytes.length--;
        assert_false(ns__words_restore(words, bytes, back, text.length, true));
        free(more);
    }
    free(back);
    ns__buf_release(&coded);
}

static void test_round_trip(void **state)
{
    (void)state;
    static const size_t LENGTHS[] = {0, 1, 2, 3, 17, 1000, 100000};
    seed_random();
    for (uint32_t odd = 0; odd <= 100; odd += 25) {
        ns__buf sample = {0}, table = {0};
        ns__words_writer *writer;
        ns__words words;
        fill(&sample, 20000, 5);
        for (int i = 0; i < 40; i++) /* enough words for a table */
            for (int k = 0; k < 20; k++) {
                uint8_t letter = (uint8_t)('a' + i % 26);
                ns__buf_append(&sample, i < 26 ? " longword" : " otherword", i < 26 ? 9 : 10);
                ns__buf_append(&sample, (uint8_t[2]){letter, letter}, 2);
            }
        ns__str text = {sample.data, sample.length};
        assert_int_equal(ns__words_choose(text, &writer, NULL), NS_OK);
        assert_non_null(writer);
        ns__words_table(writer, &table);
        assert_true(ns__words_open((ns__str){table.data, table.length}, &words));
        assert_true(words.count >= 40);
        check_text(writer, &words, text);
        for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++) {
            ns__buf other = {0};
            ns__buf_u8(&other, 'x');
            fill(&other, LENGTHS[i], odd);
            check_text(writer, &words, (ns__str){other.data, LENGTHS[i]});
            ns__buf_release(&other);
        }
        ns__words_writer_free(writer);
        ns__buf_release(&sample);
        ns__buf_release(&table);
    }
}

/* Each byte alone and each pair of bytes: escapes, and letters of two bytes that are none. */
static void test_pairs(void **state)
{
    (void)state;
    ns__buf sample = {0}, table = {0}, text = {0};
    ns__words_writer *writer;
    ns__words words;
    for (int i = 0; i < 400; i++)
        ns__buf_append(&sample, (char[]){' ', (char)('a' + i % 20), 'x', 'y'}, 4);
    assert_int_equal(ns__words_choose((ns__str){sample.data, sample.length}, &writer, NULL), NS_OK);
    assert_null(writer); /* 20 words that save 40 bytes each */
    for (int i = 0; i < 4000; i++)
        ns__buf_append(&sample, (char[]){' ', (char)('a' + i % 20), 'x', 'y'}, 4);
    assert_int_equal(ns__words_choose((ns__str){sample.data, sample.length}, &writer, NULL), NS_OK);
    assert_non_null(writer);
    ns__words_table(writer, &table);
    assert_true(ns__words_open((ns__str){table.data, table.length}, &words));
    assert_int_equal(words.count, 20);
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++)
            ns__buf_append(&text, (uint8_t[]){(uint8_t)a, (uint8_t)b, ' ', 'a', 'x', 'y'}, 6);
    check_text(writer, &words, (ns__str){text.data, text.length});
    ns__words_writer_free(writer);
    ns__buf_release(&sample);
    ns__buf_release(&table);
    ns__buf_release(&text);
}

static void test_hostile(void **state)
{
    (void)state;
    seed_random();
    ns__buf table = {0};
    ns__words words;
    ns__buf_u32(&table, 2);
    ns__buf_u32(&table, 3);
    ns__buf_u32(&table, 7);
    ns__buf_append(&table, "abcdefg", 7);
    assert_true(ns__words_open((ns__str){table.data, table.length}, &words));
    uint8_t back[16];
    assert_true(ns__words_restore(&words, NS_STR("\xf5\x01-\xf5\x00x"), back, 9, true));
    assert_memory_equal(back, "defg-abcx", 9);
    static const ns__str BAD[] = {{(const uint8_t *)"\xf5\x02", 2}, /* no such word */
                                  {(const uint8_t *)"\xf6\x01", 2},
                                  {(const uint8_t *)"\xf5", 1},
                                  {(const uint8_t *)"\x00", 1}};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(ns__words_restore(&words, BAD[i], back, 1, false));
    for (size_t at = 0; at < 12; at++) /* count and ends */
        for (unsigned bit = 0; bit < 8; bit++) {
            table.data[at] ^= (uint8_t)(1u << bit);
            if (ns__words_open((ns__str){table.data, table.length}, &words))
                (void)ns__words_restore(&words, NS_STR("\xf5\x01\xf5\x00"), back, 7, true);
            table.data[at] ^= (uint8_t)(1u << bit);
        }
    for (size_t length = 0; length < table.length; length++)
        assert_false(ns__words_open((ns__str){table.data, length}, &words));
    ns__buf_release(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
