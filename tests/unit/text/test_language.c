/* Language codes, and guessing languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libstemmer.h>

#include "base/limits.h"
#include "text/guess_latin.h"
#include "unit/quick.h"
#include "unit/text/text_random.h"

static ns__str str(const char *text)
{
    return (ns__str){(const uint8_t *)text, strlen(text)};
}

static void test_every_stemmer_of_snowball_is_known(void **state)
{
    (void)state;
    size_t count = 0;
    for (const char **name = sb_stemmer_list(); *name != NULL; name++) {
        ns__lang lang;
        if (strcmp(*name, "porter") == 0)
            continue; /* the older one for English */
        if (!ns__lang_parse(str(*name), &lang) || lang == 0)
            fail_msg("no language for the stemmer %s", *name);
        struct sb_stemmer *stemmer = sb_stemmer_new(ns__lang_stemmer(lang), NULL);
        assert_non_null(stemmer);
        sb_stemmer_delete(stemmer);
        count++;
    }
    assert_int_equal(count, NS_LANG_AMHARIC - 1);
    assert_string_equal(ns__lang_code(NS_LANG_AMHARIC), "am");
    assert_string_equal(ns__lang_code(NS_LANG_CZECH), "cs");
    assert_string_equal(ns__lang_code(NS_LANG_ICELANDIC), "is");
    for (ns__lang lang = NS_LANG_AMHARIC; lang < ns__lang_count(); lang++)
        assert_null(ns__lang_stemmer(lang));
    assert_true(ns__lang_count() <= NS_MAX_LANGUAGES);
}

static void test_codes(void **state)
{
    (void)state;
    static const struct {
        const char *code, *lang; /* NULL: names no language */
    } cases[] = {{"en", "en"},  {"EN-gb", "en"}, {"en_US", "en"}, {"eng", "en"}, {"English", "en"},
                 {"nb", "no"},  {"cze", "cs"},   {"isl", "is"},   {"amh", "am"}, {"ger", "de"},
                 {"deu", "de"}, {"zh", ""},      {"zh-Hans", ""}, {"pcm", ""},   {"pl", ""},
                 {"", NULL},    {"und", NULL},   {"qq", NULL},    {"mul", NULL}, {"e", NULL},
                 {"en!", NULL}, {"-", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ns__lang lang = 99;
        bool known = ns__lang_parse(str(cases[i].code), &lang);
        assert_int_equal(known, cases[i].lang != NULL);
        assert_string_equal(ns__lang_code(lang), cases[i].lang ? cases[i].lang : "");
    }
    assert_string_equal(ns__lang_code(9999), "");
}

static void test_guesses(void **state)
{
    (void)state;
    static const struct {
        const char *lang, *text;
    } cases[] = {
        {"en", "The minister said that the talks had ended and that there was no deal."},
        {"de", "Der Minister sagte, dass die Gespräche beendet sind und es keine Einigung gibt."},
        {"fr", "Le ministre a dit que les discussions sont terminées et qu'il n'y a pas d'accord."},
        {"es", "El ministro dijo que las conversaciones han terminado y que no hay acuerdo."},
        {"it", "Il ministro ha detto che i colloqui sono finiti e che non c'è un accordo."},
        {"pt", "O ministro disse que as negociações acabaram e que não há acordo para já."},
        {"nl", "De minister zei dat het overleg is afgelopen en dat er geen akkoord is."},
        {"sv", "Ministern sade att samtalen är över och att det inte finns något avtal."},
        {"da", "Ministeren sagde, at samtalerne er slut, og at der ikke er nogen aftale, men af "
               "hensyn til jer blev mødet langt."},
        {"fi", "Ministeri sanoi, että neuvottelut ovat ohi, mutta sopimusta ei ole."},
        {"tr", "Bakan görüşmelerin bittiğini ve bir anlaşma için çok erken olduğunu dedi."},
        {"id", "Menteri mengatakan bahwa perundingan itu telah selesai dan tidak ada hasil."},
        {"ru", "Министр сказал, что переговоры закончились и соглашения нет."},
        {"sr", "Министар је рекао да су разговори завршени."},
        {"el", "Ο υπουργός είπε ότι οι συνομιλίες τελείωσαν."},
        {"ar", "قال الوزير إن المحادثات انتهت دون اتفاق."},
        {"hi", "मंत्री ने कहा कि बातचीत समाप्त हो गई है।"},
        {"ne", "मन्त्रीले वार्ता सकिएको बताएका छन्।"},
        {"ta", "பேச்சுவார்த்தை முடிந்தது."},
        {"hy", "Նախարարն ասաց, որ բանակցություններն ավարտվել են։"},
        {"cs", "Ministr řekl, že jednání je u konce a že se na dohodě ještě nepracuje."},
        {"is", "Ráðherrann sagði að viðræðunum væri lokið og að það hefur ekki verið samið."},
        {"am", "ሚኒስትሩ ድርድሩ እንደተጠናቀቀ ተናግረዋል።"},
        {"", "ሚኒስተር ዘተ ከም ዝተዛዘመ ሓቢሩ፣ ቐዳማይ ስምምዕ የለን።"},
        {"", "Minister powiedział, że rozmowy się zakończyły i nie ma porozumienia."},
        {"", "Міністр сказав, що переговори закінчилися."},
        {"", "وزیر نے کہا کہ مذاکرات ختم ہو گئے ہیں۔"},
        {"", "部长说会谈已经结束，双方没有达成协议。"},
        {"", "大臣は会談が終わったと述べた。"},
        {"", "장관은 회담이 끝났다고 말했다."},
        {"ru", "экыэкыэкы [\\]^`abcdefgh{|}~@"}, /* nine letters of one, eight of the other */
        {"", "экыэкыэкы abcdefghij"},
        {"", "12 345 --- 6.7%"},
        {"", "xqz brrt"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *guess = ns__lang_code(ns__lang_guess(str(cases[i].text)));
        if (strcmp(guess, cases[i].lang) != 0)
            fail_msg("\"%s\", not \"%s\": %s", guess, cases[i].lang, cases[i].text);
    }
}

/* Function words, words of 15 to 17 bytes, news and its damage. */
static void make_text(random_state *random, ns__buf *text)
{
    static const char *const words[] = {"the",
                                        "OF",
                                        "Und",
                                        "die",
                                        "de",
                                        "się",
                                        "været",
                                        "ÅR ",
                                        "e",
                                        "x_y",
                                        "ab12",
                                        "the,",
                                        "a\nde",
                                        "e\u0301 ",
                                        "\u0301 ",
                                        "abcdefghijklmno ",
                                        "abcdefghijklmnop ",
                                        "abcdefghijklmnopq ",
                                        "abcdefghijklmnoé ",
                                        "к "};
    ns__buf_clear(text);
    for (unsigned left = random_below(random, 40); left > 0 && text->length < 900; left--) {
        const char *word = words[random_below(random, sizeof words / sizeof *words)];
        if (random_below(random, 4) == 0)
            random_prose(random, 1, 20, text);
        ns__buf_append(text, word, strlen(word));
        if (random_below(random, 4))
            ns__buf_u8(text, ' ');
    }
}

/* Words of ASCII are read many bytes at a time: as one character after the other. */
static void test_same_guess_plainly(void **state)
{
    (void)state;
    random_state random = random_start("guesses");
    ns__guesser *guesser = ns__guesser_open();
    assert_non_null(guesser);
    ns__buf made = {0};
    int guessed = 0;
    for (int i = 0; i < rounds(20000); i++) {
        make_text(&random, &made);
        uint8_t *own = malloc(made.length ? made.length : 1); /* what is read behind it is found */
        assert_non_null(own);
        if (made.length > 0)
            memcpy(own, made.data, made.length);
        const ns__str text = {own, made.length};
        const ns__lang lang = ns__guess_latin(guesser, text);
        if (lang != ns__guess_latin_plainly(guesser, text))
            fail_msg("another language by bytes: %.*s", (int)text.length, (const char *)own);
        guessed += lang != 0;
        free(own);
    }
    assert_true(guessed > rounds(20000) / 100);
    ns__buf_release(&made);
    ns__guesser_close(guesser);
}

static void test_language_of_a_record(void **state)
{
    (void)state;
    static const struct {
        const char *setting, *code, *lang;
    } cases[] = {{"auto", "", "en"},    {"auto", "de", "de"}, {"auto", "zh", ""},
                 {"auto", "und", "en"}, {"fr", "", "fr"},     {"fr", "en", "en"},
                 {"", "", ""},          {"", "en-GB", "en"},  {"auto", "??", "en"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ns_analysis_settings settings = {0};
        strcpy(settings.language, cases[i].setting);
        ns__analyzer *analyzer;
        assert_int_equal(ns__analyzer_open(&settings, &analyzer, NULL), NS_OK);
        ns__lang lang = ns__analyzer_record_language(
            analyzer, str(cases[i].code), str("The talks of the day had ended and that was it."));
        assert_string_equal(ns__lang_code(lang), cases[i].lang);
        ns__analyzer_close(analyzer);
    }
    ns_error err = {0};
    ns__analyzer *analyzer;
    ns_analysis_settings settings = {.language = "klingon"};
    assert_int_equal(ns__analyzer_open(&settings, &analyzer, &err), NS_ERR_ARGUMENT);
    assert_null(analyzer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_stemmer_of_snowball_is_known),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_guesses),
        cmocka_unit_test(test_same_guess_plainly),
        cmocka_unit_test(test_language_of_a_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
