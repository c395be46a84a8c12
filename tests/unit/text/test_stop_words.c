/* Which words are stop words: as they stand in an index with stemming and in one without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/analyzer.h"
#include "text/stop_words.h"

static const char list[] =
    "I me my myself we our ours ourselves you your yours yourself yourselves he him his himself "
    "she her hers herself it its itself they them their theirs themselves what which who whom "
    "this that these those am is are was were be been being have has had having do does did doing "
    "would should could ought I'm you're he's she's it's we're they're I've you've we've they've "
    "I'd you'd he'd she'd we'd they'd I'll you'll he'll she'll we'll they'll isn't aren't wasn't "
    "weren't hasn't haven't hadn't doesn't don't didn't won't wouldn't shan't shouldn't can't "
    "cannot couldn't mustn't let's that's who's what's here's there's when's where's why's how's "
    "a an the and but if or because as until while of at by for with about against between into "
    "through during before after above below to from up down in out on off over under again "
    "further then once here there when where why how all any both each few more most other some "
    "such no nor not only own same so than too very will";

static void check_list(bool no_stemming)
{
    const ns_analysis_settings settings = {.no_stemming = no_stemming};
    ns__analyzer *analyzer;
    ns__tokens tokens = {0};
    assert_int_equal(ns__analyzer_open(&settings, &analyzer, NULL), NS_OK);
    const ns__lang english = ns__analyzer_language(analyzer, NS_STR("en"));
    assert_int_equal(ns__analyzer_run(analyzer, english, NS_STR(list), &tokens, NULL), NS_OK);
    assert_int_equal(tokens.count, 175);
    for (size_t i = 0; i < tokens.count; i++) {
        const ns__str term = ns__analyzer_term(analyzer, tokens.items[i].term);
        if (!ns__is_stop_word(term))
            fail_msg("%.*s is no stop word", (int)term.length, (const char *)term.data);
    }
    ns__tokens_release(&tokens);
    ns__analyzer_close(analyzer);
}

static void test_stemmed(void **state)
{
    (void)state;
    check_list(false);
}

static void test_not_stemmed(void **state)
{
    (void)state;
    check_list(true);
}

/* Organisations, months, and what only begins like one. */
static void test_others(void **state)
{
    (void)state;
    static const char *const words[] = {"",      "us",      "u.s", "w.h.o", "may",         "tariff",
                                        "ourse", "whoever", "aa",  "The",   "yourselvesx", "zone"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_false(ns__is_stop_word((ns__str){(const uint8_t *)words[i], strlen(words[i])}));
    assert_false(ns__is_stop_word(NS_STR("the\0")));
    assert_false(ns__is_stop_word(NS_STR("a\0b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stemmed),
        cmocka_unit_test(test_not_stemmed),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
