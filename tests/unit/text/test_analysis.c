/* ns_analyze: what the public view shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ns/analysis.h"

static void test_tokens(void **state)
{
    (void)state;
    ns_analysis_settings settings;
    ns_analysis_settings_init(&settings);
    assert_string_equal(settings.language, "auto");
    ns_tokens *tokens;
    const char *text = "U.S. officials’ talks";
    assert_int_equal(ns_analyze(&settings, "en", text, strlen(text), &tokens, NULL), NS_OK);
    static const struct {
        const char *term, *surface;
        size_t start, end;
    } expected[] = {
        {"u.s", "u.s", 0, 3}, {"offici", "officials", 5, 14}, {"talk", "talks", 18, 23}};
    assert_int_equal(ns_tokens_count(tokens), 3);
    for (size_t i = 0; i < 3; i++) {
        ns_token token = ns_tokens_get(tokens, i);
        assert_string_equal(token.term, expected[i].term);
        assert_int_equal(token.term_length, strlen(token.term));
        assert_string_equal(token.surface, expected[i].surface);
        assert_int_equal(token.surface_length, strlen(token.surface));
        assert_int_equal(token.start, expected[i].start);
        assert_int_equal(token.end, expected[i].end);
        assert_int_equal(token.position, i);
        assert_int_equal(token.passage, 0);
        assert_false(token.gram);
    }
    assert_string_equal(ns_tokens_language(tokens), "en");
    ns_tokens_free(tokens);
    ns_tokens_free(NULL);
}

static void test_damaged_utf8_is_replaced(void **state)
{
    (void)state;
    ns_analysis_settings settings;
    ns_analysis_settings_init(&settings);
    ns_tokens *tokens;
    size_t length;
    assert_int_equal(ns_analyze(&settings, "", "a\xff b\xc3", 5, &tokens, NULL), NS_OK);
    const char *text = ns_tokens_text(tokens, &length);
    assert_int_equal(length, 9);
    assert_memory_equal(text, "a\xef\xbf\xbd b\xef\xbf\xbd", 9);
    assert_int_equal(ns_tokens_count(tokens), 2);
    assert_int_equal(ns_tokens_get(tokens, 1).start, 5);
    ns_tokens_free(tokens);
}

static void test_languages(void **state)
{
    (void)state;
    ns_analysis_settings settings;
    ns_analysis_settings_init(&settings);
    ns_error err = {0};
    ns_tokens *tokens;
    const char *text = "Die Gespräche sind beendet und es gibt keine Einigung.";
    assert_int_equal(ns_analyze(&settings, NULL, text, strlen(text), &tokens, &err), NS_OK);
    assert_string_equal(ns_tokens_language(tokens), "de");
    ns_tokens_free(tokens);
    assert_int_equal(ns_analyze(&settings, "", text, strlen(text), &tokens, &err), NS_OK);
    assert_string_equal(ns_tokens_language(tokens), "");
    ns_tokens_free(tokens);
    assert_int_equal(ns_analyze(&settings, "klingon", text, strlen(text), &tokens, &err),
                     NS_ERR_ARGUMENT);
    assert_null(tokens);
    assert_non_null(strstr(err.message, "klingon"));
}

static void test_passages_and_positions(void **state)
{
    (void)state;
    ns_analysis_settings settings;
    ns_analysis_settings_init(&settings);
    settings.passage_terms = 4;
    ns_tokens *tokens;
    const char *text = "One two three four. Five six seven eight. 日本語";
    assert_int_equal(ns_analyze(&settings, "", text, strlen(text), &tokens, NULL), NS_OK);
    assert_int_equal(ns_tokens_count(tokens), 10);
    assert_int_equal(ns_tokens_get(tokens, 3).passage, 0);
    assert_int_equal(ns_tokens_get(tokens, 4).passage, 1);
    assert_int_equal(ns_tokens_get(tokens, 4).position, 0);
    assert_true(ns_tokens_get(tokens, 9).gram);
    ns_tokens_free(tokens);
    assert_int_equal(ns_analyze(&settings, "", NULL, 0, &tokens, NULL), NS_OK);
    assert_int_equal(ns_tokens_count(tokens), 0);
    ns_tokens_free(tokens);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_damaged_utf8_is_replaced),
        cmocka_unit_test(test_languages),
        cmocka_unit_test(test_passages_and_positions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
