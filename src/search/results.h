/* The public ns_results: hits, and the plan that highlighting needs to know what matched. */
#ifndef NS_SEARCH_RESULTS_H
#define NS_SEARCH_RESULTS_H

#include "search/exec.h"
#include "text/analyzer.h"

/* Bytes behind results, for the plan and hits of most queries. */
enum { NS__RESULTS_ROOM = 4096 };

struct ns_results {
    ns__shelved shelved;
    const ns_index *index;
    ns_search_options options;
    uint64_t page;   /* how many results are shown of those that were asked for, without offset */
    ns__arena arena; /* the plan, its terms and the hits */
    ns__plan plan; /* mark groups of weight > 0: words of leaves with one slot wherever they stand,
                      others where their phrase does */
    ns__analyzer **analyzer;          /* `shows`, for any thread that has the results */
    ns__analyzer *shows;              /* an analyser that is not in use, for showing; or NULL */
    struct ns__explainer **explainer; /* `explains`, likewise */
    struct ns__explainer *explains;   /* queries open for explaining, not in use; or NULL */
    uint64_t *explained_ns;           /* `explaining_ns`, likewise */
    uint64_t explaining_ns; /* what explanations took, by the clock of options with a timeout */
    double *weights;        /* of groups, when hits were ranked again; else NULL: see cascade.h */
    const ns__hit *items;   /* best first */
    size_t count;
    const uint32_t *copies; /* of each item's article; NULL when that is not asked for */
    ns_hits hits;
    uint64_t deadline; /* 0: none */
    bool complete;     /* items are all there are */
    bool partial;      /* the timeout came first */
    ns_search_profile profile;
};

/* Results without anything in them but an arena: those that were freed before, or new ones. NULL
 * without memory. */
ns_results *ns__results_open(const ns_index *index);

/* Frees what explain.c left open. NULL is fine. */
typedef struct ns__explainer ns__explainer;
void ns__explainer_free(ns__explainer *explainer);

/* As ns_search_query, but every match goes to the collector (NULL: none), and there are no results:
 * options->limit must be 0 then. */
ns_status ns__search_into(const ns_index *index, const ns_query *query,
                          const ns_search_options *options, ns__collector *collector,
                          ns_results **out, ns_error *err);

/* The article of a hit within its segment: for the segment's readers. */
static inline uint32_t ns__hit_article(const ns_results *results, const ns__hit *hit)
{
    return ns__article_of(&results->index->segments[hit->segment].articles, hit->passage);
}

#endif
