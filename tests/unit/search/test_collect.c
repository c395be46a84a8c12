/* Orders by date, age and source: all results by score, sorted here by hand, must begin with what a
 * search for a few of them gives. And searches that another thread cancels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "ns/ns.h"
#include "unit/quick.h"

enum { ARTICLES = 600, SEGMENTS = 3, DAYS = 40, SOURCES = 25, NOW_DAY = 35, DAY_S = 86400 };

/* Day 0 is 2024-05-01. */
static const int64_t FIRST_DAY = 1714521600;

typedef struct facts {
    int day;    /* -1: unknown */
    int hour;   /* of UTC; -1: the day alone is told */
    int source; /* 0: none */
} facts;

typedef struct expected {
    ns_result result;
    int64_t key;
    int source;
} expected;

static facts all_facts[ARTICLES];
static ns_index *index_;
static char directory[] = "/tmp/ns-collect-XXXXXX";

static unsigned draw(unsigned below)
{
    static unsigned state = 20240501;
    state = state * 1103515245 + 12345;
    return (state >> 16) % below;
}

static void add_article(ns_writer *writer, unsigned number)
{
    static const char *const words[] = {"harbour", "fog",   "signal",   "the",
                                        "of",      "night", "水手之歌", "水手"};
    char json[4096];
    facts *of = &all_facts[number];
    *of = (facts){draw(6) == 0 ? -1 : (int)draw(DAYS), draw(3) ? -1 : (int)draw(24),
                  draw(4) == 0 ? 0 : (int)draw(SOURCES)};
    /* Archives come in the order of time, or backwards; windows of passages have narrow ranges. */
    enum { PART = ARTICLES / SEGMENTS };
    if (number / PART < 2 && of->day >= 0)
        of->day = (int)(number % PART) * DAYS / PART;
    if (number / PART == 1 && of->day >= 0)
        of->day = DAYS - 1 - of->day;
    int at = snprintf(json, sizeof json, "{\"id\":\"%u\"", number);
    char time[16] = "";
    if (of->hour >= 0)
        snprintf(time, sizeof time, "T%02d:00Z", of->hour);
    if (of->day >= 0)
        at += snprintf(json + at, sizeof json - (size_t)at, ",\"date\":\"2024-%02d-%02d%s\"",
                       of->day < 31 ? 5 : 6, of->day < 31 ? of->day + 1 : of->day - 30, time);
    if (of->source > 0)
        at += snprintf(json + at, sizeof json - (size_t)at, ",\"source\":\"Paper %d\"", of->source);
    at += snprintf(json + at, sizeof json - (size_t)at, ",\"body\":\"");
    for (unsigned w = 0, count = 4 + draw(40); w < count; w++)
        at += snprintf(json + at, sizeof json - (size_t)at, "%s%s", words[draw(draw(2) ? 6 : 8)],
                       w % 9 == 8 ? ".\\n\\n" : " ");
    snprintf(json + at, sizeof json - (size_t)at, "\"}");
    assert_int_equal(ns_writer_add_json(writer, json, strlen(json), NULL), NS_OK);
}

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(directory));
    for (unsigned s = 0; s < SEGMENTS; s++) {
        ns_writer_options options;
        ns_index_settings settings;
        ns_writer *writer;
        ns_writer_options_init(&options);
        ns_index_settings_init(&settings);
        settings.block_postings = 8;
        settings.window_passages = 64;
        settings.analysis.passage_terms = 10;
        options.settings = &settings;
        assert_int_equal(ns_writer_open(directory, s ? NULL : &options, &writer, NULL), NS_OK);
        for (unsigned i = 0; i < ARTICLES / SEGMENTS; i++)
            add_article(writer, s * (ARTICLES / SEGMENTS) + i);
        for (unsigned i = 0; s == SEGMENTS - 1 && i < ARTICLES; i += 17) {
            char id[16];
            snprintf(id, sizeof id, "%u", i);
            assert_int_equal(ns_writer_delete(writer, id, strlen(id), NULL), NS_OK);
        }
        assert_int_equal(ns_writer_commit(writer, NULL, NULL), NS_OK);
        ns_writer_close(writer);
    }
    assert_int_equal(ns_index_open(directory, &index_, NULL), NS_OK);
    return 0;
}

static int tear_down(void **state)
{
    char command[128];
    (void)state;
    ns_index_close(index_);
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

static ns_results *search(const char *query, const ns_search_options *options)
{
    ns_results *results;
    assert_int_equal(ns_search(index_, query, strlen(query), options, &results, NULL), NS_OK);
    return results;
}

/* Zones: far in the east, as far in the west as can be, one that changes, one that no zone can be
 * and that counts as UTC. */
static int32_t eastern(void *context, int64_t local)
{
    (void)context;
    (void)local;
    return 14 * 60;
}

static int32_t western(void *context, int64_t local)
{
    (void)context;
    (void)local;
    return -24 * 60;
}

static int32_t changing(void *context, int64_t local)
{
    (void)context;
    return local < FIRST_DAY + 20 * DAY_S ? -5 * 60 : -4 * 60;
}

static int32_t absurd(void *context, int64_t local)
{
    (void)context;
    (void)local;
    return INT32_MIN;
}

static int64_t date_of(uint64_t article, const ns_search_options *options)
{
    const facts *of = &all_facts[article];
    int64_t day = FIRST_DAY + (int64_t)of->day * DAY_S;
    if (of->day < 0)
        return INT64_MIN;
    if (of->hour >= 0)
        return day + (int64_t)of->hour * 3600;
    bool zoned = options->utc_offset && options->utc_offset != absurd;
    return zoned ? day - (int64_t)options->utc_offset(NULL, day) * 60 : day;
}

static expected expect(const ns_result *result, const ns_search_options *options)
{
    int64_t date = date_of(result->article, options);
    expected out = {*result, 0, all_facts[result->article].source};
    if (options->half_life > 0 && date == INT64_MIN)
        out.result.score = (float)((double)result->score * 0.5);
    else if (options->half_life > 0 && date < options->now)
        out.result.score =
            (float)((double)result->score *
                    ns__exp2(-((double)(options->now - date) / (double)options->half_life)));
    if (options->sort == NS_SORT_NEWEST)
        out.key = date;
    else if (options->sort == NS_SORT_OLDEST)
        out.key = date == INT64_MIN ? date : -date;
    return out;
}

static int by_hand(const void *x, const void *y)
{
    const expected *a = x, *b = y;
    if (a->key != b->key)
        return a->key > b->key ? -1 : 1;
    if (a->result.score != b->result.score)
        return a->result.score > b->result.score ? -1 : 1;
    if (a->result.article != b->result.article)
        return a->result.article < b->result.article ? -1 : 1;
    return a->result.passage < b->result.passage ? -1 : a->result.passage > b->result.passage;
}

/* All that is expected, in order; returns how many. */
static size_t make_expected(const char *query, const ns_search_options *options, expected *out)
{
    ns_search_options plain;
    ns_search_options_init(&plain);
    plain.all = true;
    plain.passages = options->passages;
    plain.scope = options->scope;
    plain.utc_offset = options->utc_offset;
    ns_results *all = search(query, &plain);
    size_t count = ns_results_count(all), kept = 0;
    for (size_t i = 0; i < count; i++) {
        ns_result result = ns_results_get(all, i);
        out[i] = expect(&result, options);
    }
    ns_results_free(all);
    if (count > 1)
        qsort(out, count, sizeof *out, by_hand);
    bool seen[SOURCES] = {false};
    for (size_t i = 0; i < count; i++) {
        if (options->sources && seen[out[i].source])
            continue;
        seen[out[i].source] = true;
        out[kept++] = out[i];
    }
    return kept;
}

static void check_first(const char *query, const ns_search_options *options, const expected *wanted,
                        size_t all)
{
    ns_results *got = search(query, options);
    size_t count = ns_results_count(got);
    assert_int_equal(count, all < options->limit ? all : options->limit);
    for (size_t i = 0; i < count; i++) {
        ns_result result = ns_results_get(got, i);
        assert_int_equal(result.article, wanted[i].result.article);
        assert_int_equal(result.passage, wanted[i].result.passage);
        assert_memory_equal(&result.score, &wanted[i].result.score, sizeof result.score);
    }
    ns_results_free(got);
}

static expected wanted_[ARTICLES * 12];

static size_t check(const char *query, ns_search_options *options)
{
    static const size_t limits[] = {1, 2, 7, 40, 100000};
    size_t all = make_expected(query, options, wanted_);
    for (size_t l = 0; l < sizeof limits / sizeof *limits; l++) {
        options->limit = limits[l];
        check_first(query, options, wanted_, all);
    }
    return all;
}

static void test_orders(void **state)
{
    static const char *const queries[] = {"fog",
                                          "harbour signal",
                                          "+fog night",
                                          "\"the night\"",
                                          "night -\"of signal\"",
                                          "absent",
                                          "(fog OR \"of the\") AND (harbour night)",
                                          "f* NEAR/3 night date:2024-05",
                                          "source:\"Paper 3\""};
    static const uint64_t half_lives[] = {0, 5 * DAY_S, 1};
    static int32_t (*const zones[])(void *, int64_t) = {NULL, eastern, western, changing, absurd};
    (void)state;
    size_t found = 0;
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++) {
        for (int way = 0; way < 3 * 3 * 3 * 2; way += quick_tests() ? 5 : 1) {
            ns_search_options options;
            ns_search_options_init(&options);
            options.sort = (ns_sort)(way % 3);
            options.half_life = half_lives[way / 3 % 3];
            options.now = FIRST_DAY + NOW_DAY * DAY_S + 4711;
            options.passages = way / 9 % 3 == 1;
            options.sources = way / 9 % 3 == 2;
            options.scope = way / 27 ? NS_SCOPE_PASSAGE : NS_SCOPE_ARTICLE;
            options.no_hits = way % 4 != 3;
            options.utc_offset = zones[(q + (size_t)way) % (sizeof zones / sizeof *zones)];
            found += check(queries[q], &options);
        }
    }
    assert_true(found > (quick_tests() ? 2000 : 10000));
}

/* The parts of every score add up to it, to the bit. */
static size_t check_explained(const char *query, const ns_search_options *options)
{
    ns_results *results = search(query, options);
    size_t parts = 0;
    for (size_t i = 0; i < ns_results_count(results); i++) {
        ns_explanation *explanation;
        assert_int_equal(ns_results_explain(results, i, &explanation, NULL), NS_OK);
        ns_explained about = ns_explanation_about(explanation);
        double sum = 0;
        for (size_t p = 0; p < ns_explanation_count(explanation); p++) {
            ns_part part = ns_explanation_get(explanation, p);
            sum += part.value;
            if (part.kind == NS_PART_WORD) {
                double share = (double)part.tf / ((double)part.tf + about.k);
                double value = about.age * part.weight * part.idf * share;
                assert_true(fabs(value - part.value) <= 1e-9 * value);
                assert_true(strlen(part.terms) >= 2 && part.df > 0);
            }
            parts++;
        }
        float score = ns_results_get(results, i).score, total = (float)sum;
        assert_memory_equal(&total, &score, sizeof score);
        assert_memory_equal(&about.score, &score, sizeof score);
        ns_explanation_free(explanation);
    }
    ns_explanation *none;
    assert_int_equal(ns_results_explain(results, ns_results_count(results), &none, NULL),
                     NS_ERR_ARGUMENT);
    assert_null(none);
    ns_results_free(results);
    return parts;
}

static void test_explained(void **state)
{
    static const char *const queries[] = {"fog",
                                          "fog fog night",
                                          "harbour the of signal",
                                          "水手之歌",
                                          "+\"of the\" 水手水 -\"night of\"",
                                          "(fog^2.5 OR hrabour~1) AND (s* night)"};
    static const uint64_t half_lives[] = {0, 20 * DAY_S, DAY_S, 3600, 60};
    (void)state;
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++)
        for (size_t h = 0; h < sizeof half_lives / sizeof *half_lives; h++) {
            ns_search_options options;
            ns_search_options_init(&options);
            options.limit = 400;
            options.half_life = half_lives[h];
            options.now = FIRST_DAY + NOW_DAY * DAY_S;
            options.utc_offset = h % 2 ? changing : NULL;
            options.passages = h % 2;
            assert_true(check_explained(queries[q], &options) > 20);
        }
}

static ns_search_options by_date(int sort)
{
    ns_search_options options;
    ns_search_options_init(&options);
    options.sort = (ns_sort)sort;
    options.no_hits = true;
    return options;
}

/* Windows of dates that come too late are not looked at. */
static void test_windows(void **state)
{
    (void)state;
    for (int sort = NS_SORT_NEWEST; sort <= NS_SORT_OLDEST; sort++) {
        ns_search_options options = by_date(sort);
        ns_results *fast = search("fog night", &options);
        options.no_pruning = true;
        ns_results *plain = search("fog night", &options);
        const ns_search_profile *few = ns_results_profile(fast), *all = ns_results_profile(plain);
        assert_true(few->windows * 2 < all->windows && few->windows_skipped > 0);
        assert_true(few->postings_scored * 2 < all->postings_scored);
        assert_int_equal(all->windows_skipped, 0);
        ns_results_free(fast);
        ns_results_free(plain);
    }
}

/* … but their dates are bounds in UTC, which days of another zone may pass. */
static void test_windows_in_zones(void **state)
{
    (void)state;
    for (int sort = NS_SORT_NEWEST; sort <= NS_SORT_OLDEST; sort++) {
        ns_search_options options = by_date(sort);
        options.utc_offset = sort == NS_SORT_NEWEST ? western : eastern;
        size_t all = make_expected("fog", &options, wanted_);
        for (options.limit = 1; options.limit < all; options.limit++)
            check_first("fog", &options, wanted_, all);
    }
}

/* Hits do not depend on the order. */
static void test_hits(void **state)
{
    (void)state;
    ns_search_options options;
    ns_search_options_init(&options);
    options.count = true;
    ns_results *plain = search("fog night", &options);
    options.sort = NS_SORT_NEWEST;
    options.sources = true;
    ns_results *sorted = search("fog night", &options);
    assert_int_equal(ns_results_hits(plain).articles, ns_results_hits(sorted).articles);
    assert_int_equal(ns_results_hits(plain).passages, ns_results_hits(sorted).passages);
    assert_true(ns_results_hits(sorted).exact);
    ns_results_free(plain);
    ns_results_free(sorted);
}

/* A value or date is asked of each article once, however far from each other those are that have
 * it, and whatever stands beside it. */
static void test_filters_asked_once(void **state)
{
    (void)state;
    static const char *const queries[] = {
        "source:nowhere OR fog",
        "date:2030 OR fog",
        "the AND (source:nowhere OR fog)",
        "source:nowhere OR date:2030",
        "id:x* OR url:y* OR fog",
        "source:\"paper 3\" OR fog",
        "(date:2024-06-05 OR fog) AND (source:\"paper 3\" OR the)",
        "date:2024-05 OR (date:2024-06 fog)"};
    static const int filters[] = {1, 1, 1, 2, 2, 1, 2, 2};
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++) {
        ns_search_options options;
        ns_search_options_init(&options);
        options.count = true;
        ns_results *results = search(queries[q], &options);
        const uint64_t asked = ns_results_profile(results)->filtered;
        assert_true(asked > 0 && asked <= (uint64_t)ARTICLES * (uint64_t)filters[q]);
        ns_results_free(results);
    }
}

static void test_refused(void **state)
{
    (void)state;
    ns_results *results;
    ns_error err = {0};
    ns_search_options options;
    ns_search_options_init(&options);
    options.sources = options.passages = true;
    assert_int_equal(ns_search(index_, "fog", 3, &options, &results, &err), NS_ERR_ARGUMENT);
    ns_search_options_init(&options);
    options.sort = (ns_sort)3;
    assert_int_equal(ns_search(index_, "fog", 3, &options, &results, &err), NS_ERR_ARGUMENT);
}

static void test_power_of_two(void **state)
{
    (void)state;
    assert_true(ns__exp2(0) == 1 && ns__exp2(-1) == 0.5 && ns__exp2(-30) == 0x1p-30);
    assert_true(ns__exp2(-1000) == 0x1p-1000 && ns__exp2(-1074) == 0x1p-1074);
    assert_true(ns__exp2(-2000) == 0 && ns__exp2(-INFINITY) == 0);
    for (double x = 0; x > -1020; x -= 0.37) {
        double got = ns__exp2(x), wanted = exp2(x);
        assert_true(fabs(got - wanted) <= 0x1p-51 * wanted);
    }
}

/* ---- Cancelling ---- */

typedef struct stopper {
    uint64_t questions; /* asked so far; atomic */
    uint64_t after;     /* of how many the answer is yes */
    bool stop;          /* set by another thread; atomic */
} stopper;

static bool is_cancelled(void *context)
{
    stopper *all = context;
    uint64_t asked = __atomic_add_fetch(&all->questions, 1, __ATOMIC_RELAXED);
    return asked > all->after || __atomic_load_n(&all->stop, __ATOMIC_ACQUIRE);
}

/* At each question it can be cancelled at, until one search comes to its end. */
static void test_cancelled_anywhere(void **state)
{
    static const char *const queries[] = {"fog night", "+fog +night", "\"the night\"", "+the fog",
                                          "(fog OR the) AND (night of)"};
    (void)state;
    for_more_threads();
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++) {
        for (int way = 0; way < 4; way++) {
            uint64_t cancelled = 0;
            /* Late questions are alike: they are asked inside of loops. */
            for (stopper stop = {0};; stop.after += quick_tests() ? 1 + stop.after / 16 : 1) {
                ns_search_options options;
                ns_results *results = NULL;
                ns_error err = {0};
                ns_search_options_init(&options);
                options.cancelled = is_cancelled;
                options.cancelled_context = &stop;
                options.sort = way % 2 ? NS_SORT_NEWEST : NS_SORT_SCORE;
                options.no_pruning = way / 2;
                options.count = true;
                stop.questions = 0;
                ns_status status =
                    ns_search(index_, queries[q], strlen(queries[q]), &options, &results, &err);
                if (status == NS_OK) {
                    assert_false(ns_results_partial(results));
                    ns_results_free(results);
                    break;
                }
                assert_int_equal(status, NS_ERR_CANCELLED);
                assert_null(results);
                assert_non_null(strstr(err.message, "cancelled"));
                cancelled++;
            }
            assert_true(cancelled > 0);
        }
    }
}

static void *search_until_stopped(void *context)
{
    ns_search_options options;
    ns_search_options_init(&options);
    options.cancelled = is_cancelled;
    options.cancelled_context = context;
    uintptr_t status = NS_OK;
    while (status == NS_OK) {
        ns_results *results = NULL;
        status = (uintptr_t)ns_search(index_, "fog night", 9, &options, &results, NULL);
        ns_results_free(results);
    }
    return (void *)status;
}

static void test_cancelled_by_another_thread(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    stopper stop = {.after = UINT64_MAX};
    for (int t = 0; t < THREADS; t++)
        assert_int_equal(pthread_create(&threads[t], NULL, search_until_stopped, &stop), 0);
    while (__atomic_load_n(&stop.questions, __ATOMIC_RELAXED) < 100)
        sched_yield();
    __atomic_store_n(&stop.stop, true, __ATOMIC_RELEASE);
    for (int t = 0; t < THREADS; t++) {
        void *status;
        assert_int_equal(pthread_join(threads[t], &status), 0);
        assert_int_equal((ns_status)(intptr_t)status, NS_ERR_CANCELLED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_windows_in_zones),
        cmocka_unit_test(test_explained),
        cmocka_unit_test(test_hits),
        cmocka_unit_test(test_filters_asked_once),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_power_of_two),
        cmocka_unit_test(test_cancelled_anywhere),
        cmocka_unit_test(test_cancelled_by_another_thread),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
