/* The analyser's machinery: the fast path against the plain one, tables, limits, settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "text/analyzer.h"
#include "text/utf8.h"
#include "unit/text/text_random.h"

static ns__analyzer *open_analyzer(ns_analysis_settings settings)
{
    ns__analyzer *analyzer;
    ns_error err = {0};
    assert_int_equal(ns__analyzer_open(&settings, &analyzer, &err), NS_OK);
    return analyzer;
}

static ns__lang english(const ns__analyzer *analyzer)
{
    return ns__analyzer_language(analyzer, NS_STR("en"));
}

/* Both ways give the same tokens. */
static void compare(ns__analyzer *analyzer, ns__str text)
{
    ns__tokens fast = {0}, plain = {0};
    ns__lang lang = english(analyzer);
    assert_int_equal(ns__analyzer_run(analyzer, lang, text, &fast, NULL), NS_OK);
    assert_int_equal(ns__analyzer_run_plain(analyzer, lang, text, &plain, NULL), NS_OK);
    bool same =
        fast.count == plain.count &&
        (fast.count == 0 || memcmp(fast.items, plain.items, fast.count * sizeof *fast.items) == 0);
    if (!same) {
        for (size_t i = 0; i < fast.count || i < plain.count; i++)
            print_message(
                "%zu: fast [%u, %u) plain [%u, %u)\n", i, i < fast.count ? fast.items[i].start : 0,
                i < fast.count ? fast.items[i].end : 0, i < plain.count ? plain.items[i].start : 0,
                i < plain.count ? plain.items[i].end : 0);
        fail_msg("differ on: %.*s", (int)text.length, (const char *)text.data);
    }
    ns__tokens_release(&fast);
    ns__tokens_release(&plain);
}

/* `ascii` of 8 code points are ASCII; 8 is ASCII only. Each text is an allocation of its own
 * size, so that a sanitizer sees reads past it. */
static void compare_random(const char *name, unsigned ascii, int rounds,
                           ns_analysis_settings settings)
{
    ns__analyzer *analyzer = open_analyzer(settings);
    random_state random = random_start(name);
    for (int round = 0; round < rounds; round++) {
        ns__buf text = {0};
        unsigned length = random_below(&random, round % 16 ? 40 : 400);
        for (unsigned i = 0; i < length; i++)
            random_code(&random, ascii, &text);
        uint8_t *exact = malloc(text.length + !text.length);
        assert_non_null(exact);
        if (text.length)
            memcpy(exact, text.data, text.length);
        compare(analyzer, (ns__str){exact, text.length});
        free(exact);
        ns__buf_release(&text);
        if (ns__analyzer_memory(analyzer) > 8 << 20)
            ns__analyzer_clear(analyzer);
    }
    ns__analyzer_close(analyzer);
}

static void test_fast_path_on_random_ascii(void **state)
{
    (void)state;
    compare_random("random ascii", 8, 40000, (ns_analysis_settings){0});
}

static void test_fast_path_among_other_characters(void **state)
{
    (void)state;
    compare_random("mostly ascii", 7, 40000, (ns_analysis_settings){0});
    compare_random("half ascii", 4, 20000, (ns_analysis_settings){0});
}

static void test_fast_path_at_white_space(void **state)
{
    (void)state;
    compare_random("white space", 7, 20000, (ns_analysis_settings){.whitespace = true});
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){.whitespace = true});
    for (size_t length = NS_MAX_TOKEN_BYTES - 1; length < 3 * NS_MAX_TOKEN_BYTES; length += 9973) {
        uint8_t *text = malloc(length);
        assert_non_null(text);
        memset(text, 'x', length);
        compare(analyzer, (ns__str){text, length});
        text[length / 2] = ' ';
        compare(analyzer, (ns__str){text, length});
        free(text);
    }
    ns__analyzer_close(analyzer);
}

static void test_fast_path_on_damaged_prose(void **state)
{
    (void)state;
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){0});
    random_state random = random_start("prose");
    for (int round = 0; round < 3000; round++) {
        ns__buf text = {0};
        random_prose(&random, 60, (unsigned)round % 30, &text);
        compare(analyzer, (ns__str){text.data, text.length});
        ns__buf_release(&text);
    }
    ns__analyzer_close(analyzer);
}

static void test_words_of_every_length_at_every_place(void **state)
{
    (void)state;
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){0});
    char text[600];
    for (unsigned before = 0; before < 70; before++) {
        for (unsigned length = 1; length < 140; length += length < 20 ? 1 : 13) {
            memset(text, ' ', before);
            memset(text + before, 'x', length);
            memcpy(text + before + length, "'s 3.14 end", 11);
            ns__str whole = {(uint8_t *)text, before + length + 11};
            compare(analyzer, whole);
        }
    }
    ns__analyzer_close(analyzer);
}

/* ---- Tables ---- */

/* Words of every length, alone and so at the very end of the text, are told apart by each of
 * their letters. */
static void test_every_letter_counts(void **state)
{
    (void)state;
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){.no_stemming = true});
    ns__tokens tokens = {0};
    uint32_t forms = 0;
    for (unsigned length = 1; length < 40; length++) {
        for (unsigned odd = 0; odd <= length; odd++) {
            char word[64];
            memset(word, 'x', sizeof word);
            if (odd < length)
                word[odd] = 'y';
            assert_int_equal(
                ns__analyzer_run(analyzer, 0, (ns__str){(uint8_t *)word, length}, &tokens, NULL),
                NS_OK);
            assert_int_equal(ns__analyzer_form_count(analyzer), ++forms);
        }
    }
    ns__tokens_release(&tokens);
    ns__analyzer_close(analyzer);
}

static void test_forms_are_shared_and_dense(void **state)
{
    (void)state;
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){0});
    ns__tokens tokens = {0};
    for (int again = 0; again < 2; again++) {
        tokens.count = 0;
        assert_int_equal(ns__analyzer_run(analyzer, english(analyzer),
                                          NS_STR("Control controls CONTROL control’s China"),
                                          &tokens, NULL),
                         NS_OK);
        assert_int_equal(tokens.count, 5);
        assert_int_equal(tokens.items[0].form, 0);
        assert_int_equal(tokens.items[1].form, 1); /* another surface, the same term */
        assert_int_equal(tokens.items[1].term, 0);
        assert_int_equal(tokens.items[2].form, 0);
        assert_int_equal(tokens.items[3].form, 0);
        assert_int_equal(tokens.items[4].term, 1);
        assert_int_equal(ns__analyzer_form_count(analyzer), 3);
        assert_int_equal(ns__analyzer_term_count(analyzer), 2);
        assert_true(ns__analyzer_memory(analyzer) > 0);
        assert_true(ns__analyzer_learnt(analyzer) > 0);
        assert_true(ns__analyzer_learnt(analyzer) <= ns__analyzer_memory(analyzer));
        ns__analyzer_clear(analyzer);
        assert_int_equal(ns__analyzer_learnt(analyzer), 0);
        assert_int_equal(ns__analyzer_form_count(analyzer), 0);
        assert_int_equal(ns__analyzer_term_count(analyzer), 0);
    }
    ns__tokens_release(&tokens);
    ns__analyzer_close(analyzer);
}

static void test_tables_grow(void **state)
{
    (void)state;
    enum { WORDS = 60000 };
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){.no_stemming = true});
    ns__tokens tokens = {0};
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < WORDS; i++) {
            char word[40];
            int length = snprintf(word, sizeof word, i % 3 ? "w%u" : "averyveryverylongword%u", i);
            tokens.count = 0;
            assert_int_equal(ns__analyzer_run(analyzer, 0,
                                              (ns__str){(uint8_t *)word, (size_t)length}, &tokens,
                                              NULL),
                             NS_OK);
            assert_int_equal(tokens.count, 1);
            assert_int_equal(tokens.items[0].form, i);
            ns__str surface = ns__analyzer_form(analyzer, i).surface;
            assert_true(ns__str_equal(surface, (ns__str){(uint8_t *)word, (size_t)length}));
        }
    }
    assert_int_equal(ns__analyzer_form_count(analyzer), WORDS);
    ns__tokens_release(&tokens);
    ns__analyzer_close(analyzer);
}

static void test_a_surface_leads_to_one_term(void **state)
{
    (void)state;
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){0});
    random_state random = random_start("surfaces");
    ns__tokens tokens = {0};
    for (int round = 0; round < 300; round++) {
        ns__buf text = {0};
        random_prose(&random, 50, 40, &text);
        assert_int_equal(ns__analyzer_run(analyzer, english(analyzer),
                                          (ns__str){text.data, text.length}, &tokens, NULL),
                         NS_OK);
        ns__buf_release(&text);
    }
    uint32_t count = ns__analyzer_form_count(analyzer);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = 0; j < i; j++)
            assert_false(ns__str_equal(ns__analyzer_form(analyzer, i).surface,
                                       ns__analyzer_form(analyzer, j).surface));
    ns__tokens_release(&tokens);
    ns__analyzer_close(analyzer);
}

/* ---- Limits ---- */

static void test_long_terms_are_prefix_and_hash(void **state)
{
    (void)state;
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){.no_stemming = true});
    ns__tokens tokens = {0};
    char text[1300];
    for (int i = 0; i < 2; i++) { /* two words that differ in the last letter */
        memset(text, 'x', 300);
        text[299] = (char)('a' + i);
        assert_int_equal(
            ns__analyzer_run(analyzer, 0, (ns__str){(uint8_t *)text, 300}, &tokens, NULL), NS_OK);
    }
    ns__str a = ns__analyzer_term(analyzer, tokens.items[0].term);
    ns__str b = ns__analyzer_term(analyzer, tokens.items[1].term);
    assert_int_equal(a.length, NS_MAX_TERM_BYTES);
    assert_int_equal(b.length, NS_MAX_TERM_BYTES);
    assert_memory_equal(a.data, b.data, NS_MAX_TERM_BYTES - 16);
    assert_false(ns__str_equal(a, b));
    /* 255 bytes stay, and a cut never splits a character. */
    memset(text, 'x', 255);
    tokens.count = 0;
    assert_int_equal(ns__analyzer_run(analyzer, 0, (ns__str){(uint8_t *)text, 255}, &tokens, NULL),
                     NS_OK);
    assert_int_equal(ns__analyzer_term(analyzer, tokens.items[0].term).data[254], 'x');
    for (size_t i = 0; i < 400; i++)
        memcpy(text + i * 3, "한", 3);
    tokens.count = 0;
    assert_int_equal(ns__analyzer_run(analyzer, 0, (ns__str){(uint8_t *)text, 1200}, &tokens, NULL),
                     NS_OK);
    a = ns__analyzer_term(analyzer, tokens.items[0].term);
    assert_in_range(a.length, NS_MAX_TERM_BYTES - 2, NS_MAX_TERM_BYTES);
    assert_int_equal(ns__utf8_valid_prefix(a), a.length);
    ns__tokens_release(&tokens);
    ns__analyzer_close(analyzer);
}

static void test_endless_words_are_cut(void **state)
{
    (void)state;
    enum { LENGTH = 1 << 20 };
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){0});
    uint8_t *text = malloc(LENGTH);
    assert_non_null(text);
    memset(text, 'a', LENGTH);
    text[NS_MAX_TOKEN_BYTES] = '\'';
    ns__tokens tokens = {0};
    compare(analyzer, (ns__str){text, LENGTH});
    assert_int_equal(ns__analyzer_run(analyzer, 0, (ns__str){text, LENGTH}, &tokens, NULL), NS_OK);
    assert_int_equal(tokens.count, LENGTH / NS_MAX_TOKEN_BYTES);
    assert_int_equal(tokens.items[0].end, NS_MAX_TOKEN_BYTES);
    assert_int_equal(tokens.items[1].start, NS_MAX_TOKEN_BYTES + 1);
    ns__tokens_release(&tokens);
    /* A cluster without end, and nothing but marks. */
    memcpy(text, "日本", 6);
    for (size_t i = 6; i + 2 <= 100000; i += 2)
        memcpy(text + i, "\xcc\x81", 2);
    compare(analyzer, (ns__str){text, 100000});
    compare(analyzer, (ns__str){text + 6, 99994});
    free(text);
    ns__analyzer_close(analyzer);
}

static void test_texts_of_white_space_settings(void **state)
{
    (void)state;
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){.whitespace = true});
    ns__tokens tokens = {0};
    assert_int_equal(ns__analyzer_run(analyzer, english(analyzer),
                                      NS_STR("  Don't\tfold, U.S.\nstates\xc2\xa0日本 "), &tokens,
                                      NULL),
                     NS_OK);
    const char *expected[] = {"Don't", "fold,", "U.S.", "states\xc2\xa0日本"};
    assert_int_equal(tokens.count, 4);
    for (size_t i = 0; i < 4; i++) {
        ns__str term = ns__analyzer_term(analyzer, tokens.items[i].term);
        assert_int_equal(term.length, strlen(expected[i]));
        assert_memory_equal(term.data, expected[i], term.length);
    }
    ns__tokens_release(&tokens);
    ns__analyzer_close(analyzer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fast_path_on_random_ascii),
        cmocka_unit_test(test_fast_path_among_other_characters),
        cmocka_unit_test(test_fast_path_at_white_space),
        cmocka_unit_test(test_fast_path_on_damaged_prose),
        cmocka_unit_test(test_words_of_every_length_at_every_place),
        cmocka_unit_test(test_every_letter_counts),
        cmocka_unit_test(test_forms_are_shared_and_dense),
        cmocka_unit_test(test_tables_grow),
        cmocka_unit_test(test_a_surface_leads_to_one_term),
        cmocka_unit_test(test_long_terms_are_prefix_and_hash),
        cmocka_unit_test(test_endless_words_are_cut),
        cmocka_unit_test(test_texts_of_white_space_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
