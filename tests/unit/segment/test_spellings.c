/* How words are written: what is written is read, in many chunks, and the bytes are those of the
 * documentation. */
#include "unit/quick.h"
#include "unit/segment/page_test.h"
#include "unit/segment/segment_test.h"

#include "segment/spellings_parts.h"

enum { MOST_WORDS = 40 };

static ns__spellings_writer *open_writer(void)
{
    ns__spellings_writer *writer;
    assert_int_equal(ns__spellings_writer_open(&writer, NULL), NS_OK);
    return writer;
}

static void add_word(ns__spellings_writer *writer, const char *spelling)
{
    uint32_t number;
    const ns__str text = {(const uint8_t *)spelling, strlen(spelling)};
    assert_int_equal(ns__spellings_number(writer, text, &number, NULL), NS_OK);
    assert_int_equal(ns__spellings_add(writer, number, NULL), NS_OK);
}

static void end_unit(ns__spellings_writer *writer)
{
    assert_int_equal(ns__spellings_end_unit(writer, NULL), NS_OK);
}

static void finish(ns__spellings_writer *writer, ns__frame *frame)
{
    ns__frame_writer *out = create_frame("s.pos", NS_FOURCC('p', 'o', 's', ' '));
    assert_int_equal(ns__spellings_end(writer, NULL), NS_OK);
    assert_int_equal(ns__spellings_writer_finish(writer, out, NULL), NS_OK);
    finish_and_open(out, "s.pos", NS_FOURCC('p', 'o', 's', ' '), frame);
}

/* ---- The documented example ---- */

/* "Tariffs", then "The tariffs. The tariff's": the, tariff in English. */
static void test_example(void **state)
{
    (void)state;
    ns__frame frame;
    ns__str data, directory;
    ns__spellings_writer *writer = open_writer();
    add_word(writer, "\x11\x01s");
    end_unit(writer);
    add_word(writer, "\x01");
    add_word(writer, "\x10\x01s");
    add_word(writer, "\x01");
    add_word(writer, "\x40\x02's");
    end_unit(writer);
    finish(writer, &frame);
    assert_int_equal(ns__frame_find(&frame, NS_SECTION_SPELLINGS, &data, NULL), NS_OK);
    assert_int_equal(ns__frame_find(&frame, NS_SECTION_SPELLING_CHUNKS, &directory, NULL), NS_OK);
    assert_int_equal(data.length, 24 + 2 + 11 + 8 + 1 + 2);
    expect_bytes(data.data, 24,
                 "02 00 00 00 04 00 00 00 0b 00 00 00 04 02 00 00 0d 00 00 00 00 00 00 00");
    expect_bytes(data.data + 24, 2, "41 b7");
    expect_bytes(data.data + 26, 11, "01 10 01 73 11 01 73 40 02 27 73");
    expect_bytes(data.data + 37, 9, "00 00 00 00 00 00 00 00 0c");
    expect_bytes(data.data + 46, 2, "ae 04");
    expect_bytes(directory.data, directory.length,
                 "01 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
    ns__frame_close(&frame);
}

/* ---- Random ones ---- */

static void spelling_of(uint32_t kind, char out[24])
{
    snprintf(out, 24, "%c%u%s", 'a' + (int)(kind % 7), kind, kind % 3 ? "" : "long");
}

/* Words of a unit follow from its number, with few and with many kinds. */
static uint32_t unit_word(uint32_t unit, uint32_t i)
{
    const uint32_t x = (unit * 2654435761u) ^ (i * 40503u);
    return x % 4 ? x % 3 : x % 5000;
}

static uint32_t unit_words(uint32_t unit)
{
    return unit % 11 == 3 ? 0 : unit * 7 % MOST_WORDS;
}

static void add_units(ns__spellings_writer *writer, uint32_t units)
{
    for (uint32_t unit = 0; unit < units; unit++) {
        for (uint32_t i = 0; i < unit_words(unit); i++) {
            char text[24];
            spelling_of(unit_word(unit, i), text);
            add_word(writer, text);
        }
        end_unit(writer);
    }
}

static void check_unit(const ns__spellings *spellings, uint32_t unit)
{
    ns__spelling_chunk chunk;
    ns__spelling_cursor cursor;
    const uint32_t count = unit_words(unit);
    assert_int_equal(ns__spelling_chunk_open(spellings, unit, &chunk, NULL), NS_OK);
    assert_true(unit >= chunk.first && unit - chunk.first < chunk.units);
    ns__spelling_cursor_start(&chunk, unit, &cursor);
    for (uint32_t i = 0; i < count;) {
        char want[24];
        ns__str got;
        uint32_t number;
        assert_int_equal(ns__spelling_skip(&chunk, &cursor, i, NULL), NS_OK);
        assert_int_equal(ns__spelling_next(&chunk, &cursor, &number, NULL), NS_OK);
        assert_int_equal(ns__spelling_text(&chunk, number, &got, NULL), NS_OK);
        spelling_of(unit_word(unit, i), want);
        assert_true(ns__str_equal(got, (ns__str){(const uint8_t *)want, strlen(want)}));
        i += 1 + random_below(6);
    }
}

/* With a spool and without, the same; chunks end at about a million words. */
static void test_many(void **state)
{
    (void)state;
    enum { UNITS = 80000 };
    ns__frame frames[2];
    char path[128];
    test_path(path, "spool");
    for (int spooled = 0; spooled < 2; spooled++) {
        ns__spellings_writer *writer = open_writer();
        ns__spool *spool = NULL;
        if (spooled) {
            assert_int_equal(ns__spool_create(path, &spool, NULL), NS_OK);
            ns__spellings_writer_spool(writer, spool);
        }
        add_units(writer, UNITS);
        finish(writer, &frames[spooled]);
        ns__spool_close(spool);
    }
    assert_int_equal(frames[0].map.length, frames[1].map.length);
    assert_memory_equal(frames[0].map.data + 64, frames[1].map.data + 64,
                        frames[0].map.length - 64);
    ns__spellings spellings;
    assert_int_equal(ns__spellings_open(&frames[0], UNITS / 2, UNITS / 2, &spellings, NULL), NS_OK);
    assert_int_equal(spellings.chunks, 2);
    for (int i = 0; i < rounds(3000); i++)
        check_unit(&spellings, random_below(UNITS));
    check_unit(&spellings, 0);
    check_unit(&spellings, UNITS - 1);
    /* Of another number of passages. */
    ns_error err = {0};
    assert_int_equal(ns__spellings_open(&frames[0], UNITS / 2, UNITS / 2 + 1, &spellings, &err),
                     NS_ERR_CORRUPT);
    ns__frame_close(&frames[0]);
    ns__frame_close(&frames[1]);
}

/* ---- Damage: any answer or NS_ERR_CORRUPT ---- */

static void read_all(const ns__spellings *spellings)
{
    for (uint32_t unit = 0; unit < spellings->units; unit++) {
        ns__spelling_chunk chunk;
        ns__spelling_cursor cursor;
        uint32_t number;
        ns__str text;
        if (ns__spelling_chunk_open(spellings, unit, &chunk, NULL) < 0)
            continue;
        ns__spelling_cursor_start(&chunk, unit, &cursor);
        for (uint32_t i = 0; i < unit_words(unit); i++) {
            if (i % 3 && ns__spelling_skip(&chunk, &cursor, i, NULL) < 0)
                break;
            if (ns__spelling_next(&chunk, &cursor, &number, NULL) < 0)
                break;
            if (ns__spelling_text(&chunk, number, &text, NULL) == NS_OK && text.length > 0)
                (void)*(const volatile uint8_t *)(text.data + text.length - 1); /* it can be read */
        }
    }
}

static void test_damage(void **state)
{
    (void)state;
    enum { UNITS = 60 };
    ns__frame frame;
    ns__spellings spellings;
    ns__spellings_writer *writer = open_writer();
    add_units(writer, UNITS);
    finish(writer, &frame);
    assert_int_equal(ns__spellings_open(&frame, 20, 40, &spellings, NULL), NS_OK);
    for (int round = 0; round < rounds(400); round++) {
        ns__spellings damaged = spellings;
        uint8_t *copy = copy_section(&damaged.data);
        for (uint32_t n = 1 + random_below(3); n > 0; n--) {
            const size_t at = random_below(2) ? random_below((uint32_t)damaged.data.length)
                                              : random_below(24); /* the head of the chunk */
            copy[at] = random_below(2) ? 0xff : (uint8_t)random_below(256);
        }
        read_all(&damaged);
        free(copy);
    }
    ns__frame_close(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
