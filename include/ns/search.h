/* Searching an index. */
#ifndef NS_SEARCH_H
#define NS_SEARCH_H

#include "ns/index.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ns_scope {
    NS_SCOPE_ARTICLE = 0, /* + and - are decided on the whole article */
    NS_SCOPE_PASSAGE = 1  /* … on each passage alone (with the headline of its article) */
} ns_scope;

typedef struct ns_search_options {
    size_t limit;      /* results wanted: articles, or passages with `passages`; default 10 */
    bool all;          /* every result, however many: limit does not count */
    bool passages;     /* rank passages, several of one article allowed */
    ns_scope scope;
    double k1, b;      /* negative: the index's own; default -1 */
    bool count;        /* count hits exactly; else exact up to 1,000 */
    bool no_hits;      /* do not count at all (hits.* are 0 and exact false): for benchmarks */
    bool no_pruning;   /* score every matching passage: the same results, more slowly */
    int isa;           /* -1: the best of this machine; 0 portable, 1 AVX2, 2 AVX-512 */
} ns_search_options;

NS_API void ns_search_options_init(ns_search_options *options);

typedef struct ns_hits {
    uint64_t articles, passages;
    bool exact; /* false: lower bounds */
} ns_hits;

/* What the engine did, for tuning. */
typedef struct ns_search_profile {
    uint64_t took_ns;
    uint64_t blocks_total;    /* of all posting lists of the query */
    uint64_t blocks_decoded, blocks_skipped;
    uint64_t postings_total, postings_scored;
    uint64_t candidates;      /* passages rescored exactly */
    uint64_t windows, windows_skipped;
    uint64_t phrase_checks;
    const char *kernels;      /* "avx512", "avx2", "portable" */
} ns_search_profile;

typedef struct ns_results ns_results;

/* One result. */
typedef struct ns_result {
    float score;
    uint64_t article;      /* number for ns_article_at */
    uint32_t passage;      /* index of the best passage within its article */
} ns_result;

/* Runs a query (UTF-8; docs/query.md). *out is owned by the caller: ns_results_free. The index must
 * stay open while results are used. Any number of threads may search one index.
 * Returns NS_OK (also with no results), NS_ERR_QUERY, NS_ERR_LIMIT, NS_ERR_ARGUMENT,
 * NS_ERR_CORRUPT, NS_ERR_MEMORY. */
NS_API NS_MUST_USE ns_status ns_search(const ns_index *index, const char *query, size_t length,
                                       const ns_search_options *options, ns_results **out,
                                       ns_error *err);
NS_API size_t ns_results_count(const ns_results *results);
NS_API ns_result ns_results_get(const ns_results *results, size_t i); /* i < count */
NS_API ns_hits ns_results_hits(const ns_results *results);
NS_API const ns_search_profile *ns_results_profile(const ns_results *results); /* borrowed */
NS_API void ns_results_free(ns_results *results); /* NULL is fine */

/* A piece of text with marks. Offsets count Unicode code points of `text`. */
typedef struct ns_marked {
    const char *text; /* terminated UTF-8 */
    size_t length;    /* bytes */
    const uint32_t (*marks)[2]; /* [start, end) of each match, ascending, disjoint */
    size_t mark_count;
} ns_marked;

/* How a result is shown. Owned by the caller: ns_shown_free. */
typedef struct ns_shown ns_shown;

/* Fetches article and passage of result `i` and marks what matched: words in every form that leads
 * to a term of the query, phrases only where they stand as phrases, in passage and headline.
 * `snippet_words` 0 gives the whole passage; otherwise about so many words around the best
 * matches. */
NS_API NS_MUST_USE ns_status ns_results_show(const ns_results *results, size_t i,
                                             size_t snippet_words, ns_shown **out, ns_error *err);
NS_API const ns_article *ns_shown_article(const ns_shown *shown);
NS_API ns_marked ns_shown_passage(const ns_shown *shown);
/* Code point range of that passage text in the article's body. */
NS_API void ns_shown_range(const ns_shown *shown, uint64_t *start, uint64_t *end);
/* Whether passage text was left out before or after what is shown. */
NS_API void ns_shown_cut(const ns_shown *shown, bool *before, bool *after);
NS_API ns_marked ns_shown_title(const ns_shown *shown);
NS_API void ns_shown_free(ns_shown *shown);

#ifdef __cplusplus
}
#endif
#endif
