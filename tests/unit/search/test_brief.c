/* A result shown briefly is what it is when its whole article is read. */
#include "unit/index/help.h"

#include "ns/ns.h"

enum { ARTICLES = 120 };

static void make_index(const ns_index_settings *settings)
{
    ns_error err = {0};
    ns_writer_options options;
    ns_writer *writer;
    ns__buf json = {0};
    remove_tree(in_folder("index"));
    ns_writer_options_init(&options);
    options.settings = settings;
    assert_ok(ns_writer_open(in_folder("index"), &options, &writer, &err), err);
    for (uint32_t i = 0; i < ARTICLES; i++) {
        test_article article;
        make_article(&article, i);
        article_json(&article, &json);
        assert_ok(ns_writer_add_json(writer, (const char *)json.data, json.length, &err), err);
        release_article(&article);
    }
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
    ns_writer_close(writer);
    ns__buf_release(&json);
}

static void assert_same_marks(ns_marked a, ns_marked b)
{
    assert_int_equal(a.length, b.length);
    if (a.length > 0)
        assert_memory_equal(a.text, b.text, a.length);
    assert_int_equal(a.mark_count, b.mark_count);
    if (a.mark_count > 0)
        assert_memory_equal(a.marks, b.marks, a.mark_count * sizeof *a.marks);
}

/* Id and columns, and nothing of the text. */
static void assert_facts(const ns_article *article, const ns_article *whole)
{
    static const char *const NAMES[] = {"date", "source", "section", "lang", "author", "url"};
    size_t length;
    assert_string_equal(ns_article_id(article, NULL), ns_article_id(whole, NULL));
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        assert_string_equal(ns_article_column(article, NAMES[i], NULL),
                            ns_article_column(whole, NAMES[i], NULL));
    assert_int_equal(ns_article_passages(article), ns_article_passages(whole));
    assert_string_equal(ns_article_body(article, &length), "");
    assert_int_equal(length, 0);
    assert_string_equal(ns_article_json(article, &length), "");
    assert_int_equal(length, 0);
}

static void compare_result(const ns_index *index, const ns_results *results, size_t i, size_t words)
{
    ns_error err = {0};
    ns_shown *brief, *whole;
    ns_article *facts;
    bool cut[4];
    uint64_t start, end;
    assert_ok(ns_results_show(results, i, words, &whole, &err), err);
    assert_ok(ns_results_show_brief(results, i, words, &brief, &err), err);
    assert_ok(ns_article_facts_at(index, ns_results_get(results, i).article, &facts, &err), err);
    assert_same_marks(ns_shown_passage(brief), ns_shown_passage(whole));
    assert_same_marks(ns_shown_title(brief), ns_shown_title(whole));
    ns_shown_cut(brief, &cut[0], &cut[1]);
    ns_shown_cut(whole, &cut[2], &cut[3]);
    assert_true(cut[0] == cut[2] && cut[1] == cut[3]);
    ns_shown_range(brief, &start, &end);
    assert_true(start == 0 && end == 0);
    assert_facts(ns_shown_article(brief), ns_shown_article(whole));
    assert_facts(facts, ns_shown_article(whole));
    assert_string_equal(ns_article_title(facts, NULL), "");
    ns_article_free(facts);
    ns_shown_free(brief);
    ns_shown_free(whole);
}

static size_t compare_all(void)
{
    ns_error err = {0};
    ns_index *index;
    size_t compared = 0;
    assert_ok(ns_index_open(in_folder("index"), &index, &err), err);
    for (uint32_t word = 0; word < TEST_WORD_COUNT; word += quick_tests() ? 7 : 3) {
        ns_search_options options;
        ns_results *results;
        ns_search_options_init(&options);
        options.limit = 20;
        options.passages = word % 2;
        const char *query = TEST_WORDS[word];
        if (ns_search(index, query, strlen(query), &options, &results, &err) != NS_OK)
            continue;
        for (size_t i = 0; i < ns_results_count(results); i++, compared++)
            compare_result(index, results, i, i % 3 * 15);
        ns_results_free(results);
    }
    ns_index_close(index);
    return compared;
}

/* Blocks of stored text shorter and longer than an article, of both kinds; and no text at all. */
static void test_same_as_whole(void **state)
{
    (void)state;
    static const uint32_t BLOCKS[] = {512, 4096, 1 << 20};
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    for (size_t b = 0; b < sizeof BLOCKS / sizeof *BLOCKS; b++)
        for (int level = 0; level <= 6; level += 6) {
            settings.store_block_bytes = BLOCKS[b];
            settings.store_level = level;
            make_index(&settings);
            assert_true(compare_all() > 50);
        }
    settings.no_text = true;
    make_index(&settings);
    ns_error err = {0};
    ns_index *index;
    ns_article *facts;
    assert_ok(ns_index_open(in_folder("index"), &index, &err), err);
    assert_ok(ns_article_facts_at(index, 3, &facts, &err), err);
    assert_string_equal(ns_article_id(facts, NULL), "news/3");
    assert_string_equal(ns_article_title(facts, NULL), "");
    ns_article_free(facts);
    assert_int_equal(ns_article_facts_at(index, ARTICLES, &facts, &err), NS_NOT_FOUND);
    ns_index_close(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_as_whole)};
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
