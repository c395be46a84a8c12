/* Queries in words: the line reads back as the same tree, the outline says what there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "unit/query/tree_text.h"

static char *describe(const char *text, ns_query_form form)
{
    ns_query *query;
    char *description;
    assert_int_equal(ns_query_parse(text, strlen(text), NULL, &query, NULL), NS_OK);
    assert_int_equal(ns_query_describe(query, form, &description, NULL), NS_OK);
    ns_query_free(query);
    return description;
}

static void check(const char *text, const char *line)
{
    char *found = describe(text, NS_QUERY_LINE);
    if (strcmp(found, line) != 0)
        fail_msg("%s: found %s, expected %s", text, found, line);
    ns_query_description_free(found);
}

static void test_lines(void **state)
{
    (void)state;
    check("", "");
    check("a", "a");
    check("+a", "+a");
    check("-a", "-a");
    check("a b", "a OR b");
    check("+a b -c", "+a b -c");
    check("a b AND c", "(a OR b) AND c");
    check("a NOT b", "a NOT b");
    check("NOT a AND b", "NOT a AND b");
    check("(a AND b)^2 OR c", "(a AND b)^2 OR c");
    check("a -(b AND c)", "a -(b AND c)");
    check("a^2.50 b^0.125", "a^2.5 OR b^0.125");
    check("\"a \\\"b\\\" \\\\\" =\"c d\"^2", "\"a \\\"b\\\" \\\\\" OR =\"c d\"^2");
    check("a\\*b \\+c \\-d \\=e title\\:f", "a\\*b OR \\+c OR \\-d OR \\=e OR title\\:f");
    check("who? 10:30 C++", "who\\? OR 10:30 OR C++");
    check("AND^1 OR NEAR/3^2", "AND^1 OR NEAR/3^2");
    check("a* ?b c?^1 d?^2 1**2", "a* OR ?b OR c?^1 OR d?^2 OR 1**2");
    check("a~ abcdefg~", "a~1 OR abcdefg~2");
    check("a NEAR/3 b", "a NEAR/3 b");
    check("+(a NEAR/3 b) c", "+(a NEAR/3 b) c");
    check("title:(a ONEAR/3 (b OR c))^2", "title:(a ONEAR/3 (b OR c))^2");
    check("\"a b\"~5", "a NEAR/6 b");
    check("\"a b c\"~5^2", "\"a b c\"~5^2");
    check("title:=\"a b c\"~5", "title:=\"a b c\"~5");
    check("SENTENCE(a (b OR c)) AND body:PARAGRAPH(\"d e\" f*)",
          "SENTENCE(a (b OR c)) AND body:PARAGRAPH(\"d e\" f*)");
    check("source:(fox OR \"sky news\") a", "+(source:fox OR source:\"sky news\") a");
    check("source:fox OR a", "source:fox OR a");
    check("+x (source:fox OR a) b", "+x (source:fox OR a OR b)");
    check("id:\"a \\* b\\\\\" url:http://x", "id:\"a \\* b\\\\\" AND url:\"http://x\"");
    check("* -a", "* -a");
    check("id:\"a\nb\t\x7f\xc2\x85\" source:\"a\tb\"",
          "id:\"a\nb\t\x7f\xc2\x85\" AND source:\"a b\"");
}

/* Which a C string cannot hold: the line must not end there, and not be another id. */
static void test_nul_in_id(void **state)
{
    (void)state;
    static const char TEXT[] = "id:\"a\0b\"";
    char *line = NULL;
    ns_query *query = NULL;
    ns_error err;
    assert_int_equal(ns_query_parse(TEXT, sizeof TEXT - 1, NULL, &query, &err), NS_OK);
    assert_int_equal(ns_query_describe(query, NS_QUERY_LINE, &line, &err), NS_OK);
    assert_string_equal(line, "id:\"a\xEF\xBF\xBD"
                              "b\"");
    ns_query_description_free(line);
    ns_query_free(query);
}

static void test_dates(void **state)
{
    (void)state;
    check("date:2024", "date:2024");
    check("date:2024-02", "date:2024-02");
    check("date:2024-02-29", "date:2024-02-29");
    check("date:2024-02-29T23:59Z", "date:2024-02-29T23:59Z");
    check("date:2024-02-29T23:59:59+01:00", "date:2024-02-29T22:59:59Z");
    check("date:2024..2025", "date:2024..2025");
    check("date:2024..2025-03", "date:2024-01..2025-03");
    check("date:2024-12-31..2025", "date:2024-12-31..2025-12-31");
    check("date:2024-12-31T12:00..2025", "date:2024-12-31T12:00Z..2025-12-31T23:59Z");
    check("date:>2024", "date:>=2025");
    check("date:<=2024-02-03", "date:<2024-02-04");
    check("date:..", "date:..");
    check("date:*", "date:..");
    check("title:* a -title:*", "title:* a -title:*");
    check("title:(* OR a)", "title:* OR title:a");
    check("date:nonsense", "date:never");
    check("date:9999 a", "date:>=9999 a");
    check("date:>9999 a", "date:never a");
    check("date:<0000 a", "date:never a");
    check("date:0000 a", "date:0000 a");
}

static void test_outline(void **state)
{
    (void)state;
    char *found = describe("+title:tariff^2 \"export controls\" -fentan* date:2024 "
                           "SENTENCE(a (=b OR c~)) d ONEAR/3 e source:\"sky news\"",
                           NS_QUERY_OUTLINE);
    assert_string_equal(found, "what is required; the more of what is wanted, the better\n"
                               "  required: word \"tariff\" in the title, weight 2\n"
                               "  wanted: phrase \"export controls\"\n"
                               "  excluded: pattern \"fentan*\"\n"
                               "  required: dated 2024 (UTC)\n"
                               "  wanted: in one sentence\n"
                               "    word \"a\"\n"
                               "    any of\n"
                               "      wanted: word, exactly \"b\"\n"
                               "      wanted: word that differs by up to 1 letter from \"c\"\n"
                               "  wanted: near: up to 2 words between, in this order\n"
                               "    word \"d\"\n"
                               "    word \"e\"\n"
                               "  required: source is \"sky news\"");
    ns_query_description_free(found);
    found = describe("id:a\\\"b \"say \\\"x\\\" c:\\\\d\" e* source:\"f\\*\"", NS_QUERY_OUTLINE);
    assert_string_equal(found, "what is required; the more of what is wanted, the better\n"
                               "  required: id is \"a\\\"b\"\n"
                               "  wanted: phrase \"say \\\"x\\\" c:\\\\d\"\n"
                               "  wanted: pattern \"e*\"\n"
                               "  required: source is \"f\\*\"");
    ns_query_description_free(found);
    found = describe("", NS_QUERY_OUTLINE);
    assert_string_equal(found, "nothing");
    ns_query_description_free(found);
    found = describe("-a", NS_QUERY_OUTLINE);
    assert_string_equal(found, "nothing, because all is excluded\n  excluded: word \"a\"");
    ns_query_description_free(found);
}

static void test_no_such_form(void **state)
{
    (void)state;
    ns_query *query;
    char *found = NULL;
    int form = 7;
    assert_int_equal(ns_query_parse("a", 1, NULL, &query, NULL), NS_OK);
    assert_int_equal(ns_query_describe(query, (ns_query_form)form, &found, NULL), NS_ERR_ARGUMENT);
    assert_null(found);
    ns_query_free(query);
}

/* ---- Anything ---- */

enum { ROOM = 1 << 16 };

/* Half an hour less than six hours behind UTC, an hour more in the other half of time. */
static int32_t some_zone(void *context, int64_t local)
{
    (void)context;
    return local / 15000000 % 2 ? -330 : -390;
}

/* The line of the query reads back as the same tree, and that has the same line; dates of a zone
 * have another one then. */
static void check_round_trip(const char *text, size_t length, uint64_t random)
{
    bool all = random % 4 == 0, zoned = random % 4 == 1;
    static char before[ROOM], after[ROOM];
    ns_query *query, *again;
    ns_query_options options;
    ns_query_options_init(&options);
    options.all = all;
    options.now = 1764090000;
    options.utc_offset = zoned ? some_zone : NULL;
    ns_error err = {0};
    if (ns_query_parse(text, length, &options, &query, &err) == NS_ERR_LIMIT)
        return;
    char *line, *outline, *other;
    assert_int_equal(ns_query_describe(query, NS_QUERY_LINE, &line, NULL), NS_OK);
    assert_int_equal(ns_query_describe(query, NS_QUERY_OUTLINE, &outline, NULL), NS_OK);
    for (const char *at = line; *at != '\0'; at++)
        assert_true((uint8_t)*at >= 0x20 && *at != 0x7f);
    if (ns_query_parse(line, strlen(line), NULL, &again, &err) != NS_OK)
        fail_msg("%.*s\nis %s\n%s", (int)length, text, line, err.message);
    write_tree(query, before, sizeof before);
    write_tree(again, after, sizeof after);
    if (strcmp(before, after) != 0)
        fail_msg("%.*s\nis %s\nwhich is %s\nnot %s", (int)length, text, line, after, before);
    assert_int_equal(ns_query_describe(again, NS_QUERY_LINE, &other, NULL), NS_OK);
    if (!zoned)
        assert_string_equal(line, other);
    ns_query_description_free(line);
    ns_query_description_free(other);
    ns_query_description_free(outline);
    ns_query_free(query);
    ns_query_free(again);
}

static uint64_t next_random(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *random >> 33;
}

static uint64_t seed(void)
{
    const char *given = getenv("NS_SEED");
    uint64_t value = given ? strtoull(given, NULL, 10) : 20261126;
    print_message("seed %" PRIu64 "\n", value);
    return value;
}

/* Grows a query out of the grammar: what can stand where, and sometimes what cannot. */
static void grow(char *out, unsigned depth, uint64_t *random)
{
    static const char *const ATOMS[] = {"a",
                                        "bc",
                                        "d-e",
                                        "f*",
                                        "?g",
                                        "h~1",
                                        "\"i j\"",
                                        "k^2",
                                        "=L",
                                        "=\"M n\"",
                                        "\"o p q\"~3",
                                        "*",
                                        "AND^1",
                                        "C++",
                                        "who?",
                                        "5**3",
                                        "r-s*",
                                        "source:x",
                                        "lang:\"y z\"",
                                        "date:2024",
                                        "date:>2024-05",
                                        "title:t",
                                        "body:u*",
                                        "id:v*",
                                        "x^0.001",
                                        "\\(w",
                                        "title:\"a b c\"~5",
                                        "\"\\\"\"",
                                        "=\"p q r s\"~4"};
    static const char *const JOINTS[] = {" ",        " ",         " OR ", " AND ", " NOT ",
                                         " NEAR/3 ", " ONEAR/2 ", " -",   " +",    " AND NOT "};
    size_t parts = 1 + next_random(random) % 3;
    for (size_t i = 0; i < parts && strlen(out) < 3000; i++) {
        if (i > 0)
            strcat(out, JOINTS[next_random(random) % (sizeof JOINTS / sizeof *JOINTS)]);
        if (depth == 0 || next_random(random) % 3 == 0) {
            strcat(out, ATOMS[next_random(random) % (sizeof ATOMS / sizeof *ATOMS)]);
            continue;
        }
        static const char *const OPENS[] = {"(",       "(",         "(",        "-(",
                                            "title:(", "SENTENCE(", "source:(", "body:PARAGRAPH("};
        static const char *const CLOSES[] = {")", ")", ")^2", ")^0.5", ")^0.003"};
        strcat(out, OPENS[next_random(random) % (sizeof OPENS / sizeof *OPENS)]);
        grow(out, depth - 1, random);
        strcat(out, CLOSES[next_random(random) % (sizeof CLOSES / sizeof *CLOSES)]);
    }
}

static void test_grown(void **state)
{
    (void)state;
    uint64_t random = seed();
    for (int round = 0; round < 40000; round++) {
        static char text[4096];
        text[0] = '\0';
        grow(text, (unsigned)(next_random(&random) % 5), &random);
        check_round_trip(text, strlen(text), next_random(&random));
    }
}

static void test_soup(void **state)
{
    (void)state;
    static const char PIECES[][12] = {"+",         "-",     "\"",  " ",        " ",
                                      " ",         "a",     "\\",  "(",        ")",
                                      "*",         "?",     "~",   "^",        "1",
                                      "AND",       "OR ",   "NOT", "NEAR ",    "title:",
                                      ":",         "=",     "/",   "\xc3\xa9", "\xe2\x80\x9c",
                                      "source:",   "date:", ".",   "'",        "\xe4\xb8\xad",
                                      "id",        "url:",  "\n",  "\xff",     "\xef\xbc\x88",
                                      "SENTENCE(", ",",     "&",   "_"};
    uint64_t random = seed();
    for (int round = 0; round < 40000; round++) {
        char text[512] = "";
        size_t count = next_random(&random) % 16;
        for (size_t i = 0; i < count; i++)
            strcat(text, PIECES[next_random(&random) % (sizeof PIECES / sizeof *PIECES)]);
        check_round_trip(text, strlen(text), next_random(&random));
    }
}

/* Whether the text is a query; its line is one then. */
static bool reads(const char *piece, size_t count)
{
    ns_query *query, *again;
    ns_error err = {0};
    char *line, *other, *text = malloc(strlen(piece) * count + 1);
    assert_non_null(text);
    for (size_t i = 0; i < count; i++)
        strcpy(text + i * strlen(piece), piece);
    const ns_status status = ns_query_parse(text, strlen(text), NULL, &query, &err);
    free(text);
    if (status != NS_OK) {
        assert_int_equal(status, NS_ERR_LIMIT);
        return false;
    }
    assert_int_equal(ns_query_describe(query, NS_QUERY_LINE, &line, NULL), NS_OK);
    if (ns_query_parse(line, strlen(line), NULL, &again, &err) != NS_OK)
        fail_msg("%zu x %s: %s", count, piece, err.message);
    assert_int_equal(ns_query_describe(again, NS_QUERY_LINE, &other, NULL), NS_OK);
    assert_string_equal(line, other);
    ns_query_description_free(line);
    ns_query_description_free(other);
    ns_query_free(query);
    ns_query_free(again);
    return true;
}

/* Queries that just fit, and those that would not when they are spelled out. */
static void test_line_limits(void **state)
{
    (void)state;
    static const char *const PIECES[] = {
        "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc ", /* 63 bytes */
        "a*",
        "\"\\\\\\\\\\\\\\\\a\\\\\\\\\\\\\\\\b\\\\\\\\\\\\\\\\\" ",
        "+abcdefghijabcdefghijabcdefghij^1.5 ",
        "a OR b AND (",
        "a AND (lang:de OR b OR (",
        "(lang:de OR b) =(+a ",
        "-a a NEAR (a NEAR b) +a title:(lang:de OR ",
        "SENTENCE(a b) -(c ",
        "\xff",
    };
    for (size_t i = 0; i < sizeof PIECES / sizeof *PIECES; i++) {
        size_t fits = 1, fails = NS_MAX_QUERY_BYTES + 1;
        assert_true(reads(PIECES[i], fits));
        while (fails - fits > 1) {
            const size_t middle = fits + (fails - fits) / 2;
            *(reads(PIECES[i], middle) ? &fits : &fails) = middle;
        }
        for (size_t count = fits > 8 ? fits - 8 : 1; count < fits; count++)
            (void)reads(PIECES[i], count);
    }
    assert_false(reads(PIECES[0], 1000)); /* 64,000 bytes, and " OR " between */
    assert_true(reads(PIECES[0], 970));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),     cmocka_unit_test(test_dates),
        cmocka_unit_test(test_outline),   cmocka_unit_test(test_no_such_form),
        cmocka_unit_test(test_grown),     cmocka_unit_test(test_soup),
        cmocka_unit_test(test_nul_in_id), cmocka_unit_test(test_line_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
