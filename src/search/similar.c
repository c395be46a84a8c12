/* The query for articles like a given one: its words by tf * idf.
 *
 * A word counts tf / (tf + 4) as often as it stands in the article, headline words as many times as
 * in searching (once where they are not searched), and its idf. Words that no other article has
 * find nothing and are passed over; so are lone clusters of scripts without spaces, which would
 * stand for many others. The query wants the best of them, with weights in the proportion of tf /
 * (tf + 4); idf comes in when it is searched with. */
#include "ns/similar.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/num.h"
#include "index/snapshot.h"
#include "text/analyzer.h"

enum { DEFAULT_WORDS = 40, HALF_TF = 4 };

/* A term of the article. */
typedef struct candidate {
    uint32_t tf, passages; /* of the article */
    uint32_t last;         /* passage it was seen in last, + 1 */
    uint32_t start, end;   /* a place of it in its text */
    bool titled, known;    /* the text is the headline; it occurs at all */
    double weight, value;
} candidate;

typedef struct maker {
    const ns_index *index;
    ns_error *err;
    const ns__segment *segment; /* has the article */
    ns_article *article;
    ns__article_facts facts;
    ns__arena arena;
    ns__analyzer *analyzer;
    ns__tokens tokens;
    candidate *list; /* by the analyser's ids of terms */
    size_t count, capacity;
} maker;

/* ---- The article ---- */

static ns_status find_article(maker *of, ns__str id)
{
    const ns_index *index = of->index;
    for (uint32_t s = index->manifest.segment_count; s-- > 0;) {
        const ns__segment *segment = &index->segments[s];
        uint32_t article;
        ns_status status = ns__article_lookup(&segment->articles, id, &article, of->err);
        NS_TRY(status);
        if (status != NS_OK || ns__segment_deleted(segment, article))
            continue;
        if (segment->no_text)
            return ns__fail(of->err, NS_ERR_QUERY,
                            "this index keeps no text to find similar articles by");
        of->segment = segment;
        NS_TRY(ns__article_facts_get(&segment->articles, article, &of->arena, &of->facts, of->err));
        return ns_article_find(index, (const char *)id.data, id.length, &of->article, of->err);
    }
    return NS_NOT_FOUND;
}

/* The passage that a byte of the body belongs to; tokens come in order. */
static uint32_t passage_of(const maker *of, uint32_t byte, uint32_t from)
{
    while (from + 1 < of->facts.passage_count && byte >= of->facts.passages[from].end)
        from++;
    return from;
}

static ns_status add_tokens(maker *of, bool titled, uint32_t times)
{
    /* Headlines that are searched count for all passages. */
    const bool searched = of->index->manifest.settings.title_weight > 0;
    const uint32_t passages = searched ? of->facts.passage_count : 0;
    size_t terms = ns__analyzer_term_count(of->analyzer);
    if (NS_RESERVE(of->list, of->capacity, terms + 1) != NS_OK)
        return ns__no_memory(of->err);
    for (; of->count < terms; of->count++)
        of->list[of->count] = (candidate){0};
    uint32_t passage = 0;
    for (size_t i = 0; i < of->tokens.count; i++) {
        const ns__token *token = &of->tokens.items[i];
        candidate *term = &of->list[token->term];
        if (token->flags & NS_TOKEN_SINGLE)
            continue;
        if (!term->known)
            *term = (candidate){
                .known = true, .titled = titled, .start = token->start, .end = token->end};
        term->tf += times;
        passage = titled ? 0 : passage_of(of, token->start, passage);
        if (titled)
            term->passages = passages;
        else if (term->last != passage + 1 && term->passages < of->facts.passage_count)
            term->passages++;
        term->last = titled ? 0 : passage + 1;
    }
    return NS_OK;
}

static ns_status read_words(maker *of)
{
    ns_analysis_settings settings = of->index->manifest.settings.analysis;
    settings.language[0] = '\0'; /* nothing is to be guessed */
    NS_TRY(ns__analyzer_open(&settings, &of->analyzer, of->err));
    uint32_t times = of->index->manifest.settings.title_weight;
    size_t length;
    const char *title = ns_article_title(of->article, &length);
    NS_TRY(ns__analyzer_run(of->analyzer, of->facts.lang, (ns__str){(const uint8_t *)title, length},
                            &of->tokens, of->err));
    NS_TRY(add_tokens(of, true, times > 0 ? times : 1));
    of->tokens.count = 0;
    const char *body = ns_article_body(of->article, &length);
    NS_TRY(ns__analyzer_run(of->analyzer, of->facts.lang, (ns__str){(const uint8_t *)body, length},
                            &of->tokens, of->err));
    return add_tokens(of, false, 1);
}

/* ---- Its best words ---- */

static int by_value(const void *x, const void *y)
{
    const candidate *a = x, *b = y;
    if (a->value != b->value)
        return a->value > b->value ? -1 : 1;
    if (a->titled != b->titled)
        return a->titled ? -1 : 1;
    return a->start < b->start ? -1 : a->start > b->start;
}

/* Keeps the best `most`, best first. */
static ns_status choose(maker *of, size_t most)
{
    size_t kept = 0;
    for (size_t t = 0; t < of->count; t++) {
        candidate term = of->list[t];
        uint64_t df;
        if (!term.known)
            continue;
        NS_TRY(ns__index_df(of->index, ns__analyzer_term(of->analyzer, (uint32_t)t), &df, of->err));
        if (df <= term.passages)
            continue; /* no other article has it */
        double rest = (double)(of->index->passages - df);
        term.weight = (double)term.tf / (double)(term.tf + HALF_TF);
        term.value = term.weight * ns__log(1 + (rest + 0.5) / ((double)df + 0.5));
        of->list[kept++] = term; /* kept <= t */
    }
    if (kept > 1)
        qsort(of->list, kept, sizeof *of->list, by_value);
    of->count = kept < most ? kept : most; /* none: the query finds nothing */
    return NS_OK;
}

/* ---- The query ---- */

static ns_status write_query(maker *of, ns__str id, ns_query **out)
{
    enum { THOUSAND = 1000 };
    ns_query_builder *builder;
    ns_query_part part;
    NS_TRY(ns_query_builder_open(&builder, of->err));
    ns_query_part_init(&part);
    for (size_t i = 0; i < of->count; i++) {
        const candidate *term = &of->list[i];
        const char *text =
            term->titled ? ns_article_title(of->article, NULL) : ns_article_body(of->article, NULL);
        /* below 1; weights are whole thousandths */
        uint32_t weight = (uint32_t)(term->weight * THOUSAND + 0.5);
        part.weight = (double)(weight ? weight : 1) / THOUSAND;
        ns_query_add_words(builder, &part, text + term->start, term->end - term->start);
    }
    ns_query_part_init(&part);
    part.occur = NS_QUERY_EXCLUDED;
    part.field = NS_QUERY_ID;
    ns_query_add_value(builder, &part, false, (const char *)id.data, id.length);
    ns_status status = ns_query_builder_finish(builder, out, of->err);
    ns_query_builder_free(builder);
    return status;
}

static ns_status make(maker *of, ns__str id, size_t words, ns_query **out)
{
    ns_status status = find_article(of, id);
    if (status != NS_OK)
        return status;
    NS_TRY(ns__frame_blame(of->segment->store.frame, of->segment->store.data.data, read_words(of),
                           of->err));
    NS_TRY(choose(of, words));
    return write_query(of, id, out);
}

ns_status ns_query_similar(const ns_index *index, const char *id, size_t length, size_t words,
                           ns_query **out, ns_error *err)
{
    enum { MOST_WORDS = NS_MAX_QUERY_LEAVES / 4 };
    maker of = {.index = index, .err = err};
    *out = NULL;
    words = words == 0 ? DEFAULT_WORDS : words < MOST_WORDS ? words : MOST_WORDS;
    ns_status status = make(&of, (ns__str){(const uint8_t *)id, length}, words, out);
    ns_article_free(of.article);
    ns__arena_release(&of.arena);
    ns__tokens_release(&of.tokens);
    ns__analyzer_close(of.analyzer);
    ns__free(of.list);
    return status;
}
