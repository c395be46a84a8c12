/* One query put to the engine, held against what the model says of it. */
#ifndef NS_TESTS_ORACLE_COMPARE_H
#define NS_TESTS_ORACLE_COMPARE_H

#include "oracle/queries.h"

/* One search: the query as text, what the model says of it, and how it is asked. */
typedef struct trial {
    size_t number;
    char text[QUERY_TEXT_ROOM];
    query q;
    ns_search_options o;
    int32_t zone; /* minutes east of UTC, of o.utc_offset */
    answers want;
} trial;

/* Runs the query and compares results, order, scores to the bit, and hits. Prints the first
 * difference. *results gets the engine's answer when it is not NULL: the caller frees it. */
bool trial_compare(collection *c, const trial *t, ns_results **results);
/* Prints what differs; returns false. */
bool trial_differs(const trial *t, const char *what, double want, double got);

#endif
