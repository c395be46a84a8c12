/* Queries as most are written: words and quoted words of small ASCII letters and digits, perhaps
 * with + or - before them. They are read here in one go; the parser would make the same of them. */
#ifndef NS_QUERY_USUAL_H
#define NS_QUERY_USUAL_H

#include "query/query.h"

/* Reads query->text into nodes if it is such a query: then true, and *status tells whether there
 * was memory. Else nothing has happened. */
bool ns__query_read_usual(ns__query *query, ns_status *status, ns_error *err);

#endif
