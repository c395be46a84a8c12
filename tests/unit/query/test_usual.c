/* Usual queries, which are read in one go: the parser makes the same of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "query/usual.h"
#include "unit/quick.h"

static void assert_same_nodes(const char *text, const ns__node *a, const ns__node *b)
{
    if (a->kind != b->kind || a->occur != b->occur || a->field != b->field ||
        a->exact != b->exact || a->ordered != b->ordered || a->paragraph != b->paragraph ||
        a->distance != b->distance || a->weight != b->weight || a->start != b->start ||
        a->end != b->end || a->from != b->from || a->to != b->to || a->date_from != b->date_from ||
        a->date_to != b->date_to || a->child != b->child || a->next != b->next)
        fail_msg("the parser reads \"%s\" otherwise", text);
}

/* Whether the text is read as a usual query; then the parser reads it so, too. */
static bool is_usual(const char *text)
{
    ns_query_options options = {0};
    ns__query usual = {0}, parsed = {0};
    ns_status status;
    ns__buf_append(&usual.text, text, strlen(text));
    ns__buf_append(&parsed.text, text, strlen(text));
    const bool is = ns__query_read_usual(&usual, &status, NULL);
    assert_int_equal(status, NS_OK);
    if (is) {
        assert_int_equal(ns__query_read(&parsed, &options, NULL), NS_OK);
        assert_int_equal(usual.count, parsed.count);
        assert_int_equal(usual.leaves, parsed.leaves);
        assert_int_equal(usual.filters, parsed.filters);
        assert_int_equal(parsed.note_count, 0);
        assert_int_equal(parsed.text.length, strlen(text));
        for (uint32_t n = 0; n < usual.count; n++)
            assert_same_nodes(text, &usual.nodes[n], &parsed.nodes[n]);
    } else {
        assert_int_equal(usual.count + usual.leaves, 0);
    }
    ns__query_release(&usual);
    ns__query_release(&parsed);
    return is;
}

static void test_which(void **state)
{
    static const char *const USUAL[] = {"a",       "tariff talks",   "+a +b c -d",
                                        "\"a b\"", " a  b ",         "+\"a b\" -\"c\"",
                                        "2024 g7", "and or not near"};
    static const char *const UNUSUAL[] = {
        "",     " ",   "-a",    "+",      "a +",    "a AND b",  "A",       "a\tb",
        "\"\"", "\"a", "\" \"", "a*",     "a-b",    "a^2",      "\"a\"~2", "title:a",
        "=a",   "(a)", "++a",   "a\"b\"", "\"a\"b", "\xc3\xa4", "+ a",     "-a -b"};
    (void)state;
    for (size_t i = 0; i < sizeof USUAL / sizeof *USUAL; i++)
        if (!is_usual(USUAL[i]))
            fail_msg("\"%s\" is usual", USUAL[i]);
    for (size_t i = 0; i < sizeof UNUSUAL / sizeof *UNUSUAL; i++)
        if (is_usual(UNUSUAL[i]))
            fail_msg("\"%s\" is not usual", UNUSUAL[i]);
}

static void test_random(void **state)
{
    static const char LETTERS[] = "aaabbz09    ++--\"\"\"A*:(^~\t";
    const unsigned seed = 4711;
    int usual = 0;
    (void)state;
    for (int round = 0; round < rounds(20000); round++) {
        char text[16];
        srand(seed + (unsigned)round);
        const size_t length = (size_t)rand() % (sizeof text - 1);
        /* mostly without the letters at the end, which are never usual */
        const size_t letters = rand() % 4 ? sizeof LETTERS - 8 : sizeof LETTERS - 1;
        for (size_t i = 0; i < length; i++)
            text[i] = LETTERS[(size_t)rand() % letters];
        text[length] = '\0';
        usual += is_usual(text);
    }
    print_message("seed %u: %d usual queries\n", seed, usual);
    assert_true(usual > rounds(20000) / 20);
}

/* As many words as there may be; of one more the parser says that it is too many. */
static void test_many(void **state)
{
    (void)state;
    for (size_t words = NS_MAX_QUERY_LEAVES; words <= NS_MAX_QUERY_LEAVES + 1; words++) {
        char *text = malloc(2 * words + 1);
        assert_non_null(text);
        for (size_t i = 0; i < words; i++)
            memcpy(text + 2 * i, "a ", 2);
        text[2 * words] = '\0';
        assert_int_equal(is_usual(text), words <= NS_MAX_QUERY_LEAVES);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
