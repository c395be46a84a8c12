/* Queries from parts are those that the language has for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "unit/query/tree_text.h"

#define TEXT(literal) literal, sizeof(literal) - 1

static ns_query_builder *open_builder(void)
{
    ns_query_builder *builder;
    assert_int_equal(ns_query_builder_open(&builder, NULL), NS_OK);
    return builder;
}

/* Finishes and frees the builder; its query is what the language says by `line`. */
static void check(ns_query_builder *builder, const char *line)
{
    ns_query *query, *said;
    ns_error err = {0};
    char *described, found[2048], expected[2048];
    if (ns_query_builder_finish(builder, &query, &err) != NS_OK)
        fail_msg("%s: %s", line, err.message);
    ns_query_builder_free(builder);
    assert_int_equal(ns_query_parse(line, strlen(line), NULL, &said, NULL), NS_OK);
    write_tree(query, found, sizeof found);
    write_tree(said, expected, sizeof expected);
    assert_string_equal(found, expected);
    assert_int_equal(ns_query_describe(query, NS_QUERY_LINE, &described, NULL), NS_OK);
    assert_string_equal(described, line);
    ns_query_description_free(described);
    ns_query_free(said);
    ns_query_free(query);
}

static void check_fails(ns_query_builder *builder, ns_status expected, const char *message)
{
    ns_query *query;
    ns_error err = {0};
    ns_status status = ns_query_builder_finish(builder, &query, &err);
    if (status != expected || err.status != expected || strstr(err.message, message) == NULL)
        fail_msg("%s: %s, %s", message, ns_status_name(status), err.message);
    assert_null(query);
    ns_query_add_words(builder, NULL, TEXT("again")); /* as new afterwards */
    check(builder, "again");
}

static ns_query_part part_of(ns_query_occur occur, ns_query_field field, double weight)
{
    ns_query_part part;
    ns_query_part_init(&part);
    part.occur = occur;
    part.field = field;
    part.weight = weight;
    return part;
}

static void test_parts(void **state)
{
    (void)state;
    ns_query_part required = part_of(NS_QUERY_REQUIRED, NS_QUERY_TITLE, 1);
    ns_query_part excluded = part_of(NS_QUERY_EXCLUDED, NS_QUERY_ANYWHERE, 1);
    ns_query_part exact = part_of(NS_QUERY_WANTED, NS_QUERY_BODY, 2.5);
    exact.exact = true;
    ns_query_builder *builder = open_builder();
    check(builder, "");
    builder = open_builder();
    ns_query_add_words(builder, NULL, TEXT(" tariff  -talks AND \"a* title:b\\* ... "));
    check(builder, "tariff OR \\-talks OR AND^1 OR \\\"a\\* OR title\\:b\\\\\\*");
    builder = open_builder();
    ns_query_add_words(builder, &required, TEXT("a b"));
    ns_query_add_phrase(builder, &excluded, TEXT("c \"d\" \\\" e*"));
    ns_query_add_phrase(builder, &exact, TEXT("Apple Inc"));
    check(builder, "+title:a +title:b -\"c \\\"d\\\" \\\\\\\" e*\" body:=\"Apple Inc\"^2.5");
    builder = open_builder();
    ns_query_add_pattern(builder, NULL, TEXT("contr*"));
    ns_query_add_pattern(builder, NULL, TEXT("analys?"));
    ns_query_add_pattern(builder, &exact, TEXT("anti-dru*"));
    ns_query_add_pattern(builder, NULL, TEXT("1*2"));
    check(builder, "contr* OR analys?^1 OR body:(anti ONEAR/1 dru*)^2.5 OR 1\\*2");
    builder = open_builder();
    ns_query_add_fuzzy(builder, NULL, 2, TEXT("fentanly"));
    ns_query_add_fuzzy(builder, NULL, 0, TEXT("short"));
    ns_query_add_fuzzy(builder, &required, 1, TEXT("AND"));
    check(builder, "fentanly~2 short~1 +title:AND~1");
    builder = open_builder();
    ns_query_add_slop(builder, NULL, 5, TEXT("a b c"));
    ns_query_add_slop(builder, &excluded, 0, TEXT("a b"));
    ns_query_add_everything(builder, NULL);
    check(builder, "\"a b c\"~5 -(a NEAR/1 b) *");
}

static void test_exact_words(void **state)
{
    (void)state;
    ns_query_part plain = part_of(NS_QUERY_WANTED, NS_QUERY_ANYWHERE, 1), exact = plain;
    ns_query_part required = part_of(NS_QUERY_REQUIRED, NS_QUERY_TITLE, 2);
    exact.exact = required.exact = true;
    ns_query_builder *builder = open_builder();
    ns_query_add_words(builder, &exact, TEXT("May"));
    check(builder, "=May");
    builder = open_builder();
    ns_query_add_words(builder, &exact, TEXT("May =June C\\* AND"));
    ns_query_add_words(builder, &required, TEXT("Apple Inc"));
    ns_query_add_words(builder, &plain, TEXT("may"));
    check(builder, "=May =\\=June =C\\\\\\* =AND^1 +title:=Apple^2 +title:=Inc^2 may");
}

static void test_values_and_dates(void **state)
{
    (void)state;
    ns_query_part source = part_of(NS_QUERY_WANTED, NS_QUERY_SOURCE, 7);
    ns_query_part author = part_of(NS_QUERY_EXCLUDED, NS_QUERY_AUTHOR, 1);
    ns_query_builder *builder = open_builder();
    ns_query_add_value(builder, &source, false, TEXT("Fox \"News\" * \\?"));
    ns_query_add_value(builder, &author, true, TEXT("J* Doe"));
    ns_query_add_dates(builder, NULL, 0, 86400);
    ns_query_add_dates(builder, NULL, INT64_MIN, 86400);
    ns_query_add_dates(builder, NULL, 5, 5);
    ns_query_add_words(builder, NULL, TEXT("x"));
    check(builder, "source:\"Fox \\\"News\\\" \\* \\\\\\?\" -author:\"J* Doe\" date:1970-01-01 "
                   "date:<1970-01-02 date:never x");
}

static void test_groups(void **state)
{
    (void)state;
    ns_query_part required = part_of(NS_QUERY_REQUIRED, NS_QUERY_ANYWHERE, 1);
    ns_query_part excluded = part_of(NS_QUERY_EXCLUDED, NS_QUERY_ANYWHERE, 1);
    ns_query_part title = part_of(NS_QUERY_WANTED, NS_QUERY_TITLE, 2);
    ns_query_builder *builder = open_builder();
    ns_query_begin(builder, &required, NS_QUERY_ANY, 0);
    ns_query_add_words(builder, NULL, TEXT("a b"));
    ns_query_end(builder);
    ns_query_begin(builder, &title, NS_QUERY_ONEAR, 3);
    ns_query_add_words(builder, NULL, TEXT("c d"));
    ns_query_begin(builder, NULL, NS_QUERY_ANY, 0);
    ns_query_add_words(builder, NULL, TEXT("e f"));
    ns_query_end(builder);
    ns_query_end(builder);
    ns_query_begin(builder, &excluded, NS_QUERY_ALL, 0);
    ns_query_add_words(builder, NULL, TEXT("g h"));
    ns_query_end(builder);
    ns_query_begin(builder, NULL, NS_QUERY_ALL, 0);
    ns_query_end(builder);
    check(builder, "+(a OR b) title:(c ONEAR/3 d ONEAR/3 (e OR f))^2 -(g AND h)");
    builder = open_builder();
    ns_query_begin(builder, NULL, NS_QUERY_ALL, 0);
    ns_query_begin(builder, NULL, NS_QUERY_SENTENCE, 0);
    ns_query_add_words(builder, NULL, TEXT("a b"));
    ns_query_end(builder);
    ns_query_begin(builder, NULL, NS_QUERY_PARAGRAPH, 0);
    ns_query_add_words(builder, NULL, TEXT("c d"));
    ns_query_end(builder);
    ns_query_begin(builder, &excluded, NS_QUERY_NEAR, 8);
    ns_query_add_words(builder, NULL, TEXT("e f"));
    ns_query_end(builder);
    ns_query_end(builder);
    check(builder, "SENTENCE(a b) AND PARAGRAPH(c d) NOT e NEAR/8 f");
}

static void test_queries_in_queries(void **state)
{
    (void)state;
    static const char *const INNER[] = {"",       "a -b", "-a", "source:x", "a NEAR/3 \"b c\"",
                                        "a AND b"};
    static const char *const WEIGHED[] = {"+x",
                                          "+x (a -b)^2",
                                          "x NOT a",
                                          "x AND source:x",
                                          "+x (a NEAR/3 \"b c\")^2",
                                          "+x (a AND b)^2"};
    for (size_t i = 0; i < sizeof INNER / sizeof *INNER; i++) {
        ns_query *inner;
        assert_int_equal(ns_query_parse(INNER[i], strlen(INNER[i]), NULL, &inner, NULL), NS_OK);
        ns_query_part required = part_of(NS_QUERY_REQUIRED, NS_QUERY_ANYWHERE, 1);
        ns_query_part weighed = part_of(NS_QUERY_WANTED, NS_QUERY_ANYWHERE, 2);
        ns_query_builder *builder = open_builder();
        ns_query_add_words(builder, &required, TEXT("x"));
        ns_query_add_query(builder, &weighed, inner);
        ns_query_free(inner);
        check(builder, WEIGHED[i]);
    }
}

static ns_query *parse(const char *text)
{
    ns_query *query;
    assert_int_equal(ns_query_parse(text, strlen(text), NULL, &query, NULL), NS_OK);
    return query;
}

/* What a query becomes in a part of the headline, or in a group of such: what title:( ) is. */
static void test_fields_of_queries(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"a \"b c\" d* efgh~1 =E -f", "a \"b c\" d* efgh~1 =E -f"},
        {"body:a b title:c", "body:a b c"},
        {"a NEAR/3 (b OR \"c d\")", "a NEAR/3 (b OR \"c d\")"},
        {"SENTENCE(a b) OR PARAGRAPH(c d*)", "SENTENCE(a b) OR PARAGRAPH(c d*)"},
        {"body:(a NEAR/3 b) c", "body:(a NEAR/3 b) c"},
        {"a ONEAR/2 body:b", "body:(a ONEAR/2 b)"},
        {"a source:x date:2024 lang:de", "a source:x date:2024 lang:de"},
        {"a (b -(c AND body:d))", "a (b -(c AND body:d))"},
        {"-(a AND source:x)", "-(a AND source:x)"},
        {"title:* a", "title:* a"},
        {"source:x", "source:x"},
    };
    for (size_t i = 0; i < 2 * sizeof ROWS / sizeof *ROWS; i++) {
        char line[256], *described;
        ns_query *inner = parse(ROWS[i / 2][0]), *whole;
        ns_query_part title = part_of(NS_QUERY_REQUIRED, NS_QUERY_TITLE, 1);
        ns_query_builder *builder = open_builder();
        if (i % 2 == 1)
            ns_query_begin(builder, &title, NS_QUERY_LIST, 0);
        ns_query_add_query(builder, i % 2 == 1 ? NULL : &title, inner);
        if (i % 2 == 1)
            ns_query_end(builder);
        ns_query_add_words(builder, NULL, TEXT("x"));
        ns_query_free(inner);
        snprintf(line, sizeof line, "+title:(%s) x", ROWS[i / 2][1]);
        whole = parse(line);
        assert_int_equal(ns_query_describe(whole, NS_QUERY_LINE, &described, NULL), NS_OK);
        check(builder, described);
        ns_query_description_free(described);
        ns_query_free(whole);
    }
}

static void test_exact_queries(void **state)
{
    (void)state;
    ns_query *inner = parse("a \"b c\" d* -(e AND title:f) g NEAR/3 h source:x");
    ns_query_part exact = part_of(NS_QUERY_WANTED, NS_QUERY_ANYWHERE, 1);
    exact.exact = true;
    ns_query_builder *builder = open_builder();
    ns_query_add_query(builder, &exact, inner);
    ns_query_free(inner);
    check(builder, "=a =\"b c\" d* -(=e AND title:=f) (=g NEAR/3 =h) source:x");
}

/* Fields of values are for queries without words of no field. */
static void test_values_in_queries(void **state)
{
    (void)state;
    static const char *const WORDS[] = {"a", "title:a b", "source:x a", "a NEAR b", "-(x \"y\")"};
    ns_query_part source = part_of(NS_QUERY_WANTED, NS_QUERY_SOURCE, 1);
    ns_query_builder *builder;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        ns_query *inner = parse(WORDS[i]);
        builder = open_builder();
        ns_query_add_query(builder, &source, inner);
        ns_query_free(inner);
        check_fails(builder, NS_ERR_ARGUMENT, "ns_query_add_value");
    }
    ns_query *inner = parse("date:2024 lang:de title:a *");
    builder = open_builder();
    ns_query_add_query(builder, &source, inner);
    ns_query_free(inner);
    check(builder, "date:2024 lang:de title:a *");
}

/* -(a -b) excludes and asks for nothing: the note and the outline say so of built queries, too. */
static void test_only_excluded(void **state)
{
    (void)state;
    ns_query_part excluded = part_of(NS_QUERY_EXCLUDED, NS_QUERY_ANYWHERE, 1);
    ns_query_builder *builder = open_builder();
    ns_query *query;
    char *outline;
    ns_query_begin(builder, &excluded, NS_QUERY_LIST, 0);
    ns_query_add_words(builder, NULL, TEXT("a"));
    ns_query_add_words(builder, &excluded, TEXT("b"));
    ns_query_end(builder);
    assert_int_equal(ns_query_builder_finish(builder, &query, NULL), NS_OK);
    assert_int_equal(ns_query_note_count(query), 1);
    assert_non_null(strstr(ns_query_note_get(query, 0).message, "only excludes"));
    assert_int_equal(ns_query_describe(query, NS_QUERY_OUTLINE, &outline, NULL), NS_OK);
    assert_non_null(strstr(outline, "nothing, because all is excluded"));
    ns_query_description_free(outline);
    ns_query_free(query);
    ns_query_begin(builder, &excluded, NS_QUERY_LIST, 0);
    ns_query_add_words(builder, &excluded, TEXT("a b"));
    ns_query_end(builder);
    check(builder, "+(a OR b)");
}

static void test_faults(void **state)
{
    (void)state;
    ns_query_part weightless = part_of(NS_QUERY_WANTED, NS_QUERY_ANYWHERE, 0);
    ns_query_part excluded = part_of(NS_QUERY_EXCLUDED, NS_QUERY_ANYWHERE, 1);
    ns_query_part source = part_of(NS_QUERY_WANTED, NS_QUERY_SOURCE, 1);
    ns_query_builder *builder = open_builder();
    ns_query_add_words(builder, &weightless, TEXT("a"));
    ns_query_add_words(builder, NULL, TEXT("b"));
    check_fails(builder, NS_ERR_ARGUMENT, "weight");
    builder = open_builder();
    ns_query_end(builder);
    check_fails(builder, NS_ERR_ARGUMENT, "no group");
    builder = open_builder();
    ns_query_begin(builder, NULL, NS_QUERY_ANY, 0);
    check_fails(builder, NS_ERR_ARGUMENT, "not been ended");
    builder = open_builder();
    ns_query_begin(builder, NULL, NS_QUERY_NEAR, 0);
    check_fails(builder, NS_ERR_ARGUMENT, "distance");
    builder = open_builder();
    ns_query_begin(builder, NULL, NS_QUERY_SENTENCE, 0);
    ns_query_add_words(builder, NULL, TEXT("a"));
    ns_query_add_words(builder, &excluded, TEXT("b"));
    ns_query_end(builder);
    check_fails(builder, NS_ERR_ARGUMENT, "near each other");
    builder = open_builder();
    ns_query_add_words(builder, &source, TEXT("a"));
    check_fails(builder, NS_ERR_ARGUMENT, "ns_query_add_value");
    builder = open_builder();
    ns_query_add_value(builder, NULL, false, TEXT("a"));
    check_fails(builder, NS_ERR_ARGUMENT, "field");
    builder = open_builder();
    ns_query_add_slop(builder, NULL, 5, TEXT("a"));
    check_fails(builder, NS_ERR_ARGUMENT, "2 to 8");
    builder = open_builder();
    ns_query_add_slop(builder, NULL, 10000, TEXT("a b"));
    check_fails(builder, NS_ERR_ARGUMENT, "9999");
    builder = open_builder();
    ns_query_add_fuzzy(builder, NULL, 3, TEXT("a"));
    check_fails(builder, NS_ERR_ARGUMENT, "1 or 2");
    builder = open_builder();
    ns_query_add_pattern(builder, NULL, TEXT("a b*"));
    check_fails(builder, NS_ERR_ARGUMENT, "one word");
    builder = open_builder();
    ns_query_add_pattern(builder, NULL, TEXT("a*b*c*d*e*f*g*h*i*j*k*l*m*n*o*p*q*"));
    check_fails(builder, NS_ERR_ARGUMENT, "16 wildcards");
    builder = open_builder();
    for (int i = 0; i <= NS_MAX_QUERY_DEPTH; i++)
        ns_query_begin(builder, NULL, NS_QUERY_ALL, 0);
    check_fails(builder, NS_ERR_LIMIT, "inside each other");
    builder = open_builder();
    for (int i = 0; i <= NS_MAX_QUERY_LEAVES; i++)
        ns_query_add_words(builder, NULL, TEXT("a"));
    check_fails(builder, NS_ERR_LIMIT, "words and phrases");
    builder = open_builder();
    for (int i = 0; i <= NS_MAX_SPREADS / 2; i++) {
        ns_query_add_pattern(builder, NULL, TEXT("a*"));
        ns_query_add_fuzzy(builder, NULL, 1, TEXT("a"));
    }
    check_fails(builder, NS_ERR_LIMIT, "64 patterns and inexact words");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_exact_words),
        cmocka_unit_test(test_values_and_dates),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_queries_in_queries),
        cmocka_unit_test(test_fields_of_queries),
        cmocka_unit_test(test_exact_queries),
        cmocka_unit_test(test_values_in_queries),
        cmocka_unit_test(test_only_excluded),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
