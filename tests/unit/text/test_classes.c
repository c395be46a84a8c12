/* Kinds of bytes: every kernel gives what the table of single bytes says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "text/classes.h"
#include "unit/text/text_random.h"

enum { BLOCKS = 5, BYTES = BLOCKS * NS_CLASS_BLOCK };

static uint64_t mask_of(const uint8_t *text, unsigned class)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < NS_CLASS_BLOCK; i++)
        mask |= (uint64_t)((ns__byte_classes[text[i]] & class) != 0) << i;
    return mask;
}

static void check(const uint8_t *text, size_t blocks)
{
    for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
        const ns__class_kernels *kernels = ns__class_kernels_for((ns__isa)isa);
        ns__word_masks words[BLOCKS];
        uint64_t spaces[BLOCKS], stops[BLOCKS];
        kernels->words(text, blocks, words);
        kernels->spaces(text, blocks, spaces);
        kernels->stops(text, blocks, stops);
        for (size_t b = 0; b < blocks; b++) {
            const uint8_t *at = text + b * NS_CLASS_BLOCK;
            assert_int_equal(words[b].word, mask_of(at, NS_CLASS_WORD));
            assert_int_equal(words[b].under, mask_of(at, NS_CLASS_UNDER));
            assert_int_equal(words[b].join, mask_of(at, NS_CLASS_JOIN));
            assert_int_equal(words[b].beyond, mask_of(at, NS_CLASS_BEYOND));
            assert_int_equal(spaces[b], mask_of(at, NS_CLASS_SPACE));
            assert_int_equal(stops[b], mask_of(at, NS_CLASS_STOP));
        }
    }
}

/* The table itself, said another way. */
static void test_table(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned small = byte | 0x20, class = 0;
        if ((small >= 'a' && small <= 'z' && byte < 128) || (byte >= '0' && byte <= '9'))
            class |= NS_CLASS_WORD;
        if (byte == '_')
            class |= NS_CLASS_WORD | NS_CLASS_UNDER;
        if (byte != 0 && strchr("',.:;", (int)byte) != NULL)
            class |= NS_CLASS_JOIN;
        if (byte >= 128)
            class |= NS_CLASS_BEYOND;
        if (byte == ' ' || (byte >= '\t' && byte <= '\r'))
            class |= NS_CLASS_SPACE;
        if (byte != 0 && strchr(".!?\n\xd6\xd8\xdb\xdc\xe0\xe1\xe2\xe3\xef", (int)byte) != NULL)
            class |= NS_CLASS_STOP;
        assert_int_equal(ns__byte_classes[byte], class);
    }
}

static void test_every_byte_everywhere(void **state)
{
    (void)state;
    uint8_t text[NS_CLASS_BLOCK];
    for (unsigned byte = 0; byte < 256; byte++) {
        for (unsigned at = 0; at < NS_CLASS_BLOCK; at++) {
            memset(text, byte & 1 ? 'x' : ' ', sizeof text);
            text[at] = (uint8_t)byte;
            check(text, 1);
        }
    }
}

static void test_random_bytes(void **state)
{
    (void)state;
    random_state random = random_start("classes");
    uint8_t text[BYTES + 1];
    for (unsigned round = 0; round < 2000; round++) {
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = (uint8_t)random_next(&random);
        check(text + round % 2, round % (BLOCKS + 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_every_byte_everywhere),
        cmocka_unit_test(test_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
