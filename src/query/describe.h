/* A tree as text. */
#ifndef NS_QUERY_DESCRIBE_H
#define NS_QUERY_DESCRIBE_H

#include "query/query.h"

/* Appends the query as one line in the query language, which reads back as the same tree. */
void ns__query_print(const ns__query *query, ns__buf *out);
/* NS_ERR_LIMIT when that line would be beyond what a query may be. It reads back as the same tree,
 * so its own line is no longer: every query that is made passes here, and every line can be read.
 */
ns_status ns__query_check_line(const ns__query *query, ns_error *err);
/* Appends it as an outline: a line for each node, two spaces for each level, no line end last. */
void ns__query_outline(const ns__query *query, ns__buf *out);

/* Appends "^2.5"; nothing for 1. */
void ns__print_weight(double weight, ns__buf *out);

static inline void ns__print(ns__buf *out, const char *text)
{
    ns__buf_append(out, text, strlen(text));
}

#endif
