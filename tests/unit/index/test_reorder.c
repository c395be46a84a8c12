/* Reordering: another order on disk, the same answers, and bytes that depend on the live articles
 * and their order of input alone. */
#include "unit/index/help.h"

#include <limits.h>

#include "base/limits.h"
#include "index/snapshot.h"
#include "ns/ns.h"

enum { QUERIES = 100 };

static ns_index_settings small_blocks(void)
{
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    settings.block_postings = 8;
    settings.window_passages = 32;
    settings.store_level = 1;
    return settings;
}

static ns_writer *open_writer(const char *name, const ns_index_settings *settings,
                              uint64_t memory_bytes, unsigned threads)
{
    ns_error err = {0};
    ns_writer_options options;
    ns_writer *writer = NULL;
    ns_writer_options_init(&options);
    options.settings = settings;
    options.memory_bytes = memory_bytes;
    options.threads = threads;
    assert_ok(ns_writer_open(in_folder(name), &options, &writer, &err), err);
    return writer;
}

/* Few texts, each many times under another id: scores tie. */
static void add_articles(ns_writer *writer, uint32_t first, uint32_t end)
{
    enum { TEXTS = 40 };
    static test_article texts[TEXTS];
    ns_error err = {0};
    for (uint32_t i = 0; i < TEXTS; i++)
        make_article(&texts[i], 0);
    for (uint32_t number = first; number < end; number++) {
        ns__buf json = {0};
        test_article article = texts[random_below(TEXTS)];
        snprintf(article.id, sizeof article.id, "news/%u", number);
        article_json(&article, &json);
        json.length--;
        char tail[64];
        int bytes = snprintf(tail, sizeof tail, ", \"date\": \"20%02u-0%u-1%u\"}", random_below(30),
                             1 + random_below(9), random_below(10));
        ns__buf_append(&json, tail, (size_t)bytes);
        assert_ok(ns_writer_add_json(writer, (const char *)json.data, json.length, &err), err);
        ns__buf_release(&json);
    }
    for (uint32_t i = 0; i < TEXTS; i++)
        release_article(&texts[i]);
}

/* Segments with tombstones, and articles that came twice. */
static void make_index(const char *name, const ns_index_settings *settings, uint32_t segments,
                       uint32_t each)
{
    ns_error err = {0};
    ns_writer *writer = open_writer(name, settings, 0, 1);
    for (uint32_t s = 0; s < segments; s++) {
        const uint32_t first = s * each - (s > 0 ? each / 8 : 0);
        add_articles(writer, first, first + each);
        assert_ok(ns_writer_commit(writer, NULL, &err), err);
    }
    for (uint32_t i = 0; i < segments * each / 10; i++) {
        char id[32];
        int length = snprintf(id, sizeof id, "news/%u", random_below(segments * each));
        assert_true(ns_writer_delete(writer, id, (size_t)length, &err) >= 0);
    }
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
    ns_writer_close(writer);
}

static bool print_fault(void *payload, const ns_fault *fault)
{
    (void)payload;
    print_error("%s: %s\n", fault->file, fault->message);
    return true;
}

static void assert_sound(const char *name)
{
    ns_error err = {0};
    ns_check_summary summary;
    assert_ok(ns_index_check(in_folder(name), print_fault, NULL, &summary, &err), err);
    assert_int_equal(summary.faults, 0);
}

static ns_index *open_index(const char *name)
{
    ns_error err = {0};
    ns_index *index = NULL;
    assert_ok(ns_index_open(in_folder(name), &index, &err), err);
    return index;
}

static void reorder(const char *name, uint64_t memory_bytes, unsigned threads)
{
    ns_error err = {0};
    ns_merge_summary summary;
    ns_writer *writer = open_writer(name, NULL, memory_bytes, threads);
    assert_ok(ns_writer_reorder(writer, &summary, &err), err);
    assert_int_equal(err.status, NS_OK); /* filled only by what fails */
    assert_true(summary.merged);
    ns_writer_close(writer);
    assert_sound(name);
}

static void merge(const char *name)
{
    ns_error err = {0};
    ns_writer *writer = open_writer(name, NULL, 0, 1);
    assert_ok(ns_writer_merge(writer, NULL, &err), err);
    ns_writer_close(writer);
    assert_sound(name);
}

static uint64_t reordered_articles(const char *name)
{
    ns_index *index = open_index(name);
    ns_index_stats stats;
    ns_index_get_stats(index, &stats);
    ns_index_close(index);
    return stats.reordered_articles;
}

/* ---- The same answers ---- */

static void random_query(char *out, size_t room)
{
    static const char *const signs[] = {"", "", "", "+", "-"};
    size_t length = 0;
    for (uint32_t words = 1 + random_below(4); words > 0; words--) {
        const char *word = TEST_WORDS[random_below(TEST_WORD_COUNT)];
        const char *next = TEST_WORDS[random_below(TEST_WORD_COUNT)];
        length +=
            (size_t)(random_below(4) == 0 ? snprintf(out + length, room - length, "%s\"%s %s\" ",
                                                     signs[random_below(5)], word, next)
                                          : snprintf(out + length, room - length, "%s%s ",
                                                     signs[random_below(5)], word));
    }
}

static void assert_same_results(const ns_results *one, const ns_results *other)
{
    const ns_hits a = ns_results_hits(one), b = ns_results_hits(other);
    assert_int_equal(a.articles, b.articles);
    assert_int_equal(a.passages, b.passages);
    assert_int_equal(a.exact, b.exact);
    assert_int_equal(ns_results_count(one), ns_results_count(other));
    for (size_t i = 0; i < ns_results_count(one); i++) {
        const ns_result x = ns_results_get(one, i), y = ns_results_get(other, i);
        assert_memory_equal(&x.score, &y.score, sizeof x.score);
        assert_int_equal(x.article, y.article);
        assert_int_equal(x.passage, y.passage);
    }
}

static void assert_same_shown(const ns_results *one, const ns_results *other)
{
    for (size_t i = 0; i < ns_results_count(one) && i < 5; i++) {
        ns_error err = {0};
        ns_shown *x, *y;
        assert_ok(ns_results_show(one, i, 20, &x, &err), err);
        assert_ok(ns_results_show(other, i, 20, &y, &err), err);
        const ns_marked a = ns_shown_passage(x), b = ns_shown_passage(y);
        assert_int_equal(a.length, b.length);
        assert_memory_equal(a.text, b.text, a.length);
        assert_string_equal(ns_article_json(ns_shown_article(x), NULL),
                            ns_article_json(ns_shown_article(y), NULL));
        ns_shown_free(x);
        ns_shown_free(y);
    }
}

static void compare_queries(const ns_index *one, const ns_index *other)
{
    for (int q = 0; q < (quick_tests() ? QUERIES / 4 : QUERIES); q++) {
        static const size_t limits[] = {1, 3, 10, 2000};
        char text[400];
        ns_error err = {0};
        ns_results *a, *b;
        ns_search_options options;
        random_query(text, sizeof text);
        ns_search_options_init(&options);
        options.limit = limits[random_below(4)];
        options.passages = random_below(3) == 0;
        options.scope = random_below(3) == 0 ? NS_SCOPE_PASSAGE : NS_SCOPE_ARTICLE;
        options.count = random_below(2) == 0;
        options.no_pruning = random_below(3) == 0;
        ns_status status = ns_search(one, text, strlen(text), &options, &a, &err);
        options.no_pruning = random_below(3) == 0;
        assert_int_equal(ns_search(other, text, strlen(text), &options, &b, &err), status);
        if (status != NS_OK)
            continue;
        assert_same_results(a, b);
        assert_same_shown(a, b);
        ns_results_free(a);
        ns_results_free(b);
    }
}

/* What ns show --all prints, and the ids. */
static void compare_articles(const ns_index *one, const ns_index *other)
{
    ns_index_stats stats, others;
    ns_index_get_stats(one, &stats);
    ns_index_get_stats(other, &others);
    const uint64_t count = stats.articles + stats.deleted_articles;
    assert_int_equal(others.articles + others.deleted_articles, count);
    for (uint64_t a = 0; a <= count; a++) {
        ns_error err = {0};
        ns_article *x = NULL, *y = NULL;
        ns_status status = ns_article_at(one, a, &x, &err);
        assert_int_equal(ns_article_at(other, a, &y, &err), status);
        if (status == NS_OK)
            assert_string_equal(ns_article_json(x, NULL), ns_article_json(y, NULL));
        char id[NS_ID_ROOM], other_id[NS_ID_ROOM];
        status = ns_article_id_at(one, a, id, NULL, &err);
        assert_int_equal(ns_article_id_at(other, a, other_id, NULL, &err), status);
        if (status == NS_OK)
            assert_string_equal(id, other_id);
        ns_article_free(x);
        ns_article_free(y);
    }
}

static void assert_same_answers(const char *name, const char *other_name)
{
    ns_index *one = open_index(name), *other = open_index(other_name);
    compare_articles(one, other);
    compare_queries(one, other);
    ns_index_close(one);
    ns_index_close(other);
}

static void test_same_answers(void **state)
{
    (void)state;
    ns_index_settings settings = small_blocks();
    for_more_threads();
    const uint32_t least = quick_tests() ? 3 : 1; /* of many segments only */
    for (uint32_t segments = least; segments <= 3; segments += 2)
        for (int kind = 0; kind < 3; kind++) {
            settings.no_text = kind == 1;
            settings.exact = kind < 2;
            settings.analysis.one_passage = kind == 2;
            remove_tree(in_folder("plain"));
            make_index("plain", &settings, segments, 300 / segments);
            copy_index("plain", "other");
            merge("plain");
            reorder("other", 0, 2);
            assert_int_equal(reordered_articles("plain"), 0);
            assert_true(reordered_articles("other") > 100);
            assert_same_answers("plain", "other");
        }
}

/* ---- The same bytes ---- */

static void assert_same_bytes(const char *one, const char *other)
{
    static const char *const extensions[] = {".trm", ".art", ".pst", ".pos", ".txt"};
    const char *names[2] = {one, other};
    for (size_t e = 0; e < sizeof extensions / sizeof *extensions; e++) {
        char *bytes[2] = {NULL, NULL};
        size_t lengths[2] = {0, 1};
        for (int i = 0; i < 2; i++) {
            char **files;
            size_t count;
            ns_error err = {0};
            assert_ok(ns__dir_names(in_folder(names[i]), &files, &count, &err), err);
            for (size_t f = 0; f < count; f++) {
                char path[600];
                snprintf(path, sizeof path, "%s/%s", in_folder(names[i]), files[f]);
                if (strstr(files[f], extensions[e]) != NULL)
                    bytes[i] = read_whole_file(path, &lengths[i]);
            }
            ns__dir_free_names(files, count);
        }
        assert_int_equal(lengths[0], lengths[1]);
        if (memcmp(bytes[0], bytes[1], lengths[0]) != 0)
            fail_msg("%s differs", extensions[e]);
        free(bytes[0]);
        free(bytes[1]);
    }
}

/* Neither threads nor memory nor the segments that there were leave a trace. */
static void test_same_bytes(void **state)
{
    (void)state;
    static const struct {
        uint64_t memory;
        unsigned threads;
    } ways[] = {{1, 3}, {64 << 10, 1}, {256 << 10, 2}, {512 << 20, 4}};
    ns_index_settings settings = small_blocks();
    settings.block_postings = 256;
    settings.exact = true;
    remove_tree(in_folder("many"));
    make_index("many", &settings, 3, quick_tests() ? 40 : 120);
    copy_index("many", "one");
    copy_index("many", "twice");
    merge("one");
    reorder("one", 0, 1);
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        copy_index("many", "other");
        reorder("other", ways[w].memory, ways[w].threads);
        assert_same_bytes("one", "other");
    }
    reorder("twice", 0, 1);
    reorder("twice", 0, 1);
    assert_same_bytes("one", "twice");
}

/* More threads than any system gives, and more memory: no more work than suits them. */
static void test_boundless(void **state)
{
    (void)state;
    static const char JSON[] = "{\"id\": \"a\", \"body\": \"Rain over the hills\"}\n";
    static const uint64_t MEMORY[] = {0, 100 << 20, UINT64_MAX};
    static const unsigned THREADS[] = {16, 3, NS_MAX_THREADS};
    const char *path = in_folder("boundless.jsonl");
    write_text_file(path, JSON, sizeof JSON - 1);
    remove_tree(in_folder("boundless"));
    for (int i = 0; i < 3; i++) {
        ns_error err = {0};
        ns_commit_summary summary;
        ns_writer *writer = open_writer("boundless", NULL, MEMORY[i], UINT_MAX);
        assert_ok(ns_writer_add_paths(writer, &path, 1, &err), err);
        assert_ok(ns_writer_commit(writer, &summary, &err), err);
        assert_int_equal(summary.threads, THREADS[i]);
        assert_ok(ns_writer_reorder(writer, NULL, &err), err);
        ns_writer_close(writer);
    }
    assert_sound("boundless");
}

/* So few that none is moved: what a merge makes. */
static void test_few_articles(void **state)
{
    (void)state;
    ns_index_settings settings = small_blocks();
    for (uint32_t count = 1; count <= 16; count += 5) {
        ns_error err = {0};
        remove_tree(in_folder("few"));
        ns_writer *writer = open_writer("few", &settings, 0, 1);
        add_articles(writer, 0, count);
        assert_ok(ns_writer_commit(writer, NULL, &err), err);
        ns_writer_close(writer);
        copy_index("few", "other");
        reorder("other", 0, 1);
        assert_int_equal(reordered_articles("other"), 0);
        assert_same_bytes("few", "other");
    }
}

static void test_nothing_there(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_merge_summary summary;
    ns_index_settings settings = small_blocks();
    remove_tree(in_folder("empty"));
    ns_writer *writer = open_writer("empty", &settings, 0, 1);
    assert_ok(ns_writer_reorder(writer, &summary, &err), err);
    assert_false(summary.merged);
    add_articles(writer, 0, 3);
    assert_int_equal(ns_writer_reorder(writer, &summary, &err), NS_ERR_ARGUMENT);
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
    for (uint32_t i = 0; i < 3; i++) {
        char id[32];
        int length = snprintf(id, sizeof id, "news/%u", i);
        assert_ok(ns_writer_delete(writer, id, (size_t)length, &err), err);
    }
    assert_ok(ns_writer_reorder(writer, &summary, &err), err);
    ns_writer_close(writer);
    ns_index *index = open_index("empty");
    ns_index_stats stats;
    ns_index_get_stats(index, &stats);
    assert_int_equal(stats.segments, 0);
    ns_index_close(index);
}

/* ---- Afterwards ---- */

static void change(const char *name)
{
    ns_error err = {0};
    uint64_t saved = random_state;
    random_state = 99;
    ns_writer *writer = open_writer(name, NULL, 0, 1);
    add_articles(writer, 100, 300); /* some for the second time */
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
    for (uint32_t i = 3; i < 250; i += 7) {
        char id[32];
        int length = snprintf(id, sizeof id, "news/%u", i);
        assert_true(ns_writer_delete(writer, id, (size_t)length, &err) >= 0);
    }
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
    ns_writer_close(writer);
    random_state = saved;
}

/* Articles are added and deleted, then merged, with and without reordering: as if the index had
 * never been reordered. */
static void test_goes_on(void **state)
{
    (void)state;
    for_more_threads();
    ns_index_settings settings = small_blocks();
    remove_tree(in_folder("plain"));
    make_index("plain", &settings, 2, 120);
    copy_index("plain", "other");
    merge("plain");
    reorder("other", 0, 2);
    change("plain");
    change("other");
    assert_sound("other");
    assert_same_answers("plain", "other");
    merge("plain");
    copy_index("other", "again");
    merge("other");
    ns_index *index = open_index("other");
    assert_int_equal(index->manifest.segment_count, 1);
    assert_true(index->segments[0].articles.order_width > 0); /* kept */
    ns_index_close(index);
    assert_same_answers("plain", "other");
    reorder("again", 0, 2);
    assert_same_answers("plain", "again");
    reorder("plain", 0, 1);
    reorder("other", 0, 1);
    assert_same_bytes("plain", "again");
    assert_same_bytes("other", "again");
}

/* Each window's range of dates is that of the articles which stand there now. */
static void test_window_dates(void **state)
{
    (void)state;
    ns_index_settings settings = small_blocks();
    remove_tree(in_folder("plain"));
    make_index("plain", &settings, 1, 200);
    reorder("plain", 0, 2);
    ns_index *index = open_index("plain");
    const ns__articles *articles = &index->segments[0].articles;
    for (uint32_t w = 0; w < ns__articles_windows(articles); w++) {
        int64_t earliest = INT64_MAX, latest = INT64_MIN, first, last;
        const uint32_t end = (w + 1) * settings.window_passages;
        for (uint32_t p = w * settings.window_passages; p < end && p < articles->passages; p++) {
            ns__stamp date;
            ns_error err = {0};
            assert_ok(ns__article_date(articles, ns__article_of(articles, p), &date, &err), err);
            earliest = date.unix_s < earliest ? date.unix_s : earliest;
            latest = date.unix_s > latest ? date.unix_s : latest;
        }
        ns__articles_window_dates(articles, w, &first, &last);
        assert_int_equal(first, earliest);
        assert_int_equal(last, latest);
    }
    ns_index_close(index);
}

/* ---- Stopping ---- */

typedef struct stopper {
    uint64_t calls, stop_at;
    uint64_t done, all; /* bytes, as told last */
} stopper;

static bool stop(void *payload, const ns_progress *progress)
{
    stopper *at = payload;
    assert_true(strcmp(progress->phase, "reordering") == 0 ||
                strcmp(progress->phase, "writing") == 0);
    assert_true(progress->input_bytes <= progress->input_total_bytes);
    if (at->calls > 0)
        assert_int_equal(progress->input_total_bytes, at->all);
    assert_true(progress->input_bytes >= at->done);
    at->done = progress->input_bytes;
    at->all = progress->input_total_bytes;
    return ++at->calls != at->stop_at;
}

/* Stopped at any of its progress calls it leaves everything as it was. */
static void test_cancel(void **state)
{
    (void)state;
    ns_index_settings settings = small_blocks();
    remove_tree(in_folder("cancel"));
    make_index("cancel", &settings, 3, 20);
    copy_index("cancel", "whole");
    reorder("whole", 0, 1);
    ns_status status = NS_ERR_CANCELLED;
    uint64_t stops = 0;
    for (uint64_t at = 1; status == NS_ERR_CANCELLED; at += 1 + at / (quick_tests() ? 2 : 4)) {
        ns_error err = {0};
        stopper stops_at = {.stop_at = at};
        ns_writer_options options;
        ns_writer *writer;
        ns_writer_options_init(&options);
        options.memory_bytes = 8 << 10;
        options.on_progress = stop;
        options.payload = &stops_at;
        assert_ok(ns_writer_open(in_folder("cancel"), &options, &writer, &err), err);
        status = ns_writer_reorder(writer, NULL, &err);
        ns_writer_close(writer);
        assert_sound("cancel");
        stops += status == NS_ERR_CANCELLED;
    }
    assert_int_equal(status, NS_OK);
    assert_true(stops > 5);
    assert_same_bytes("cancel", "whole");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_answers),  cmocka_unit_test(test_boundless),
        cmocka_unit_test(test_same_bytes),    cmocka_unit_test(test_few_articles),
        cmocka_unit_test(test_nothing_there), cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_window_dates),  cmocka_unit_test(test_cancel),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
