/* The default ranking against its formula (docs/ranking.md), computed from texts and plain BM25's
 * order alone: scores to the bit and the same order, pruned or not, in one segment or several. */
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
#include "oracle/formula.h"

enum { ARTICLES = 420, MOST_WORDS = 96, MOST_PASSAGES = 16, WORDS = 14, QUERY = 5, TITLE = 2 };

/* In byte order, which is the order scores are added in; "of" and "the" are stop words. */
static const char *const vocabulary[WORDS] = {"barley", "clover",  "ember", "fog",   "harbour",
                                              "ivory",  "lantern", "night", "of",    "orchard",
                                              "quartz", "signal",  "the",   "vessel"};

typedef struct text {
    uint32_t words[MOST_WORDS];
    int count;
} text;

typedef struct article {
    text title, passages[MOST_PASSAGES];
    int passage_count;
} article;

static article articles[ARTICLES];
static uint64_t random_state;

static unsigned pick(unsigned below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 20) % below;
}

static text read_text(const char *at, size_t length)
{
    text out = {.count = 0};
    for (size_t i = 0; i < length;) {
        size_t end = i;
        while (end < length && at[end] >= 'a' && at[end] <= 'z')
            end++;
        for (uint32_t w = 0; end > i && w < WORDS; w++)
            if (strlen(vocabulary[w]) == end - i && memcmp(vocabulary[w], at + i, end - i) == 0)
                out.words[out.count++] = w;
        i = end + 1;
    }
    return out;
}

static void add_article(ns_writer *writer, int number)
{
    char title[256] = "", body[2048] = "", json[4096];
    for (unsigned i = 0, count = pick(5); i < count; i++)
        strcat(strcat(title, i ? " " : ""), vocabulary[pick(WORDS)]);
    for (unsigned i = 0, count = 3 + pick(60); i < count; i++)
        strcat(strcat(body, vocabulary[pick(1 + pick(WORDS))]), pick(6) ? " " : ". ");
    snprintf(json, sizeof json, "{\"id\":\"%d\",\"title\":\"%s\",\"body\":\"%s\"}", number, title,
             body);
    assert_int_equal(ns_writer_add_json(writer, json, strlen(json), NULL), NS_OK);
}

/* What the index made of it: where passages begin is not this test's concern. */
static void read_article(const ns_index *index, int number)
{
    ns_article *stored;
    size_t length, start, end;
    assert_int_equal(ns_article_at(index, (uint64_t)number, &stored, NULL), NS_OK);
    article *out = &articles[number];
    const char *title = ns_article_title(stored, &length);
    out->title = read_text(title, length);
    const char *body = ns_article_body(stored, &length);
    out->passage_count = (int)ns_article_passages(stored);
    assert_true(out->passage_count <= MOST_PASSAGES);
    for (int p = 0; p < out->passage_count; p++) {
        ns_article_passage(stored, (size_t)p, &start, &end);
        out->passages[p] = read_text(body + start, end - start);
    }
    ns_article_free(stored);
}

static void remove_directory(const char *directory)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
}

static ns_index *make_index(char *directory, int segments)
{
    ns_index *index;
    ns_index_settings settings;
    ns_writer_options options;
    ns_index_settings_init(&settings);
    ns_writer_options_init(&options);
    settings.block_postings = 8;
    settings.window_passages = 32;
    settings.title_weight = TITLE;
    settings.analysis.passage_terms = 10;
    memset(settings.analysis.language, 0, sizeof settings.analysis.language);
    options.settings = &settings;
    assert_non_null(mkdtemp(directory));
    for (int s = 0; s < segments; s++) {
        ns_writer *writer;
        assert_int_equal(ns_writer_open(directory, s ? NULL : &options, &writer, NULL), NS_OK);
        for (int i = s * ARTICLES / segments; i < (s + 1) * ARTICLES / segments; i++)
            add_article(writer, i);
        assert_int_equal(ns_writer_commit(writer, NULL, NULL), NS_OK);
        ns_writer_close(writer);
    }
    assert_int_equal(ns_index_open(directory, &index, NULL), NS_OK);
    for (int i = 0; i < ARTICLES; i++)
        read_article(index, i);
    return index;
}

/* ---- The formula ---- */

typedef struct written {
    size_t words[QUERY], count; /* as written */
} written;

static uint8_t members[WORDS][WORDS];

static row row_of(const text *of)
{
    return (row){of->words, (size_t)of->count};
}

static uint64_t df_of(uint32_t word)
{
    uint64_t df = 0;
    for (int i = 0; i < ARTICLES; i++)
        for (int p = 0; p < articles[i].passage_count; p++) {
            bool found = false;
            for (int t = 0; t < articles[i].title.count; t++)
                found |= articles[i].title.words[t] == word;
            for (int t = 0; t < articles[i].passages[p].count; t++)
                found |= articles[i].passages[p].words[t] == word;
            df += found;
        }
    return df;
}

/* What the formula needs to know of the query and the articles. */
static formula make_formula(const ns_index *index, const written *query, formula_word words[WORDS])
{
    ns_index_stats stats;
    ns_index_get_stats(index, &stats);
    double all = 0;
    for (int i = 0; i < ARTICLES; i++) {
        all += 3.0 * articles[i].title.count;
        for (int p = 0; p < articles[i].passage_count; p++)
            all += articles[i].passages[p].count;
    }
    for (uint32_t w = 0; w < WORDS; w++) {
        members[w][w] = 1;
        words[w] = (formula_word){.member = members[w],
                                  .stop = strcmp(vocabulary[w], "of") == 0 ||
                                          strcmp(vocabulary[w], "the") == 0};
        for (size_t q = 0; q < query->count; q++)
            words[w].boost += query->words[q] == w;
        words[w].df = words[w].boost > 0 ? df_of(w) : 0;
    }
    return (formula){.words = words,
                     .word_count = WORDS,
                     .order = query->words,
                     .order_count = query->count,
                     .title_weight = TITLE,
                     .passages = stats.passages,
                     .article_average = all / ARTICLES,
                     .passage_average = stats.average_length};
}

/* ---- The test ---- */

static ns_results *search(const ns_index *index, const char *query,
                          const ns_search_options *options)
{
    ns_results *results;
    assert_int_equal(ns_search(index, query, strlen(query), options, &results, NULL), NS_OK);
    return results;
}

/* The page that is asked for, which may lie behind the first tier. */
static size_t expect(const ns_index *index, const written *asked, const char *query,
                     const ns_search_options *given, formula_entry *found)
{
    const size_t page = given->limit - given->offset;
    const size_t tier = formula_depth(page, given->exhaustive, ARTICLES);
    static row rows[ARTICLES][MOST_PASSAGES];
    ns_search_options options = *given;
    formula_word words[WORDS];
    formula f = make_formula(index, asked, words);
    options.ranking = NS_RANKING_BM25;
    options.limit = tier;
    while (options.limit < given->limit)
        options.limit *= 10;
    ns_results *results = search(index, query, &options);
    size_t count = ns_results_count(results);
    for (size_t i = 0; i < count; i++) {
        ns_result result = ns_results_get(results, i);
        const article *of = &articles[result.article];
        for (int p = 0; p < of->passage_count; p++)
            rows[i][p] = row_of(&of->passages[p]);
        found[i] = (formula_entry){.article = result.article,
                                   .title = row_of(&of->title),
                                   .passages = rows[i],
                                   .passage_count = (size_t)of->passage_count,
                                   .best = result.passage};
    }
    ns_results_free(results);
    formula_rank(&f, found, count, tier, formula_near(page, given->exhaustive, ARTICLES));
    return count < given->limit ? count : given->limit;
}

static void check(const ns_index *index, const char *query, const ns_search_options *options,
                  const formula_entry *wanted, size_t count)
{
    ns_results *results = search(index, query, options);
    assert_int_equal(ns_results_count(results), count);
    for (size_t i = 0; i < count; i++) {
        ns_result got = ns_results_get(results, i);
        float score = (float)wanted[i].score;
        if (got.article != wanted[i].article || memcmp(&got.score, &score, sizeof score) != 0)
            fail_msg("%s, rank %zu: %u %.9g, expected %u %.9g", query, i, (unsigned)got.article,
                     (double)got.score, (unsigned)wanted[i].article, (double)score);
        assert_int_equal(got.passage, wanted[i].best);
    }
    ns_results_free(results);
}

static void check_queries(const ns_index *index, int queries)
{
    static const size_t limits[] = {1, 5, 10, 25};
    static formula_entry found[ARTICLES];
    for (int q = 0; q < queries; q++) {
        written asked = {.count = 1 + pick(QUERY)};
        char query[256] = "";
        for (size_t w = 0; w < asked.count; w++) {
            asked.words[w] = pick(WORDS);
            strcat(strcat(query, " "), vocabulary[asked.words[w]]);
        }
        ns_search_options options;
        ns_search_options_init(&options);
        options.ranking = NS_RANKING_CASCADE;
        options.limit = limits[pick(4)];
        options.exhaustive = pick(4) == 0;
        options.offset = pick(2) ? options.limit * pick(30) : 0;
        options.limit += options.offset;
        size_t count = expect(index, &asked, query, &options, found);
        for (int plain = 0; plain < 2; plain++) {
            options.no_pruning = plain;
            options.isa = plain ? 0 : -1;
            check(index, query, &options, found, count);
        }
    }
}

static void test_formula(void **state)
{
    (void)state;
    const char *given = getenv("NS_SEED");
    random_state = given ? strtoull(given, NULL, 10) : 20261125;
    print_message("seed %llu\n", (unsigned long long)random_state);
    for (int segments = 1; segments <= 3; segments += 2) {
        char directory[] = "/tmp/ns-cascade-XXXXXX";
        ns_index *index = make_index(directory, segments);
        check_queries(index, 120);
        ns_index_close(index);
        remove_directory(directory);
    }
}

/* The pages of one size, one behind the other, are one list: each begins as the one before goes on,
 * and has each article of BM25's list once. Copies that are left out change nothing of that. */
static void check_pages(const ns_index *index, const char *query, size_t page, bool distinct)
{
    ns_search_options options;
    static uint64_t listed[ARTICLES];
    static bool seen[ARTICLES];
    size_t all = 0, count;
    ns_search_options_init(&options);
    options.ranking = NS_RANKING_CASCADE;
    options.distinct = distinct;
    memset(seen, 0, sizeof seen);
    do {
        options.offset = all;
        options.limit = all + page;
        ns_results *results = search(index, query, &options);
        count = ns_results_count(results);
        for (size_t i = 0; i < count; i++) {
            const uint64_t number = ns_results_get(results, i).article;
            if (i < all) {
                assert_int_equal(number, listed[i]);
                continue;
            }
            assert_false(seen[number]);
            seen[number] = true;
            listed[i] = number;
        }
        assert_true(count >= all);
        all = count;
        ns_results_free(results);
    } while (count == options.limit);
    options.offset = 0;
    options.all = true;
    options.ranking = NS_RANKING_BM25;
    ns_results *results = search(index, query, &options);
    assert_int_equal(ns_results_count(results), all);
    ns_results_free(results);
}

static void test_pages(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 7, 10, 25, 60};
    char directory[] = "/tmp/ns-cascade-XXXXXX";
    random_state = 20261126;
    ns_index *index = make_index(directory, 2);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int q = 0; q < 2; q++) {
            char query[64];
            snprintf(query, sizeof query, "%s %s", vocabulary[pick(WORDS)],
                     vocabulary[pick(WORDS)]);
            check_pages(index, query, sizes[s], q == 1);
        }
    ns_index_close(index);
    remove_directory(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_formula),
                                       cmocka_unit_test(test_pages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
