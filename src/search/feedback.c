/* Feedback: the words that the best articles have in common join the query.
 *
 * A term t of the best R articles is worth
 *
 *   value(t) = sum over the articles that have it of tf / (tf + K) * idf(t)
 *
 * with K as BM25 has it at k1 = 1.2, b = 0.75 over the lengths of these articles. The best terms
 * share, in proportion of their values, 0.4 of the weight; 0.6 is left to the query as it was.
 * J. J. Rocchio, "Relevance feedback in information retrieval" (1971), with the weights of BM25. */
#include "ns/feedback.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/num.h"
#include "query/tree.h"
#include "search/results.h"
#include "text/analyzer.h"

#define FEEDBACK_K1 1.2
#define FEEDBACK_B 0.75
#define FEEDBACK_SHARE 0.4
#define SCALE 10.0 /* weights come in thousandths, and the words' are small */

enum { DEFAULT_ARTICLES = 8, MOST_ARTICLES = 100, DEFAULT_WORDS = 100, LEAST_LETTERS = 2 };

/* A term of the articles, by the analyser's id. */
typedef struct candidate {
    uint32_t *tfs; /* of each article */
    ns__str text;  /* as it is written somewhere */
    double value;
} candidate;

typedef struct maker {
    const ns_index *index;
    const ns_results *results;
    ns_error *err;
    ns__arena arena;
    ns__analyzer *analyzer;
    ns__tokens tokens;
    candidate *list;
    size_t count, capacity;
    size_t articles;
    uint32_t lengths[MOST_ARTICLES];
} maker;

static ns_status add_text(maker *of, size_t article, ns__lang lang, const char *data, size_t length,
                          uint32_t times)
{
    ns__str text = {(const uint8_t *)data, length};
    of->tokens.count = 0;
    NS_TRY(ns__analyzer_run(of->analyzer, lang, text, &of->tokens, of->err));
    size_t terms = ns__analyzer_term_count(of->analyzer);
    if (NS_RESERVE(of->list, of->capacity, terms + 1) != NS_OK)
        return ns__no_memory(of->err);
    for (; of->count < terms; of->count++)
        of->list[of->count] = (candidate){0};
    for (size_t i = 0; i < of->tokens.count; i++) {
        const ns__token *token = &of->tokens.items[i];
        candidate *term = &of->list[token->term];
        of->lengths[article] += times;
        if (token->flags & NS_TOKEN_SINGLE) /* it would stand for many others */
            continue;
        if (term->tfs == NULL) {
            size_t bytes = of->articles * sizeof *term->tfs, word = token->end - token->start;
            const uint8_t *copy = ns__arena_copy(&of->arena, text.data + token->start, word);
            term->tfs = ns__arena_alloc(&of->arena, bytes);
            if (copy == NULL || term->tfs == NULL)
                return ns__no_memory(of->err);
            memset(term->tfs, 0, bytes);
            term->text = (ns__str){copy, word};
        }
        term->tfs[article] += times;
    }
    return NS_OK;
}

static ns_status read_article(maker *of, size_t i)
{
    const ns__hit *hit = &of->results->items[i];
    const ns__segment *segment = &of->index->segments[hit->segment];
    ns__article_facts facts;
    ns_article *article = NULL;
    NS_TRY(ns__article_facts_get(&segment->articles, ns__hit_article(of->results, hit), &of->arena,
                                 &facts, of->err));
    NS_TRY(ns_article_at(of->index, hit->article, &article, of->err));
    size_t length;
    uint32_t times = of->index->manifest.settings.title_weight;
    const char *title = ns_article_title(article, &length);
    ns_status status = add_text(of, i, facts.lang, title, length, times > 0 ? times : 1);
    const char *body = ns_article_body(article, &length);
    if (status == NS_OK)
        status = add_text(of, i, facts.lang, body, length, 1);
    ns_article_free(article);
    return ns__frame_blame(segment->store.frame, segment->store.data.data, status, of->err);
}

static ns_status read_articles(maker *of)
{
    ns_analysis_settings settings = of->index->manifest.settings.analysis;
    settings.language[0] = '\0'; /* nothing is to be guessed */
    NS_TRY(ns__analyzer_open(&settings, &of->analyzer, of->err));
    for (size_t i = 0; i < of->articles; i++)
        NS_TRY(read_article(of, i));
    return NS_OK;
}

static int by_value(const void *x, const void *y)
{
    const candidate *a = x, *b = y;
    if (a->value != b->value)
        return a->value > b->value ? -1 : 1;
    return ns__str_compare(a->text, b->text);
}

/* Keeps the best `most`, best first. */
static ns_status choose(maker *of, size_t most)
{
    double total = 0;
    size_t kept = 0;
    for (size_t i = 0; i < of->articles; i++)
        total += (double)of->lengths[i];
    double average = total > 0 ? total / (double)of->articles : 1;
    for (size_t t = 0; t < of->count; t++) {
        candidate term = of->list[t];
        uint64_t df;
        if (term.tfs == NULL || term.text.length < LEAST_LETTERS)
            continue;
        NS_TRY(ns__index_df(of->index, ns__analyzer_term(of->analyzer, (uint32_t)t), &df, of->err));
        double rest = (double)(of->index->passages - df);
        double idf = ns__log(1 + (rest + 0.5) / ((double)df + 0.5));
        for (size_t i = 0; i < of->articles; i++) {
            double tf = (double)term.tfs[i], length = (double)of->lengths[i];
            double k = FEEDBACK_K1 * (1 - FEEDBACK_B + FEEDBACK_B * length / average);
            term.value += tf > 0 ? tf / (tf + k) * idf : 0;
        }
        of->list[kept++] = term; /* kept <= t */
    }
    if (kept > 1)
        qsort(of->list, kept, sizeof *of->list, by_value);
    of->count = kept < most ? kept : most;
    return NS_OK;
}

/* What a query's wanted words weigh. */
typedef struct weights {
    double sum, most;
} weights;

/* Adds those at `node` and below, all of which count `times` as much. As deep as parentheses. */
static void add_weights(const ns__query *query, uint32_t at, double times, weights *out)
{
    const ns__node *node = &query->nodes[at];
    times *= node->weight;
    if (node->kind == NS__NODE_WORD || node->kind == NS__NODE_PHRASE ||
        node->kind == NS__NODE_PATTERN || node->kind == NS__NODE_FUZZY) {
        out->sum += times;
        out->most = times > out->most ? times : out->most;
        return;
    }
    for (uint32_t n = node->child; n != NS__NO_NODE; n = query->nodes[n].next)
        if (query->nodes[n].occur != NS__NOT)
            add_weights(query, n, times, out);
}

static bool only_wants(const ns__query *query)
{
    bool wants = true;
    for (uint32_t n = query->nodes[0].child; n != NS__NO_NODE; n = query->nodes[n].next)
        wants &= query->nodes[n].occur == NS__SHOULD;
    return wants;
}

/* The power of ten that brings the largest weight to 1 to 10: what comes out is the same however
 * small or large a query's weights are. */
static double unit_of(double most)
{
    double unit = 1;
    for (; most * unit < 1 && unit < NS_MAX_WEIGHT; unit *= 10)
        ;
    for (; most * unit >= 10 && unit > NS_MIN_WEIGHT; unit /= 10)
        ;
    return unit;
}

static double in_thousandths(double weight)
{
    weight = (double)(uint32_t)(weight * 1000 + 0.5) / 1000;
    return weight < NS_MIN_WEIGHT ? NS_MIN_WEIGHT : weight > NS_MAX_WEIGHT ? NS_MAX_WEIGHT : weight;
}

/* The query with weights `unit` times as large, which may be more than a part's can be. */
static ns_status enlarge(const ns__query *query, double unit, ns_query **out, ns_error *err)
{
    ns_query_builder *builder;
    NS_TRY(ns_query_builder_open(&builder, err));
    ns_query_add_query(builder, NULL, query);
    ns_status status = ns_query_builder_finish(builder, out, err);
    ns_query_builder_free(builder);
    if (status != NS_OK)
        return status;
    ns__query *made = *out;
    for (uint32_t n = made->nodes[0].child; n != NS__NO_NODE; n = made->nodes[n].next)
        if (made->nodes[n].occur != NS__NOT)
            ns__tree_weigh(made, n, ns__tree_thousandths(unit));
    return NS_OK;
}

/* Weights are those of the query times `times`. */
static ns_status write_query(maker *of, const ns__query *query, double times, double whole,
                             ns_query **out, ns_error *err)
{
    double sum = 0;
    ns_query_builder *builder;
    ns_query_part part;
    for (size_t i = 0; i < of->count; i++)
        sum += of->list[i].value;
    NS_TRY(ns_query_builder_open(&builder, err));
    ns_query_part_init(&part);
    part.occur = only_wants(query) ? NS_QUERY_WANTED : NS_QUERY_REQUIRED;
    part.weight = of->count > 0 ? in_thousandths(times * (1 - FEEDBACK_SHARE)) : 1;
    ns_query_add_query(builder, &part, query);
    part.occur = NS_QUERY_WANTED;
    for (size_t i = 0; i < of->count; i++) {
        const candidate *term = &of->list[i];
        part.weight = in_thousandths(times * FEEDBACK_SHARE * whole * term->value / sum);
        ns_query_add_words(builder, &part, (const char *)term->text.data, term->text.length);
    }
    ns_status status = ns_query_builder_finish(builder, out, err);
    ns_query_builder_free(builder);
    return status;
}

/* As many of the words as there is room for beside the query; it may be long, or have many. */
static ns_status write_what_fits(maker *of, const ns__query *query, ns_query **out)
{
    weights first = {0};
    ns_query *large = NULL;
    ns_error err = {0};
    ns_status status = NS_OK;
    add_weights(query, 0, 1, &first);
    double unit = first.sum > 0 ? unit_of(first.most) : 1;
    double whole = first.sum > 0 ? first.sum * (unit > 1 ? unit : 1) : 1;
    if (unit > 1 && of->count > 0)
        status = enlarge(query, unit, &large, &err);
    const double times = unit > 1 ? SCALE : SCALE * unit;
    if (status == NS_OK)
        status = write_query(of, large ? large : query, times, whole, out, &err);
    while (status == NS_ERR_LIMIT && of->count > 0) {
        of->count /= 2;
        status = write_query(of, of->count > 0 && large ? large : query, times, whole, out, &err);
    }
    ns_query_free(large);
    if (status != NS_OK && of->err != NULL)
        *of->err = err;
    return status;
}

static ns_status make(maker *of, const ns__query *query, size_t words, ns_query **out)
{
    const size_t room = NS_MAX_QUERY_LEAVES - query->leaves;
    NS_TRY(read_articles(of));
    NS_TRY(choose(of, words < room ? words : room));
    return write_what_fits(of, query, out);
}

ns_status ns_query_feedback(const ns_index *index, const ns_query *query,
                            const ns_search_options *options, size_t articles, size_t words,
                            ns_query **out, ns_error *err)
{
    enum { MOST_WORDS = NS_MAX_QUERY_LEAVES / 4 };
    maker of = {.index = index, .err = err};
    ns_search_options first;
    ns_results *results;
    *out = NULL;
    if (index->manifest.settings.no_text)
        return ns__fail(err, NS_ERR_QUERY, "this index keeps no text to learn words from");
    if (options)
        first = *options;
    else
        ns_search_options_init(&first);
    first.limit = articles == 0 ? DEFAULT_ARTICLES : articles;
    first.limit = first.limit < MOST_ARTICLES ? first.limit : MOST_ARTICLES;
    first.offset = 0;
    first.all = first.passages = first.count = false;
    first.no_hits = true;
    words = words == 0 ? DEFAULT_WORDS : words < MOST_WORDS ? words : MOST_WORDS;
    NS_TRY(ns_search_query(index, query, &first, &results, err));
    of.results = results;
    of.articles = results->count;
    ns_status status = make(&of, query, words, out);
    ns_results_free(results);
    ns__arena_release(&of.arena);
    ns__tokens_release(&of.tokens);
    ns__analyzer_close(of.analyzer);
    ns__free(of.list);
    return status;
}
