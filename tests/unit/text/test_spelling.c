/* Spellings: what they make of a term is what was written, and malformed ones make nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/analyzer.h"
#include "text/intern.h"
#include "text/spelling.h"
#include "text/utf8.h"

static uint64_t random_state;

static uint32_t below(uint32_t bound)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 20) % bound;
}

static ns__str str(const char *text)
{
    return (ns__str){(const uint8_t *)text, strlen(text)};
}

static void check_spelling(ns__str term, ns__str surface, ns__str raw, const char *hex)
{
    ns__buf scratch = {0}, made = {0}, again = {0}, word = {0};
    ns__spelling_make(term, surface, raw, &scratch, &made);
    assert_false(made.failed);
    assert_true(ns__spelling_apply((ns__str){made.data, made.length}, term, &again, &word));
    if (!ns__str_equal((ns__str){again.data, again.length}, surface) ||
        !ns__str_equal((ns__str){word.data, word.length}, raw))
        fail_msg("%.*s became %.*s", (int)raw.length, raw.data, (int)word.length, word.data);
    char got[200] = "";
    for (size_t i = 0; hex && i < made.length && i < 60; i++)
        sprintf(got + strlen(got), i ? " %02x" : "%02x", made.data[i]);
    if (hex)
        assert_string_equal(got, hex);
    ns__buf_release(&scratch);
    ns__buf_release(&made);
    ns__buf_release(&again);
    ns__buf_release(&word);
}

static void test_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *term, *surface, *raw, *hex;
    } CASES[] = {
        {"talk", "talk", "talk", "00"},
        {"talk", "talk", "Talk", "01"},
        {"talk", "talk", "TALK", "02"},
        {"talk", "talks", "talks", "10 01 73"},
        {"tariff", "tariffs", "Tariffs", "11 01 73"},
        {"appl", "apple", "Apple's", "51 01 65 02 27 73"},
        {"happi", "happy", "happy", "18 01 01 79"},
        {"ecol", "école", "École", "1d 02 c3 a9 03 03 6f 6c 65"},
        {"كتاب", "الكتاب", "الكتاب", "04 04 d8 a7 d9 84"},
        {"mcdonald", "mcdonald", "McDonald", "21 02 01 01 44"},
        {"mcdonald", "mcdonald", "McDonald’s", "61 02 01 01 44 04 e2 80 99 73"},
        {"us", "us", "U.S", "22 01 00 01 2e"},
        {"москв", "москва", "Москва", "11 02 d0 b0"},
        {"", "", "?!", "40 02 3f 21"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        if (i == 7) /* whichever way is shorter: that it comes back is what counts */
            check_spelling(str(CASES[i].term), str(CASES[i].surface), str(CASES[i].raw), NULL);
        else
            check_spelling(str(CASES[i].term), str(CASES[i].surface), str(CASES[i].raw),
                           CASES[i].hex);
    }
}

static size_t random_text(char *out, uint32_t most)
{
    static const char *const pieces[] = {"a", "B", "s", "ß",  "É",   "é",
                                         "İ", "ǆ", "'", "’s", "ing", "京",
                                         "-", "Я", "я", "ŉ",  "ﬁ",   "\xf0\x9d\x90\x80"};
    *out = '\0';
    for (uint32_t n = below(most); n > 0; n--)
        strcat(out, pieces[below(sizeof pieces / sizeof *pieces)]);
    return strlen(out);
}

static void test_random(void **state)
{
    (void)state;
    char term[64], surface[64], raw[64];
    for (int i = 0; i < 20000; i++) {
        random_text(term, 8);
        random_text(surface, 8);
        random_text(raw, 8);
        if (below(2))
            memcpy(surface, term, sizeof term);
        if (below(2))
            memcpy(raw, surface, sizeof surface);
        check_spelling(str(term), str(surface), str(raw), NULL);
    }
}

/* Words as the analyser cuts them, in all of its ways. */
static void test_analysed(void **state)
{
    (void)state;
    static const char text[] =
        "THE U.S. AND US; the dogs' McDonald’s O'Neill's ﬁne naïve ÉCOLE Straße STRASSE İstanbul "
        "北京 ｶﾀｶﾅ x² 1,000th ΟΔΟΣ ǅungla co\u00adop e\u0301t\u0301";
    for (int mode = 0; mode < 4; mode++) {
        ns_analysis_settings settings;
        ns_analysis_settings_init(&settings);
        settings.whitespace = mode == 1;
        settings.keep_diacritics = mode == 2;
        settings.no_stemming = mode == 3;
        ns__analyzer *analyzer;
        ns__tokens tokens = {0};
        assert_int_equal(ns__analyzer_open(&settings, &analyzer, NULL), NS_OK);
        ns__lang lang = mode == 1 ? 0 : ns__analyzer_language(analyzer, NS_STR("en"));
        assert_int_equal(ns__analyzer_run(analyzer, lang, str(text), &tokens, NULL), NS_OK);
        assert_true(tokens.count > 15);
        for (size_t i = 0; i < tokens.count; i++) {
            const ns__token *token = &tokens.items[i];
            const ns__form form = ns__analyzer_form(analyzer, token->form);
            check_spelling(ns__analyzer_term(analyzer, form.term), form.surface,
                           (ns__str){str(text).data + token->start, token->end - token->start},
                           NULL);
        }
        ns__tokens_release(&tokens);
        ns__analyzer_close(analyzer);
    }
}

static void test_malformed(void **state)
{
    (void)state;
    static const char *const terms[] = {"", "a", "école", "\xff\xfe", "talk\xc3"};
    ns__buf surface = {0}, raw = {0};
    int good = 0;
    for (int i = 0; i < 100000; i++) {
        uint8_t bytes[12];
        const size_t length = below(sizeof bytes + 1);
        for (size_t b = 0; b < length; b++)
            bytes[b] = (uint8_t)below(below(2) ? 8 : 256);
        good += ns__spelling_apply((ns__str){bytes, length}, str(terms[below(5)]), &surface, &raw);
        assert_true(raw.length < 1000);
    }
    assert_true(good > 0);
    assert_false(ns__spelling_apply(NS_STR("\x03"), str("a"), &surface, &raw)); /* no such case */
    assert_false(ns__spelling_apply(NS_STR("\x80"), str("a"), &surface, &raw));
    assert_false(ns__spelling_apply(NS_STR("\x08\x02"), str("a"), &surface, &raw)); /* too much */
    assert_false(ns__spelling_apply(NS_STR("\x20\x01\x01\x00"), str("a"), &surface, &raw));
    assert_false(ns__spelling_apply((ns__str){(const uint8_t *)"\0\0", 2}, str("a"), &surface,
                                    &raw)); /* something behind it */
    ns__buf_release(&surface);
    ns__buf_release(&raw);
}

static void test_intern(void **state)
{
    (void)state;
    ns__intern table = {0};
    for (int round = 0; round < 2; round++) {
        uint32_t number;
        char text[16];
        for (uint32_t i = 0; i < 3000; i++) {
            snprintf(text, sizeof text, "%u", i);
            assert_int_equal(ns__intern_add(&table, str(text), &number, NULL), NS_OK);
            assert_int_equal(number, i);
        }
        for (uint32_t i = 3000; i-- > 0;) {
            snprintf(text, sizeof text, "%u", i);
            assert_int_equal(ns__intern_add(&table, str(text), &number, NULL), NS_OK);
            assert_int_equal(number, i);
            assert_true(ns__str_equal(ns__intern_text(&table, i), str(text)));
        }
        assert_int_equal(table.count, 3000);
        ns__intern_clear(&table);
    }
    ns__intern_release(&table);
}

static int start(void **state)
{
    (void)state;
    const char *seed = getenv("NS_SEED");
    random_state = seed ? strtoull(seed, NULL, 10) | 1 : 4242;
    print_message("NS_SEED=%llu\n", (unsigned long long)random_state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),    cmocka_unit_test(test_random),
        cmocka_unit_test(test_analysed), cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_intern),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
