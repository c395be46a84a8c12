/* The query language: what is a word, a phrase, an operator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "query/query.h"

/* Writes the leaves as "word", "+word", "[phrase]" with a bar between them. */
static void describe(const ns__query *query, char *out, size_t room)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 1; i < query->count; i++) {
        const ns__node *leaf = &query->nodes[i];
        ns__str text = ns__node_text(query, leaf);
        at += (size_t)snprintf(out + at, room - at, "%s%s%s%.*s%s", i > 1 ? "|" : "",
                               leaf->occur == NS__MUST  ? "+"
                               : leaf->occur == NS__NOT ? "-"
                                                        : "",
                               leaf->kind == NS__NODE_PHRASE ? "[" : "", (int)text.length,
                               (const char *)text.data, leaf->kind == NS__NODE_PHRASE ? "]" : "");
    }
}

static void check(const char *text, const char *expected)
{
    ns_query *query;
    char found[1024];
    assert_int_equal(ns_query_parse(text, strlen(text), NULL, &query, NULL), NS_OK);
    describe(query, found, sizeof found);
    assert_string_equal(found, expected);
    ns_query_free(query);
}

static void test_words(void **state)
{
    (void)state;
    check("", "");
    check(" \t\n", "");
    check("one", "one");
    check(" one  two\tthree ", "one|two|three");
    check("anti-drug C++ 3+4", "anti-drug|C++|3+4");
    check("one\xc2\xa0two\xe3\x80\x80three", "one|two|three");
    check("\xe6\xb0\xb4 \xd9\x85", "\xe6\xb0\xb4|\xd9\x85");
}

static void test_operators(void **state)
{
    (void)state;
    check("+one -two three", "+one|-two|three");
    check("+ one - two +", "one|two");
    check("--one +-two -+three", "-one|-two|+three");
    check("one+ two-", "one+|two-");
    check("+", "");
    check("- + -", "");
}

static void test_phrases(void **state)
{
    (void)state;
    check("\"one two\"", "[one two]");
    check("+\"one two\" -\"three\"", "+[one two]|-[three]");
    check("\"one two", "[one two]");
    check("one\"two three\"four", "one|[two three]|four");
    check("\"one\"-two", "[one]|-two");
    check("\"\" + \"\" one", "one");
    check("+\"\" one", "one");
    check("\"", "");
    check("\"a +b -c\"", "[a +b -c]");
    check("\xe2\x80\x9cone two\xe2\x80\x9d", "[one two]");
    check("\xe2\x80\x9eone\xe2\x80\x9c +\xc2\xabtwo\xc2\xbb", "[one]|+[two]");
    check("\xef\xbc\x82one\xef\xbc\x82", "[one]");
    check("it\xe2\x80\x99s", "it\xe2\x80\x99s"); /* an apostrophe is no quote */
}

static void test_bytes(void **state)
{
    (void)state;
    check("a\xff"
          "b \xe2\x80",
          "a\xef\xbf\xbd"
          "b");
    ns_query *query;
    assert_int_equal(ns_query_parse("a\0b", 3, NULL, &query, NULL), NS_OK);
    assert_int_equal(query->count, 3);
    ns_query_free(query);
}

static void test_limits(void **state)
{
    (void)state;
    ns_query *query;
    ns_error err = {0};
    char *text = malloc(NS_MAX_QUERY_BYTES + 1);
    assert_non_null(text);
    memset(text, 'a', NS_MAX_QUERY_BYTES + 1);
    assert_int_equal(ns_query_parse(text, NS_MAX_QUERY_BYTES, NULL, &query, &err), NS_OK);
    assert_int_equal(query->count, 2);
    ns_query_free(query);
    assert_int_equal(ns_query_parse(text, NS_MAX_QUERY_BYTES + 1, NULL, &query, &err),
                     NS_ERR_LIMIT);
    ns_query_free(query);
    for (size_t i = 1; i < NS_MAX_QUERY_BYTES; i += 2)
        text[i] = ' ';
    assert_int_equal(ns_query_parse(text, 2 * NS_MAX_QUERY_LEAVES, NULL, &query, &err), NS_OK);
    assert_int_equal(query->count, NS_MAX_QUERY_LEAVES + 1);
    ns_query_free(query);
    assert_int_equal(ns_query_parse(text, 2 * NS_MAX_QUERY_LEAVES + 1, NULL, &query, &err),
                     NS_ERR_LIMIT);
    ns_query_free(query);
    memset(text, '+', NS_MAX_QUERY_BYTES);
    assert_int_equal(ns_query_parse(text, NS_MAX_QUERY_BYTES, NULL, &query, &err), NS_OK);
    assert_int_equal(query->count, 1);
    ns_query_free(query);
    free(text);
}

/* Any bytes: leaves are disjoint, in order, inside the text, not empty, without quotes. */
static void test_random(void **state)
{
    (void)state;
    static const char *const pieces[] = {"+",  "-",    "\"",           " ",    "a",
                                         "bc", "\xff", "\xe2\x80\x9c", "\xe2", "\xe4\xb8\xad"};
    const char *given = getenv("NS_SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : 20231;
    print_message("seed %u\n", seed);
    uint64_t random = seed;
    for (int round = 0; round < 20000; round++) {
        char text[256] = "";
        size_t count = random % 12;
        for (size_t i = 0; i < count; i++) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            strcat(text, pieces[(random >> 33) % 10]);
        }
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        random ^= random >> 29;
        ns_query *query;
        assert_int_equal(ns_query_parse(text, strlen(text), NULL, &query, NULL), NS_OK);
        uint32_t at = 0;
        for (size_t i = 1; i < query->count; i++) {
            const ns__node *leaf = &query->nodes[i];
            assert_true(leaf->start >= at && leaf->end > leaf->start);
            assert_true(leaf->end <= query->text.length);
            assert_null(memchr(query->text.data + leaf->start, '"', leaf->end - leaf->start));
            at = leaf->end;
        }
        ns_query_free(query);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),   cmocka_unit_test(test_operators),
        cmocka_unit_test(test_phrases), cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_limits),  cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
