/* What the tests of the public library share: a temporary folder, a small index, whole answers as
 * text. Only include/ns is used. */
#ifndef TESTS_LIBRARY_TEST_H
#define TESTS_LIBRARY_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ns/ns.h"

#define assert_ok(call, err)                                                                       \
    do {                                                                                           \
        ns_status assert_status_ = (call);                                                         \
        if (assert_status_ != NS_OK)                                                               \
            fail_msg("%s: %s: %s: %s", #call, ns_status_name(assert_status_), (err).file,          \
                     (err).message);                                                               \
    } while (0)

/* Calls from one fault to the next. The thread sanitizer, which takes ten times as long, looks for
 * races of what is stopped anywhere, not for what is forgotten at each place. */
#ifdef __SANITIZE_THREAD__
enum { FAULT_STEP = 7 };
#else
enum { FAULT_STEP = 1 };
#endif

/* Where one thread runs: nothing for the thread sanitizer. */
static inline void for_more_threads(void)
{
    if (FAULT_STEP > 1)
        skip();
}

/* ---- A temporary folder, with the index in it ---- */

static char test_folder[256];
static char test_index[300];

static inline int make_test_folder(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(test_folder, sizeof test_folder, "%s/ns_library_XXXXXX", base ? base : "/tmp");
    if (mkdtemp(test_folder) == NULL)
        return -1;
    snprintf(test_index, sizeof test_index, "%s/index", test_folder);
    return 0;
}

/* Removes the folder with the files and folders in it, one level deep as an index is. */
static inline void remove_folder(const char *path)
{
    DIR *dir = opendir(path);
    if (dir == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char name[600];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(name, sizeof name, "%.300s/%.255s", path, entry->d_name);
        if (unlink(name) != 0)
            remove_folder(name);
    }
    closedir(dir);
    rmdir(path);
}

static inline int remove_test_folder(void **state)
{
    (void)state;
    remove_folder(test_folder);
    return 0;
}

/* ---- Records and an index ---- */

/* Two languages with spaces, one without, a headline, columns, a repeated and a replaced id. */
static const char *const BASE_RECORDS[] = {
    "{\"id\": \"a\", \"title\": \"Tariff talks resume\", \"body\": \"Officials resumed tariff "
    "talks on "
    "Monday. Export controls were on the table.\", \"date\": \"2025-05-03\", \"source\": \"Wire\"}",
    "{\"id\": \"b\", \"body\": \"The harbour was closed by fog. Ships waited.\"}",
    "{\"id\": \"c\", \"title\": \"关税谈判\", \"body\": \"两国代表团在日内瓦恢复了关税谈判。\", "
    "\"lang\": "
    "\"zh\"}",
};
static const char *const MORE_RECORDS[] = {
    "{\"id\": \"d\", \"title\": \"Precursor controls\", \"body\": \"Controls on precursor "
    "chemicals were "
    "agreed. The talks on tariffs go on.\", \"author\": \"N. N.\", \"extra\": [1, {\"deep\": "
    "null}]}",
    "{\"id\": \"a\", \"body\": \"The talks ended. No tariff was lifted, officials said.\"}",
    "{\"id\": \"e\", \"body\": \"Die Zölle und die Verhandlungen über Stahl.\", \"lang\": \"de\"}",
    "{\"id\": \"e\", \"body\": \"Die Verhandlungen über Zölle ruhen.\", \"lang\": \"de\"}",
};
enum {
    BASE_COUNT = sizeof BASE_RECORDS / sizeof *BASE_RECORDS,
    MORE_COUNT = sizeof MORE_RECORDS / sizeof *MORE_RECORDS,
    BASE_ARTICLES = 3, /* after the first commit */
    MORE_ARTICLES = 5  /* after both */
};

/* Opens a writer, adds the records, commits, closes: the first failure is returned. */
static inline ns_status write_with(const char *directory, const ns_writer_options *options,
                                   const char *const *records, size_t count, ns_error *err)
{
    ns_writer *writer = NULL;
    ns_status status = ns_writer_open(directory, options, &writer, err);
    for (size_t i = 0; i < count && status == NS_OK; i++)
        status = ns_writer_add_json(writer, records[i], strlen(records[i]), err);
    if (status == NS_OK)
        status = ns_writer_commit(writer, NULL, err);
    ns_writer_close(writer);
    return status;
}

/* New indexes keep how words are written. */
static bool make_exact;

static inline ns_status write_records(const char *directory, const char *const *records,
                                      size_t count, ns_error *err)
{
    ns_writer_options options;
    ns_index_settings settings;
    ns_writer_options_init(&options);
    ns_index_settings_init(&settings);
    settings.exact = true;
    options.settings = make_exact ? &settings : NULL;
    return write_with(directory, &options, records, count, err);
}

static inline void make_base_index(void)
{
    ns_error err = {0};
    remove_folder(test_index);
    assert_ok(write_records(test_index, BASE_RECORDS, BASE_COUNT, &err), err);
}

/* Adds enough articles for a reordering to move some: of two kinds, by turns. */
enum { MIXED_ARTICLES = 40 };
static inline void add_mixed_articles(void)
{
    char records[MIXED_ARTICLES][160];
    const char *all[MIXED_ARTICLES];
    ns_error err = {0};
    for (int i = 0; i < MIXED_ARTICLES; i++) {
        const char *text = i % 2 ? "ships harbour fog pilots quay" : "tariff talks steel export";
        snprintf(records[i], sizeof records[i], "{\"id\": \"m%d\", \"body\": \"%s n%d\"}", i, text,
                 i % 9);
        all[i] = records[i];
    }
    assert_ok(write_records(test_index, all, MIXED_ARTICLES, &err), err);
}

static inline bool print_fault(void *payload, const ns_fault *fault)
{
    (void)payload;
    print_error("%s: %s\n", fault->file, fault->message);
    return true;
}

/* The index opens and checks clean; returns its number of articles. */
static inline uint64_t sound_articles(void)
{
    ns_error err = {0};
    ns_index *index;
    ns_check_summary summary;
    assert_ok(ns_index_open(test_index, &index, &err), err);
    ns_index_stats stats;
    ns_index_get_stats(index, &stats);
    ns_index_close(index);
    assert_ok(ns_index_check(test_index, print_fault, NULL, &summary, &err), err);
    assert_int_equal(summary.faults, 0);
    return stats.articles;
}

/* ---- Whole answers as text ---- */

typedef struct text {
    char *bytes;
    size_t length;
} text;

static inline void put_marks(FILE *out, ns_marked marked)
{
    fprintf(out, "%.*s", (int)marked.length, marked.text);
    for (size_t i = 0; i < marked.mark_count; i++)
        fprintf(out, " %u-%u", marked.marks[i][0], marked.marks[i][1]);
    fputc('\n', out);
}

/* Runs a query and shows every result: what a reader would see, scores in all their bits. */
static inline ns_status print_answer(const ns_index *index, const char *query, FILE *out,
                                     ns_error *err)
{
    ns_results *results;
    ns_status status = ns_search(index, query, strlen(query), NULL, &results, err);
    if (status != NS_OK)
        return status;
    ns_hits hits = ns_results_hits(results);
    fprintf(out, "%s: %llu %llu %d\n", query, (unsigned long long)hits.articles,
            (unsigned long long)hits.passages, hits.exact);
    for (size_t i = 0; i < ns_results_count(results) && status == NS_OK; i++) {
        ns_shown *shown;
        ns_result result = ns_results_get(results, i);
        fprintf(out, "%a %llu %u\n", result.score, (unsigned long long)result.article,
                result.passage);
        status = ns_results_show(results, i, i % 2 ? 8 : 0, &shown, err);
        if (status != NS_OK)
            break;
        size_t length;
        fprintf(out, "%s\n", ns_article_json(ns_shown_article(shown), &length));
        put_marks(out, ns_shown_title(shown));
        put_marks(out, ns_shown_passage(shown));
        ns_shown_free(shown);
    }
    ns_results_free(results);
    return status;
}

/* The default ranking, which keeps something of the articles it reads while the index is open. */
static inline ns_status print_ranked(const ns_index *index, const char *query, FILE *out,
                                     ns_error *err)
{
    ns_search_options options;
    ns_results *results;
    ns_search_options_init(&options);
    options.ranking = NS_RANKING_CASCADE;
    ns_status status = ns_search(index, query, strlen(query), &options, &results, err);
    for (size_t i = 0; status == NS_OK && i < ns_results_count(results); i++) {
        ns_result result = ns_results_get(results, i);
        fprintf(out, "%a %llu\n", result.score, (unsigned long long)result.article);
    }
    if (status == NS_OK)
        ns_results_free(results);
    return status;
}

static inline void put_parts(FILE *out, const ns_explanation *explanation)
{
    for (size_t p = 0; p < ns_explanation_count(explanation); p++) {
        ns_part part = ns_explanation_get(explanation, p);
        fprintf(out, "%d %s %a\n", (int)part.kind, part.terms, part.value);
    }
}

/* The results of a query by date, source and age, each explained. */
static inline ns_status print_ordered(const ns_index *index, const ns_query *query, FILE *out,
                                      ns_error *err)
{
    ns_search_options options;
    ns_search_options_init(&options);
    options.sort = NS_SORT_NEWEST;
    options.sources = true;
    options.half_life = 1000000;
    options.now = 1750000000;
    ns_results *results;
    ns_status status = ns_search_query(index, query, &options, &results, err);
    if (status != NS_OK)
        return status;
    for (size_t i = 0; i < ns_results_count(results) && status == NS_OK; i++) {
        ns_explanation *explanation;
        fprintf(out, "%a\n", ns_results_get(results, i).score);
        status = ns_results_explain(results, i, &explanation, err);
        if (status != NS_OK)
            break;
        put_parts(out, explanation);
        ns_explanation_free(explanation);
    }
    ns_results_free(results);
    return status;
}

static inline ns_status print_counts(const ns_index *index, const ns_query *query, ns_facet by,
                                     FILE *out, ns_error *err)
{
    ns_facets_options options;
    ns_facets_options_init(&options);
    options.by = by;
    ns_facets *facets;
    ns_status status = ns_facets_of(index, query, NULL, &options, &facets, err);
    if (status != NS_OK)
        return status;
    for (size_t i = 0; i < ns_facets_count(facets); i++)
        fprintf(out, "%s %llu\n", ns_facets_get(facets, i).value,
                (unsigned long long)ns_facets_get(facets, i).articles);
    ns_facets_free(facets);
    return NS_OK;
}

static inline ns_status print_suggestions(const ns_index *index, const char *word, FILE *out,
                                          ns_error *err)
{
    ns_suggestions *suggestions;
    ns_status status = ns_suggest(index, word, strlen(word), 5, &suggestions, err);
    if (status != NS_OK)
        return status;
    for (size_t i = 0; i < ns_suggestions_count(suggestions); i++)
        fprintf(out, "%s\n", ns_suggestions_get(suggestions, i).text);
    ns_suggestions_free(suggestions);
    return NS_OK;
}

/* What else can be asked with a query: in other orders, counted; articles like `id`, completions.
 */
static inline ns_status print_more(const ns_index *index, const char *asked, const char *id,
                                   FILE *out, ns_error *err)
{
    ns_query *query, *similar = NULL;
    ns_status status = ns_query_parse(asked, strlen(asked), NULL, &query, err);
    if (status != NS_OK)
        return status;
    status = print_ordered(index, query, out, err);
    for (int by = NS_FACET_DAY; by <= NS_FACET_SECTION && status == NS_OK; by++)
        status = print_counts(index, query, (ns_facet)by, out, err);
    if (status == NS_OK)
        status = print_suggestions(index, asked, out, err);
    if (status == NS_OK)
        status = ns_query_similar(index, id, strlen(id), 0, &similar, err);
    if (status == NS_OK)
        status = print_counts(index, similar, NS_FACET_SOURCE, out, err);
    ns_query_free(similar);
    ns_query_free(query);
    return status;
}

#endif
