/* Merging and deleting: what is left must be, byte for byte, what a fresh index of the same
 * articles is. */
#include "unit/index/merge_help.h"

static ns_results *search(ns_index *index, const char *query, const ns_search_options *options)
{
    ns_error err = {0};
    ns_results *results;
    assert_ok(ns_search(index, query, strlen(query), options, &results, &err), err);
    return results;
}

/* With `exact`, =words too. */
static void random_query(char *query, size_t room, bool exact)
{
    static const char *const signs[] = {"", "", "", "+", "-", "=", "+="};
    size_t used = 0, leaves = 1 + random_below(4);
    for (size_t i = 0; i < leaves; i++) {
        const char *first = TEST_WORDS[random_below(TEST_WORD_COUNT)];
        const char *second = TEST_WORDS[random_below(10)],
                   *sign = signs[random_below(exact ? 7 : 5)];
        bool phrase = random_below(4) == 0;
        used += (size_t)snprintf(query + used, room - used, phrase ? "%s%s\"%s %s\"" : "%s%s%s",
                                 i ? " " : "", sign, first, second);
    }
}

/* Results of random queries over both: articles, passages, scores to the bit, order, counts. */
static void assert_same_answers(const char *one, const char *other, uint32_t queries)
{
    ns_error err = {0};
    ns_index *a, *b;
    char query[512];
    assert_ok(ns_index_open(in_folder(one), &a, &err), err);
    assert_ok(ns_index_open(in_folder(other), &b, &err), err);
    ns_index_settings settings;
    ns_index_get_settings(a, &settings);
    for (uint32_t q = 0; q < queries; q++) {
        ns_search_options options;
        ns_search_options_init(&options);
        options.limit = 1 + random_below(20);
        options.passages = random_below(4) == 0;
        options.count = true;
        random_query(query, sizeof query, settings.exact);
        ns_results *left = search(a, query, &options), *right = search(b, query, &options);
        ns_hits left_hits = ns_results_hits(left), right_hits = ns_results_hits(right);
        if (ns_results_count(left) != ns_results_count(right) ||
            left_hits.articles != right_hits.articles || left_hits.passages != right_hits.passages)
            fail_msg("other counts: %s", query);
        for (size_t i = 0; i < ns_results_count(left); i++) {
            ns_result x = ns_results_get(left, i), y = ns_results_get(right, i);
            if (x.article != y.article || x.passage != y.passage ||
                memcmp(&x.score, &y.score, sizeof x.score) != 0)
                fail_msg("another result %zu: %s", i, query);
        }
        ns_results_free(left);
        ns_results_free(right);
    }
    ns_index_close(a);
    ns_index_close(b);
}

static void check_merge(const ns_index_settings *settings, uint32_t segments, uint32_t each,
                        uint32_t deletions)
{
    remove_tree(in_folder("many"));
    remove_tree(in_folder("fresh"));
    make_index("many", settings, segments, each, deletions);
    uint64_t live = index_anew("many", "fresh", settings);
    assert_sound("many");
    ns_merge_summary summary = merge("many", random_below(2) ? 0 : 64 << 10);
    assert_int_equal(summary.articles, live);
    assert_sound("many");
    if (live > 0)
        assert_same_segment("many", "fresh");
    assert_same_answers("many", "fresh", 60);
    assert_false(merge("many", 0).merged); /* nothing is left to do */
}

static void test_merged_is_fresh(void **state)
{
    (void)state;
    ns_index_settings settings = small_blocks();
    check_merge(&settings, 1, 12, 5);
    check_merge(&settings, 2, 20, 0);
    check_merge(&settings, 3, 12, 12);
    settings.exact = true;
    check_merge(&settings, (uint32_t)rounds(15) + 2, 6, 30);
    check_merge(&settings, 2, 3, 200); /* nothing may be left */
    if (rounds(10) < 10)
        return;
    ns_index_settings_init(&settings);
    check_merge(&settings, 5, 40, 40);
    settings.title_weight = 0;
    settings.analysis.one_passage = true;
    check_merge(&settings, 4, 12, 8);
    settings.title_weight = 255;
    settings.analysis.one_passage = false;
    settings.analysis.no_stemming = true;
    settings.block_postings = 16;
    check_merge(&settings, 4, 12, 8);
}

/* The text of the same articles is in a twin. Forms that only dead articles had stay. */
static void check_merge_without_text(uint32_t segments, uint32_t each, uint32_t deletions)
{
    ns_index_settings settings = small_blocks(), twin = settings;
    static const char *const names[] = {"many", "twin", "fresh"};
    for (int i = 0; i < 3; i++)
        remove_tree(in_folder(names[i]));
    settings.no_text = true;
    settings.exact = segments % 2;
    uint64_t state = random_state;
    make_index("twin", &twin, segments, each, deletions);
    random_state = state;
    make_index("many", &settings, segments, each, deletions);
    uint64_t live = index_anew("twin", "fresh", &settings);
    assert_sound("many");
    assert_same_answers("many", "twin", 60);
    ns_merge_summary summary = merge("many", 0);
    assert_int_equal(summary.articles, live);
    assert_sound("many");
    assert_sound("fresh");
    if (live > 0)
        assert_same_files("many", "fresh", deletions == 0);
    assert_same_answers("many", "fresh", 60);
}

static void test_merged_without_text(void **state)
{
    (void)state;
    check_merge_without_text(1, 12, 0);
    check_merge_without_text(2, 20, 0);
    check_merge_without_text(3, 12, 12);
    check_merge_without_text((uint32_t)rounds(15) + 2, 6, 30);
    check_merge_without_text(2, 3, 200);
}

/* What an article is when no text is kept, and a result. */
static void test_no_text(void **state)
{
    (void)state;
    static const char record[] = "{\"id\": \"n1\", \"title\": \"Harbour talks\", \"body\": "
                                 "\"Talks began.\", \"date\": \"2024-05-06\", \"more\": 1, "
                                 "\"source\": \"wire\"}";
    ns_error err = {0};
    ns_index *index;
    ns_shown *shown;
    size_t length = 1;
    ns_index_settings settings, read;
    ns_index_settings_init(&settings);
    settings.no_text = true;
    strcpy(settings.analysis.language, "en");
    ns_writer *writer = open_writer("textless", &settings);
    assert_ok(ns_writer_add_json(writer, record, sizeof record - 1, &err), err);
    commit(writer);
    ns_writer_close(writer);
    assert_ok(ns_index_open(in_folder("textless"), &index, &err), err);
    ns_index_get_settings(index, &read);
    assert_true(read.no_text);
    ns_results *results = search(index, "talk", NULL);
    assert_int_equal(ns_results_count(results), 1);
    assert_ok(ns_results_show(results, 0, 0, &shown, &err), err);
    assert_int_equal(ns_shown_passage(shown).length, 0);
    assert_string_equal(ns_shown_passage(shown).text, "");
    assert_int_equal(ns_shown_title(shown).length, 0);
    const ns_article *article = ns_shown_article(shown);
    assert_string_equal(ns_article_id(article, &length), "n1");
    assert_string_equal(ns_article_column(article, "date", NULL), "2024-05-06");
    assert_string_equal(ns_article_json(article, NULL),
                        "{\"id\": \"n1\", \"date\": \"2024-05-06\", \"source\": \"wire\"}");
    (void)ns_article_body(article, &length);
    assert_int_equal(length, 0);
    assert_int_equal(ns_article_passages(article), 1);
    ns_shown_free(shown);
    ns_results_free(results);
    ns_index_close(index);
}

/* Forms that only dead articles had are gone, whether they led to a term or were it. */
static void test_forms_of_the_dead(void **state)
{
    (void)state;
    static const char *const records[] = {
        "{\"id\": \"1\", \"title\": \"ports\", \"body\": \"Talks, harbours.\"}",
        "{\"id\": \"2\", \"title\": \"port\", \"body\": \"talk talking harbours\"}",
        "{\"id\": \"3\", \"title\": \"ships\", \"body\": \"tariff\"}",
        "{\"id\": \"4\", \"title\": \"shipped\", \"body\": \"tariffs\"}",
    };
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    strcpy(settings.analysis.language, "en"); /* too short to guess: they would not be stemmed */
    ns_error err = {0};
    ns_writer *writer = open_writer("forms", &settings);
    for (size_t i = 0; i < 4; i++) {
        assert_ok(ns_writer_add_json(writer, records[i], strlen(records[i]), &err), err);
        if (i % 2 == 1)
            commit(writer);
    }
    assert_ok(ns_writer_delete(writer, "2", 1, &err), err);
    assert_ok(ns_writer_delete(writer, "4", 1, &err), err);
    commit(writer);
    ns_writer_close(writer);
    remove_tree(in_folder("fresh"));
    index_anew("forms", "fresh", &settings);
    merge("forms", 0);
    assert_same_segment("forms", "fresh");
}

static void test_nothing_is_left(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_index *index;
    ns_index_stats stats;
    ns_writer *writer = open_writer("gone", NULL);
    add_random(writer, 0);
    commit(writer);
    assert_ok(ns_writer_delete(writer, "news/0", 6, &err), err);
    ns_merge_summary summary; /* takes the deletion in that is not committed yet */
    assert_ok(ns_writer_merge(writer, &summary, &err), err);
    assert_true(summary.merged);
    assert_int_equal(summary.deleted_articles, 1);
    add_random(writer, 1); /* the writer goes on */
    commit(writer);
    ns_writer_close(writer);
    assert_sound("gone");
    assert_ok(ns_index_open(in_folder("gone"), &index, &err), err);
    ns_index_get_stats(index, &stats);
    assert_int_equal(stats.articles, 1);
    assert_int_equal(stats.deleted_articles, 0);
    ns_index_close(index);
}

static void assert_found(const char *name, const char *id, bool expected)
{
    ns_error err = {0};
    ns_index *index;
    ns_article *article;
    assert_ok(ns_index_open(in_folder(name), &index, &err), err);
    ns_status status = ns_article_find(index, id, strlen(id), &article, &err);
    assert_int_equal(status, expected ? NS_OK : NS_NOT_FOUND);
    if (status == NS_OK)
        ns_article_free(article);
    ns_index_close(index);
}

static void test_delete(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_commit_summary summary;
    ns_writer *writer = open_writer("delete", NULL);
    assert_int_equal(ns_writer_delete(writer, "news/0", 6, &err), NS_NOT_FOUND);
    for (uint32_t i = 0; i < 6; i++)
        add_random(writer, i);
    assert_ok(ns_writer_delete(writer, "news/1", 6, &err), err); /* added, not committed */
    assert_int_equal(ns_writer_delete(writer, "news/1", 6, &err), NS_NOT_FOUND);
    assert_ok(ns_writer_delete(writer, "news/2", 6, &err), err);
    add_random(writer, 2); /* comes again: that one stays */
    add_random(writer, 3); /* twice, then deleted: neither stays */
    assert_ok(ns_writer_delete(writer, "news/3", 6, &err), err);
    assert_ok(ns_writer_commit(writer, &summary, &err), err);
    assert_int_equal(summary.articles_deleted, 3);
    assert_found("delete", "news/0", true);
    assert_found("delete", "news/1", false);
    assert_found("delete", "news/2", true);
    assert_found("delete", "news/3", false);
    assert_ok(ns_writer_delete(writer, "news/0", 6, &err), err);
    assert_found("delete", "news/0", true); /* not yet */
    assert_int_equal(ns_writer_delete(writer, "news/0", 6, &err), NS_NOT_FOUND);
    add_random(writer, 4);
    assert_ok(ns_writer_delete(writer, "news/4", 6, &err), err); /* the old one and the new one */
    assert_ok(ns_writer_commit(writer, &summary, &err), err);
    assert_int_equal(summary.articles_deleted, 2);
    assert_found("delete", "news/0", false);
    assert_found("delete", "news/4", false);
    assert_found("delete", "news/5", true);
    ns_writer_close(writer);
    assert_sound("delete");
}

static void test_ids_of_a_snapshot(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_index *index;
    char id[NS_ID_ROOM];
    size_t length = 0;
    assert_ok(ns_index_open(in_folder("delete"), &index, &err), err);
    assert_ok(ns_article_id_at(index, 0, id, &length, &err), err); /* deleted ones too */
    assert_string_equal(id, "news/0");
    assert_int_equal(length, 6);
    assert_int_equal(ns_article_id_at(index, 1000, id, NULL, &err), NS_NOT_FOUND);
    ns_index_close(index);
}

/* A reader goes on with what it opened while the files are merged away. */
static void test_readers_go_on(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_index *index;
    ns_article *article;
    ns_index_stats stats;
    make_index("readers", NULL, 4, 10, 6);
    assert_ok(ns_index_open(in_folder("readers"), &index, &err), err);
    merge("readers", 0);
    ns_index_get_stats(index, &stats);
    assert_true(stats.segments > 0); /* of others all may be dead */
    for (uint64_t a = 0; a < stats.articles + stats.deleted_articles; a++) {
        ns_status status = ns_article_at(index, a, &article, &err);
        if (status == NS_OK)
            ns_article_free(article);
        else
            assert_int_equal(status, NS_NOT_FOUND);
    }
    ns_index_close(index);
    char **names;
    size_t count;
    assert_ok(ns__dir_names(in_folder("readers"), &names, &count, &err), err);
    assert_int_equal(count, 5 + 2); /* one segment, manifest, lock */
    ns__dir_free_names(names, count);
}

static void test_refusals(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_writer *writer = open_writer("refused", NULL), *second = NULL;
    assert_int_equal(ns_writer_open(in_folder("refused"), NULL, &second, &err), NS_ERR_BUSY);
    assert_non_null(strstr(err.message, "another"));
    add_random(writer, 0);
    assert_int_equal(ns_writer_merge(writer, NULL, &err), NS_ERR_ARGUMENT);
    commit(writer); /* the refusal left the writer as it was */
    ns_writer_close(writer);
    ns_writer_options options;
    ns_writer_options_init(&options);
    options.must_exist = true;
    assert_int_equal(ns_writer_open(in_folder("nowhere"), &options, &writer, &err),
                     NS_ERR_NO_INDEX);
    assert_int_not_equal(access(in_folder("nowhere"), F_OK), 0);
}

/* Damage is found before anything is written, and the last commit stays. */
static void test_damage_is_not_copied(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_index_settings settings = small_blocks(); /* positions have blocks */
    make_index("damaged", &settings, 2, 40, 2);
    char **names;
    size_t count, before, damaged = 0;
    assert_ok(ns__dir_names(in_folder("damaged"), &names, &count, &err), err);
    before = count;
    for (size_t i = 0; i < count; i++) {
        const char *dot = strrchr(names[i], '.');
        if (dot == NULL || strcmp(dot, ".pos") != 0)
            continue;
        char path[600];
        size_t length = 0;
        snprintf(path, sizeof path, "%s/%s", in_folder("damaged"), names[i]);
        char *bytes = read_whole_file(path, &length);
        bytes[68] ^= length > 1000; /* in the first section: other positions, well formed */
        damaged += length > 1000;
        write_text_file(path, bytes, length);
        free(bytes);
    }
    ns__dir_free_names(names, count);
    assert_true(damaged > 0);
    ns_writer *writer = open_writer("damaged", NULL);
    assert_int_equal(ns_writer_merge(writer, NULL, &err), NS_ERR_CORRUPT);
    assert_non_null(strstr(err.file, ".pos"));
    assert_int_equal(ns_writer_merge(writer, NULL, &err), NS_ERR_ARGUMENT);
    ns_writer_close(writer);
    assert_ok(ns__dir_names(in_folder("damaged"), &names, &count, &err), err);
    assert_int_equal(count, before);
    ns__dir_free_names(names, count);
}

typedef struct stopper {
    uint64_t calls, stop_at;
} stopper;

static bool stop(void *payload, const ns_progress *progress)
{
    stopper *at = payload;
    assert_true(strcmp(progress->phase, "merging") == 0 || strcmp(progress->phase, "writing") == 0);
    assert_true(progress->input_bytes <= 2 * progress->input_total_bytes);
    return ++at->calls != at->stop_at;
}

/* Stopped at any of its progress calls a merge leaves everything as it was. */
static void test_cancel(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_index_settings settings = small_blocks();
    remove_tree(in_folder("fresh"));
    make_index("cancel", &settings, 3, 10, 5);
    index_anew("cancel", "fresh", &settings);
    ns_status status = NS_ERR_CANCELLED;
    uint64_t stops = 0;
    for (uint64_t at = 1; status == NS_ERR_CANCELLED; at += 1 + at / 4) {
        stopper stops_at = {0, at};
        ns_writer_options options;
        ns_writer *writer;
        ns_writer_options_init(&options);
        options.memory_bytes = 8 << 10;
        options.on_progress = stop;
        options.payload = &stops_at;
        assert_ok(ns_writer_open(in_folder("cancel"), &options, &writer, &err), err);
        status = ns_writer_merge(writer, NULL, &err);
        ns_writer_close(writer);
        assert_sound("cancel");
        stops += status == NS_ERR_CANCELLED;
    }
    assert_int_equal(status, NS_OK);
    assert_true(stops > 5);
    assert_same_segment("cancel", "fresh");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merged_is_fresh),
        cmocka_unit_test(test_merged_without_text),
        cmocka_unit_test(test_no_text),
        cmocka_unit_test(test_forms_of_the_dead),
        cmocka_unit_test(test_nothing_is_left),
        cmocka_unit_test(test_delete),
        cmocka_unit_test(test_ids_of_a_snapshot),
        cmocka_unit_test(test_readers_go_on),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_damage_is_not_copied),
        cmocka_unit_test(test_cancel),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
