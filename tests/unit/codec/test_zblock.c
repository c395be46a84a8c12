/* zlib streams: read back by zlib itself, refused when anything is wrong with them. */
#include "codec_test.h"

#include <zlib.h>

#include "codec/zblock.h"

static void fill_text(uint8_t *bytes, size_t length)
{
    static const char *const words[] = {"tariff", "talks", "resume", "in", "Geneva", "after",
                                        "the",    "envoy", "left",   "a",  "day",    "early"};
    for (size_t i = 0; i < length;) {
        const char *word = words[random_below(12)];
        for (; *word != 0 && i < length; word++)
            bytes[i++] = (uint8_t)*word;
        if (i < length)
            bytes[i++] = ' ';
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    seed_random();
    ns__inflater *inflater;
    assert_int_equal(ns__inflater_open(&inflater, NULL), NS_OK);
    static uint8_t text[70000], back[70001];
    const size_t lengths[] = {0, 1, 2, 100, 4096, 65536, 70000};
    for (int level = 1; level <= 12; level++) {
        ns__deflater *deflater;
        assert_int_equal(ns__deflater_open(level, &deflater, NULL), NS_OK);
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            size_t length = lengths[i];
            fill_text(text, length);
            ns__buf out = {0};
            ns__buf_u8(&out, 42); /* appended, not overwritten */
            ns__str bytes = {length ? text : NULL, length};
            assert_int_equal(ns__deflater_run(deflater, bytes, &out, NULL), NS_OK);
            assert_int_equal(out.data[0], 42);
            ns__str stream = {out.data + 1, out.length - 1};
            memset(back, 0, sizeof back);
            assert_true(ns__inflater_run(inflater, stream, length ? back : NULL, length));
            assert_memory_equal(back, text, length);
            assert_false(ns__inflater_run(inflater, stream, back, length + 1));
            if (length > 0)
                assert_false(ns__inflater_run(inflater, stream, back, length - 1));
            uLongf made = sizeof back;
            assert_int_equal(uncompress(back, &made, stream.data, stream.length), Z_OK);
            assert_int_equal(made, length);
            assert_memory_equal(back, text, length);
            ns__buf_release(&out);
        }
        ns__deflater_close(deflater);
    }
    ns__inflater_close(inflater);
}

static void test_damage(void **state)
{
    (void)state;
    seed_random();
    ns__inflater *inflater;
    ns__deflater *deflater;
    assert_int_equal(ns__inflater_open(&inflater, NULL), NS_OK);
    assert_int_equal(ns__deflater_open(6, &deflater, NULL), NS_OK);
    static uint8_t text[2000], back[2000];
    fill_text(text, sizeof text);
    ns__buf out = {0};
    assert_int_equal(ns__deflater_run(deflater, (ns__str){text, sizeof text}, &out, NULL), NS_OK);
    for (size_t length = 0; length < out.length; length++)
        assert_false(ns__inflater_run(inflater, (ns__str){out.data, length}, back, sizeof back));
    ns__buf_u8(&out, 0); /* a byte too many */
    assert_false(ns__inflater_run(inflater, (ns__str){out.data, out.length}, back, sizeof back));
    out.length--;
    for (size_t bit = 0; bit < out.length * 8; bit++) {
        out.data[bit / 8] = (uint8_t)(out.data[bit / 8] ^ 1u << bit % 8);
        /* The window size and compression hint of the first two bytes may change together
         * with nothing else; everything decoded stays the same then. */
        bool same = ns__inflater_run(inflater, (ns__str){out.data, out.length}, back, sizeof back);
        if (same)
            assert_memory_equal(back, text, sizeof text);
        out.data[bit / 8] = (uint8_t)(out.data[bit / 8] ^ 1u << bit % 8);
    }
    ns__buf_release(&out);
    ns__deflater_close(deflater);
    ns__inflater_close(inflater);
}

static void test_arguments(void **state)
{
    (void)state;
    ns__deflater *deflater = NULL;
    ns_error err = {0};
    assert_int_equal(ns__deflater_open(0, &deflater, &err), NS_ERR_ARGUMENT);
    assert_string_equal(err.message, "compression level 0 is not in 1..12");
    assert_int_equal(ns__deflater_open(13, &deflater, &err), NS_ERR_ARGUMENT);
    ns__deflater_close(NULL);
    ns__inflater_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
