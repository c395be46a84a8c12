/* Searching an index and showing what was found. Any number of threads may search one index, and
 * share results: all functions but the two that free may be called at the same time. */
#ifndef NS_SEARCH_H
#define NS_SEARCH_H

#include "ns/index.h"
#include "ns/query.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a passage must be in for + and - to hold. */
typedef enum ns_scope {
    NS_SCOPE_ARTICLE = 0, /* + and - are decided on the whole article */
    NS_SCOPE_PASSAGE = 1  /* … on each passage alone (with the headline of its article) */
} ns_scope;

/* What results are ordered by. Ties of score are broken by the order of input. */
typedef enum ns_sort {
    NS_SORT_SCORE = 0,  /* the best first */
    NS_SORT_NEWEST = 1, /* the latest date first, unknown dates last; of one date the best first */
    NS_SORT_OLDEST = 2 /* the earliest date first, unknown dates last; of one date the best first */
} ns_sort;

/* How articles are ranked: docs/ranking.md. */
typedef enum ns_ranking {
    NS_RANKING_BM25 = 0,   /* by BM25 of their best passage */
    NS_RANKING_CASCADE = 1 /* the best max(100, 10 * limit) of these again, by all of the article,
                              its best passage and how near the words stand */
} ns_ranking;

/* How to search. Initialise with ns_search_options_init, then change what should differ. */
typedef struct ns_search_options {
    size_t limit;  /* results wanted: articles, or passages with `passages`; default 10, at most
                      100,000; 0 only counts */
    bool all;      /* every result, however many: limit does not count */
    bool passages; /* rank passages, several of one article allowed */
    bool sources;  /* the first article of each source only; those without one share one */
    ns_sort sort;  /* default NS_SORT_SCORE */
    int64_t since; /* articles dated at or after this second of 1970 only; default INT64_MIN */
    int64_t until; /* … and before this one; default INT64_MAX. With either, an unknown date does
                      not match */
    int32_t (*utc_offset)(void *context, int64_t local); /* as in ns_query_options: the time zone in
                      which an article's date without a time of day is meant, for filters, `sort`
                      and `half_life`, and dates of a query given as text; NULL, the default: UTC */
    void *utc_offset_context;                            /* handed to `utc_offset` */
    uint64_t half_life; /* seconds in which a score falls to half of it by the age of its article:
                           it is multiplied by 2^(-age / half_life), at most by 1, and by 0.5 where
                           the date is unknown; 0, the default: age does not count */
    int64_t now;        /* second of 1970 that ages count to, and relative dates of a query given
                           as text; INT64_MIN, the default: the system's clock */
    ns_scope scope;     /* default NS_SCOPE_ARTICLE */
    ns_ranking ranking; /* of articles by score; default NS_RANKING_BM25, which is what holds with
                           `passages`, `sources` and any other `sort` in any case */
    bool exhaustive;    /* rank every match again, not only the best by BM25; default false */
    double k1, b;       /* of BM25, 0..1000 and 0..1; negative: the index's own; default -1 */
    bool count;         /* count hits exactly; else exact up to 1,000 */
    size_t offset;   /* of the limit, how many the caller passes over, as on the pages before: the
                        order of all pages of one size (limit - offset) is the same; default 0 */
    bool distinct;   /* of articles with the same text, whatever its case and punctuation, only the
                        best; ns_result.copies counts the others. Hits are those of all */
    bool no_hits;    /* do not count at all (hits.* are 0 and exact false): for benchmarks */
    bool no_pruning; /* score every matching passage: the same results, more slowly */
    bool from_text;  /* compare =words with stored text, if there is some, even where the index
                        keeps how words are written: the same results, more slowly */
    uint64_t timeout_ns; /* search no longer than about so many nanoseconds: what was found by then,
                            see ns_results_partial; 0, the default: as long as it takes */
    uint64_t (*clock)(void *context); /* nanoseconds from any start, for timeout_ns; NULL: the
                                         system's monotonic clock */
    void *clock_context;              /* handed to `clock` */
    bool (*cancelled)(void *context); /* true ends the search with NS_ERR_CANCELLED; asked every now
                                         and then, by the thread that searches; NULL: never */
    void *cancelled_context;          /* handed to `cancelled` */
    int isa; /* -1: the best of this machine; 0 portable, 1 AVX2, 2 AVX-512 */
} ns_search_options;

/* Fills *options with the defaults. */
NS_API void ns_search_options_init(ns_search_options *options);

/* How many match, shown or not. */
typedef struct ns_hits {
    uint64_t articles, passages; /* passages: those that are ranked */
    bool exact; /* false: lower bounds, whatever the order on disk: both 1,001 unless there are more
                   results; less if the search ended at its timeout */
} ns_hits;

/* What the engine did, for tuning. */
typedef struct ns_search_profile {
    uint64_t took_ns;                         /* nanoseconds of ns_search */
    uint64_t blocks_total;                    /* of all posting lists of the query */
    uint64_t blocks_decoded, blocks_skipped;  /* … unpacked, and never looked at */
    uint64_t postings_total, postings_scored; /* in these lists, and given a score */
    uint64_t candidates;                      /* passages rescored exactly */
    uint64_t windows, windows_skipped;        /* runs of passages handled together */
    uint64_t phrase_checks;                   /* passages whose positions were compared */
    uint64_t filtered;                        /* articles that were asked for values and dates */
    const char *kernels;                      /* "avx512", "avx2", "portable"; never freed */
} ns_search_profile;

/* The answer to a query. Owned by the caller: ns_results_free, before the index is closed. */
typedef struct ns_results ns_results;

/* One result. */
typedef struct ns_result {
    float score;      /* of the ranking, not below 0; with `half_life` less by age */
    uint64_t article; /* number for ns_article_at */
    uint32_t passage; /* index of the best passage within its article */
    uint32_t copies;  /* with `distinct`: other articles of the index with the same text */
} ns_result;

/* Runs a query: `length` bytes, at most 65,536, in the language of docs/query.md; any bytes are a
 * query. `options` NULL for the defaults. The index must stay open while results are used.
 * Returns NS_OK (also with no results), NS_ERR_QUERY (this index cannot answer it: without text
 * SENTENCE, PARAGRAPH and, unless it keeps how words are written, =words), NS_ERR_LIMIT (a query or
 * number of results too large), NS_ERR_ARGUMENT (an option out of range, instructions this
 * processor lacks), NS_ERR_CANCELLED (`cancelled` said so), NS_ERR_CORRUPT, NS_ERR_MEMORY. *out is
 * owned by the caller: ns_results_free. */
NS_API NS_MUST_USE ns_status ns_search(const ns_index *index, const char *query, size_t length,
                                       const ns_search_options *options, ns_results **out,
                                       ns_error *err);
/* The same for a query that was read before, which may be freed afterwards. `options` NULL for the
 * defaults. Returns NS_OK (also with no results), NS_ERR_QUERY (this index cannot answer it, as
 * for ns_search), NS_ERR_LIMIT, NS_ERR_ARGUMENT, NS_ERR_CANCELLED,
 * NS_ERR_CORRUPT, NS_ERR_MEMORY. *out is owned by the caller: ns_results_free. */
NS_API NS_MUST_USE ns_status ns_search_query(const ns_index *index, const ns_query *query,
                                             const ns_search_options *options, ns_results **out,
                                             ns_error *err);
/* How many results there are: at most the limit. */
NS_API size_t ns_results_count(const ns_results *results);
/* Result `i`, best first; i < ns_results_count. */
NS_API ns_result ns_results_get(const ns_results *results, size_t i);
/* How many articles and passages match. */
NS_API ns_hits ns_results_hits(const ns_results *results);
/* Whether the search ended at its timeout. Then results are the best of the part that was searched,
 * each with its true score, and hits are lower bounds. */
NS_API bool ns_results_partial(const ns_results *results);
/* Whether a pattern or inexact word stands for more terms of the index than are looked for: then
 * only the most frequent ones were (docs/query.md). */
NS_API bool ns_results_cut(const ns_results *results);
/* What the engine did: borrowed. */
NS_API const ns_search_profile *ns_results_profile(const ns_results *results);
/* Frees the results; what ns_results_show gave may live on. NULL is fine. */
NS_API void ns_results_free(ns_results *results);

/* A piece of text with marks, borrowed from ns_shown. Offsets count Unicode code points of `text`.
 */
typedef struct ns_marked {
    const char *text;           /* terminated UTF-8 */
    size_t length;              /* bytes */
    const uint32_t (*marks)[2]; /* [start, end) of each match, ascending, disjoint */
    size_t mark_count;          /* 0: nothing matched in it, and marks may be NULL */
} ns_marked;

/* How a result is shown. Owned by the caller: ns_shown_free. */
typedef struct ns_shown ns_shown;

/* Fetches article and passage of result `i` and marks what matched: words in every form that leads
 * to a term of the query, phrases only where they stand as phrases, in passage and headline.
 * `snippet_words` 0 gives the whole passage; otherwise about so many words around the best
 * matches. An index with the setting no_text shows no passage and no headline: both are empty.
 * Returns NS_OK, NS_ERR_ARGUMENT (there is no result `i`), NS_ERR_CORRUPT, NS_ERR_VERSION,
 * NS_ERR_LIMIT, NS_ERR_MEMORY. *out is owned by the caller: ns_shown_free. */
NS_API NS_MUST_USE ns_status ns_results_show(const ns_results *results, size_t i,
                                             size_t snippet_words, ns_shown **out, ns_error *err);
/* Shows result `i` as ns_results_show does, `snippet_words` of it, but reads of the article's text
 * only what is shown: faster, the longer articles are. Body and JSON of its ns_shown_article are
 * empty, and its ns_shown_range is 0, 0.
 * Returns NS_OK, NS_ERR_ARGUMENT (there is no result `i`), NS_ERR_CORRUPT, NS_ERR_VERSION,
 * NS_ERR_LIMIT, NS_ERR_MEMORY. *out is owned by the caller: ns_shown_free. */
NS_API NS_MUST_USE ns_status ns_results_show_brief(const ns_results *results, size_t i,
                                                   size_t snippet_words, ns_shown **out,
                                                   ns_error *err);
/* The article of the result: borrowed, not for ns_article_free. */
NS_API const ns_article *ns_shown_article(const ns_shown *shown);
/* The passage, or the part of it asked for, with marks: borrowed. */
NS_API ns_marked ns_shown_passage(const ns_shown *shown);
/* Range [*start, *end) of that text in the article's body, in code points. */
NS_API void ns_shown_range(const ns_shown *shown, uint64_t *start, uint64_t *end);
/* Whether passage text was left out *before or *after what is shown. */
NS_API void ns_shown_cut(const ns_shown *shown, bool *before, bool *after);
/* The headline with marks: borrowed. */
NS_API ns_marked ns_shown_title(const ns_shown *shown);
/* Frees what is shown and what was borrowed from it. NULL is fine. */
NS_API void ns_shown_free(ns_shown *shown);

#ifdef __cplusplus
}
#endif
#endif
