/* Queries that learn from what they find. Any number of threads may ask one index at a time. */
#ifndef NS_FEEDBACK_H
#define NS_FEEDBACK_H

#include "ns/query.h"
#include "ns/search.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Searches with `query` as `options` say (NULL: the defaults), reads the best `articles` results
 * (0: 8; at most 100) and makes a query of the same with their most telling words besides, at most
 * `words` (0: 100; at most 256), or as many as there is room for beside a long query: Rocchio's
 * relevance feedback, without anybody's judgment (docs/ranking.md). A query that requires or
 * excludes something still does; then the words only change the order. Where nothing is found *out
 * is the query as it was. Returns NS_OK, NS_ERR_QUERY (the index keeps no text), and what
 * ns_search_query does otherwise. *out is owned by the caller: ns_query_free. */
NS_API NS_MUST_USE ns_status ns_query_feedback(const ns_index *index, const ns_query *query,
                                               const ns_search_options *options, size_t articles,
                                               size_t words, ns_query **out, ns_error *err);

#ifdef __cplusplus
}
#endif
#endif
