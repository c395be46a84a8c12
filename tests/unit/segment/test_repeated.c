/* Which bodies are said to occur again, against comparing each with each. */
#include "segment_support.h"

#include "unit/quick.h"

#include "segment/articles_parts.h"

enum { MOST = 3000, BEHIND_A_CHUNK = NS__ROLL_CHUNK / NS__FINGERPRINT_BYTES + 100 };

static uint64_t prints[BEHIND_A_CHUNK];

static bool is_repeated(uint32_t count, uint32_t article)
{
    for (uint32_t a = 0; a < count; a++)
        if (a != article && prints[article] != 0 && prints[a] == prints[article])
            return true;
    return false;
}

/* The bits found for the first `count` prints; NULL when there are none. To be freed. */
static void find(uint32_t count, ns__buf *bits)
{
    ns__roll roll = {0};
    for (uint32_t a = 0; a < count; a++) {
        uint8_t bytes[8];
        ns__put_u64(bytes, prints[a]);
        ns__roll_append(&roll, bytes, NS__FINGERPRINT_BYTES);
    }
    assert_fine(ns__repeated_find(&roll, count, bits, err));
    ns__roll_release(&roll);
}

static void check(uint32_t count)
{
    ns__buf bits = {0};
    bool any = false;
    find(count, &bits);
    for (uint32_t a = 0; a < count; a++) {
        const bool repeated = is_repeated(count, a);
        any |= repeated;
        assert_int_equal(bits.length > 0 && (bits.data[a / 8] >> a % 8 & 1), repeated);
    }
    assert_int_equal(bits.length, any ? (count + 7) / 8 : 0);
    ns__buf_release(&bits);
}

static void test_random(void **state)
{
    (void)state;
    random_start();
    for (int round = 0; round < rounds(60); round++) {
        const uint32_t count = random_below(MOST), kinds = 1 + random_below(3 * MOST);
        for (uint32_t a = 0; a < count; a++) /* some without; others differ in the high bits */
            prints[a] = random_below(9) ? (uint64_t)random_below(kinds) << 24 : 0;
        check(count);
    }
}

static void test_few(void **state)
{
    (void)state;
    check(0);
    for (uint32_t a = 0; a < 17; a++)
        prints[a] = UINT64_C(0xfedcba9800) + a;
    for (uint32_t count = 1; count <= 17; count++)
        check(count);
    prints[16] = prints[0];
    for (uint32_t count = 1; count <= 17; count++)
        check(count);
    memset(prints, 0, 17 * sizeof *prints); /* no body has words */
    check(17);
}

/* Fingerprints that begin in one chunk of the roll and end in the next. */
static void test_chunks(void **state)
{
    (void)state;
    for (uint32_t a = 0; a < BEHIND_A_CHUNK; a++)
        prints[a] = UINT64_C(0xffffffffff) - 3 * a;
    const uint32_t across = NS__ROLL_CHUNK / NS__FINGERPRINT_BYTES;
    prints[across + 7] = prints[across];
    check(BEHIND_A_CHUNK);
}

/* One bit for each of 17 articles, or none at all; of any other length it is refused. */
static void test_length(void **state)
{
    (void)state;
    static const uint8_t bits[4] = {0x11, 0, 1, 0};
    for (size_t length = 0; length <= sizeof bits; length++) {
        ns__frame_writer *writer;
        ns__frame frame;
        ns_error error = {0};
        assert_fine(ns__frame_create(in_folder("rept"), NS_KIND_ARTICLES, &writer, err));
        ns__frame_section(writer, NS__ART_REPEATED);
        ns__frame_append(writer, bits, length);
        assert_fine(ns__frame_finish(writer, (ns__segment_id){{1}}, false, NULL, NULL, err));
        assert_fine(ns__frame_open(in_folder("rept"), NS_KIND_ARTICLES, &frame, err));
        ns__articles articles = {.frame = &frame, .count = 17, .prints = bits};
        if (length == 0 || length == 3) {
            assert_fine(ns__repeated_open(&articles, err));
            assert_true(articles.repeated_known && (articles.repeated != NULL) == (length == 3));
        } else {
            assert_int_equal(ns__repeated_open(&articles, &error), NS_ERR_CORRUPT);
            assert_non_null(strstr(error.message, "not one bit for each article"));
        }
        ns__frame_close(&frame);
        empty_folder();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_few),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_chunks),
        cmocka_unit_test_setup_teardown(test_length, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("repeated", tests, NULL, NULL);
}
