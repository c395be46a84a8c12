/* Every string that the library gives has a terminator behind its bytes: who prints it with %s
 * sees it and no more. */
#include "unit/index/help.h"

#include "ns/ns.h"

static const char *const RECORDS[] = {
    "{\"id\": \"p1\", \"title\": \"Harbour talks\", \"body\": \"The harbour talks went on. Pilots "
    "waited at the quay.\", \"date\": \"2025-05-03\", \"source\": \"Wire\", \"section\": "
    "\"Ports\", "
    "\"author\": \"A. Writer\", \"url\": \"https://example.org/p1\", \"lang\": \"en\", \"more\": "
    "7}",
    "{\"id\": \"p2\", \"title\": \"\", \"body\": \"A harbour without a headline.\"}",
    "{\"id\": \"p3\", \"title\": \"A harbour headline and nothing else\", \"body\": \"\"}",
    "{\"body\": \"Harbour, and no id.\"}",
};

static void make_index(const ns_index_settings *settings)
{
    ns_error err = {0};
    ns_writer_options options;
    ns_writer *writer;
    remove_tree(in_folder("index"));
    ns_writer_options_init(&options);
    options.settings = settings;
    assert_ok(ns_writer_open(in_folder("index"), &options, &writer, &err), err);
    for (size_t i = 0; i < sizeof RECORDS / sizeof *RECORDS; i++)
        assert_ok(ns_writer_add_json(writer, RECORDS[i], strlen(RECORDS[i]), &err), err);
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
    ns_writer_close(writer);
}

#define ASSERT_ENDS(text, length)                                                                  \
    do {                                                                                           \
        assert_non_null(text);                                                                     \
        assert_int_equal((text)[length], '\0');                                                    \
        assert_int_equal(strlen(text), length);                                                    \
    } while (0)

static void check_article(const ns_article *article)
{
    static const char *const NAMES[] = {"date", "source", "section", "lang", "author", "url", "no"};
    const char *(*const GETTERS[])(const ns_article *, size_t *) = {
        ns_article_id, ns_article_title, ns_article_body, ns_article_json};
    size_t length;
    const char *text;
    for (size_t i = 0; i < sizeof GETTERS / sizeof *GETTERS; i++) {
        text = GETTERS[i](article, &length);
        ASSERT_ENDS(text, length);
    }
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        text = ns_article_column(article, NAMES[i], &length);
        ASSERT_ENDS(text, length);
    }
}

static void check_articles(const ns_index *index)
{
    for (uint64_t i = 0; i < sizeof RECORDS / sizeof *RECORDS; i++) {
        ns_error err = {0};
        ns_article *article;
        char id[NS_ID_ROOM];
        size_t length;
        assert_ok(ns_article_at(index, i, &article, &err), err);
        check_article(article);
        ns_article_free(article);
        assert_ok(ns_article_facts_at(index, i, &article, &err), err);
        check_article(article);
        ns_article_free(article);
        assert_ok(ns_article_id_at(index, i, id, &length, &err), err);
        ASSERT_ENDS(id, length);
    }
}

static void check_shown(ns_shown *shown)
{
    const ns_marked title = ns_shown_title(shown), passage = ns_shown_passage(shown);
    ASSERT_ENDS(title.text, title.length);
    ASSERT_ENDS(passage.text, passage.length);
    check_article(ns_shown_article(shown));
    ns_shown_free(shown);
}

static void check_results(const ns_index *index)
{
    ns_error err = {0};
    ns_results *results;
    assert_ok(ns_search(index, "harbour", 7, NULL, &results, &err), err);
    assert_true(ns_results_count(results) >= 3);
    for (size_t i = 0; i < ns_results_count(results); i++) {
        for (size_t words = 0; words <= 3; words += 3) {
            ns_shown *shown;
            assert_ok(ns_results_show(results, i, words, &shown, &err), err);
            check_shown(shown);
            assert_ok(ns_results_show_brief(results, i, words, &shown, &err), err);
            check_shown(shown);
        }
    }
    ns_results_free(results);
}

/* What else has strings with a length. */
static void check_others(const ns_index *index)
{
    ns_error err = {0};
    ns_facets_options options;
    ns_query *query;
    ns_suggestions *suggestions;
    ns_spelling *spelling;
    ns_facets_options_init(&options);
    assert_ok(ns_query_parse("*", 1, NULL, &query, &err), err);
    for (int by = NS_FACET_DAY; by <= NS_FACET_LANG; by++) {
        ns_facets *facets;
        options.by = (ns_facet)by;
        assert_ok(ns_facets_of(index, query, NULL, &options, &facets, &err), err);
        for (size_t i = 0; i < ns_facets_count(facets); i++)
            ASSERT_ENDS(ns_facets_get(facets, i).value, ns_facets_get(facets, i).length);
        ns_facets_free(facets);
    }
    ns_query_free(query);
    assert_ok(ns_suggest(index, "talks har", 9, 9, &suggestions, &err), err);
    assert_true(ns_suggestions_count(suggestions) > 0);
    for (size_t i = 0; i < ns_suggestions_count(suggestions); i++)
        ASSERT_ENDS(ns_suggestions_get(suggestions, i).text,
                    ns_suggestions_get(suggestions, i).length);
    ns_suggestions_free(suggestions);
    assert_ok(ns_spell_query(index, "harbuor", 7, NULL, &spelling, &err), err);
    size_t length;
    const char *text = ns_spelling_text(spelling, &length);
    ASSERT_ENDS(text, length);
    ns_spelling_free(spelling);
}

static void test_indexes(void **state)
{
    (void)state;
    ns_error err = {0};
    for (int kind = 0; kind < 4; kind++) {
        ns_index_settings settings;
        ns_index *index;
        ns_index_settings_init(&settings);
        settings.no_text = kind == 1;
        settings.store_level = kind == 2 ? 6 : 0;
        settings.store_block_bytes = kind == 3 ? 16 : 4096; /* headline and passage lie apart */
        make_index(&settings);
        assert_ok(ns_index_open(in_folder("index"), &index, &err), err);
        check_articles(index);
        check_results(index);
        check_others(index);
        ns_index_close(index);
    }
}

/* The text is the caller's where it is valid, and need not be terminated. */
static void test_analysis(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {"The harbour talks", "caf\xe9s \xff", ""};
    for (size_t t = 0; t < sizeof TEXTS / sizeof *TEXTS; t++) {
        ns_error err = {0};
        ns_analysis_settings settings;
        ns_tokens *tokens;
        size_t length = strlen(TEXTS[t]);
        char *copy = malloc(length + 1);
        assert_non_null(copy);
        memcpy(copy, TEXTS[t], length);
        copy[length] = 'x';
        ns_analysis_settings_init(&settings);
        assert_ok(ns_analyze(&settings, "en", copy, length, &tokens, &err), err);
        free(copy);
        const char *text = ns_tokens_text(tokens, &length);
        ASSERT_ENDS(text, length);
        for (size_t i = 0; i < ns_tokens_count(tokens); i++) {
            const ns_token token = ns_tokens_get(tokens, i);
            ASSERT_ENDS(token.term, token.term_length);
            ASSERT_ENDS(token.surface, token.surface_length);
        }
        ns_tokens_free(tokens);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_indexes),
        cmocka_unit_test(test_analysis),
    };
    return cmocka_run_group_tests_name("terminated", tests, make_test_folder, remove_test_folder);
}
