/* The worked examples of the documentation, byte for byte: what the writer makes of them, and that
 * the page shows just that. */
#include "unit/segment/page_test.h"
#include "unit/segment/segment_test.h"

#include "base/limits.h"
#include "segment/postings.h"
#include "segment/terms.h"

static ns__frame_writer *lists_frame, *positions_frame;
static ns__postings_writer *writer;
static uint8_t lengths[1000];

static void begin(uint32_t block_postings)
{
    const ns_index_settings settings = {.title_weight = 2,
                                        .k1 = 0.9,
                                        .b = 0.4,
                                        .block_postings = block_postings,
                                        .window_passages = 16};
    const ns__lengths table = {lengths, 1, 20};
    memset(lengths, 10, sizeof lengths);
    lengths[4] = 20;
    lists_frame = create_frame("e.pst", NS_KIND_POSTINGS);
    positions_frame = create_frame("e.pos", NS_KIND_POSITIONS);
    assert_int_equal(ns__postings_writer_open(&settings, &table, 10, lists_frame, positions_frame,
                                              &writer, NULL),
                     NS_OK);
}

static void add(const ns__posting_batch *batch, ns__buf *value)
{
    assert_int_equal(ns__postings_add(writer, batch, NULL), NS_OK);
    assert_int_equal(ns__postings_end_term(writer, value, NULL), NS_OK);
}

static void end(ns__frame *lists, ns__frame *positions)
{
    assert_int_equal(ns__postings_writer_finish(writer, NULL, NULL), NS_OK);
    finish_and_open(lists_frame, "e.pst", NS_KIND_POSTINGS, lists);
    finish_and_open(positions_frame, "e.pos", NS_KIND_POSITIONS, positions);
}

static void expect_section(const ns__frame *frame, const char *name, size_t from, size_t to,
                           const char *hex)
{
    ns__str section;
    const uint32_t code = NS_FOURCC(name[0], name[1], name[2], name[3]);
    assert_int_equal(ns__frame_find(frame, code, &section, NULL), NS_OK);
    assert_true(to <= section.length);
    expect_bytes(section.data + from, to - from, hex);
}

static void test_inline(void **state)
{
    (void)state;
    ns__frame lists, positions;
    ns__buf value = {0};
    begin(256);
    add(&(ns__posting_batch){1, (uint32_t[]){5}, (uint32_t[]){2}, NULL, (uint32_t[]){3, 7}},
        &value);
    expect_bytes(value.data, value.length, "10 05 03 04");
    ns__buf_clear(&value);
    add(&(ns__posting_batch){1, (uint32_t[]){6}, (uint32_t[]){3}, (uint32_t[]){1}, (uint32_t[]){9}},
        &value);
    expect_bytes(value.data, value.length, "0c 06 01 09");
    ns__buf_release(&value);
    end(&lists, &positions);
    ns__frame_close(&lists);
    ns__frame_close(&positions);
}

static void test_short(void **state)
{
    (void)state;
    ns__frame lists, positions;
    ns__buf value = {0};
    begin(256);
    add(&(ns__posting_batch){3, (uint32_t[]){3, 9, 12}, (uint32_t[]){1, 2, 1}, NULL,
                             (uint32_t[]){4, 0, 6, 90}},
        &value);
    expect_bytes(value.data, value.length, "0f 49 03 05 02 01 02 04 00 06 5a");
    ns__buf_clear(&value);
    add(&(ns__posting_batch){8, (uint32_t[]){2, 3, 4, 5, 6, 7, 8, 9},
                             (uint32_t[]){3, 2, 1, 1, 1, 2, 1, 1},
                             (uint32_t[]){1, 0, 0, 0, 0, 0, 0, 0},
                             (uint32_t[]){100, 20, 31, 40, 7, 90, 60, 61, 120, 11}},
        &value);
    expect_bytes(value.data, value.length, "21 00");
    ns__buf_release(&value);
    end(&lists, &positions);
    expect_section(&lists, "list", 0, 17, "68 02 02 06 04 01 01 64 14 0b 28 07 5a 3c 01 78 0b");
    ns__frame_close(&lists);
    ns__frame_close(&positions);
}

static void test_blocks(void **state)
{
    (void)state;
    ns__frame lists, positions;
    ns__buf value = {0};
    begin(4);
    add(&(ns__posting_batch){6, (uint32_t[]){2, 3, 4, 7, 8, 19}, (uint32_t[]){1, 1, 3, 1, 2, 1},
                             (uint32_t[]){0, 0, 1, 0, 1, 0}, (uint32_t[]){5, 9, 17, 2, 30}},
        &value);
    expect_bytes(value.data, value.length, "1a 08 08 08 00 0a");
    ns__buf_release(&value);
    end(&lists, &positions);
    expect_section(&lists, "parm", 0, 16, "04 00 00 00 10 00 00 00 02 00 00 00 14 00 00 00");
    expect_section(&lists, "parm", 16, 40,
                   "cd cc cc cc cc cc ec 3f 9a 99 99 99 99 99 d9 3f 00 00 00 00 00 00 24 40");
    expect_section(&lists, "list", 0, 8, "0a 82 0a 20 12 a0 06 01");
    expect_section(&lists, "list", 8, 12, "67 02 40 60");
    expect_section(&lists, "list", 12, 22, "87 b4 b0 b0 0a 0a 0a 0a b4 87");
    expect_section(&lists, "list", 22, 30, "02 0a 03 0a 04 0a 04 0a");
    expect_section(&positions, "posn", 0, 10, "01 04 05 25 45 01 01 01 05 1e");
    ns__frame_close(&lists);
    ns__frame_close(&positions);
}

static void test_terms(void **state)
{
    (void)state;
    ns__frame frame;
    ns__terms_writer *terms;
    ns__frame_writer *out = create_frame("e.trm", NS_KIND_TERMS);
    assert_int_equal(ns__terms_writer_open(out, &terms, NULL), NS_OK);
    const ns__str value = NS_STR("\x10\x05\x03\x04");
    assert_int_equal(ns__terms_add(terms, NS_STR("talk"), true, value, NULL), NS_OK);
    assert_int_equal(ns__terms_add(terms, NS_STR("tariff"), false, value, NULL), NS_OK);
    const uint32_t first[] = {0}, both[] = {0, 1};
    assert_int_equal(ns__terms_add_surface(terms, NS_STR("talks"), first, 1, NULL), NS_OK);
    assert_int_equal(ns__terms_add_surface(terms, NS_STR("tariffs"), &both[1], 1, NULL), NS_OK);
    assert_int_equal(ns__terms_add_surface(terms, NS_STR("tarif"), both, 2, NULL), NS_ERR_ARGUMENT);
    assert_int_equal(ns__terms_add_surface(terms, NS_STR("tarifs"), both, 2, NULL), NS_OK);
    assert_int_equal(ns__terms_writer_finish(terms, NULL), NS_OK);
    finish_and_open(out, "e.trm", NS_KIND_TERMS, &frame);
    expect_section(&frame, "term", 0, 20,
                   "04 74 61 6c 6b 09 10 05 03 04 24 72 69 66 66 08 10 05 03 04");
    expect_section(&frame, "toff", 0, 8, "00 00 00 00 00 00 00 00");
    expect_section(&frame, "tpre", 0, 8, "00 00 00 00 6b 6c 61 74");
    expect_section(&frame, "surf", 0, 19,
                   "05 74 61 6c 6b 73 00 25 72 69 66 66 73 04 51 73 03 01 00");
    expect_section(&frame, "head", 0, 8, "02 00 00 00 03 00 00 00");
    ns__frame_close(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inline),
        cmocka_unit_test(test_short),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_terms),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
