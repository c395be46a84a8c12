/* Feedback: the words and weights are those of docs/ranking.md, worked out here from the texts; the
 * query as it was keeps its part of them. */
#include "unit/index/help.h"

#include <math.h>

#include "base/limits.h"
#include "ns/ns.h"
#include "query/query.h"

enum { ARTICLES = 700, WORDS = 48, LETTER = 0, EVERYWHERE = 1, ROOM = 1 << 17 };

/* How often each word stands in the headline and in the body of each article. Word 0 has one
 * letter, word 1 is in every article; the higher the number, the rarer. */
static uint32_t titles[ARTICLES][WORDS], bodies[ARTICLES][WORDS];
static uint32_t title_weight;
static ns_index *asked;

static const char *word(uint32_t w)
{
    static char text[16];
    if (w == LETTER)
        return "z";
    snprintf(text, sizeof text, "word%u", w);
    return text;
}

static uint32_t word_at(const uint8_t *text, size_t length)
{
    for (uint32_t w = 0; w < WORDS; w++)
        if (strlen(word(w)) == length && memcmp(word(w), text, length) == 0)
            return w;
    fail_msg("no such word: %.*s", (int)length, (const char *)text);
    return 0;
}

static void put_words(ns__buf *json, const char *key, uint32_t counts[WORDS], uint32_t count)
{
    ns__buf_append(json, key, strlen(key));
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t w = random_below(1 + random_below(WORDS));
        counts[w]++;
        ns__buf_append(json, word(w), strlen(word(w)));
        ns__buf_u8(json, ' ');
    }
}

static void add_article(ns_writer *writer, uint32_t article)
{
    ns_error err = {0};
    ns__buf json = {0};
    char head[64];
    snprintf(head, sizeof head, "{\"id\":\"%u\",\"title\":\"", article);
    put_words(&json, head, titles[article], random_below(4));
    put_words(&json, "\",\"body\":\"word1 ", bodies[article], 3 + random_below(20));
    bodies[article][EVERYWHERE]++;
    ns__buf_append(&json, "\"}", 2);
    assert_ok(ns_writer_add_json(writer, (const char *)json.data, json.length, &err), err);
    ns__buf_release(&json);
}

static void make_index(uint32_t weight)
{
    ns_error err = {0};
    ns_writer *writer;
    ns_writer_options options;
    ns_index_settings settings;
    ns_writer_options_init(&options);
    ns_index_settings_init(&settings);
    options.settings = &settings;
    settings.title_weight = title_weight = weight;
    settings.analysis.whitespace = settings.analysis.one_passage = true;
    memset(titles, 0, sizeof titles);
    memset(bodies, 0, sizeof bodies);
    ns_index_close(asked);
    remove_tree(in_folder("index"));
    assert_ok(ns_writer_open(in_folder("index"), &options, &writer, &err), err);
    for (uint32_t a = 0; a < ARTICLES; a++)
        add_article(writer, a);
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
    ns_writer_close(writer);
    assert_ok(ns_index_open(in_folder("index"), &asked, &err), err);
}

/* ---- The formula ---- */

typedef struct valued {
    uint32_t word;
    double value;
} valued;

static int by_value(const void *x, const void *y)
{
    const valued *a = x, *b = y;
    return a->value > b->value ? -1 : a->value < b->value;
}

static double idf_of(uint32_t w)
{
    double df = 0;
    for (uint32_t a = 0; a < ARTICLES; a++)
        df += bodies[a][w] > 0 || (title_weight > 0 && titles[a][w] > 0);
    return log(1 + (ARTICLES - df + 0.5) / (df + 0.5));
}

static uint32_t tf_of(uint64_t article, uint32_t w)
{
    const uint32_t times = title_weight > 0 ? title_weight : 1; /* learnt from all the same */
    return bodies[article][w] + times * titles[article][w];
}

static uint32_t length_of(uint64_t article)
{
    uint32_t length = 0;
    for (uint32_t w = 0; w < WORDS; w++)
        length += tf_of(article, w);
    return length;
}

/* Each word's value, best first; returns how many the articles have. */
static size_t value_all(const ns_results *results, valued out[WORDS])
{
    const size_t best = ns_results_count(results);
    double average = 0;
    size_t count = 0;
    for (size_t i = 0; i < best; i++)
        average += (double)length_of(ns_results_get(results, i).article) / (double)best;
    for (uint32_t w = 0; w < WORDS; w++) {
        double value = 0;
        for (size_t i = 0; i < best; i++) {
            const uint64_t article = ns_results_get(results, i).article;
            const double tf = tf_of(article, w), length = length_of(article);
            value += tf / (tf + 1.2 * (0.25 + 0.75 * length / average)) * idf_of(w);
        }
        if (value > 0 && w != LETTER)
            out[count++] = (valued){w, value};
    }
    qsort(out, count, sizeof *out, by_value);
    return count;
}

/* ---- What the library makes ---- */

static ns_query *parse(const char *text)
{
    ns_error err = {0};
    ns_query *query;
    assert_ok(ns_query_parse(text, strlen(text), NULL, &query, &err), err);
    return query;
}

static ns_query *widen(const char *text, size_t articles, size_t words)
{
    ns_error err = {0};
    ns_query *query = parse(text), *wider;
    assert_ok(ns_query_feedback(asked, query, NULL, articles, words, &wider, &err), err);
    ns_query_free(query);
    return wider;
}

typedef struct weighed {
    uint32_t word;
    double weight;
} weighed;

/* The wanted words below a node, in order. */
static size_t collect(const ns__query *query, uint32_t at, double weight, weighed *out)
{
    const ns__node *node = &query->nodes[at];
    size_t count = 0;
    weight *= node->weight;
    if (node->kind == NS__NODE_WORD) {
        const ns__str text = ns__node_text(query, node);
        *out = (weighed){word_at(text.data, text.length), weight};
        return 1;
    }
    for (uint32_t n = node->child; n != NS__NO_NODE; n = query->nodes[n].next)
        if (query->nodes[n].occur != NS__NOT)
            count += collect(query, n, weight, out + count);
    return count;
}

/* `own` wanted words of the query weigh `whole`. */
static void check_formula(const char *text, size_t own, double whole, size_t articles, size_t words)
{
    ns_error err = {0};
    ns_results *results;
    ns_search_options options;
    valued values[WORDS];
    weighed got[2 * WORDS];
    ns_search_options_init(&options);
    options.limit = articles > 0 ? articles : 8;
    assert_ok(ns_search(asked, text, strlen(text), &options, &results, &err), err);
    const size_t known = value_all(results, values), most = words > 0 ? words : 100;
    const size_t kept = known < most ? known : most;
    ns_results_free(results);
    ns_query *query = parse(text), *wider = widen(text, articles, words);
    weighed was[WORDS];
    assert_int_equal(collect(query, 0, 1, was), own);
    assert_int_equal(collect(wider, 0, 1, got), own + kept);
    double sum = 0;
    for (size_t i = 0; i < kept; i++)
        sum += values[i].value;
    for (size_t i = 0; i < own; i++)
        assert_true(got[i].word == was[i].word && fabs(got[i].weight - 6 * was[i].weight) < 1e-9);
    for (size_t i = own; i < own + kept; i++) {
        const valued *is = values;
        while (is < values + known && is->word != got[i].word)
            is++;
        double weight = 4 * whole * is->value / sum;
        weight = weight < 0.001 ? 0.001 : weight;
        if (is == values + known || is->value < values[kept - 1].value - 1e-9 ||
            fabs(got[i].weight - weight) > 0.0005 + 1e-9)
            fail_msg("%s: %s weighs %f, not %f", text, word(got[i].word), got[i].weight, weight);
        values[is - values].word = WORDS; /* each once */
    }
    ns_query_free(query);
    ns_query_free(wider);
}

static void test_formula(void **state)
{
    (void)state;
    for (uint32_t weight = 0; weight <= 3; weight += 3) {
        make_index(weight);
        check_formula("word7", 1, 1, 0, 0);
        check_formula("word20 word31", 2, 2, 3, 5);
        check_formula("word20 word31", 2, 2, 20, 0);
        check_formula("word9^2.5 word40^0.3", 2, 2.8, 8, 20);
        check_formula("+word12 word15^3 -word2", 2, 4, 5, 0);
        check_formula("word12 -(word2 AND word3 AND word4^7) -word5", 1, 1, 5, 0);
        check_formula("(word12 +word9)^3 word15", 3, 7, 5, 0);
        check_formula("word12 NEAR/20 word9^2", 2, 3, 5, 0);
    }
}

/* ---- Weights that are small or large, and queries that are long ---- */

static void assert_same_query(const char *text, const char *other)
{
    ns_error err = {0};
    char *lines[2];
    for (int i = 0; i < 2; i++) {
        ns_query *wider = widen(i == 0 ? text : other, 0, 0);
        assert_ok(ns_query_describe(wider, NS_QUERY_LINE, &lines[i], &err), err);
        ns_query_free(wider);
    }
    assert_string_equal(lines[0], lines[1]);
    for (int i = 0; i < 2; i++)
        ns_query_description_free(lines[i]);
}

static void test_weights(void **state)
{
    (void)state;
    assert_same_query("word20^0.001 word31^0.001", "word20 word31");
    assert_same_query("word20^0.002 word31^0.003", "word20^2 word31^3");
    assert_same_query("word20^1000 word31^1000", "word20 word31");
    assert_same_query("(word20^0.1 word31^0.1)^0.01", "word20 word31");
    assert_same_query("+word20^0.001 word31^0.001", "+word20 word31");
    assert_same_query("zzznothing -word3", "zzznothing -word3");
}

/* `count` words of `length` bytes that no article has, and two that some have. */
static const char *long_query(size_t count, size_t length)
{
    static char text[ROOM];
    size_t at = (size_t)snprintf(text, sizeof text, "word20 word31");
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, " %0*zu", (int)length, i);
    return text;
}

static void check_long(size_t count, size_t length, size_t least, size_t most)
{
    ns_query *query = parse(long_query(count, length)),
             *wider = widen(long_query(count, length), 8, 20);
    assert_in_range(wider->leaves - query->leaves, least, most);
    ns_query_free(query);
    ns_query_free(wider);
}

static void test_long_queries(void **state)
{
    (void)state;
    check_long(900, 6, 20, 20);
    check_long(1010, 6, 12, 12);
    check_long(1022, 6, 0, 0);
    check_long(50, 1180, 20, 20);
    check_long(50, 1300, 1, 10); /* its bytes are what there is no more room for */
    check_long(15, 4364, 0, 0);
}

static int end(void **state)
{
    ns_index_close(asked);
    return remove_test_folder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formula),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_long_queries),
    };
    return cmocka_run_group_tests(tests, make_test_folder, end);
}
