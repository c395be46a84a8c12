/* Stems that we make ourselves: of the languages for which Snowball has none, and of English. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libstemmer.h>

#include "text/english.h"
#include "text/language.h"
#include "text/light.h"
#include "text/utf8.h"

#include "../quick.h"
#include "text_random.h"

/* The term of a single word; static, made anew by each call. */
static const char *term_of(const char *code, ns_analysis_settings settings, const char *word)
{
    static char out[4096];
    ns__analyzer *analyzer;
    assert_int_equal(ns__analyzer_open(&settings, &analyzer, NULL), NS_OK);
    ns__lang lang = ns__analyzer_language(analyzer, (ns__str){(const uint8_t *)code, strlen(code)});
    ns__tokens tokens = {0};
    ns__str text = {(const uint8_t *)word, strlen(word)};
    assert_int_equal(ns__analyzer_run(analyzer, lang, text, &tokens, NULL), NS_OK);
    assert_int_equal(tokens.count, 1);
    ns__str term = ns__analyzer_term(analyzer, tokens.items[0].term);
    assert_true(term.length > 0 && term.length < sizeof out);
    memcpy(out, term.data, term.length);
    out[term.length] = '\0';
    ns__tokens_release(&tokens);
    ns__analyzer_close(analyzer);
    return out;
}

/* Every word of the line has that term. */
static void all_are(const char *code, const char *line, const char *term)
{
    char words[512];
    snprintf(words, sizeof words, "%s", line);
    for (char *rest = words, *word; (word = strsep(&rest, " ")) != NULL;)
        if (strcmp(term_of(code, (ns_analysis_settings){0}, word), term) != 0)
            fail_msg("%s is %s, not %s", word, term_of(code, (ns_analysis_settings){0}, word),
                     term);
}

static void test_czech(void **state)
{
    (void)state;
    all_are("cs", "rok roku roce roky roků rokem rokům", "rok");
    all_are("cs", "Praha Prahy Praze Prahou", "prah");
    all_are("cs", "dům domu domy domem", "dom");
    all_are("cs", "konec konce konci koncem", "konk");
    all_are("cs", "muž muže mužem mužích", "muh");
    all_are("cs", "slavný slavného slavnější nejslavnější", "slav");
    all_are("cs", "Novákův Novák Nováka Novákovi", "novak");
    all_are("cs", "čeština česká českých", "cesk");
    all_are("cs", "hlasovat hlasoval hlasování hlasuje", "hlas");
    all_are("cs", "skutečnost skutečně", "skutec");
    all_are("cs", "ministr ministři ministerstvo", "minist"); /* six letters */
    all_are("cs", "psi", "psi");                              /* at least three stay */
    all_are("ces", "Praze", "prah");
    all_are("Czech", "Praze", "prah");
}

static void test_icelandic(void **state)
{
    (void)state;
    all_are("is", "land landið lands löndum löndin", "land");
    all_are("is", "lögregla lögreglan lögreglunnar lögreglunni", "lagreg");
    all_are("is", "eldur eldurinn eldinum eldarnir", "eld");
    all_are("is", "ríkisstjórn ríkisstjórnin ríkisstjórnarinnar", "rikiss");
    all_are("is", "ís", "is");
}

static void test_amharic(void **state)
{
    (void)state;
    all_are("am", "ኢትዮጵያ በኢትዮጵያ የኢትዮጵያ ለኢትዮጵያ ኢትዮጵያን", "ኢትዮጵይ");
    all_are("am", "ተማሪ ተማሪዎች ተማሪዎቹ ተማሪዎችን የተማሪዎቻቸው", "ተማር");
    all_are("am", "ሀገር ሐገር ሃገር ኀገር", "ሀገር");
    all_are("am", "ጸሐፊ ፀሐፊ ፀሀፊ", "ጸሀፍ");
    all_are("am", "ሰው", "ሰው");
}

/* What is no word of the language stays, and so does everything where nothing is to be stemmed. */
static void test_what_stays(void **state)
{
    (void)state;
    static const char *const languages[] = {"am", "cs", "is"};
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        all_are(languages[i], "www.example.com", "www.example.com");
        all_are(languages[i], "trade_wars", "trade_wars");
        all_are(languages[i], "2021ami", "2021ami");
    }
    all_are("pl", "domami", "domami");
    all_are("", "domami", "domami");
    ns_analysis_settings plain = {.no_stemming = true};
    assert_string_equal(term_of("cs", plain, "Praze"), "praze");
    ns_analysis_settings marks = {.keep_diacritics = true};
    assert_string_equal(term_of("cs", marks, "sýrech"), "sýr");
}

/* Any text: something stays, it is UTF-8, and what is written decides, nothing else. */
static void test_random_words(void **state)
{
    (void)state;
    static const char *const letters[] = {"a", "e", "n", "s", "t", "ě", "í", "ů", "š",
                                          "c", "i", "r", "u", "ö", "የ", "ባ", "ች", "ወ",
                                          "m", "z", "k", ".", "😀", "ፗ", "ቈ", "一"};
    uint32_t seed = 20261125;
    print_message("seed %u\n", seed);
    for (int round = 0; round < 30000; round++) {
        uint8_t word[256];
        size_t length = 0, count = (seed >> 5) % 12;
        for (size_t i = 0; i <= count; i++) {
            seed = seed * 1664525 + 1013904223;
            const char *letter = letters[(seed >> 8) % (sizeof letters / sizeof *letters)];
            memcpy(word + length, letter, strlen(letter));
            length += strlen(letter);
        }
        for (ns__lang lang = NS_LANG_AMHARIC; lang < NS_LANGUAGES; lang++) {
            ns__buf one = {0}, two = {0};
            ns__buf_append(&one, word, length); /* exactly as long: reading beyond shows */
            ns__buf_append(&two, word, length);
            ns__buf_append(&two, word, length); /* and with other bytes behind it */
            two.length = length;
            ns__light_stem(lang, &one);
            ns__light_stem(lang, &two);
            assert_true(one.length > 0 && one.length <= length);
            assert_int_equal(ns__utf8_valid_prefix((ns__str){one.data, one.length}), one.length);
            assert_int_equal(one.length, two.length);
            assert_memory_equal(one.data, two.data, one.length);
            ns__buf_release(&one);
            ns__buf_release(&two);
        }
    }
}

/* ---- English ---- */

/* Whether ns stems the word itself; then it has the stem that libstemmer gives it. */
static bool same_stem(struct sb_stemmer *stemmer, const uint8_t *word, size_t length)
{
    ns__buf own = {0};
    ns__buf_append(&own, word, length); /* exactly as long: reading beyond shows */
    const bool known = ns__english_stem(&own);
    const sb_symbol *stem = sb_stemmer_stem(stemmer, word, (int)length);
    const size_t stem_length = known ? (size_t)sb_stemmer_length(stemmer) : length;
    if (!known)
        stem = word;
    if (!ns__str_equal((ns__str){own.data, own.length}, (ns__str){stem, stem_length}))
        fail_msg("%.*s is %.*s, not %.*s", (int)length, (const char *)word, (int)own.length,
                 (const char *)own.data, (int)stem_length, (const char *)stem);
    ns__buf_release(&own);
    return known;
}

static const char *const beginnings[] = {
    "gener",  "commun",  "arsen", "skis",   "skies",  "dying",   "lying",   "tying",   "idly",
    "gently", "ugly",    "early", "only",   "singly", "sky",     "news",    "howe",    "atlas",
    "cosmos", "bias",    "andes", "inning", "outing", "canning", "herring", "earring", "proceed",
    "exceed", "succeed", "y",     "yy",     "'",      "qu",      "abilit",  "relat",   "hop",
};
static const char *const endings[] = {
    "s",     "'s",      "'",       "'s'",   "sses",   "ied",   "ies",   "us",    "ss",
    "eed",   "eedly",   "ed",      "edly",  "ing",    "ingly", "at",    "bl",    "iz",
    "bb",    "tt",      "zz",      "y",     "tional", "enci",  "anci",  "abli",  "entli",
    "izer",  "ization", "ational", "ation", "ator",   "alism", "aliti", "alli",  "fulness",
    "ousli", "ousness", "iveness", "iviti", "biliti", "bli",   "ogi",   "fulli", "lessli",
    "li",    "alize",   "icate",   "iciti", "ical",   "ful",   "ness",  "ative", "al",
    "ance",  "ence",    "er",      "ic",    "able",   "ible",  "ant",   "ement", "ment",
    "ent",   "ism",     "ate",     "iti",   "ous",    "ive",   "ize",   "ion",   "sion",
    "tion",  "e",       "l",       "ll",
};

/* A word with a beginning or some letters, and then endings. */
static size_t random_word(random_state *random, uint8_t *word)
{
    static const char letters[] = "aeiouyaeioubcdfghjklmnpqrstvwxyzlnrst'";
    size_t length = 0;
    if (random_below(random, 4) == 0) {
        const char *some = beginnings[random_below(random, sizeof beginnings / sizeof *beginnings)];
        memcpy(word, some, length = strlen(some));
    }
    for (unsigned i = random_below(random, 8) + (length == 0); i > 0; i--)
        word[length++] = (uint8_t)letters[random_below(random, sizeof letters - 1)];
    for (unsigned i = random_below(random, 4); i > 0; i--) {
        const char *ending = endings[random_below(random, sizeof endings / sizeof *endings)];
        memcpy(word + length, ending, strlen(ending));
        length += strlen(ending);
    }
    return length;
}

static void test_english(void **state)
{
    (void)state;
    struct sb_stemmer *stemmer = sb_stemmer_new("english", NULL);
    random_state random = random_start("test_english");
    const int count = rounds(200000);
    int known = 0;
    assert_non_null(stemmer);
    assert_string_equal(ns__lang_code(NS_LANG_ENGLISH), "en");
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        (void)same_stem(stemmer, (const uint8_t *)beginnings[i], strlen(beginnings[i]));
    for (int i = 0; i < count; i++) {
        uint8_t word[128];
        known += same_stem(stemmer, word, random_word(&random, word));
    }
    assert_true(known > count / 2);
    sb_stemmer_delete(stemmer);
}

/* What else there is in words is left to libstemmer. */
static void test_not_english(void **state)
{
    (void)state;
    static const char *const words[] = {"",        "'tis", "cafés", "Words",
                                        "naïvely", "u.s",  "g7s",   "a-zs"};
    struct sb_stemmer *stemmer = sb_stemmer_new("english", NULL);
    uint8_t longest[41];
    memset(longest, 's', sizeof longest);
    assert_non_null(stemmer);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_false(same_stem(stemmer, (const uint8_t *)words[i], strlen(words[i])));
    assert_false(same_stem(stemmer, longest, sizeof longest));
    assert_true(same_stem(stemmer, longest, sizeof longest - 1));
    sb_stemmer_delete(stemmer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_czech),        cmocka_unit_test(test_icelandic),
        cmocka_unit_test(test_amharic),      cmocka_unit_test(test_what_stays),
        cmocka_unit_test(test_random_words), cmocka_unit_test(test_english),
        cmocka_unit_test(test_not_english),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
