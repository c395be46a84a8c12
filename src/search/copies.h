/* Articles with the same text: one of them stands for all in a list of results.
 *
 * Texts are the same when the fingerprints of their bodies are (segment/articles.h): the same words
 * in the same order. An article without a fingerprint has no copies. */
#ifndef NS_SEARCH_COPIES_H
#define NS_SEARCH_COPIES_H

#include "search/results.h"

/* Leaves out hits of articles of which a copy stands before them, and keeps `want` at most. */
ns_status ns__copies_leave_out(ns_results *results, size_t want, ns_error *err);
/* Counts for each hit the other live articles of the index that are copies of its article. */
ns_status ns__copies_count(ns_results *results, ns_error *err);

#endif
