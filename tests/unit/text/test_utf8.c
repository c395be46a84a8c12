/* UTF-8 against a plain decoder written from the table of the standard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/utf8.h"
#include "unit/text/text_random.h"

static void check(const char *bytes, size_t length, size_t valid, const char *clean, size_t count)
{
    ns__buf out = {0};
    ns__str text = {(const uint8_t *)bytes, length};
    assert_int_equal(ns__utf8_valid_prefix(text), valid);
    assert_int_equal(ns__utf8_sanitise(text, &out), count);
    assert_int_equal(out.length, strlen(clean));
    assert_memory_equal(out.data, clean, out.length);
    ns__buf_release(&out);
}

#define BAD "\xef\xbf\xbd"
#define CHECK(bytes, valid, clean, count) check(bytes, sizeof(bytes) - 1, valid, clean, count)

static void test_replacement(void **state)
{
    (void)state;
    CHECK("plain ascii text, longer than eight", 35, "plain ascii text, longer than eight", 0);
    CHECK("caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80", 14, "café 日 😀", 0);
    CHECK("\x80", 0, BAD, 1);
    CHECK("a\xc3", 1, "a" BAD, 1);
    CHECK("\xc0\xaf", 0, BAD BAD, 2);                 /* overlong */
    CHECK("\xe0\x80\xaf", 0, BAD BAD BAD, 3);         /* overlong */
    CHECK("\xed\xa0\x80", 0, BAD BAD BAD, 3);         /* surrogate */
    CHECK("\xf4\x90\x80\x80", 0, BAD BAD BAD BAD, 4); /* above U+10FFFF */
    CHECK("\xf0\x9f\x98x", 0, BAD "x", 1);            /* cut short: one replacement */
    CHECK("\xe6\x97\xf0\x9f\x98\x80", 0, BAD "😀", 1);
    CHECK("\xff\xfe", 0, BAD BAD, 2);
    /* The example of section 3.9 of the Unicode standard, table 3-11. */
    CHECK("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", 0, BAD BAD BAD BAD "A", 4);
}

/* The code point at `at` by arithmetic alone; -1 when ill-formed. */
static long slow_decode(const uint8_t *at, size_t left, size_t *length)
{
    static const long least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t need = at[0] < 0x80 ? 1 : at[0] < 0xc0 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (need == 0 || at[0] >= 0xf8 || need > left)
        return -1;
    long code = need == 1 ? at[0] : at[0] & (0x7f >> need);
    for (size_t i = 1; i < need; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return -1;
        code = code << 6 | (at[i] & 0x3f);
    }
    *length = need;
    return code < least[need] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? -1 : code;
}

static void test_random_bytes(void **state)
{
    (void)state;
    static const uint8_t likely[] = {0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xa0, 0xed, 0x9f,
                                     0xf0, 0x90, 0xf4, 0x8f, 0xef, 0xc3, 0xa9, 0x20};
    random_state random = random_start("utf8");
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[40];
        size_t length = random_below(&random, sizeof bytes), valid = 0, count = 0, step;
        for (size_t i = 0; i < length; i++)
            bytes[i] = random_below(&random, 3) ? likely[random_below(&random, 16)]
                                                : (uint8_t)random_next(&random);
        long code;
        while (valid < length && (code = slow_decode(bytes + valid, length - valid, &step)) >= 0) {
            unsigned fast;
            assert_int_equal(ns__utf8_decode(bytes + valid, &fast), code);
            assert_int_equal(fast, step);
            valid += step;
            count++;
        }
        assert_int_equal(ns__utf8_valid_prefix((ns__str){bytes, length}), valid);
        assert_int_equal(ns__utf8_count((ns__str){bytes, valid}), count);
        ns__buf clean = {0};
        ns__utf8_sanitise((ns__str){bytes, length}, &clean);
        assert_int_equal(ns__utf8_valid_prefix((ns__str){clean.data, clean.length}), clean.length);
        ns__buf_release(&clean);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replacement),
        cmocka_unit_test(test_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
