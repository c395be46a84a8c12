/* The query language: words and phrases, each wanted, required or excluded.
 *
 *   query  = { white space | [ operator ] ( word | phrase ) }
 *   word   = characters other than white space and quotes, the first one no operator
 *   phrase = quote, any characters but quotes, then a quote or the end of the query
 *   operator = "+" (required) | "-" (excluded), directly before what it is about
 *   quote  = " and the curly, low, angle and full-width double quotes, any of them closes any
 *
 * Reading never fails for what a query says: operators with nothing behind them are ignored, and
 * of several the last one counts. Time is linear in the query's length. docs/query.md is the
 * reader's version. */
#ifndef NS_QUERY_QUERY_H
#define NS_QUERY_QUERY_H

#include "base/buf.h"
#include "base/error.h"

typedef enum ns__occur {
    NS__SHOULD = 0, /* wanted: raises the score */
    NS__MUST = 1,   /* + required */
    NS__NOT = 2     /* - excluded */
} ns__occur;

/* A word or phrase as written. The text is query->text.data[start .. end), without operator and
 * quotes; it may hold nothing that analysis finds a word in. */
typedef struct ns__leaf {
    ns__occur occur;
    bool phrase; /* it stood in quotes */
    uint32_t start, end;
} ns__leaf;

typedef struct ns__query {
    ns__buf text; /* the query with invalid UTF-8 replaced by U+FFFD */
    ns__leaf *leaves;
    size_t count, capacity;
} ns__query;

/* Reads a query of any bytes into *out (zero-initialised by the call). NS_ERR_LIMIT beyond
 * NS_MAX_QUERY_BYTES or NS_MAX_QUERY_LEAVES, NS_ERR_MEMORY. *out may be released in any case. */
ns_status ns__query_parse(const char *text, size_t length, ns__query *out, ns_error *err);
void ns__query_release(ns__query *query);

static inline ns__str ns__leaf_text(const ns__query *query, const ns__leaf *leaf)
{
    return (ns__str){query->text.data + leaf->start, leaf->end - leaf->start};
}

#endif
