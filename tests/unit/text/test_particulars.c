/* What the analyser makes of words: one test for each particular of news text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "text/analyzer.h"
#include "text/fold.h"

/* Terms of `text`, joined by " | ", equal `expected`; by both ways of cutting. */
static void check_with(ns_analysis_settings settings, const char *code, const char *text,
                       const char *expected, bool surfaces)
{
    ns__analyzer *analyzer;
    assert_int_equal(ns__analyzer_open(&settings, &analyzer, NULL), NS_OK);
    ns__lang lang = ns__analyzer_language(analyzer, (ns__str){(const uint8_t *)code, strlen(code)});
    for (int plain = 0; plain < 2; plain++) {
        ns__tokens tokens = {0};
        ns__buf joined = {0};
        ns__str whole = {(const uint8_t *)text, strlen(text)};
        assert_int_equal((plain ? ns__analyzer_run_plain : ns__analyzer_run)(analyzer, lang, whole,
                                                                             &tokens, NULL),
                         NS_OK);
        for (size_t i = 0; i < tokens.count; i++) {
            ns__str name = surfaces ? ns__analyzer_form(analyzer, tokens.items[i].form).surface
                                    : ns__analyzer_term(analyzer, tokens.items[i].term);
            if (i > 0)
                ns__buf_append(&joined, " | ", 3);
            ns__buf_append(&joined, name.data, name.length);
        }
        ns__buf_u8(&joined, 0);
        assert_string_equal((const char *)joined.data, expected);
        ns__buf_release(&joined);
        ns__tokens_release(&tokens);
    }
    ns__analyzer_close(analyzer);
}

static void terms(const char *code, const char *text, const char *expected)
{
    check_with((ns_analysis_settings){0}, code, text, expected, false);
}

static void surfaces(const char *code, const char *text, const char *expected)
{
    check_with((ns_analysis_settings){0}, code, text, expected, true);
}

static void test_curly_quotes_and_apostrophes(void **state)
{
    (void)state;
    terms("en", "don't don’t don‘t donʼt don＇t", "don't | don't | don't | don't | don't");
    terms("en", "“quoted” ‘words’ 'here'", "quot | word | here");
    terms("en", "O’Brien", "o'brien");
}

static void test_possessives(void **state)
{
    (void)state;
    surfaces("en", "China's China’s CHINA’S officials’ Officials'",
             "china | china | china | officials | officials");
    surfaces("en", "it's 1990's G7’s U.K.-based MP's s", "it | 1990 | g7 | uk | based | mp | s");
    surfaces("tr", "Türkiye'nin İstanbul’da", "türkiye | i̇stanbul");
}

static void test_elisions(void **state)
{
    (void)state;
    surfaces("fr", "l'homme d’Ukraine qu'il aujourd'hui", "homme | ukraine | il | aujourd'hui");
    surfaces("it", "dell'Italia L’uomo", "italia | uomo");
    surfaces("en", "l'homme", "l'homme");
}

/* What words become whose capitals count, joined by " | ". */
static void written(const char *code, const char *text, const char *expected)
{
    ns_analysis_settings settings = {0};
    ns__analyzer *analyzer;
    ns__tokens tokens = {0};
    ns__buf joined = {0};
    ns__str whole = {(const uint8_t *)text, strlen(text)};
    assert_int_equal(ns__analyzer_open(&settings, &analyzer, NULL), NS_OK);
    ns__lang lang = ns__analyzer_language(analyzer, (ns__str){(const uint8_t *)code, strlen(code)});
    assert_int_equal(ns__analyzer_run(analyzer, lang, whole, &tokens, NULL), NS_OK);
    for (size_t i = 0; i < tokens.count; i++) {
        const ns__token *token = &tokens.items[i];
        ns__folder *folder = ns__analyzer_folder(analyzer);
        assert_int_equal(
            ns__fold_written(folder,
                             (ns__str){whole.data + token->start, token->end - token->start},
                             ns__analyzer_form(analyzer, token->form).surface, NULL),
            NS_OK);
        if (i > 0)
            ns__buf_append(&joined, " | ", 3);
        ns__buf_append(&joined, folder->written.data, folder->written.length);
    }
    ns__buf_u8(&joined, 0);
    assert_string_equal((const char *)joined.data, expected);
    ns__buf_release(&joined);
    ns__tokens_release(&tokens);
    ns__analyzer_close(analyzer);
}

/* Capitals stay; all else is as in surfaces. */
static void test_capitals_kept(void **state)
{
    (void)state;
    written("en", "apple Apple APPLE’S McDonald's O’Brien",
            "apple | Apple | APPLE | McDonald | O'Brien");
    written("en", "_Apple_ U.K. u.k. EE.UU. N.A.t.O. 1,000 G7’s",
            "Apple | UK | uk | EEUU | NAtO | 1000 | G7");
    written("en", "the US and U.S. and us", "the | U.S | and | U.S | and | us");
    written("en", "LEAVE US ALONE", "LEAVE | US | ALONE");
    written("fr", "L'Élysée l’Union D’UKRAINE Qu’il aujourd'hui",
            "Élysée | Union | UKRAINE | il | aujourd'hui");
    written("tr", "Türkiye'nin İstanbul’da İSTANBUL", "Türkiye | İstanbul | İSTANBUL");
    written("it", "Dell'Aquila dell'aquila", "Aquila | aquila");
    written("en", "l'Homme", "l'Homme");
    written("en", "Cafe\u0301 CAFE\u0301 Govern\u00adment ＡＰＰＬＥ Ａｐｐｌｅ",
            "Café | CAFÉ | Government | APPLE | Apple");
    written("de", "Straße ﬁne ﬀ", "Strasse | fine | ff");
    written("el", "Λόγος ΛΌΓΟΣ", "Λόγοσ | ΛΌΓΟΣ");
    written("zh", "北京 水", "北京 | 水");
}

static void test_hyphens(void **state)
{
    (void)state;
    terms("en", "anti-drug anti‑drug anti–drug", "anti | drug | anti | drug | anti | drug");
    terms("en", "govern\xc2\xadment", "govern"); /* soft hyphen */
    terms("en", "govern-\nment", "govern | ment");
}

static void test_acronyms_with_dots(void **state)
{
    (void)state;
    terms("en", "U.K. UK u.k. N.A.T.O. NATO Nato", "uk | uk | uk | nato | nato | nato");
    terms("es", "EE.UU. EEUU", "eeuu | eeuu");
    terms("en", "bbc.co.uk Ph.D. 3.5", "bbc.co.uk | ph.d | 3.5");
    terms("en", "6 a.m. 6 AM today, 5 p.m. 5 PM", "6 | a.m | 6 | a.m | today | 5 | pm | 5 | pm");
}

static void test_us_is_the_country_or_the_pronoun(void **state)
{
    (void)state;
    terms("en", "U.S. u.s. US us Us", "u.s | u.s | u.s | us | us");
    terms("en", "The US told us", "the | u.s | told | us");
    terms("en", "US's U.S. US’s U.S.’s", "u.s | u.s | u.s | u.s");
    terms("en", "the WHO and who IT it", "the | w.h.o | and | who | i.t | it");
}

static void test_us_among_capitals(void **state)
{
    (void)state;
    terms("en", "LEAVE US ALONE", "leav | us | alon");
    terms("en", "LEAVE THE U.S. ALONE", "leav | the | u.s | alon");
    /* A word alone, as in a query, or among short acronyms, is the country. */
    terms("en", "US", "u.s");
    terms("en", "US EU", "u.s | eu");
    terms("en", "US tariffs", "u.s | tariff");
    /* Only the same line counts. */
    terms("en", "TRADE TALKS\nUS officials", "trade | talk | u.s | offici");
    terms("en", "TELL US MORE STORIES\nshe said", "tell | us | more | stori | she | said");
    /* And only three words on either side. */
    terms("en", "small words far off BUT NONE NEARBY FOR US TODAY AND TOMORROW then small",
          "small | word | far | off | but | none | nearbi | for | us | today | and | tomorrow | "
          "then | small");
}

static void test_numbers(void **state)
{
    (void)state;
    terms("en", "1,000 1000 1,250,000 3.5 3.5% 1,250.5",
          "1000 | 1000 | 1250000 | 3.5 | 3.5 | "
          "1250.5");
    terms("en", "$1.13bn £3,200m 10,000-strong", "1.13bn | 3200m | 10000 | strong");
    terms("en", "1.000,50 1,5 1,0000 12,34,567", "1.000,50 | 1,5 | 1,0000 | 12,34,567");
    terms("en", "１２３ ½", "123 | 1⁄2");
    terms("en", "1990s G20", "1990s | g20");
}

static void test_hashtags_and_handles(void **state)
{
    (void)state;
    terms("en", "#tariffs @who @Trade_Desk #US said", "tariff | who | trade_desk | u.s | said");
}

static void test_capitals_give_the_terms_of_small_letters(void **state)
{
    (void)state;
    const char *expected = "offici | said | the | talk | in | beij | had | end";
    terms("en", "OFFICIALS SAID THE TALKS IN BEIJING HAD ENDED", expected);
    terms("en", "officials said the talks in Beijing had ended", expected);
}

static void test_diacritics(void **state)
{
    (void)state;
    terms("", "Erdoğan Erdogan Zoë café", "erdogan | erdogan | zoe | cafe");
    terms("", "straße STRASSE Łódź Ørsted æon œuvre đ ħ",
          "strasse | strasse | lodz | orsted | "
          "aeon | oeuvre | d | h");
    terms("", "cafe\xcc\x81", "cafe"); /* combining */
    terms("ru", "ёлка", "елк");
    terms("", "мой її", "мой | її"); /* letters of their own */
    terms("", "हिन्दी", "हिन्दी");
    check_with((ns_analysis_settings){.keep_diacritics = true}, "", "Erdoğan Zoë", "erdoğan | zoë",
               false);
    surfaces("", "Erdoğan", "erdoğan");
}

static void test_case_and_compatibility(void **state)
{
    (void)state;
    terms("", "ﬁnance Ｆｕｌｌ ΣΊΣΥΦΟΣ ǅ", "finance | full | σισυφοσ | dz");
}

static void test_stemming(void **state)
{
    (void)state;
    terms("en", "controls controlled", "control | control");
    terms("de", "Häuser Haus", "haus | haus");
    terms("", "controls", "controls");
    check_with((ns_analysis_settings){.no_stemming = true}, "en", "controls U.S.", "controls | u.s",
               false);
}

static void test_chinese_and_japanese(void **state)
{
    (void)state;
    terms("zh", "贸易战升级", "贸易 | 易战 | 战升 | 升级");
    terms("zh", "说。好", "说 | 好");
    terms("zh", "2024年GDP增长", "2024 | 年 | gdp | 增长");
    terms("ja", "東京タワーへ", "東京 | 京タ | タワ | ワー | ーへ");
    terms("ja", "ｶﾞｷ が", "ガキ | が"); /* half width; the voicing mark stays */
    terms("", "か\xe3\x82\x99き", "がき");
}

static void test_thai_khmer_lao_burmese(void **state)
{
    (void)state;
    terms("", "ไทย", "ไท | ทย");
    terms("", "กำ", "กํา"); /* one cluster */
    terms("", "ភាសា", "ភាសា");
    terms("", "ລາວ", "ລາ | າວ");
    terms("", "မြန်မာ", "မြန် | န်မာ");
}

static void test_korean_is_words(void **state)
{
    (void)state;
    terms("", "무역 협상", "무역 | 협상");
}

static void test_grams_are_marked(void **state)
{
    (void)state;
    ns__analyzer *analyzer;
    ns__tokens tokens = {0};
    assert_int_equal(ns__analyzer_open(&(ns_analysis_settings){0}, &analyzer, NULL), NS_OK);
    assert_int_equal(ns__analyzer_run(analyzer, 0, NS_STR("日本語 a 日"), &tokens, NULL), NS_OK);
    assert_int_equal(tokens.count, 4);
    assert_int_equal(tokens.items[0].flags, NS_TOKEN_GRAM);
    assert_int_equal(tokens.items[1].flags, NS_TOKEN_GRAM | NS_TOKEN_JOINED);
    assert_int_equal(tokens.items[1].start, 3);
    assert_int_equal(tokens.items[1].end, 9);
    assert_int_equal(tokens.items[2].flags, 0);
    assert_int_equal(tokens.items[3].flags, NS_TOKEN_GRAM | NS_TOKEN_SINGLE);
    ns__tokens_release(&tokens);
    ns__analyzer_close(analyzer);
}

static void test_what_is_no_token(void **state)
{
    (void)state;
    terms("en", "— … 😀 ❤️ 🇺🇸 ___ \xcc\x81 € # @ \xc2\xad", "");
    terms("en", "\xe1\x85\x9f a", "a"); /* a letter that folds to nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_curly_quotes_and_apostrophes),
        cmocka_unit_test(test_possessives),
        cmocka_unit_test(test_elisions),
        cmocka_unit_test(test_capitals_kept),
        cmocka_unit_test(test_hyphens),
        cmocka_unit_test(test_acronyms_with_dots),
        cmocka_unit_test(test_us_is_the_country_or_the_pronoun),
        cmocka_unit_test(test_us_among_capitals),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_hashtags_and_handles),
        cmocka_unit_test(test_capitals_give_the_terms_of_small_letters),
        cmocka_unit_test(test_diacritics),
        cmocka_unit_test(test_case_and_compatibility),
        cmocka_unit_test(test_stemming),
        cmocka_unit_test(test_chinese_and_japanese),
        cmocka_unit_test(test_thai_khmer_lao_burmese),
        cmocka_unit_test(test_korean_is_words),
        cmocka_unit_test(test_grams_are_marked),
        cmocka_unit_test(test_what_is_no_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
