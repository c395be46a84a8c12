/* Word borders: every case of Unicode's WordBreakTest.txt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "text/words.h"

#define TEST_FILE "/usr/share/unicode/auxiliary/WordBreakTest.txt"

enum { MAX_BORDERS = 256 };

/* Reads "÷ 0041 × 0308 ÷" into text and the offsets where ÷ stands. */
static size_t read_case(const char *line, uint8_t *text, size_t *borders, size_t *border_count)
{
    size_t length = 0;
    *border_count = 0;
    while (*line != '\0' && *line != '#' && *line != '\n') {
        if (strncmp(line, "÷", 2) == 0) {
            borders[(*border_count)++] = length;
            line += 2;
        } else if (strncmp(line, "×", 2) == 0) {
            line += 2;
        } else if (*line == ' ' || *line == '\t') {
            line++;
        } else {
            char *end;
            length += (size_t)utf8proc_encode_char((int)strtol(line, &end, 16), text + length);
            line = end;
        }
    }
    return length;
}

static void test_every_case_of_unicode(void **state)
{
    (void)state;
    FILE *file = fopen(TEST_FILE, "r");
    if (file == NULL) {
        print_message("skipped: no " TEST_FILE " (Debian package unicode-data)\n");
        skip();
    }
    char line[4096];
    size_t cases = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        uint8_t text[1024];
        size_t borders[MAX_BORDERS], border_count;
        size_t length = read_case(line, text, borders, &border_count);
        if (length == 0)
            continue;
        size_t at = 0;
        for (size_t i = 0; i < border_count; i++) {
            if (at != borders[i])
                fail_msg("border %zu instead of %zu in %s", at, borders[i], line);
            if (i + 1 < border_count)
                at = ns__word_end((ns__str){text, length}, at, NULL);
        }
        assert_int_equal(at, length);
        cases++;
    }
    fclose(file);
    print_message("%zu cases\n", cases);
    assert_true(cases > 1800);
}

static void test_flags_of_a_segment(void **state)
{
    (void)state;
    unsigned seen;
    assert_int_equal(ns__word_end(NS_STR("don't stop"), 0, &seen), 5);
    assert_true(seen & NS_UNICODE_ALNUM);
    assert_int_equal(ns__word_end(NS_STR("...a"), 0, &seen), 1);
    assert_false(seen & NS_UNICODE_ALNUM);
    /* What was only looked at does not count. */
    assert_int_equal(ns__word_end(NS_STR("5.a"), 0, &seen), 1);
    assert_int_equal(ns__word_end(NS_STR("カナ"), 0, &seen), 6);
    assert_true(seen & NS_UNICODE_GRAM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_case_of_unicode),
        cmocka_unit_test(test_flags_of_a_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
