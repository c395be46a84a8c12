/* What the articles that match are spread over: days, months, sources. Any number of threads may
 * count in one index, and share what was counted: all functions but the one that frees may be
 * called at the same time. */
#ifndef NS_FACETS_H
#define NS_FACETS_H

#include "ns/search.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What to tell articles apart by. */
typedef enum ns_facet {
    NS_FACET_DAY = 0,     /* of its date, as 2025-05-03; as far as the date says */
    NS_FACET_MONTH = 1,   /* 2025-05 */
    NS_FACET_YEAR = 2,    /* 2025 */
    NS_FACET_SOURCE = 3,  /* its source, as given */
    NS_FACET_SECTION = 4, /* its section, as given */
    NS_FACET_AUTHOR = 5,  /* its author, as given */
    NS_FACET_LANG = 6     /* its language, as given; or else that it was analysed in */
} ns_facet;

/* How to count. Initialise with ns_facets_options_init. */
typedef struct ns_facets_options {
    ns_facet by; /* default NS_FACET_MONTH */
    /* The time zone of days: by how many seconds its clocks are ahead of UTC, less than a day, at a
     * second of 1970 UTC. NULL, the default: UTC. */
    int32_t (*seconds_east)(void *context, int64_t second);
    void *seconds_east_context; /* handed to `seconds_east` */
} ns_facets_options;

/* Fills *options with the defaults. */
NS_API void ns_facets_options_init(ns_facets_options *options);

/* Counts of articles by value. Owned by the caller: ns_facets_free. */
typedef struct ns_facets ns_facets;

/* A value, and how many of the matching articles have it. Borrowed from the ns_facets. */
typedef struct ns_facet_count {
    const char *value; /* terminated UTF-8; "" for articles without one, or without a date */
    size_t length;     /* bytes */
    uint64_t articles; /* at least 1 */
} ns_facet_count;

/* Counts the articles that match a query by what `options` say (NULL: the defaults), each article
 * once: the counts of all values add up to the hits. `search` says what matches: all of it but what
 * is about results (limit, sort …); NULL for the defaults. Dates that name no time of day are taken
 * as written, whatever the time zone. Returns NS_OK (also when nothing matches), NS_ERR_QUERY (this
 * index cannot answer it), NS_ERR_LIMIT, NS_ERR_ARGUMENT (an option out of range),
 * NS_ERR_CANCELLED, NS_ERR_CORRUPT, NS_ERR_MEMORY. *out is owned by the caller: ns_facets_free. */
NS_API NS_MUST_USE ns_status ns_facets_of(const ns_index *index, const ns_query *query,
                                          const ns_search_options *search,
                                          const ns_facets_options *options, ns_facets **out,
                                          ns_error *err);
/* How many values there are. */
NS_API size_t ns_facets_count(const ns_facets *facets);
/* Value `i`; i < ns_facets_count. Dates come in the order of time; others the most frequent first,
 * then by their bytes. The empty value is the last one. */
NS_API ns_facet_count ns_facets_get(const ns_facets *facets, size_t i);
/* How many articles and passages match. */
NS_API ns_hits ns_facets_hits(const ns_facets *facets);
/* Whether the count ended at the search's timeout: then there may be more of everything. */
NS_API bool ns_facets_partial(const ns_facets *facets);
/* Frees the counts and the values borrowed from them. NULL is fine. */
NS_API void ns_facets_free(ns_facets *facets);

#ifdef __cplusplus
}
#endif
#endif
