/* Merging and deleting: what is left must be, byte for byte, what a fresh index of the same
 * articles is. */
#include <sys/stat.h>

#include "unit/index/help.h"

#include "index/merge.h"
#include "index/snapshot.h"
#include "ns/ns.h"

/* ---- Making indexes ---- */

static ns_writer *open_writer(const char *name, const ns_index_settings *settings)
{
    ns_error err = {0};
    ns_writer_options options;
    ns_writer *writer = NULL;
    ns_writer_options_init(&options);
    options.settings = settings;
    assert_ok(ns_writer_open(in_folder(name), &options, &writer, &err), err);
    return writer;
}

static void add_random(ns_writer *writer, uint32_t number)
{
    static const char *const languages[] = {"en", "de", "zh", "", "fr"};
    ns_error err = {0};
    test_article article;
    ns__buf json = {0};
    make_article(&article, number);
    article_json(&article, &json);
    json.length--; /* the brace, for more keys */
    char tail[160];
    int bytes = snprintf(tail, sizeof tail,
                         ", \"lang\": \"%s\", \"date\": \"20%02u-0%u-1%u\", \"source\": \"s%u\", "
                         "\"extra\": [1, %u]}",
                         languages[random_below(5)], random_below(30), 1 + random_below(9),
                         random_below(10), random_below(3), random_below(100));
    ns__buf_append(&json, tail, (size_t)bytes);
    assert_ok(ns_writer_add_json(writer, (const char *)json.data, json.length, &err), err);
    ns__buf_release(&json);
    release_article(&article);
}

static void commit(ns_writer *writer)
{
    ns_error err = {0};
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
}

/* Commits of random articles, some with ids used before; then some are deleted. */
static void make_index(const char *name, const ns_index_settings *settings, uint32_t segments,
                       uint32_t each, uint32_t deletions)
{
    ns_error err = {0};
    ns_writer *writer = open_writer(name, settings);
    uint32_t next = 0;
    for (uint32_t s = 0; s < segments; s++) {
        uint32_t count = 1 + random_below(each);
        for (uint32_t i = 0; i < count; i++)
            add_random(writer,
                       deletions && next > 0 && random_below(4) == 0 ? random_below(next) : next++);
        commit(writer);
    }
    for (uint32_t i = 0; i < deletions; i++) {
        char id[32];
        int length = snprintf(id, sizeof id, "news/%u", random_below(next));
        ns_status status = ns_writer_delete(writer, id, (size_t)length, &err);
        assert_true(status == NS_OK || status == NS_NOT_FOUND);
    }
    commit(writer);
    ns_writer_close(writer);
}

/* The live articles of an index, in their order, into a new one. */
static uint64_t index_anew(const char *from, const char *name, const ns_index_settings *settings)
{
    ns_error err = {0};
    ns_index *index = NULL;
    ns_index_stats stats;
    assert_ok(ns_index_open(in_folder(from), &index, &err), err);
    ns_index_get_stats(index, &stats);
    ns_writer *writer = open_writer(name, settings);
    for (uint64_t a = 0; a < stats.articles + stats.deleted_articles; a++) {
        ns_article *article;
        ns_status status = ns_article_at(index, a, &article, &err);
        if (status == NS_NOT_FOUND)
            continue;
        assert_ok(status, err);
        size_t length = 0;
        const char *json = ns_article_json(article, &length);
        assert_ok(ns_writer_add_json(writer, json, length, &err), err);
        ns_article_free(article);
    }
    commit(writer);
    ns_writer_close(writer);
    ns_index_close(index);
    return stats.articles;
}

/* The file of a segment by its extension; malloc'ed bytes. */
static char *segment_file(const char *name, const char *extension, size_t *length)
{
    char **names, *bytes = NULL;
    size_t count;
    ns_error err = {0};
    assert_ok(ns__dir_names(in_folder(name), &names, &count, &err), err);
    for (size_t i = 0; i < count; i++) {
        const char *dot = strrchr(names[i], '.');
        if (dot == NULL || strcmp(dot, extension) != 0)
            continue;
        assert_null(bytes); /* one segment only */
        char path[600];
        snprintf(path, sizeof path, "%s/%s", in_folder(name), names[i]);
        bytes = read_whole_file(path, length);
    }
    ns__dir_free_names(names, count);
    return bytes;
}

static void assert_same_files(const char *one, const char *other, bool dictionary)
{
    static const char *const extensions[] = {".trm", ".art", ".pst", ".pos", ".txt", ".del"};
    for (size_t i = dictionary ? 0 : 1; i < 6; i++) {
        size_t one_length = 0, other_length = 0;
        char *a = segment_file(one, extensions[i], &one_length);
        char *b = segment_file(other, extensions[i], &other_length);
        if (a == NULL && b == NULL) {
            assert_string_equal(extensions[i], ".del");
            continue;
        }
        assert_non_null(a);
        assert_non_null(b);
        if (one_length != other_length || memcmp(a, b, one_length) != 0)
            fail_msg("%s differs: %zu and %zu bytes", extensions[i], one_length, other_length);
        free(a);
        free(b);
    }
}

static void assert_same_segment(const char *one, const char *other)
{
    assert_same_files(one, other, true);
}

static bool print_fault(void *payload, const ns_fault *fault)
{
    (void)payload;
    print_message("%s: %s\n", fault->file, fault->message);
    return true;
}

static void assert_sound(const char *name)
{
    ns_error err = {0};
    ns_check_summary summary;
    assert_ok(ns_index_check(in_folder(name), print_fault, NULL, &summary, &err), err);
    assert_int_equal(summary.faults, 0);
}

static ns_merge_summary merge(const char *name, uint64_t memory)
{
    ns_error err = {0};
    ns_merge_summary summary;
    ns_writer_options options;
    ns_writer *writer;
    ns_writer_options_init(&options);
    options.memory_bytes = memory;
    assert_ok(ns_writer_open(in_folder(name), &options, &writer, &err), err);
    assert_ok(ns_writer_merge(writer, &summary, &err), err);
    ns_writer_close(writer);
    return summary;
}

/* ---- Tests ---- */

static ns_index_settings small_blocks(void)
{
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    settings.block_postings = 4;
    settings.window_passages = 16;
    settings.store_block_bytes = 4096;
    return settings;
}

static ns_results *search(ns_index *index, const char *query, const ns_search_options *options)
{
    ns_error err = {0};
    ns_results *results;
    assert_ok(ns_search(index, query, strlen(query), options, &results, &err), err);
    return results;
}

static void random_query(char *query, size_t room)
{
    static const char *const signs[] = {"", "", "", "+", "-"};
    size_t used = 0, leaves = 1 + random_below(4);
    for (size_t i = 0; i < leaves; i++) {
        const char *first = TEST_WORDS[random_below(TEST_WORD_COUNT)];
        const char *second = TEST_WORDS[random_below(10)], *sign = signs[random_below(5)];
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
    for (uint32_t q = 0; q < queries; q++) {
        ns_search_options options;
        ns_search_options_init(&options);
        options.limit = 1 + random_below(20);
        options.passages = random_below(4) == 0;
        options.count = true;
        random_query(query, sizeof query);
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
    check_merge(&settings, 17, 6, 30);
    check_merge(&settings, 2, 3, 200); /* nothing may be left */
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

static ns_status keep_progress(void *payload, const ns__merge_progress *progress, ns_error *err)
{
    (void)err;
    *(ns__merge_progress *)payload = *progress;
    return NS_OK;
}

/* Merges the index into another folder, with what can be copied copied or not. */
static ns__merge_progress merge_into(const char *from, const char *name, bool recode)
{
    ns_error err = {0};
    ns_index *index;
    ns__segment_ref ref;
    ns__merge_input inputs[20];
    ns__merge_progress progress = {0};
    remove_tree(in_folder(name));
    assert_int_equal(mkdir(in_folder(name), 0700), 0);
    char into[600];
    snprintf(into, sizeof into, "%s", in_folder(name));
    assert_ok(ns_index_open(in_folder(from), &index, &err), err);
    for (uint32_t i = 0; i < index->manifest.segment_count; i++)
        inputs[i] = (ns__merge_input){&index->segments[i], index->segments[i].deleted};
    const ns__merge_options options = {.settings = &index->manifest.settings,
                                       .directory = into,
                                       .generation = 7,
                                       .memory_bytes = 1, /* tells after each step */
                                       .tick = keep_progress,
                                       .payload = &progress,
                                       .recode = recode};
    assert_ok(ns__merge(&options, inputs, index->manifest.segment_count, &ref, &err), err);
    ns_index_close(index);
    return progress;
}

static uint64_t copied_text; /* by all merges of the test */

/* Articles of one passage; each word of a segment is in all of its articles and in no other. */
static void make_equal_articles(const char *name, const ns_index_settings *settings,
                                const uint32_t *counts)
{
    ns_error err = {0};
    uint32_t next = 0;
    remove_tree(in_folder(name));
    ns_writer *writer = open_writer(name, settings);
    for (uint32_t s = 0; s < 2; s++) {
        for (uint32_t i = 0; i < counts[s]; i++) {
            char json[80];
            const int length =
                snprintf(json, sizeof json, "{\"id\": \"news/%u\", \"body\": \"%s\"}", next++,
                         s == 0 ? "grain fell" : "boats waited");
            assert_ok(ns_writer_add_json(writer, json, (size_t)length, &err), err);
        }
        commit(writer);
    }
    ns_writer_close(writer);
}

/* Deletes articles [from, to). */
static void delete_range(const char *name, uint32_t from, uint32_t to)
{
    ns_error err = {0};
    ns_writer *writer = open_writer(name, NULL);
    for (uint32_t i = from; i < to; i++) {
        char id[32];
        const int length = snprintf(id, sizeof id, "news/%u", i);
        assert_ok(ns_writer_delete(writer, id, (size_t)length, &err), err);
    }
    commit(writer);
    ns_writer_close(writer);
}

/* What is copied is what decoding and coding it anew gives. Returns the blocks copied. */
static uint64_t compare_copied(void)
{
    const ns__merge_progress copied = merge_into("many", "copied", false);
    const ns__merge_progress plain = merge_into("many", "recoded", true);
    assert_same_segment("copied", "recoded");
    assert_int_equal(plain.copied_blocks + plain.copied_text, 0);
    copied_text += copied.copied_text;
    return copied.copied_blocks;
}

static uint64_t check_copied(const ns_index_settings *settings, uint32_t segments, uint32_t each,
                             uint32_t deletions)
{
    remove_tree(in_folder("many"));
    make_index("many", settings, segments, each, deletions);
    return compare_copied();
}

/* Articles of one passage in one language: lists that are longer than a block of 256. */
static void make_short_articles(const char *name, uint32_t segments, uint32_t each)
{
    ns_error err = {0};
    ns_writer *writer = open_writer(name, NULL);
    for (uint32_t i = 0; i < segments * each; i++) {
        ns__buf json = {0};
        char id[80];
        int length = snprintf(id, sizeof id, "{\"id\": \"%u\", \"lang\": \"en\", \"body\": \"", i);
        ns__buf_append(&json, id, (size_t)length);
        random_words(&json, 12, false);
        ns__buf_append(&json, "\"}", 2);
        assert_ok(ns_writer_add_json(writer, (const char *)json.data, json.length, &err), err);
        ns__buf_release(&json);
        if ((i + 1) % each == 0)
            commit(writer);
    }
    assert_ok(ns_writer_delete(writer, "500", 3, &err), err);
    commit(writer);
    ns_writer_close(writer);
}

static void test_copied_is_recoded(void **state)
{
    (void)state;
    uint64_t blocks = 0;
    ns_index_settings settings = small_blocks();
    settings.store_level = 4; /* any whole block of text is copied, not only many megabytes */
    settings.store_block_bytes = 256;
    blocks += check_copied(&settings, 2, 30, 0);
    blocks += check_copied(&settings, 2, 30, 1);
    blocks += check_copied(&settings, 1, 30, 6);
    blocks += check_copied(&settings, 6, 12, 0);
    blocks += check_copied(&settings, 17, 6, 9);
    for (uint32_t dead = 3; dead <= 6; dead++) { /* nobody is left in front of whole blocks */
        make_equal_articles("many", &settings, (uint32_t[]){dead + 2, 1});
        delete_range("many", 0, dead);
        (void)compare_copied();
    }
    settings.block_postings =
        16; /* as many died as stand in front: the last id stays, others not */
    make_equal_articles("many", &settings, (uint32_t[]){2, 5});
    delete_range("many", 3, 5);
    (void)compare_copied();
    settings.block_postings = 2;
    settings.title_weight = 0;
    blocks += check_copied(&settings, 5, 12, 3);
    settings.no_text = true;
    settings.store_level = 0;
    blocks += check_copied(&settings, 5, 12, 3);
    assert_true(blocks > 0 && copied_text > 0);
    make_short_articles("short", 2, 600);
    assert_true(merge_into("short", "copied", false).copied_blocks > 0);
    merge_into("short", "recoded", true);
    assert_same_segment("copied", "recoded");
}

/* The text of the same articles is in a twin. Forms that only dead articles had stay. */
static void check_merge_without_text(uint32_t segments, uint32_t each, uint32_t deletions)
{
    ns_index_settings settings = small_blocks(), twin = settings;
    static const char *const names[] = {"many", "twin", "fresh"};
    for (int i = 0; i < 3; i++)
        remove_tree(in_folder(names[i]));
    settings.no_text = true;
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
    check_merge_without_text(17, 6, 30);
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
        cmocka_unit_test(test_copied_is_recoded),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
