/* The default ranking against its formula (docs/ranking.md), computed from texts and plain BM25's
 * order alone: scores to the bit and the same order, pruned or not, in one segment or several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "ns/ns.h"

enum { ARTICLES = 420, MOST_WORDS = 96, MOST_PASSAGES = 16, WORDS = 14, QUERY = 5, TITLE = 2 };

/* In byte order, which is the order scores are added in; "of" and "the" are stop words. */
static const char *const vocabulary[WORDS] = {"barley", "clover",  "ember", "fog",   "harbour",
                                              "ivory",  "lantern", "night", "of",    "orchard",
                                              "quartz", "signal",  "the",   "vessel"};

typedef struct text {
    int words[MOST_WORDS];
    int count;
} text;

typedef struct article {
    text title, passages[MOST_PASSAGES];
    int passage_count;
} article;

typedef struct answer {
    ns_result result;
    double score;
    int rank; /* by BM25 */
} answer;

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
        for (int w = 0; end > i && w < WORDS; w++)
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

typedef struct formula {
    int query[QUERY], query_count;
    int times[WORDS]; /* in the query */
    bool stop[WORDS];
    double idf[WORDS], weight[WORDS];
    double article_average, passage_average;
} formula;

static int count_in(const text *in, int word)
{
    int count = 0;
    for (int i = 0; i < in->count; i++)
        count += in->words[i] == word;
    return count;
}

static int passage_tf(const article *of, int passage, int word)
{
    return count_in(&of->passages[passage], word) + TITLE * count_in(&of->title, word);
}

static void weigh(formula *f, const ns_index_stats *stats)
{
    bool content = false;
    double words = 0;
    for (int i = 0; i < ARTICLES; i++) {
        words += 3.0 * articles[i].title.count;
        for (int p = 0; p < articles[i].passage_count; p++)
            words += articles[i].passages[p].count;
    }
    f->article_average = words / ARTICLES;
    f->passage_average = stats->average_length;
    for (int w = 0; w < WORDS; w++) {
        double df = 0, passages = (double)stats->passages;
        f->idf[w] = 0;
        for (int i = 0; i < ARTICLES; i++)
            for (int p = 0; p < articles[i].passage_count; p++)
                df += passage_tf(&articles[i], p, w) > 0;
        double idf = ns__log(1 + (passages - df + 0.5) / (df + 0.5));
        if (f->times[w] > 0 && df > 0)
            f->idf[w] = f->times[w] * (idf * idf / (idf + 2));
        f->stop[w] = strcmp(vocabulary[w], "of") == 0 || strcmp(vocabulary[w], "the") == 0;
        content |= f->idf[w] > 0 && !f->stop[w];
    }
    for (int w = 0; w < WORDS; w++) {
        f->stop[w] &= content;
        f->idf[w] *= f->stop[w] ? 0.25 : 1;
    }
}

static void find_bursts(formula *f, const answer *found, int count)
{
    for (int w = 0; w < WORDS; w++) {
        double sum = 0, having = 0;
        for (int i = 0; i < count && i < 100; i++) {
            int tf =
                passage_tf(&articles[found[i].result.article], (int)found[i].result.passage, w);
            sum += tf;
            having += tf > 0;
        }
        f->weight[w] = f->idf[w] * sqrt(having > 0 ? sum / having : 1);
    }
}

static double part(double tf, double length, double average)
{
    double k = 1.2 * (1 - 0.75) + 1.2 * 0.75 * length / average;
    return tf / (tf + k);
}

static double article_length(const article *of)
{
    double length = 3.0 * of->title.count;
    for (int p = 0; p < of->passage_count; p++)
        length += of->passages[p].count;
    return length;
}

static double score_words(const formula *f, const answer *found)
{
    const article *of = &articles[found->result.article];
    int best = (int)found->result.passage;
    double score = 0, best_length = of->passages[best].count + TITLE * of->title.count;
    for (int w = 0; w < WORDS; w++) {
        if (f->weight[w] == 0)
            continue;
        double tf = 3.0 * count_in(&of->title, w);
        for (int p = 0; p < of->passage_count; p++)
            tf += count_in(&of->passages[p], w);
        score +=
            f->weight[w] * (part(tf, article_length(of), f->article_average) +
                            0.25 * part(passage_tf(of, best, w), best_length, f->passage_average));
    }
    return score;
}

/* Neighbours among the places of two words. */
static void count_near(const text *in, int a, int b, double *beside, double *within)
{
    int last = -1;
    for (int i = 0; i < in->count; i++) {
        if (in->words[i] != a && in->words[i] != b)
            continue;
        if (last >= 0 && in->words[last] != in->words[i] && i - last < 8) {
            *within += 1;
            *beside += in->words[i] == b && i - last == 1;
        }
        last = i;
    }
}

static double score_near(const formula *f, const answer *found, double score)
{
    const article *of = &articles[found->result.article];
    int seen[QUERY][2], pairs = 0, before = -1;
    for (int q = 0; q < f->query_count; q++) {
        int a = before, b = f->query[q];
        if (f->idf[b] == 0 || f->stop[b])
            continue;
        before = b;
        bool again = a < 0 || a == b;
        for (int p = 0; p < pairs; p++)
            again |= seen[p][0] == a && seen[p][1] == b;
        if (again)
            continue;
        seen[pairs][0] = a;
        seen[pairs++][1] = b;
        double beside = 0, within = 0;
        count_near(&of->title, a, b, &beside, &within);
        for (int p = 0; p < of->passage_count; p++)
            count_near(&of->passages[p], a, b, &beside, &within);
        score += 0.2 * ((f->idf[a] + f->idf[b]) / 2) *
                 (part(beside, article_length(of), f->article_average) +
                  part(within, article_length(of), f->article_average));
    }
    return score;
}

static int by_score(const void *a, const void *b)
{
    const answer *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->result.article > y->result.article) - (x->result.article < y->result.article);
}

/* ---- The test ---- */

static ns_results *search(const ns_index *index, const char *query,
                          const ns_search_options *options)
{
    ns_results *results;
    assert_int_equal(ns_search(index, query, strlen(query), options, &results, NULL), NS_OK);
    return results;
}

static int expect(const ns_index *index, formula *f, const char *query,
                  const ns_search_options *asked, answer *found)
{
    ns_index_stats stats;
    ns_search_options options = *asked;
    size_t depth = asked->limit * 10 < 100 ? 100 : asked->limit * 10;
    size_t near = asked->exhaustive ? ARTICLES : depth / 5;
    options.ranking = NS_RANKING_BM25;
    options.limit = asked->exhaustive ? ARTICLES : depth;
    ns_results *results = search(index, query, &options);
    size_t count = ns_results_count(results);
    for (size_t i = 0; i < count; i++)
        found[i].result = ns_results_get(results, i);
    ns_results_free(results);
    ns_index_get_stats(index, &stats);
    weigh(f, &stats);
    find_bursts(f, found, (int)count);
    for (size_t i = 0; i < count; i++)
        found[i].score = score_words(f, &found[i]);
    qsort(found, count, sizeof *found, by_score);
    near = near < count ? near : count;
    for (size_t i = 0; i < near; i++)
        found[i].score = score_near(f, &found[i], found[i].score);
    qsort(found, near, sizeof *found, by_score);
    return (int)(count < asked->limit ? count : asked->limit);
}

static void check(const ns_index *index, const char *query, const ns_search_options *options,
                  const answer *wanted, int count)
{
    ns_results *results = search(index, query, options);
    assert_int_equal(ns_results_count(results), count);
    for (int i = 0; i < count; i++) {
        ns_result got = ns_results_get(results, (size_t)i);
        float score = (float)wanted[i].score;
        if (got.article != wanted[i].result.article ||
            memcmp(&got.score, &score, sizeof score) != 0)
            fail_msg("%s, rank %d: %u %.9g, expected %u %.9g", query, i, (unsigned)got.article,
                     (double)got.score, (unsigned)wanted[i].result.article, (double)score);
        assert_int_equal(got.passage, wanted[i].result.passage);
    }
    ns_results_free(results);
}

static void check_queries(const ns_index *index, int queries)
{
    static const size_t limits[] = {1, 5, 10, 25};
    static answer found[ARTICLES];
    for (int q = 0; q < queries; q++) {
        formula f = {.query_count = 1 + (int)pick(QUERY)};
        char query[256] = "";
        for (int w = 0; w < f.query_count; w++) {
            f.query[w] = (int)pick(WORDS);
            f.times[f.query[w]]++;
            strcat(strcat(query, " "), vocabulary[f.query[w]]);
        }
        ns_search_options options;
        ns_search_options_init(&options);
        options.ranking = NS_RANKING_CASCADE;
        options.limit = limits[pick(4)];
        options.exhaustive = pick(4) == 0;
        int count = expect(index, &f, query, &options, found);
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_formula)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
