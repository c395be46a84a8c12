/* Passages: what every cut must keep, on random and on nasty texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "text/passages.h"
#include "text/sentence.h"
#include "text/utf8.h"
#include "unit/text/text_random.h"
#include "unit/quick.h"

static ns__analyzer *open_analyzer(ns_analysis_settings settings)
{
    ns__analyzer *analyzer;
    ns_error err = {0};
    assert_int_equal(ns__analyzer_open(&settings, &analyzer, &err), NS_OK);
    return analyzer;
}

static void check_white(ns__str body, size_t from, size_t to)
{
    assert_true(from <= to);
    assert_int_equal(ns__skip_space((ns__str){body.data, to}, from), to);
}

/* A passage analysed alone gives its tokens. */
static void check_tokens(ns__analyzer *analyzer, ns__lang lang, ns__str body,
                         const ns__passages *cut, const ns__passage *passage)
{
    ns__tokens alone = {0};
    ns__str text = {body.data + passage->start, passage->end - passage->start};
    assert_int_equal(ns__analyzer_run(analyzer, lang, text, &alone, NULL), NS_OK);
    if (alone.count != passage->token_count)
        fail_msg("%zu tokens alone, not %u: %.*s", alone.count, passage->token_count,
                 (int)text.length, (const char *)text.data);
    for (size_t i = 0; i < alone.count; i++) {
        const ns__token *token = &cut->tokens.items[passage->first_token + i];
        if (alone.items[i].start + passage->start != token->start ||
            alone.items[i].end + passage->start != token->end ||
            alone.items[i].form != token->form || alone.items[i].term != token->term ||
            alone.items[i].flags != token->flags)
            fail_msg("token %zu differs in: %.*s", i, (int)text.length, (const char *)text.data);
    }
    ns__tokens_release(&alone);
}

static void check_cut(ns__analyzer *analyzer, ns__str body, const ns__passages *cut, bool one)
{
    size_t end = 0, token = 0, sentence = 0;
    ns__lang lang = ns__analyzer_language(analyzer, NS_STR("en"));
    assert_true(cut->count >= 1);
    for (size_t i = 0; i < cut->count; i++) {
        const ns__passage *passage = &cut->items[i];
        check_white(body, end, passage->start);
        assert_true(passage->end <= body.length);
        assert_true(i == 0 || passage->end > passage->start);
        end = passage->end;
        assert_int_equal(passage->first_token, token);
        assert_int_equal(passage->first_sentence, sentence);
        token += passage->token_count;
        sentence += passage->sentence_count;
        assert_true(one || passage->token_count <= NS_MAX_PASSAGE_TERMS);
        check_tokens(analyzer, lang, body, cut, passage);
        assert_int_equal(passage->sentence_count > 0, passage->token_count > 0);
        for (size_t s = 0; s < passage->sentence_count; s++) {
            uint32_t at = cut->sentences[passage->first_sentence + s].token;
            assert_true(at < passage->token_count);
            if (s == 0)
                assert_int_equal(at, 0);
            else
                assert_true(at > cut->sentences[passage->first_sentence + s - 1].token);
        }
    }
    check_white(body, end, body.length);
    assert_int_equal(token, cut->tokens.count);
    assert_int_equal(sentence, cut->sentence_count);
    assert_true(!one || cut->count == 1);
}

static void cut_and_check(ns__analyzer *analyzer, ns__str body, ns__passages *cut, bool one)
{
    ns_error err = {0};
    ns__lang lang = ns__analyzer_language(analyzer, NS_STR("en"));
    assert_int_equal(ns__passages_cut(analyzer, lang, body, cut, &err), NS_OK);
    check_cut(analyzer, body, cut, one);
}

static void test_random_prose(void **state)
{
    (void)state;
    static const uint32_t targets[] = {0, 1, 20, 120, 255, 9999};
    random_state random = random_start("passages");
    ns__passages cut = {0};
    for (int round = 0; round < rounds(600); round++) {
        bool one = round % 17 == 0;
        ns__analyzer *analyzer = open_analyzer(
            (ns_analysis_settings){.passage_terms = targets[round % 6], .one_passage = one});
        ns__buf text = {0};
        random_prose(&random, 1 + random_below(&random, 900), (unsigned)round % 40, &text);
        cut_and_check(analyzer, (ns__str){text.data, text.length}, &cut, one);
        ns__buf_release(&text);
        ns__analyzer_close(analyzer);
    }
    ns__passages_release(&cut);
}

static void test_random_characters(void **state)
{
    (void)state;
    random_state random = random_start("characters");
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){.passage_terms = 40});
    ns__passages cut = {0};
    for (int round = 0; round < rounds(4000); round++) {
        ns__buf text = {0};
        unsigned length = random_below(&random, round % 8 ? 60 : 2500), ascii = (unsigned)round % 9;
        for (unsigned i = 0; i < length; i++)
            random_code(&random, ascii, &text);
        cut_and_check(analyzer, (ns__str){text.data, text.length}, &cut, false);
        ns__buf_release(&text);
        if (ns__analyzer_memory(analyzer) > 8 << 20)
            ns__analyzer_clear(analyzer);
    }
    ns__passages_release(&cut);
    ns__analyzer_close(analyzer);
}

static void test_bodies_without_words(void **state)
{
    (void)state;
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){0});
    ns__passages cut = {0};
    static const char *const bodies[] = {"", " ", "\n\n \t", "\xe3\x80\x80", "...", " — ? \n\n !"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        cut_and_check(analyzer, (ns__str){(const uint8_t *)bodies[i], strlen(bodies[i])}, &cut,
                      false);
        assert_int_equal(cut.count, 1);
        assert_int_equal(cut.items[0].token_count, 0);
    }
    assert_int_equal(ns__passages_cut(analyzer, 0, NS_STR(""), &cut, NULL), NS_OK);
    assert_int_equal(cut.items[0].start, 0);
    assert_int_equal(cut.items[0].end, 0);
    ns__passages_release(&cut);
    ns__analyzer_close(analyzer);
}

static ns__buf repeat(const char *part, size_t times)
{
    ns__buf text = {0};
    for (size_t i = 0; i < times; i++)
        ns__buf_append(&text, part, strlen(part));
    return text;
}

static void test_texts_without_sentences(void **state)
{
    (void)state;
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){0});
    ns__passages cut = {0};
    static const struct {
        const char *part;
        size_t times, least, most; /* passages */
    } cases[] = {
        {"ocr nolse wlth out end\n", 2000, 39, 90}, /* lines without stops */
        {"word, ", 1000, 3, 9},                     /* clauses */
        {"x", 1 << 20, 1, 1},                       /* one word of a megabyte */
        {"贸易", 3000, 23, 30},                     /* a run without spaces */
        {"贸易战升级，", 800, 8, 50},               /* clauses without spaces */
        {"a/b/c/", 400, 4, 12},                     /* words without spaces */
        {"ภาษาไทยไม่มีวรรค", 200, 5, 30},
        {"Short one. ", 3000, 40, 60},
        {"US ", 1000, 3, 10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ns__buf text = repeat(cases[i].part, cases[i].times);
        cut_and_check(analyzer, (ns__str){text.data, text.length}, &cut, false);
        if (cut.count < cases[i].least || cut.count > cases[i].most)
            fail_msg("%zu passages of %s…", cut.count, cases[i].part);
        ns__buf_release(&text);
    }
    ns__passages_release(&cut);
    ns__analyzer_close(analyzer);
}

static void test_a_long_sentence_is_cut_at_a_clause(void **state)
{
    (void)state;
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){0});
    ns__passages cut = {0};
    ns__buf text = repeat("word ", 200);
    ns__buf_append(&text, "clause; ", 8);
    for (int i = 0; i < 200; i++)
        ns__buf_append(&text, "more ", 5);
    cut_and_check(analyzer, (ns__str){text.data, text.length}, &cut, false);
    assert_int_equal(cut.count, 2);
    assert_int_equal(cut.items[0].token_count, 201);
    assert_int_equal(text.data[cut.items[0].end - 1], ';');
    ns__buf_release(&text);
    ns__passages_release(&cut);
    ns__analyzer_close(analyzer);
}

static void test_paragraphs_are_preferred(void **state)
{
    (void)state;
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){0});
    ns__passages cut = {0};
    ns__buf text = repeat("Ten words make up this sentence and it then ends. ", 9);
    ns__buf_append(&text, "\n\n", 2);
    ns__buf second = repeat("Ten words make up this sentence and it then ends. ", 11);
    ns__buf_append(&text, second.data, second.length);
    cut_and_check(analyzer, (ns__str){text.data, text.length}, &cut, false);
    assert_int_equal(cut.count, 2);
    assert_int_equal(cut.items[0].token_count, 90);
    assert_int_equal(cut.items[0].sentence_count, 9);
    assert_true(cut.sentences[0].paragraph);
    assert_false(cut.sentences[1].paragraph);
    assert_true(cut.sentences[9].paragraph);
    ns__buf_release(&text);
    ns__buf_release(&second);
    /* A few words at the end are no passage of their own. */
    text = repeat("Ten words make up this sentence and it then ends. ", 12);
    ns__buf_append(&text, "\n\nThe end.", 10);
    cut_and_check(analyzer, (ns__str){text.data, text.length}, &cut, false);
    assert_int_equal(cut.count, 1);
    assert_int_equal(cut.sentences[12].token, 120);
    ns__buf_release(&text);
    ns__passages_release(&cut);
    ns__analyzer_close(analyzer);
}

/* Sentences of one length, in one paragraph: as many as come nearest to the target. */
static void test_the_nearest_end(void **state)
{
    (void)state;
    static const uint32_t CASES[][2] = {/* words of a sentence, of a passage */
                                        {7, 119},  {10, 120}, {11, 121}, {13, 117},
                                        {40, 120}, {70, 140}, {130, 130}};
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){0});
    ns__passages cut = {0};
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        ns__buf text = {0};
        for (uint32_t i = 0; i < 60 * CASES[c][0]; i++)
            ns__buf_append(&text, i % CASES[c][0] ? " by" : ". So", i % CASES[c][0] ? 3 : 4);
        cut_and_check(analyzer, (ns__str){text.data, text.length}, &cut, false);
        assert_true(cut.count > 1);
        for (size_t p = 0; p + 1 < cut.count; p++)
            assert_int_equal(cut.items[p].token_count, CASES[c][1]);
        ns__buf_release(&text);
    }
    ns__passages_release(&cut);
    ns__analyzer_close(analyzer);
}

/* "US" is the country or the pronoun by the capitals of its own passage. */
static void test_capitals_count_within_the_passage(void **state)
{
    (void)state;
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){.passage_terms = 4});
    ns__passages cut = {0};
    ns__str body = NS_STR("THEY TOLD US EVERYTHING. The US said no. LEAVE US ALONE NOW!");
    cut_and_check(analyzer, body, &cut, false);
    assert_int_equal(cut.count, 3);
    assert_true(ns__str_equal(ns__analyzer_term(analyzer, cut.tokens.items[2].term), NS_STR("us")));
    assert_int_equal(cut.tokens.items[2].term, cut.tokens.items[9].term);
    assert_int_not_equal(cut.tokens.items[2].term, cut.tokens.items[5].term);
    ns__passages_release(&cut);
    ns__analyzer_close(analyzer);
}

/* "U.S.'s" has no word s; but where a sentence ends before it, that sentence alone has one, and so
 * must the passage. */
static void test_a_stop_before_an_s(void **state)
{
    (void)state;
    ns__passages cut = {0};
    ns__analyzer *analyzer = open_analyzer((ns_analysis_settings){.passage_terms = 120});
    static const char *const texts[] = {"\xe1\x8d\xa2.'S",
                                        "a\xe1\x8d\xa2.\xe2\x80\x99S b",
                                        "The U.S.'s word",
                                        "\xe3\x80\x82.'s",
                                        ".'s",
                                        "1990's"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cut_and_check(analyzer, (ns__str){(const uint8_t *)texts[i], strlen(texts[i])}, &cut,
                      false);
    ns__passages_release(&cut);
    ns__analyzer_close(analyzer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_prose),
        cmocka_unit_test(test_random_characters),
        cmocka_unit_test(test_bodies_without_words),
        cmocka_unit_test(test_texts_without_sentences),
        cmocka_unit_test(test_a_long_sentence_is_cut_at_a_clause),
        cmocka_unit_test(test_paragraphs_are_preferred),
        cmocka_unit_test(test_the_nearest_end),
        cmocka_unit_test(test_capitals_count_within_the_passage),
        cmocka_unit_test(test_a_stop_before_an_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
