/* Articles like a given one. Any number of threads may ask one index at a time. */
#ifndef NS_SIMILAR_H
#define NS_SIMILAR_H

#include "ns/index.h"
#include "ns/query.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a query that finds articles like the one whose external id is the `length` bytes of `id`:
 * the words that tell most about it, `words` of them (0: 40; at most 256), each wanted with a
 * weight, and the article itself excluded. It is a query as any other, to be searched, counted and
 * described; where the article has no word that any other has, it finds nothing. Returns NS_OK,
 * NS_NOT_FOUND (there is no such article, or it was deleted; *err is left alone), NS_ERR_QUERY (the
 * index keeps no text), NS_ERR_CORRUPT, NS_ERR_VERSION, NS_ERR_MEMORY. *out is owned by the caller:
 * ns_query_free. */
NS_API NS_MUST_USE ns_status ns_query_similar(const ns_index *index, const char *id, size_t length,
                                              size_t words, ns_query **out, ns_error *err);

#ifdef __cplusplus
}
#endif
#endif
