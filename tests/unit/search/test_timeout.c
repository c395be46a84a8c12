/* A search that ends at its timeout, by a clock that is asked instead of waited for: each question
 * takes a tick, so that a timeout of n ticks ends the search at its n-th question, whatever it is
 * doing then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ns/ns.h"
#include "unit/quick.h"

enum { ARTICLES = 900, SEGMENTS = 2, WORDS = 40 };

static uint64_t tick(void *context)
{
    return ++*(uint64_t *)context;
}

static void add_article(ns_writer *writer, unsigned number, unsigned *random)
{
    static const char *const words[] = {"the",   "of",   "and",  "trade",
                                        "talks", "水手", "水中", "rare"};
    char json[4096];
    int at =
        snprintf(json, sizeof json, "{\"id\":\"%u\",\"title\":\"the talks\",\"body\":\"", number);
    for (unsigned w = 0; w < WORDS; w++) {
        *random = *random * 1103515245 + 12345;
        unsigned word = (*random >> 16) % 64;
        word = word < 40 ? word % 3 : word < 63 ? 3 + word % 4 : 7;
        at += snprintf(json + at, sizeof json - (size_t)at, "%s%s", words[word],
                       w % 7 == 6 ? ".\\n\\n" : " ");
    }
    snprintf(json + at, sizeof json - (size_t)at, "\"}");
    assert_int_equal(ns_writer_add_json(writer, json, strlen(json), NULL), NS_OK);
}

static ns_index *make_index(char *directory, bool one_passage, unsigned segments)
{
    unsigned random = 7;
    assert_non_null(mkdtemp(directory));
    for (unsigned s = 0; s < segments; s++) {
        ns_writer_options options;
        ns_writer *writer;
        ns_writer_options_init(&options);
        ns_index_settings settings;
        ns_index_settings_init(&settings);
        settings.block_postings = 8;
        settings.window_passages = 64;
        settings.analysis.one_passage = one_passage;
        settings.analysis.passage_terms = 10;
        options.settings = &settings;
        assert_int_equal(ns_writer_open(directory, s ? NULL : &options, &writer, NULL), NS_OK);
        for (unsigned i = 0; i < ARTICLES / segments; i++)
            add_article(writer, s * ARTICLES + i, &random);
        assert_int_equal(ns_writer_commit(writer, NULL, NULL), NS_OK);
        ns_writer_close(writer);
    }
    ns_index *index;
    assert_int_equal(ns_index_open(directory, &index, NULL), NS_OK);
    return index;
}

static ns_results *search(const ns_index *index, const char *query,
                          const ns_search_options *options)
{
    ns_results *results;
    assert_int_equal(ns_search(index, query, strlen(query), options, &results, NULL), NS_OK);
    return results;
}

/* Every result of the partial answer is one of all, with the same score, and they are in order. */
static void check_part(const ns_results *part, const ns_results *all)
{
    size_t count = ns_results_count(part), at = 0;
    for (size_t i = 0; i < count; i++, at++) {
        ns_result got = ns_results_get(part, i);
        for (; at < ns_results_count(all); at++) {
            ns_result one = ns_results_get(all, at);
            if (one.article == got.article && one.passage == got.passage) {
                assert_memory_equal(&one.score, &got.score, sizeof got.score);
                break;
            }
        }
        assert_true(at < ns_results_count(all));
    }
    assert_false(ns_results_hits(part).exact);
    assert_true(ns_results_hits(part).articles <= ns_results_hits(all).articles);
    assert_true(ns_results_hits(part).passages <= ns_results_hits(all).passages);
    assert_true(ns_results_hits(part).passages >= count);
}

/* Timeouts from one tick on, until one is enough; returns how many were not. */
static size_t check_query(const ns_index *index, const char *query, bool plain, ns_scope scope)
{
    uint64_t now = 0;
    ns_search_options options;
    ns_search_options_init(&options);
    options.passages = options.count = true;
    options.limit = 100000;
    options.scope = scope;
    ns_results *all = search(index, query, &options);
    assert_false(ns_results_partial(all));
    options.limit = 10;
    options.no_pruning = plain;
    options.clock = tick;
    options.clock_context = &now;
    size_t partial = 0;
    const uint64_t parts = rounds(10) < 10 ? 2 : 8;
    for (uint64_t ticks = 1;; ticks += 1 + ticks / parts) {
        options.timeout_ns = ticks;
        ns_results *part = search(index, query, &options);
        bool ended = ns_results_partial(part);
        if (ended) {
            check_part(part, all);
        } else {
            assert_int_equal(ns_results_hits(part).passages, ns_results_hits(all).passages);
            for (size_t i = 0; i < ns_results_count(part); i++)
                assert_int_equal(ns_results_get(part, i).passage, ns_results_get(all, i).passage);
        }
        ns_results_free(part);
        partial += ended;
        if (!ended)
            break;
    }
    ns_results_free(all);
    return partial;
}

static void check_index(bool one_passage)
{
    static const char *const queries[] = {"the",
                                          "the of talks",
                                          "+the +of",
                                          "+the trade talks",
                                          "\"the talks\"",
                                          "+the -\"of and\"",
                                          "+rare the",
                                          "\"of the\" trade",
                                          "水",
                                          "+\"the of and\" -talks"};
    char directory[] = "/tmp/ns-timeout-XXXXXX", command[64];
    ns_index *index = make_index(directory, one_passage, SEGMENTS);
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++)
        for (int mode = 0; mode < 4; mode++) {
            ns_scope scope = mode & 2 ? NS_SCOPE_PASSAGE : NS_SCOPE_ARTICLE;
            assert_true(check_query(index, queries[q], mode & 1, scope) > 0);
        }
    ns_index_close(index);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
}

static void test_passages(void **state)
{
    (void)state;
    check_index(false);
}

static void test_one_passage(void **state)
{
    (void)state;
    check_index(true);
}

/* Postings that wait for their exact score (waiting.c) are results when the time is up. */
static void test_waiting(void **state)
{
    (void)state;
    enum { LIMIT = 40 };
    char directory[] = "/tmp/ns-timeout-XXXXXX", command[64];
    ns_index *index = make_index(directory, true, 1);
    uint64_t now = 0;
    ns_search_options options;
    ns_search_options_init(&options);
    options.limit = LIMIT;
    options.no_hits = true;
    options.clock = tick;
    options.clock_context = &now;
    size_t most = 0;
    bool partial = true;
    for (options.timeout_ns = 1; partial; options.timeout_ns++) {
        ns_results *part = search(index, "the", &options);
        partial = ns_results_partial(part);
        if (partial)
            most = ns_results_count(part) > most ? ns_results_count(part) : most;
        ns_results_free(part);
    }
    assert_int_equal(most, LIMIT);
    ns_index_close(index);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
}

/* Counts by value that end at the timeout add up to the hits that are told. */
static void test_facets(void **state)
{
    (void)state;
    char directory[] = "/tmp/ns-timeout-XXXXXX", command[64];
    ns_index *index = make_index(directory, false, SEGMENTS);
    ns_query *query;
    ns_facets_options by;
    ns_search_options options;
    uint64_t now = 0;
    size_t partial = 0;
    bool ended = true;
    assert_int_equal(ns_query_parse("the -rare", 9, NULL, &query, NULL), NS_OK);
    ns_facets_options_init(&by);
    by.by = NS_FACET_SOURCE;
    ns_search_options_init(&options);
    options.clock = tick;
    options.clock_context = &now;
    for (options.timeout_ns = 1; ended; options.timeout_ns += 1 + options.timeout_ns / 4) {
        ns_facets *facets;
        uint64_t sum = 0;
        assert_int_equal(ns_facets_of(index, query, &options, &by, &facets, NULL), NS_OK);
        for (size_t i = 0; i < ns_facets_count(facets); i++)
            sum += ns_facets_get(facets, i).articles;
        assert_int_equal(ns_facets_hits(facets).articles, sum);
        assert_true(ns_facets_hits(facets).passages >= sum);
        ended = ns_facets_partial(facets);
        partial += ended && sum > 0;
        ns_facets_free(facets);
    }
    assert_true(partial > 0);
    ns_query_free(query);
    ns_index_close(index);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
}

static bool yes(void *context)
{
    (void)context;
    return true;
}

/* Looking for what patterns stand for ends at the timeout, too, and when it is cancelled. */
static void test_patterns(void **state)
{
    (void)state;
    enum { FORMS = 3000 };
    char directory[] = "/tmp/ns-timeout-XXXXXX", command[64];
    char *json = malloc(FORMS * 8 + 64);
    assert_non_null(json);
    assert_non_null(mkdtemp(directory));
    int at = sprintf(json, "{\"id\":\"1\",\"body\":\"");
    for (int i = 0; i < FORMS; i++)
        at += sprintf(json + at, "w%d ", i);
    at += sprintf(json + at, "\"}");
    ns_writer *writer;
    assert_int_equal(ns_writer_open(directory, NULL, &writer, NULL), NS_OK);
    assert_int_equal(ns_writer_add_json(writer, json, (size_t)at, NULL), NS_OK);
    assert_int_equal(ns_writer_commit(writer, NULL, NULL), NS_OK);
    ns_writer_close(writer);
    free(json);
    ns_index *index;
    assert_int_equal(ns_index_open(directory, &index, NULL), NS_OK);
    uint64_t now = 0;
    ns_search_options options;
    ns_search_options_init(&options);
    options.clock = tick;
    options.clock_context = &now;
    options.timeout_ns = 3;
    ns_results *results = search(index, "*99* -*8", &options);
    assert_true(ns_results_partial(results));
    assert_false(ns_results_hits(results).exact);
    assert_int_equal(ns_results_count(results), 0);
    assert_int_equal(now, 4); /* and asked no more */
    ns_results_free(results);
    options.timeout_ns = 1000;
    results = search(index, "*99*", &options);
    assert_false(ns_results_partial(results));
    assert_int_equal(ns_results_count(results), 1);
    ns_results_free(results);
    options.timeout_ns = 0;
    options.cancelled = yes;
    assert_int_equal(ns_search(index, "*99*", 4, &options, &results, NULL), NS_ERR_CANCELLED);
    ns_index_close(index);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
}

typedef struct explained {
    ns_explained about;
    double values[64];
    size_t count;
} explained;

/* False when the time was up. */
static bool explain(const ns_results *results, size_t i, explained *out)
{
    ns_explanation *explanation;
    ns_status status = ns_results_explain(results, i, &explanation, NULL);
    memset(out, 0, sizeof *out);
    assert_true(status == NS_OK || status == NS_DONE);
    assert_int_equal(explanation == NULL, status == NS_DONE);
    if (explanation == NULL)
        return false;
    out->about = ns_explanation_about(explanation);
    out->count = ns_explanation_count(explanation);
    for (size_t p = 0; p < out->count; p++)
        out->values[p] = ns_explanation_get(explanation, p).value;
    ns_explanation_free(explanation);
    return true;
}

static void check_same(const explained *got, const explained *wanted)
{
    assert_true(wanted->count > 0);
    assert_int_equal(got->count, wanted->count);
    assert_memory_equal(got->values, wanted->values, sizeof got->values);
    assert_true(got->about.score == wanted->about.score && got->about.k == wanted->about.k &&
                got->about.length == wanted->about.length);
}

/* Each alone, of results of its own: nothing is open yet. */
static void explain_anew(const ns_index *index, const char *query, ns_search_options options,
                         explained *out, size_t count)
{
    options.timeout_ns = 0;
    for (size_t i = 0; i < count; i++) {
        ns_results *results = search(index, query, &options);
        assert_true(explain(results, i, &out[i]));
        ns_results_free(results);
    }
}

/* A query that was opened to explain a result is open for the next one of its segment: so many of
 * its groups are merged, and the clock is asked in each. When the time is up, it stays so. */
static void check_explained(const ns_index *index, const char *query, ns_ranking ranking,
                            uint64_t merged)
{
    enum { RESULTS = 12 };
    static explained wanted[RESULTS];
    uint64_t now = 0, most = 0;
    ns_search_options options;
    ns_search_options_init(&options);
    options.limit = RESULTS;
    options.ranking = ranking;
    options.clock = tick;
    options.clock_context = &now;
    explain_anew(index, query, options, wanted, RESULTS);
    for (options.timeout_ns = 1000000; options.timeout_ns > 0;) {
        explained got, again;
        size_t done = 0;
        now = 0;
        ns_results *results = search(index, query, &options);
        if (ns_results_partial(results)) {
            ns_results_free(results);
            break;
        }
        const uint64_t start = now;
        while (done < RESULTS && explain(results, done, &got))
            check_same(&got, &wanted[done++]);
        for (size_t i = done; i < RESULTS; i++)
            assert_false(explain(results, i, &got));
        if (most == 0) { /* the time does for all */
            most = now - start;
            assert_int_equal(done, RESULTS);
            ns_results_free(results);
            results = search(index, query, &options);
            const uint64_t before = now;
            assert_true(explain(results, 0, &got));
            const uint64_t between = now;
            assert_true(explain(results, 0, &again));
            check_same(&again, &got);
            assert_int_equal(between - before, now - between + merged);
            options.timeout_ns = most;
        } else {
            assert_true(now - start <= options.timeout_ns + RESULTS + 2);
            options.timeout_ns--;
        }
        ns_results_free(results);
    }
    assert_true(most > RESULTS);
}

/* A clock that explains a result itself at its third call, as another thread would meanwhile. */
typedef struct busy_clock {
    uint64_t now, calls;
    const ns_results *results; /* NULL: none yet */
    uint64_t other_ns;         /* what that took */
} busy_clock;

static uint64_t tick_busily(void *context)
{
    busy_clock *clock = context;
    if (clock->results != NULL && ++clock->calls == 3) {
        explained other;
        const uint64_t start = clock->now;
        assert_true(explain(clock->results, 0, &other));
        clock->other_ns = clock->now - start - 1;
    }
    return ++clock->now;
}

/* Two explain at the same time. Returns whether there is time for one more. */
static bool explain_at_once(const ns_index *index, const char *query, uint64_t timeout_ns,
                            busy_clock *clock, uint64_t *took_ns)
{
    ns_search_options options;
    explained got;
    ns_search_options_init(&options);
    options.timeout_ns = timeout_ns;
    options.clock = tick_busily;
    options.clock_context = clock;
    *clock = (busy_clock){0};
    ns_results *results = search(index, query, &options);
    assert_false(ns_results_partial(results));
    clock->results = results;
    const uint64_t start = clock->now;
    assert_true(explain(results, 0, &got));
    *took_ns = clock->now - start - 1; /* between the first answer of the clock and the last */
    const bool more = explain(results, 0, &got);
    ns_results_free(results);
    return more;
}

/* What one spends is not lost when the other returns later. */
static void check_explained_at_once(const ns_index *index, const char *query)
{
    busy_clock clock;
    uint64_t took, again;
    assert_true(explain_at_once(index, query, UINT32_MAX, &clock, &took));
    const uint64_t all = took + clock.other_ns;
    assert_false(explain_at_once(index, query, all, &clock, &again));
    assert_int_equal(again, took);
    assert_true(explain_at_once(index, query, all + clock.other_ns, &clock, &again));
}

static void test_explained(void **state)
{
    (void)state;
    enum { FORMS = 40 };
    char directory[] = "/tmp/ns-timeout-XXXXXX", command[64], json[512];
    assert_non_null(mkdtemp(directory));
    for (int s = 0; s < SEGMENTS; s++) {
        ns_writer *writer;
        assert_int_equal(ns_writer_open(directory, NULL, &writer, NULL), NS_OK);
        for (int i = 0; i < FORMS; i++) {
            int length =
                snprintf(json, sizeof json,
                         "{\"id\":\"%d\",\"title\":\"x%d\",\"body\":\"x%d y%d z x%d y%d\"}",
                         s * FORMS + i, i, i / 2, i, i / 3, i / 2);
            assert_int_equal(ns_writer_add_json(writer, json, (size_t)length, NULL), NS_OK);
        }
        assert_int_equal(ns_writer_commit(writer, NULL, NULL), NS_OK);
        ns_writer_close(writer);
    }
    ns_index *index;
    assert_int_equal(ns_index_open(directory, &index, NULL), NS_OK);
    check_explained(index, "x* y* z", NS_RANKING_BM25, 2);
    check_explained(index, "x* y* z", NS_RANKING_CASCADE, 2);
    check_explained(index, "x1* y*", NS_RANKING_CASCADE, 2);
    check_explained_at_once(index, "x* y* z");
    ns_index_close(index);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passages), cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_waiting),  cmocka_unit_test(test_one_passage),
        cmocka_unit_test(test_facets),   cmocka_unit_test(test_explained)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
