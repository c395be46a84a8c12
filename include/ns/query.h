/* Queries as things of their own, to be searched with more than once. A query does not change once
 * it is made: any number of threads may use one at the same time. */
#ifndef NS_QUERY_H
#define NS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ns/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A query. Owned by the caller: ns_query_free. */
typedef struct ns_query ns_query;

/* How text is read as a query. Initialise with ns_query_options_init. */
typedef struct ns_query_options {
    bool all;    /* words side by side are all required, as with AND; default: OR */
    bool words;  /* the text is words only: no operator, quote or field means anything */
    bool strict; /* what would be told in a note is an error: NS_ERR_QUERY with its place */
    int64_t now; /* seconds of 1970 that relative dates count from; INT64_MIN, the default: the
                    system's clock */
    int32_t (*utc_offset)(void *context, int64_t local); /* minutes east of UTC of the time zone in
                    which dates are meant, at a local time in seconds; NULL, the default: UTC */
    void *utc_offset_context;                            /* handed to `utc_offset` */
} ns_query_options;

/* Fills *options with the defaults. */
NS_API void ns_query_options_init(ns_query_options *options);

/* Something in a query that was read other than written. Borrowed from the query. */
typedef struct ns_query_note {
    size_t start, end;   /* bytes of the query it is about */
    const char *message; /* one line, terminated UTF-8 without control characters */
} ns_query_note;

/* Reads `text`, `length` bytes, in the language of docs/query.md; `options` NULL for the defaults.
 * Returns NS_OK, NS_ERR_LIMIT (beyond 65,536 bytes, 1,024 words or the depth of 64 parentheses),
 * NS_ERR_QUERY (only in strict mode), NS_ERR_MEMORY. *out is owned by the caller: ns_query_free. */
NS_API NS_MUST_USE ns_status ns_query_parse(const char *text, size_t length,
                                            const ns_query_options *options, ns_query **out,
                                            ns_error *err);
/* How many notes there are. */
NS_API size_t ns_query_note_count(const ns_query *query);
/* Note `i`, in the order of the query; i < ns_query_note_count. */
NS_API ns_query_note ns_query_note_get(const ns_query *query, size_t i);

/* How a query is put in words. */
typedef enum ns_query_form {
    NS_QUERY_LINE,   /* one line of the query language, which reads back as the same query (with
                        the default options): spelled out, as it was understood */
    NS_QUERY_OUTLINE /* for people: a line for each part, indented; no line end after the last */
} ns_query_form;

/* The query in `form`, as terminated UTF-8. Returns NS_OK, NS_ERR_ARGUMENT (no such form),
 * NS_ERR_MEMORY. *out is owned by the caller: ns_query_description_free. */
NS_API NS_MUST_USE ns_status ns_query_describe(const ns_query *query, ns_query_form form,
                                               char **out, ns_error *err);
/* Frees what ns_query_describe made, `description`. NULL is fine. */
NS_API void ns_query_description_free(char *description);
/* Frees the query. NULL is fine. */
NS_API void ns_query_free(ns_query *query);

#ifdef __cplusplus
}
#endif
#endif
