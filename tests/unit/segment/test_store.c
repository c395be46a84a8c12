/* Stored text: every range comes back, and damage is refused. */
#include "segment_support.h"

#include <zlib.h>

#include "segment/store.h"

static const char SAMPLE[] =
    "Ministers met in the harbour town to talk about grain, fish and the price of salt. ";

static const char *const WORDS[] = {"ministers", "met",   "in",    "the",   "harbour", "town",
                                    "to",        "talk",  "about", "grain", "fish",    "and",
                                    "price",     "of",    "salt",  "while", "boats",   "waited",
                                    "outside",   "until", "night", "fell",  "again",   "slowly"};
enum { SAMPLE_WORDS = sizeof WORDS / sizeof *WORDS };

static ns__pool *pool; /* for writing, or NULL */

/* `length` bytes that compress, but not to nothing. */
static uint8_t *make_text(size_t length)
{
    uint8_t *text = malloc(length ? length : 1);
    for (size_t i = 0; i < length; i++)
        text[i] =
            random_below(8) ? (uint8_t)SAMPLE[i % (sizeof SAMPLE - 1)] : (uint8_t)random_below(256);
    return text;
}

static void write_text(const uint8_t *text, size_t length, uint32_t block_bytes, const char *path)
{
    ns__frame_writer *frame;
    ns__store_writer *writer;
    size_t at = 0;
    assert_fine(ns__frame_create(path, NS_KIND_TEXT, &frame, err));
    assert_fine(ns__store_writer_open(frame, 6, block_bytes, pool, &writer, err));
    while (at < length) {
        size_t part = random_below(1000);
        if (part > length - at)
            part = length - at;
        assert_int_equal(ns__store_length(writer), at);
        assert_fine(ns__store_append(writer, (ns__str){text + at, part}, err));
        at += part;
    }
    assert_fine(ns__store_writer_finish(writer, err));
    assert_fine(ns__frame_finish(frame, (ns__segment_id){{7}}, false, NULL, NULL, err));
}

static void check_ranges(const ns__store *store, const uint8_t *text, size_t length)
{
    ns__buf buf = {0};
    for (int i = 0; i < 300; i++) {
        size_t from = random_below((uint32_t)length + 1);
        size_t part = random_below((uint32_t)(length - from) + 1);
        if (i % 3 == 0)
            part = part % 50;
        if (i == 0) {
            from = 0;
            part = length;
        }
        ns__buf_clear(&buf);
        ns__buf_append(&buf, "kept", 4);
        assert_fine(ns__store_read(store, from, part, &buf, err));
        assert_int_equal(buf.length, part + 4);
        assert_memory_equal(buf.data, "kept", 4);
        assert_memory_equal(buf.data + 4, text + from, part);
    }
    assert_int_equal(ns__store_read(store, length, 1, &buf, NULL), NS_ERR_CORRUPT);
    assert_int_equal(ns__store_read(store, UINT64_MAX, 2, &buf, NULL), NS_ERR_CORRUPT);
    assert_int_equal(ns__store_read(store, 0, length + 1, &buf, NULL), NS_ERR_CORRUPT);
    ns__buf_release(&buf);
}

static void test_ranges(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 63, 64, 65, 128, 5000, 200000};
    static const uint32_t blocks[] = {64, 1000, 65536};
    random_start();
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; b++) {
            uint8_t *text = make_text(lengths[i]);
            ns__frame frame;
            ns__store store;
            write_text(text, lengths[i], blocks[b], in_folder("text"));
            assert_fine(ns__frame_open(in_folder("text"), NS_KIND_TEXT, &frame, err));
            assert_fine(ns__store_open(&frame, &store, err));
            assert_int_equal(store.length, lengths[i]);
            assert_int_equal(store.blocks, (lengths[i] + blocks[b] - 1) / blocks[b]);
            check_ranges(&store, text, lengths[i]);
            ns__frame_close(&frame);
            free(text);
            empty_folder();
        }
}

/* Enough words for a table, of which a part may be damaged; and the same bytes from any number of
 * threads. */
static void test_words(void **state)
{
    (void)state;
    enum { LENGTH = 5 << 20 }; /* more than the words are chosen from */
    random_start();
    uint8_t *text = malloc(LENGTH), *first = NULL;
    size_t first_length = 0;
    for (size_t i = 0; i < LENGTH; i++) {
        size_t word = random_below(SAMPLE_WORDS);
        for (const char *at = WORDS[word]; *at && i < LENGTH; at++)
            text[i++] = (uint8_t)*at;
        if (i < LENGTH)
            text[i] = (uint8_t)(random_below(50) ? ' ' : random_below(256));
    }
    for (unsigned threads = 0; threads <= 4; threads += 2) {
        ns__frame frame;
        ns__store store;
        if (threads > 0)
            assert_fine(ns__pool_open(threads, &pool, err));
        write_text(text, LENGTH, 4096 + 1000 * 17, in_folder("text"));
        ns__pool_close(pool);
        pool = NULL;
        assert_fine(ns__frame_open(in_folder("text"), NS_KIND_TEXT, &frame, err));
        assert_fine(ns__store_open(&frame, &store, err));
        assert_true(store.has_words);
        check_ranges(&store, text, LENGTH);
        if (first) {
            assert_int_equal(frame.map.length, first_length);
            assert_memory_equal(frame.map.data, first, first_length);
        } else {
            first_length = frame.map.length;
            first = malloc(first_length);
            memcpy(first, frame.map.data, first_length);
        }
        /* A table that is not the one the text was written with is refused. */
        ns__frame changed = frame;
        uint8_t *bytes = malloc(first_length);
        memcpy(bytes, first, first_length);
        changed.map.data = bytes;
        bytes[store.words.bytes.data - frame.map.data] ^= 1;
        assert_int_equal(ns__store_open(&changed, &store, NULL), NS_ERR_CORRUPT);
        free(bytes);
        ns__frame_close(&frame);
        empty_folder();
    }
    free(first);
    free(text);
}

/* What the format promises: each block is a zlib stream. */
static void test_readable_by_zlib(void **state)
{
    (void)state;
    random_start();
    uint8_t *text = make_text(3000), block[1024];
    write_text(text, 3000, 1024, in_folder("text"));
    ns__frame frame;
    ns__store store;
    assert_fine(ns__frame_open(in_folder("text"), NS_KIND_TEXT, &frame, err));
    assert_fine(ns__store_open(&frame, &store, err));
    for (uint32_t b = 0; b < store.blocks; b++) {
        uint64_t from = ns__get_u64(store.offsets.data + 8 * b);
        uint64_t to = ns__get_u64(store.offsets.data + 8 * b + 8);
        uLongf length = sizeof block;
        assert_int_equal(uncompress(block, &length, store.data.data + from, to - from), Z_OK);
        assert_memory_equal(block, text + 1024 * b, length);
    }
    ns__frame_close(&frame);
    free(text);
}

/* Any byte of the sections changed: refused, or the text that was there, or other text (a zlib
 * stream has a checksum, so not even that); never a crash. */
static void test_hostile(void **state)
{
    (void)state;
    random_start();
    uint8_t *text = make_text(900);
    write_text(text, 900, 128, in_folder("text"));
    ns__frame frame, changed;
    ns__store store;
    ns__buf buf = {0};
    assert_fine(ns__frame_open(in_folder("text"), NS_KIND_TEXT, &frame, err));
    uint8_t *bytes = malloc(frame.map.length);
    changed = frame;
    changed.map.data = bytes;
    for (size_t at = 64; at < frame.tables_offset; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(bytes, frame.map.data, frame.map.length);
            bytes[at] ^= (uint8_t)(1u << bit);
            ns_error error = {0};
            ns__buf_clear(&buf);
            ns_status status = ns__store_open(&changed, &store, &error);
            if (status == NS_OK)
                status = ns__store_read(&store, 0, 900, &buf, &error);
            if (status == NS_OK)
                assert_memory_equal(buf.data, text, 900); /* padding between sections */
            else
                assert_true(status == NS_ERR_CORRUPT || status == NS_ERR_VERSION);
        }
    ns__buf_release(&buf);
    ns__frame_close(&frame);
    free(bytes);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ranges, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_words, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_readable_by_zlib, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_hostile, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
